"""Daytime: score the doctors touched since the last full run, placed in its frozen distribution."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from compliance import actions as law
from doctors.choices import ModelState, RunKind, RunState
from doctors.models import DoctorScore, RunCohort, ScoringRun, TouchedDoctor
from doctors.rules.segmentation import Lines
from doctors.selectors.visibility import canonical_ids
from pharmacrm.common.outbox import enqueue

from .engagement import SHANGHAI, refresh_touched
from .publishing import settle_tiers
from .runs import last_full_run
from .statements import FAMILY, OF_PICKED, Plan, cohort_cells, drop_temporary, sheet, upsert_scores
from .working import WORK_MEMORY, map_cohorts


def touch_doctors(doctor_ids: Iterable[UUID], *, at: datetime) -> None:
    """Mark doctors whose facts or contacts changed, in the transaction of that change. Cost: one upsert."""
    TouchedDoctor.objects.bulk_create(
        [TouchedDoctor(doctor_id=pk, touched_at=at) for pk in sorted(set(doctor_ids), key=str)],
        update_conflicts=True,
        unique_fields=["doctor"],
        update_fields=["touched_at"],
    )


@transaction.atomic
def rescore_touched(*, at: datetime, limit: int = 10_000) -> int:
    """Score up to `limit` touched doctors against the full run in force; nobody else's rank moves.

    While the model is on hold nobody is scored: who was touched stays marked.
    Returns: how many were scored. Safe to run twice: a doctor scored is no longer marked.
    """
    full = last_full_run()
    if full is None or full.model.state != ModelState.ACTIVE or not TouchedDoctor.objects.exists():
        return 0
    resting_on = [f"segmentation_model:{full.model_id}"]
    if law.is_stopped("doctor.score", subjects=resting_on, by=None, at=at, until_commit=True):
        return 0
    ids = refresh_touched(at=at, limit=limit)
    roots = _roots_of(ids)
    day = _daytime_run(full, at)
    plan = Plan(full.model.spec, at.astimezone(SHANGHAI).date())
    lines = Lines(
        full.core_line_bp or 0, full.potential_line_bp or 0, full.model.hysteresis_bp, full.model.min_known
    )
    with connection.cursor() as cursor:
        cursor.execute(WORK_MEMORY)
        cursor.execute(drop_temporary())
        cursor.execute(
            "CREATE TEMPORARY TABLE scoring_picked AS SELECT unnest(%s::uuid[]) AS doctor_id",
            [[str(pk) for pk in roots]],
        )
        cursor.execute("ANALYZE scoring_picked")
        cursor.execute(FAMILY.format(also=OF_PICKED))
        cursor.execute(cohort_cells(picked=True))
        map_cohorts(cursor, _cohorts_of(full, cursor.fetchall()))
        cursor.execute("ANALYZE scoring_family; ANALYZE scoring_cohort")
        cursor.execute(sheet(plan, picked=True), {"model": full.model_id, "as_of": plan.as_of})
        cursor.execute("ANALYZE scoring_sheet")
        cursor.execute(
            upsert_scores(plan, lines), {"run": day.pk, "reference": full.pk, "base": full.pk, "day": day.pk}
        )
        scored = cursor.rowcount
        cursor.execute(drop_temporary())
    changed = len(settle_tiers(day, at=at, only=list(roots)))
    day.doctor_count = DoctorScore.objects.filter(run=day).count()
    day.changed_count += changed
    day.save(update_fields=["doctor_count", "changed_count", "updated_at"])
    law.record("doctors.touched_scored", subject=f"scoring_run:{day.pk}", by=None, at=at, rows=[day])
    if changed:
        enqueue("doctors.announce_tier_changes", run_id=day.pk)
    return int(scored)


def _roots_of(ids: list[UUID]) -> set[UUID]:
    """Return whom these doctors stand for today. Cost: one query, and those of merging for the few merged away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM doctors_doctor WHERE merged_into_id IS NOT NULL AND id = ANY(%s::uuid[])",
            [[str(pk) for pk in ids]],
        )
        merged = {row[0] for row in cursor.fetchall()}
    return (set(ids) - merged) | set(canonical_ids(merged).values() if merged else ())


def _cohorts_of(full: ScoringRun, cells: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Find the frozen cohort each cell was ranked in; a cell nobody was ranked in waits for the next full run."""
    frozen = {
        (specialty, band): (number, size)
        for specialty, band, number, size in RunCohort.objects.filter(run=full).values_list(
            "specialty", "band", "number", "size"
        )
    }
    found = {}
    for specialty, band in cells:
        cohort = (
            frozen.get((specialty, band))
            or frozen.get((specialty, "*"))
            or frozen.get(("*", band))
            or frozen.get(("*", "*"))
        )
        if cohort:
            found[specialty, band] = cohort
    return found


def _daytime_run(full: ScoringRun, at: datetime) -> ScoringRun:
    run, _made = ScoringRun.objects.select_for_update(of=("self",)).get_or_create(
        kind=RunKind.DAYTIME,
        based_on=full,
        defaults={
            "model": full.model,
            "state": RunState.DONE,
            "as_of": at.astimezone(SHANGHAI).date(),
            "core_line_bp": full.core_line_bp,
            "potential_line_bp": full.potential_line_bp,
            "started_at": at,
            "finished_at": at,
            "published_at": at,
            "manifest": {"reference": str(full.pk)},
        },
    )
    return run
