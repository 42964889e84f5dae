"""Contested tiers, and what changed since a quarter began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from doctors.choices import ContestState, RunKind, RunState
from doctors.models import DoctorScore, ReferenceDistribution, ScoringRun, TierContest
from doctors.rules import segmentation as rules
from doctors.rules.features import CATALOGUE
from doctors.selectors.explanations import FeatureLine, TierExplanation
from doctors.selectors.privacy import open_text
from doctors.selectors.score_words import points, raw_words
from doctors.selectors.tiers import label_of


@dataclass(frozen=True)
class ContestShown:
    """A contested tier with its words opened; `answer` is empty while it waits."""

    id: UUID
    doctor_id: UUID
    tier_label: str
    by_doctor: bool
    asked_by: str
    asked_by_id: UUID
    asked_at: object
    due_on: date
    words: str
    state: str
    state_label: str
    answer: str
    decided_by: str
    decided_at: object


@dataclass(frozen=True)
class ChangeLine:
    """What one feature gave then and gives now. Units: bp; the differences add up to that of the scores."""

    label: str
    raw_before: str
    raw_now: str
    before_bp: int
    now_bp: int

    @property
    def difference_bp(self) -> int:
        return self.now_bp - self.before_bp

    @property
    def before_text(self) -> str:
        return points(self.before_bp)

    @property
    def now_text(self) -> str:
        return points(self.now_bp)

    @property
    def difference_text(self) -> str:
        return ("+" if self.difference_bp > 0 else "") + points(self.difference_bp)


@dataclass(frozen=True)
class Since:
    """A score compared with an earlier one."""

    as_of: date
    model_version: str
    tier_label: str
    score_bp: int
    now_bp: int
    lines: tuple[ChangeLine, ...]

    @property
    def score_text(self) -> str:
        return points(self.score_bp)

    @property
    def difference_text(self) -> str:
        difference = self.now_bp - self.score_bp
        return ("+" if difference > 0 else "") + points(difference)


@dataclass(frozen=True)
class WayUp:
    """One of several changes that together would reach a line; `value` is what it would take."""

    label: str
    raw: str
    value: str
    more_bp: int

    @property
    def more_text(self) -> str:
        return "+" + points(self.more_bp)


def contests_waiting() -> QuerySet[TierContest]:
    """Return contested tiers that wait for a person, the most urgent first."""
    return (
        TierContest.objects.filter(state=ContestState.OPEN)
        .select_related("doctor__identity", "asked_by")
        .order_by("due_on", "pk")
    )


def last_contest_of(doctor_id: UUID | str) -> ContestShown | None:
    """Return the newest contest of a doctor's tier, opened. The caller has checked who may read it. Cost: two queries."""
    row = (
        TierContest.objects.filter(doctor_id=doctor_id)
        .select_related("asked_by", "decided_by")
        .order_by("-asked_at")
        .first()
    )
    if row is None:
        return None
    return ContestShown(
        id=row.pk,
        doctor_id=row.doctor_id,
        tier_label=label_of(row.tier_held),
        by_doctor=row.by_doctor,
        asked_by=str(row.asked_by),
        asked_by_id=row.asked_by_id,
        asked_at=row.asked_at,
        due_on=row.due_on,
        words=open_text(doctor_id, row.sealed_words),
        state=row.state,
        state_label=str(row.get_state_display()),
        answer=open_text(doctor_id, row.sealed_answer),
        decided_by=str(row.decided_by or ""),
        decided_at=row.decided_at,
    )


