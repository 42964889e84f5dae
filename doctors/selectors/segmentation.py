# ruff: noqa: S608 - every piece of text comes from the catalogue and a checked model, none from a person
"""Reads about scoring models and runs: lists and distributions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, QuerySet

from doctors.choices import ModelState, RunKind, RunState
from doctors.models import DoctorScore, ScoringRun, SegmentationModel, TierAssignment, TierOverride


@dataclass(frozen=True)
class TierCount:
    """How many doctors of one group hold each tier."""

    group: str
    core: int
    potential: int
    basic: int

    @property
    def total(self) -> int:
        return self.core + self.potential + self.basic


@dataclass(frozen=True)
class Move:
    """How many doctors would pass from one tier to another."""

    before: str
    after: str
    count: int


def models() -> QuerySet[SegmentationModel]:
    """Return all models, newest first, with the people who made and signed them."""
    people = ("author", "assessed_by", "activated_by", "signature")
    return SegmentationModel.objects.select_related(*people).order_by("-created_at")


def active_model() -> SegmentationModel | None:
    """Return the model in force, or None."""
    return models().filter(state=ModelState.ACTIVE).first()


def runs() -> QuerySet[ScoringRun]:
    """Return all runs, newest first, with model and job."""
    return ScoringRun.objects.select_related("model", "job", "asked_by").order_by("-pk")


def run_in_force() -> ScoringRun | None:
    """Return the full run whose tiers hold now."""
    return (
        runs().filter(kind=RunKind.FULL, published_at__isnull=False).order_by("-published_at", "-pk").first()
    )


def waiting_overrides() -> QuerySet[TierOverride]:
    """Return the tiers asked for by hand that wait for a decision, oldest first."""
    return (
        TierOverride.objects.filter(state="asked")
        .select_related("doctor__identity", "asked_by")
        .order_by("asked_at")
    )


def tier_counts(run: ScoringRun) -> dict[str, int]:
    """Return how many doctors of a run each tier has. Cost: one pass over the run's scores."""
    return dict(
        DoctorScore.objects.filter(run=run).values_list("tier").annotate(Count("doctor_id")).order_by()
    )


def counts_by_band(run: ScoringRun) -> list[TierCount]:
    """Return tiers by level band of the hospital, highest first; `-` is no hospital on file."""
    return _grouped(
        run,
        "CASE WHEN d.hospital_id IS NULL THEN '-' WHEN left(d.hospital_level, 1) IN ('3','2','1')"
        " THEN left(d.hospital_level, 1) ELSE '0' END",
        "1 DESC",
    )


def counts_by_region(run: ScoringRun) -> list[TierCount]:
    """Return tiers by province, most doctors first."""
    return _grouped(
        run,
        "coalesce(p.name, '')",
        "sum(n) DESC, 1",
        "LEFT JOIN doctors_division p ON p.code = left(d.division_code, 2) || '0000'",
    )


def counts_by_cohort(run: ScoringRun) -> list[TierCount]:
    """Return tiers by cohort, largest first; the first hundred."""
    return _grouped(
        run,
        "c.specialty || '|' || c.band",
        "sum(n) DESC, 1 LIMIT 100",
        f"JOIN doctors_runcohort c ON c.run_id = '{run.based_on_id if run.kind == RunKind.DAYTIME else run.pk}'"
        " AND c.number = s.cohort",
    )


def moves_of(run: ScoringRun) -> list[Move]:
    """Return how many doctors the run moved between tiers; first tiers have an empty `before`."""
    rows = (
        TierAssignment.objects.filter(run=run)
        .values_list("tier_before", "tier")
        .annotate(count=Count("pk"))
        .order_by("tier_before", "tier")
    )
    return [Move(*row) for row in rows]


def moved_doctors(run: ScoringRun, visible: QuerySet, *, limit: int = 50) -> list[TierAssignment]:  # type: ignore[type-arg]
    """Return the tier changes of a run among visible doctors; first tiers left out."""
    return list(
        TierAssignment.objects.filter(run=run, doctor__in=visible)
        .exclude(tier_before="")
        .select_related("doctor__identity", "doctor__hospital")
        .order_by("tier_before", "tier", "pk")[:limit]
    )


def _grouped(run: ScoringRun, group: str, order: str, join: str = "") -> list[TierCount]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT g, sum(n) FILTER (WHERE tier = 'core'), sum(n) FILTER (WHERE tier = 'potential'),
                       sum(n) FILTER (WHERE tier = 'basic') FROM (
                  SELECT {group} AS g, s.tier, count(*) AS n FROM doctors_doctorscore s
                    JOIN doctors_doctor d ON d.id = s.doctor_id {join} WHERE s.run_id = %s GROUP BY 1, 2) counted
                GROUP BY g ORDER BY {order.replace("1", "g", 1) if order.startswith("1") else order.replace(", 1", ", g")}""",
            [run.pk],
        )
        return [
            TierCount(name, int(core or 0), int(potential or 0), int(basic or 0))
            for name, core, potential, basic in cursor.fetchall()
        ]


def open_run_of(model: SegmentationModel) -> ScoringRun | None:
    """Return the model's run that is waiting or under way, if there is one."""
    return runs().filter(model=model, state__in=[RunState.WAITING, RunState.RUNNING]).first()
