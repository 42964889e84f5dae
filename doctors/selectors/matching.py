"""The weights in force, what they say in words, and how the lines divide pairs whose answer is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from doctors.choices import MatchState, PairState
from doctors.models import MatchModel, MatchPair
from doctors.rules.comparing import FEATURE_LEVELS, FEATURE_NAMES, compare, is_candidate, score_of
from doctors.rules.labelled_pairs import labelled_pairs
from doctors.rules.name_shares import NameShares, shipped_shares
from doctors.rules.thresholds import Known
from doctors.rules.weights import MISSING, Pattern, Weights, fit

FEATURE_WORDS = {
    "name": gettext_lazy("Name"),
    "hospital": gettext_lazy("Hospital"),
    "department": gettext_lazy("Department"),
    "title": pgettext_lazy("physician", "Title"),
    "specialty": gettext_lazy("Specialty"),
    "phone": gettext_lazy("Number or address on file"),
    "rarity": gettext_lazy("Rarity of the name"),
}
LEVEL_WORDS = {
    "name": (
        gettext_lazy("different"),
        gettext_lazy("one character apart"),
        gettext_lazy("read alike"),
        gettext_lazy("the same"),
    ),
    "hospital": (
        gettext_lazy("another province"),
        gettext_lazy("same province"),
        gettext_lazy("same city"),
        gettext_lazy("another name, campus or member of one hospital"),
        gettext_lazy("the same hospital"),
    ),
    "department": (
        gettext_lazy("different"),
        gettext_lazy("same clinical subject"),
        gettext_lazy("the same"),
    ),
    "title": (
        gettext_lazy("another profession"),
        gettext_lazy("two grades or more apart"),
        gettext_lazy("one grade apart"),
        gettext_lazy("the same"),
    ),
    "specialty": (gettext_lazy("different"), gettext_lazy("alike"), gettext_lazy("the same")),
    "phone": (gettext_lazy("none shared"), gettext_lazy("one shared")),
    "rarity": (
        gettext_lazy("very common name"),
        gettext_lazy("common name"),
        gettext_lazy("rare name"),
        gettext_lazy("very rare name"),
    ),
}
SETS = {
    "fit": gettext_lazy("invented pairs, the half for choosing"),
    "test": gettext_lazy("invented pairs, the half for testing"),
    "decided": gettext_lazy("pairs decided by stewards"),
}


@dataclass(frozen=True)
class Weight:
    """One level of one feature. m and u in percent, bits signed."""

    label: str
    m: float
    u: float
    bits: float


@dataclass(frozen=True)
class Reason:
    """What one feature of a pair says, in words and bits; `bits` is None where a side says nothing."""

    feature: str
    words: str
    bits: float | None

    @property
    def speaks_for(self) -> bool:
        return self.bits is not None and self.bits > 0


def model_in_force() -> MatchModel | None:
    """Return the weights in force, or None before any were."""
    return MatchModel.objects.filter(state=MatchState.IN_FORCE).first()


def match_models() -> QuerySet[MatchModel]:
    """Return all fits, newest first, with who asked."""
    return MatchModel.objects.select_related("asked_by", "job").order_by("-version")


def weights_in(model: MatchModel) -> Weights:
    """Return the weights of a model; those that ship with the product while it has none."""
    return Weights.of_facts(model.facts) if model.facts else shipped_weights()


def shares_in(model: MatchModel) -> NameShares:
    """Return the shares of names a model was fitted with."""
    kept = model.facts.get("shares")
    return NameShares(kept["surnames"], kept["characters"]) if kept else shipped_shares()


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """Return the weights fitted, without their labels, to the invented pairs meant for fitting."""
    found = Counter(levels for levels, _same in _compared("fit") if is_candidate(levels))
    return fit(FEATURE_NAMES, FEATURE_LEVELS, found, start_share=0.3)


def shipped_pairs(weights: Weights, *, part: str) -> Known:
    """Return the scores of one half of the invented pairs, whose answers are known. Cost: no query."""
    return Known([(score_of(weights, levels), same) for levels, same in _compared(part)])


def decided_pairs(weights: Weights) -> Known:
    """Return the scores of the pairs that stewards decided. Cost: one query."""
    decided = MatchPair.objects.filter(
        state__in=[PairState.SAME, PairState.DIFFERENT], decided_by__isnull=False
    ).values_list("levels", "state")
    return Known([(score_of(weights, tuple(levels)), state == PairState.SAME) for levels, state in decided])


def known_pairs(model: MatchModel, which: str) -> Known:
    """Return the scores of one set of `SETS` under a model's weights."""
    weights = weights_in(model)
    return decided_pairs(weights) if which == "decided" else shipped_pairs(weights, part=which)


def weight_table(weights: Weights) -> list[tuple[str, list[Weight]]]:
    """Return the weights by feature, closest agreement first."""
    return [
        (
            str(FEATURE_WORDS[name]),
            [
                Weight(
                    str(LEVEL_WORDS[name][level]),
                    100 * weights.m[place][level],
                    100 * weights.u[place][level],
                    weights.bits(place, level),
                )
                for level in reversed(range(len(weights.m[place])))
            ],
        )
        for place, name in enumerate(weights.names)
    ]


def reasons_of(weights: Weights, levels: Pattern) -> list[Reason]:
    """Return what each feature of a pair says; all bits and the prior add up to the score."""
    return [
        Reason(str(FEATURE_WORDS[name]), _("not on both records"), None)
        if levels[place] == MISSING
        else Reason(
            str(FEATURE_WORDS[name]),
            str(LEVEL_WORDS[name][levels[place]]),
            weights.bits(place, levels[place]),
        )
        for place, name in enumerate(weights.names)
    ]


@lru_cache(maxsize=4)
def _compared(part: str) -> tuple[tuple[Pattern, bool], ...]:
    return tuple((compare(one.one, one.other), one.same) for one in labelled_pairs() if one.part == part)
