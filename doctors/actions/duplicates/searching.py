"""Find the pairs that may be one doctor, keep them for the steward, and merge alone what lies above the upper line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from compliance import actions as law
from compliance.doors import recorded_refusals
from doctors import permissions
from doctors.actions.bulk import delete_all
from doctors.actions.duplicates.blocking import block_doctors, candidate_batches
from doctors.actions.duplicates.fitting import MatchingNotMoved
from doctors.actions.duplicates.merging import MergeNotMade, merge_doctors
from doctors.choices import MatchState, PairState
from doctors.models import Doctor, MatchModel, MatchPair
from doctors.rules.comparing import compare, score_of
from doctors.selectors.matching import shares_in, weights_in
from doctors.selectors.persons import persons_of
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import Refused
from pharmacrm.common.outbox import enqueue

ALONE_AT_ONCE = 500
Levels = tuple[int, ...]


@transaction.atomic
def ask_search(*, by: User, at: datetime) -> MatchModel:
    """Ask for the base to be searched with the weights in force. Raises: PermissionDenied; MatchingNotMoved for none."""
    if not permissions.can_merge_doctors(by):
        raise PermissionDenied
    model = MatchModel.objects.select_for_update().filter(state=MatchState.IN_FORCE).first()
    if model is None:
        raise MatchingNotMoved(_("Fit the weights and put them in force first."))
    law.record("doctors.match_search_asked", subject=f"match_model:{model.pk}", by=by, at=at)
    enqueue("doctors.find_duplicates", model_id=model.pk, asked=localtime(at).isoformat())
    return model


def search(*, model_id: UUID | None, clock: Callable[[], datetime]) -> int:
    """Search the base with a model, the one in force by default. Safe to run twice: a pair is kept once.

    Returns: how many pairs wait for a steward; none where the model is not in force any more.
    """
    model = MatchModel.objects.filter(
        state=MatchState.IN_FORCE, **({"pk": model_id} if model_id else {})
    ).first()
    if model is None:
        return 0
    at = clock()
    _keep_pairs(model, at)
    if model.merges_alone:
        _merge_alone(model, clock)
    return MatchPair.objects.filter(state=PairState.OPEN, score__gte=model.lower).count()


@transaction.atomic
def _keep_pairs(model: MatchModel, at: datetime) -> None:
    weights, shares, on = weights_in(model), shares_in(model), localtime(at).date()
    fresh, changed = 0, _wake(on)
    blocked = block_doctors()
    for pairs in candidate_batches():
        persons = persons_of({one for pair in pairs for one in pair}, on)
        scored: dict[tuple[UUID, UUID], tuple[Levels, int]] = {}
        for low, high in pairs:
            if low in persons and high in persons:
                levels = compare(persons[low], persons[high], shares)
                scored[low, high] = (levels, score_of(weights, levels))
        kept = {
            (pair.low_id, pair.high_id): pair
            for pair in MatchPair.objects.filter(low__in=[low for low, _high in scored])
        }
        changed += _update([pair for key, pair in kept.items() if key in scored], scored, model)
        fresh += _create(
            {key: found for key, found in scored.items() if key not in kept and found[1] >= model.lower},
            model,
        )
    if not fresh and not changed:
        return
    model.manifest = {
        **model.manifest,
        "last_search": {
            "at": at.isoformat(),
            "records": blocked.records,
            "pairs_compared": blocked.pairs,
            "keys_too_common": blocked.common_keys,
            "new_pairs": fresh,
            "changed_pairs": changed,
        },
    }
    model.save(update_fields=["manifest", "updated_at"])
    law.record("doctors.duplicates_searched", subject=f"match_model:{model.pk}", by=None, at=at, rows=[model])


def pair_up(pairs: Iterable[tuple[UUID, UUID]], *, at: datetime) -> int:
    """Compare pairs now rather than at the nightly search, and keep those from the lower line up for the steward.

    Call inside the act that gives cause, whose ledger entry then claims them. Returns: how many are new; none while no
    weights are in force. Cost: six queries and one statement for all pairs, none for no pair.
    """
    wanted = {(min(pair), max(pair)) for pair in pairs}
    model = MatchModel.objects.filter(state=MatchState.IN_FORCE).first() if wanted else None
    if model is None:
        return 0
    weights, shares = weights_in(model), shares_in(model)
    persons = persons_of({one for pair in wanted for one in pair}, localtime(at).date())
    known = MatchPair.objects.filter(low__in=[low for low, _high in wanted]).values_list("low", "high")
    scored = {}
    for low, high in wanted - set(known):
        if low in persons and high in persons:
            levels = compare(persons[low], persons[high], shares)
            scored[low, high] = (levels, score_of(weights, levels))
    return _create({key: found for key, found in scored.items() if found[1] >= model.lower}, model)


def forget_pairs(doctors: Collection[Doctor], *, by: User | None, at: datetime) -> None:
    """Drop the pairs of doctors who never came to be, those that nobody decided. Cost: one query, or two more."""
    undecided = MatchPair.objects.filter(state=PairState.OPEN, decided_at__isnull=True)
    delete_all(MatchPair, list(undecided.filter(Q(low__in=doctors) | Q(high__in=doctors))), by=by, at=at)


def _create(found: dict[tuple[UUID, UUID], tuple[Levels, int]], model: MatchModel) -> int:
    rows = [
        MatchPair(low_id=low, high_id=high, model=model, levels=list(levels), score=score)
        for (low, high), (levels, score) in sorted(found.items())
    ]
    bulk_create_with_history(rows, MatchPair, batch_size=1000)
    return len(rows)


def _update(
    pairs: list[MatchPair], scored: dict[tuple[UUID, UUID], tuple[Levels, int]], model: MatchModel
) -> int:
    moved = []
    for pair in pairs:
        levels, score = scored[pair.low_id, pair.high_id]
        if pair.state == PairState.OPEN and (pair.levels, pair.score, pair.model_id) != (
            list(levels),
            score,
            model.pk,
        ):
            pair.levels, pair.score, pair.model = list(levels), score, model
            moved.append(pair)
    if moved:
        bulk_update_with_history(moved, MatchPair, ["levels", "score", "model"], batch_size=1000)
    return len(moved)


def _wake(on: date) -> int:
    """Put pairs that were left for later, and whose day has come, back into the queue. Returns: how many."""
    due = list(
        MatchPair.objects.select_for_update()
        .filter(state=PairState.LATER, look_again_on__lte=on)
        .order_by("pk")
    )
    for pair in due:
        pair.state, pair.decided_by, pair.decided_at = PairState.OPEN, None, None
    if due:
        bulk_update_with_history(due, MatchPair, ["state", "decided_by", "decided_at"], batch_size=1000)
    return len(due)


def _merge_alone(model: MatchModel, clock: Callable[[], datetime]) -> None:
    """Merge the pairs above the upper line that nobody ever decided; a hold or a rule stops a pair, not the rest."""
    certain = MatchPair.objects.filter(
        state=PairState.OPEN, decided_at__isnull=True, score__gte=model.upper, model=model
    ).order_by("-score", "pk")[:ALONE_AT_ONCE]
    for pair in certain:
        at = clock()
        try:
            with recorded_refusals(by=None, at=at):
                merge_doctors(
                    kept_id=pair.low_id, merged_id=pair.high_id, pair_id=pair.pk, by=None, at=at,
                    reason=_("Above the upper line"),
                )  # fmt: skip
        except (MergeNotMade, Refused):
            continue  # merged with a third a moment ago, or a hold rests on one of them
