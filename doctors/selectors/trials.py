"""What a what-if or an evaluation found, made ready to look at: matrices, groups compared, curves and bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doctors.choices import RunState, TrialKind
from doctors.models import Division, ScoringTrial, TrialMove
from doctors.rules import segmentation as rules
from doctors.rules import trials as judged
from doctors.rules.features import CATALOGUE, DIMENSIONS
from doctors.selectors.model_words import dimension_label
from doctors.selectors.score_words import level_words
from doctors.selectors.tiers import label_of

TIERS = tuple(reversed(rules.LADDER))
UPPER = (rules.CORE, rules.POTENTIAL_TIER)


@dataclass(frozen=True)
class MatrixRow:
    """One tier held now: how many would hold which; `cells` are (tier then, how many, stays)."""

    tier: str
    label: str
    now: int
    cells: tuple[tuple[str, int, bool], ...]


@dataclass(frozen=True)
class GroupRow:
    """One group of doctors: how many, shares of the upper tiers now and then in percent, and the ratio to all."""

    label: str
    doctors: int
    core_now: str
    core_then: str
    upper_then: str
    ratio: str
    upper_ratio: str
    is_flagged: bool


@dataclass(frozen=True)
class Stretch:
    """A stretch of a bar. Units: `start` and `width` in percent of the bar; `kind` picks the colour."""

    kind: str
    label: str
    start: str
    width: str
    count: int
    share: str


@dataclass(frozen=True)
class StackedBar:
    """One bar made of stretches laid end to end."""

    label: str
    stretches: tuple[Stretch, ...]
    total: int


@dataclass(frozen=True)
class NudgeRow:
    """What a tenth more and a tenth less of one weight would move. Units: widths in percent of the widest bar."""

    label: str
    more: int
    less: int
    more_share: str
    less_share: str
    more_width: str
    less_width: str


@dataclass(frozen=True)
class Curve:
    """A Lorenz curve: points of an SVG of 0 to 100 both ways, the Gini coefficient, and the table of the same figures."""

    points: str
    gini: str
    rows: tuple[tuple[str, str], ...]


def trials() -> QuerySet[ScoringTrial]:
    """Return all trials, newest first, with model, run and job."""
    return ScoringTrial.objects.select_related("model", "baseline__model", "job", "asked_by").order_by("-pk")


def last_trial_of(model_id: UUID, kind: str = TrialKind.WHAT_IF) -> ScoringTrial | None:
    """Return the last trial of a kind that was carried out for a model."""
    return trials().filter(model_id=model_id, kind=kind, state=RunState.DONE).first()


def matrix_of(trial: ScoringTrial) -> list[MatrixRow]:
    """Return moves between tiers; doctors without a tier yet stand in a row of their own, where there are any."""
    counts: dict[tuple[str, str], int] = {}
    for before, after, _band, _province, n in trial.result.get("cells", []):
        counts[before, after] = counts.get((before, after), 0) + n
    befores = [*TIERS, *({before for before, _after in counts} - set(TIERS))]
    return [
        MatrixRow(
            tier=before,
            label=label_of(before),
            now=sum(counts.get((before, after), 0) for after in TIERS),
            cells=tuple((after, counts.get((before, after), 0), before == after) for after in TIERS),
        )
        for before in befores
    ]


def moved_of(trial: ScoringTrial) -> int:
    """Return how many doctors would change from one tier to another."""
    return sum(n for before, after, _b, _p, n in trial.result.get("cells", []) if before and before != after)


def totals_then(trial: ScoringTrial) -> dict[str, int]:
    """Return how many doctors each tier would have."""
    return {
        tier: sum(n for _before, after, _b, _p, n in trial.result.get("cells", []) if after == tier)
        for tier in TIERS
    }


def by_level(trial: ScoringTrial) -> list[GroupRow]:
    """Compare level bands of hospitals; doctors without a hospital on file stand on a line of their own."""
    return _groups(trial, 2, level_words, ("3", "2", "1", "0", "-"))


def by_region(trial: ScoringTrial) -> list[GroupRow]:
    """Compare provinces, most doctors first. Cost: one query."""
    names = dict(Division.objects.filter(code__endswith="0000").values_list("code", "name"))
    rows = _groups(trial, 3, lambda code: names.get(f"{code}0000") or _("Not known"))
    return sorted(rows, key=lambda row: -row.doctors)


def _groups(
    trial: ScoringTrial, place: int, words: Callable[[str], str], order: Iterable[str] = ()
) -> list[GroupRow]:
    cells = trial.result.get("cells", [])
    keys = [*order] or sorted({cell[place] or "" for cell in cells})

    def count(key: str | None, when: int, tiers: tuple[str, ...]) -> int:
        return sum(c[4] for c in cells if (key is None or (c[place] or "") == key) and c[when] in tiers)

    whole = sum(cell[4] for cell in cells)
    core_all, upper_all = count(None, 1, (rules.CORE,)), count(None, 1, UPPER)
    rows = []
    for key in keys:
        size = sum(cell[4] for cell in cells if (cell[place] or "") == key)
        if not size:
            continue
        core, upper = count(key, 1, (rules.CORE,)), count(key, 1, UPPER)
        ratio = judged.ratio_of(core, size, core_all, whole)
        upper_ratio = judged.ratio_of(upper, size, upper_all, whole)
        rows.append(
            GroupRow(
                label=words(key),
                doctors=size,
                core_now=share(count(key, 0, (rules.CORE,)), size),
                core_then=share(core, size),
                upper_then=share(upper, size),
                ratio=_ratio_words(ratio),
                upper_ratio=_ratio_words(upper_ratio),
                is_flagged=judged.is_flagged(ratio, size) or judged.is_flagged(upper_ratio, size),
            )
        )
    return rows


def movers_of(
    trial: ScoringTrial, visible: QuerySet[Any], *, before: str = "", after: str = ""
) -> QuerySet[TrialMove]:
    """Return whom a what-if would move among visible doctors, best score first; first tiers included.

    Source: PIPL 55; rows stand only where an impact assessment is on file.
    """
    rows = TrialMove.objects.filter(trial=trial, doctor__in=visible)
    if before:
        rows = rows.filter(tier_before=before)
    if after:
        rows = rows.filter(tier_after=after)
    return rows.select_related("doctor__identity", "doctor__hospital")


def stability_bars(trial: ScoringTrial) -> list[StackedBar]:
    """Return, for each step from one quarter to the next, who kept the tier, rose and fell."""
    bars = []
    for step in trial.result.get("stability", []):
        counts = {"kept": 0, "up": 0, "down": 0}
        for before, after, n in step["moves"]:
            rise = rules.LADDER.index(after) - rules.LADDER.index(before)
            counts["kept" if not rise else "up" if rise > 0 else "down"] += n
        words = {"kept": _("kept the tier"), "up": _("rose"), "down": _("fell")}
        if any(counts.values()):
            bars.append(_stacked(_stretch(step), counts, words))
    return bars


def _stretch(step: dict[str, Any]) -> str:
    """Return the last days of the two quarters a step compares; it names the days after them."""
    days = (date.fromisoformat(step[end]) - timedelta(days=1) for end in ("from", "to"))
    return " → ".join(day.isoformat() for day in days)


def attention_bars(trial: ScoringTrial) -> list[StackedBar]:
    """Return the shares of doctors and of contacts by tier."""
    tiers = trial.result.get("attention", {}).get("tiers", {})
    words = {tier: label_of(tier) for tier in TIERS}
    people = {tier: tiers.get(tier, [0, 0])[0] for tier in TIERS}
    contacts = {tier: tiers.get(tier, [0, 0])[1] for tier in TIERS}
    return [_stacked(_("Doctors"), people, words), _stacked(_("Contacts"), contacts, words)]


def lorenz_curve(trial: ScoringTrial) -> Curve | None:
    """Return how contacts spread over doctors, or None where there were none."""
    attention = trial.result.get("attention", {})
    found = attention.get("lorenz") or []
    if not found:
        return None
    return Curve(
        points=" ".join(f"{x / 100:g},{100 - y / 100:g}" for x, y in found),
        gini=f"{attention['gini'] / 10_000:.4f}",
        rows=tuple((f"{x / 100:g}%", f"{y / 100:.2f}%") for x, y in found[::2]),
    )


def nudge_rows(trial: ScoringTrial) -> list[NudgeRow]:
    """Return what ±10 % of each weight would move, dimensions first."""
    found: dict[str, dict[int, int]] = {}
    for row in trial.result.get("sensitivity", []):
        found.setdefault(row["where"], {})[row["percent"]] = row["moved"]
    whole = trial.result.get("doctors", 0)
    widest = max((n for one in found.values() for n in one.values()), default=0) or 1
    rows = []
    for where, moved in found.items():
        more, less = moved.get(judged.NUDGE, 0), moved.get(-judged.NUDGE, 0)
        rows.append(
            NudgeRow(
                label=dimension_label(where) if where in DIMENSIONS else _(CATALOGUE[where].label),
                more=more,
                less=less,
                more_share=share(more, whole),
                less_share=share(less, whole),
                more_width=f"{more * 100 / widest:.2f}",
                less_width=f"{less * 100 / widest:.2f}",
            )
        )
    return rows


def share(part: int, whole: int) -> str:
    """Return a share in percent with one digit, rounded down."""
    return f"{part * 1000 // whole / 10:.1f}%" if whole else "—"


def _stacked(label: str, counts: dict[str, int], words: dict[str, str]) -> StackedBar:
    total = sum(counts.values())
    stretches, start = [], 0.0
    for kind, n in counts.items():
        width = n * 100 / total if total else 0
        stretches.append(
            Stretch(
                kind=kind, label=words[kind], start=f"{start:.2f}", width=f"{width:.2f}", count=n,
                share=share(n, total),
            )
        )  # fmt: skip
        start += width
    return StackedBar(label=label, stretches=tuple(stretches), total=total)


def _ratio_words(ratio_bp: int | None) -> str:
    return "—" if ratio_bp is None else f"{ratio_bp / 10_000:.2f}"