def quarter_start(on: date) -> date:
    """Return the first day of a day's quarter."""
    return date(on.year, (on.month - 1) // 3 * 3 + 1, 1)


def since_last_quarter(why: TierExplanation) -> Since | None:
    """Compare a score with the last one before its quarter began; None where no score of then is kept.

    Features only one of the two models has count nought on the other side, so the differences add up exactly.
    Cost: two queries.
    """
    if not why.is_scored or why.as_of is None:
        return None
    runs = ScoringRun.objects.filter(
        kind=RunKind.FULL, state=RunState.DONE, published_at__isnull=False, as_of__lt=quarter_start(why.as_of)
    ).order_by("-as_of", "-pk")
    recent = list(runs.values_list("pk", flat=True)[:12])
    scores = DoctorScore.objects.filter(run_id__in=recent, doctor_id=why.doctor_id).select_related(
        "run__model"
    )
    then = min(scores, key=lambda score: recent.index(score.run_id), default=None)
    if then is None:
        return None
    spec = then.run.model.spec
    before = {
        feature.key: (raw_words(feature, then.raw[place]), then.contribution[place])
        for place, feature in enumerate(spec.features)
    }
    now = {line.key: (line.raw_text, line.contribution_bp) for line in why.features}
    nothing = ("—", 0)
    lines = [
        ChangeLine(_(CATALOGUE[key].label), *_pair(before.get(key, nothing), now.get(key, nothing)))
        for key in dict.fromkeys([*now, *before])
    ]
    return Since(
        as_of=then.run.as_of,
        model_version=then.run.model.version,
        tier_label=label_of(then.tier),
        score_bp=then.score_bp,
        now_bp=why.score_bp,
        lines=tuple(line for line in lines if line.difference_bp),
    )


def _pair(before: tuple[str, int], now: tuple[str, int]) -> tuple[str, str, int, int]:
    return before[0], now[0], before[1], now[1]


def ways_to_core(why: TierExplanation) -> tuple[WayUp, ...]:
    """Return the fewest changes that together would lift a doctor over the core line, the largest first.

    Empty for who is core already, is not scored, or cannot reach the line by raising features at all. Each but the
    last stands where the best of the cohort stands; the last goes only as far as it has to. Cost: two queries.
    """
    gap = why.core_line_bp - why.score_bp
    if not why.is_scored or gap <= 0 or why.run_id is None:
        return ()
    tops = _top_levels(why)
    rooms = [
        (line, line.weight_bp * tops.get(line.place, 0) // rules.FULL - line.contribution_bp)
        for line in why.features
        if line.sign > 0
    ]
    picked: list[tuple[FeatureLine, int]] = []
    for line, room in sorted(rooms, key=lambda one: -one[1]):
        more = min(room, gap)
        if more <= 0:
            break
        level = rules.level_needed(line.weight_bp, line.contribution_bp, more)
        picked.append((line, rules.FULL if level is None else level))
        gap -= more
        if gap <= 0:
            break
    if gap > 0:
        return ()
    values = _values_at(why, [(line, level) for line, level in picked if line.is_ranked])
    found = []
    for line, level in picked:
        value = values.get(line.place) if line.is_ranked else -(-level * line.cap // rules.FULL)
        if value is None:
            return ()
        spec = rules.FeatureSpec(line.key, 0)
        found.append(
            WayUp(
                label=line.label,
                raw=line.raw_text,
                value=raw_words(spec, value),
                more_bp=line.weight_bp * level // rules.FULL - line.contribution_bp,
            )
        )
    return tuple(found)


def _top_levels(why: TierExplanation) -> dict[int, int]:
    """Return the highest level anybody of the cohort has, by place of the feature; capped scales reach their top."""
    tops = {line.place: rules.FULL for line in why.features if not line.is_ranked}
    rows = (
        ReferenceDistribution.objects.filter(run_id=why.reference_id, cohort=why.cohort_number)
        .values_list("feature")
        .annotate(Max("below"))
        .order_by()
    )
    for place, below in rows:
        tops[place] = rules.level_of_rank(below, why.cohort_size)
    return tops


def _values_at(why: TierExplanation, wanted: list[tuple[FeatureLine, int]]) -> dict[int, int]:
    """Return the smallest value of the frozen distribution that reaches each level, by place of the feature."""
    if not wanted or why.cohort_number is None:
        return {}
    belows = [-(-level * (why.cohort_size - 1) // rules.FULL) for _line, level in wanted]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT w.feature, (SELECT min(r.value) FROM doctors_referencedistribution r WHERE r.run_id = %s
                     AND r.cohort = %s AND r.feature = w.feature AND r.below >= w.below)
                 FROM unnest(%s::int[], %s::int[]) AS w(feature, below)""",
            [why.reference_id, why.cohort_number, [line.place for line, _level in wanted], belows],
        )
        return {place: value for place, value in cursor.fetchall() if value is not None}
