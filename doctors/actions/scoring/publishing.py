"""Make a run's tiers hold: tier history, the doctor's row with its own history, one ledger entry, one announcement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from compliance import actions as law
from doctors.choices import ModelState, RunKind, RunState, TierReason
from doctors.models import (
    Doctor,
    DoctorScore,
    EngagementAlert,
    EngagementState,
    ReferenceDistribution,
    ScoringRun,
    TierAssignment,
    TouchedDoctor,
    TrialMove,
)
from pharmacrm.common import jobs
from pharmacrm.common.outbox import enqueue

from .engagement import SHANGHAI

SETTLED_AT_ONCE = 5_000  # row versions one ledger entry vouches for
KEPT_RUNS = 2
KEPT_MONTHS_DAYS = 400


@transaction.atomic
def publish_run(run: ScoringRun, *, at: datetime) -> ScoringRun:
    """Close a carried-out run; where its model is in force its scores hold from now on.

    Who refused profiling meanwhile is left out.
    """
    run.state, run.finished_at = RunState.DONE, at
    event = "doctors.trial_run_done"
    if run.model.state == ModelState.ACTIVE:
        drop_refused(run)
        run.published_at = at
        event = "doctors.scoring_published"
    run.save()
    law.record(
        event, subject=f"scoring_run:{run.pk}", by=run.asked_by, at=at, reason=run.result_digest, rows=[run]
    )
    return run


def settle_run(run: ScoringRun, *, clock: Callable[[], datetime]) -> None:
    """Give the doctors the tiers of a published run, some thousands at a time, each with its ledger entry.

    Safe to call again after a kill: what is settled does not differ any more. Ends the run's job.
    """
    changed, last = 0, UUID(int=0)
    while run.published_at:
        with transaction.atomic():
            settled = settle_tiers(run, at=clock(), after=last, limit=SETTLED_AT_ONCE)
            if settled:
                law.record(
                    "doctors.tiers_settled", subject=f"scoring_run:{run.pk}", by=run.asked_by, at=clock()
                )
        changed += len(settled)
        if len(settled) < SETTLED_AT_ONCE:
            break
        last = max(settled)
    with transaction.atomic():
        if changed:
            run.changed_count += changed
            run.save(update_fields=["changed_count", "updated_at"])
            law.record(
                "doctors.scoring_settled",
                subject=f"scoring_run:{run.pk}",
                by=run.asked_by,
                at=clock(),
                rows=[run],
            )
            enqueue("doctors.announce_tier_changes", run_id=run.pk)
        jobs.finish(
            run.job_id,
            at=clock(),
            result={"doctors": run.doctor_count, "changed": run.changed_count, "digest": run.result_digest},
        )


def settle_tiers(
    run: ScoringRun,
    *,
    at: datetime,
    only: list[UUID] | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[UUID]:
    """Give each doctor the tier of the run, where it differs and no override is live.

    Returns: the keys of those that changed. Tier history, the doctor and the doctor's row history are written in one
    transaction, set by set.
    """
    columns = [field.column for field in Doctor._meta.concrete_fields]
    quoted = ", ".join(f'"{column}"' for column in columns)
    picked = "AND s.doctor_id = ANY(%(only)s::uuid[])" if only is not None else ""
    picked += " AND s.doctor_id > %(after)s" if after else ""
    statement = f"""
        WITH moves AS (
            SELECT s.doctor_id, s.tier, d.tier AS tier_before, s.score_bp
              FROM doctors_doctorscore s JOIN doctors_doctor d ON d.id = s.doctor_id
             WHERE s.run_id = %(run)s AND d.tier <> s.tier AND NOT d.profiling_refused AND d.merged_into_id IS NULL {picked}
               AND NOT EXISTS (SELECT FROM doctors_tieroverride o WHERE o.doctor_id = s.doctor_id
                               AND o.state = 'approved' AND o.valid_until > %(on)s)
             ORDER BY d.id LIMIT %(limit)s FOR NO KEY UPDATE OF d
        ), noted AS (
            INSERT INTO doctors_tierassignment (doctor_id, tier, tier_before, reason, score_bp, run_id, since)
            SELECT doctor_id, tier, tier_before, '{TierReason.SCORED}', score_bp, %(run)s, %(at)s FROM moves
        ), changed AS (
            UPDATE doctors_doctor d SET tier = m.tier, updated_at = %(at)s FROM moves m WHERE d.id = m.doctor_id
            RETURNING d.id
        )
        SELECT id FROM changed"""  # noqa: S608 - names of columns
    versions = f"""
        INSERT INTO doctors_historicaldoctor ({quoted}, history_date, history_type, history_change_reason, history_user_id)
        SELECT {quoted}, %(at)s, '~', %(why)s, %(by)s FROM doctors_doctor WHERE id = ANY(%(ids)s::uuid[])"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "run": run.pk,
                "on": at.astimezone(SHANGHAI).date(),
                "at": at,
                "limit": limit,
                "after": after,
                "only": [str(pk) for pk in only] if only is not None else None,
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            # Order matters: a change of the live row is accounted for by the version that follows it.
            cursor.execute(
                versions,
                {
                    "at": at,
                    "why": f"scoring_run:{run.pk}",
                    "by": run.asked_by_id,
                    "ids": [str(pk) for pk in ids],
                },
            )
        return ids


def drop_refused(run: ScoringRun) -> None:
    """Take out of a run whoever refused profiling while it was under way. Source: PIPL 24."""
    with connection.cursor() as cursor:
        cursor.execute(
            # OFFSET 0 keeps this a look-up by key: the planner takes a fresh run for an empty one and would read it all.
            "SELECT d.id FROM doctors_doctor d WHERE d.profiling_refused AND EXISTS"
            " (SELECT FROM doctors_doctorscore s WHERE s.run_id = %s AND s.doctor_id = d.id OFFSET 0)",
            [run.pk],
        )
        refused = [row[0] for row in cursor.fetchall()]
    DoctorScore.objects.filter(run=run, doctor_id__in=refused).delete()


def forget_scores_of(doctor_id: UUID, *, at: datetime, tier_before: str) -> list[Any]:
    """Take away all that profiling left of one doctor: scores, engagement sums, marks. Call inside a transaction.

    The tier history keeps that the tier ended, and why. Source: PIPL 15, 24, 47.
    """
    DoctorScore.objects.filter(doctor_id=doctor_id).delete()
    EngagementState.objects.filter(doctor_id=doctor_id).delete()
    TouchedDoctor.objects.filter(doctor_id=doctor_id).delete()
    TrialMove.objects.filter(doctor_id=doctor_id).delete()
    EngagementAlert.objects.filter(doctor_id=doctor_id).delete()
    if not tier_before:
        return []
    return [
        TierAssignment.objects.create(
            doctor_id=doctor_id, tier="", tier_before=tier_before, reason=TierReason.REFUSED, since=at
        )
    ]


@transaction.atomic
def forget_old_scores(*, at: datetime) -> int:
    """Drop score rows that no page opens any more: all but the last runs and the first one of each month.

    The run with its manifest and digests stays. Returns: how many runs were emptied. Safe to run twice.
    """
    published = ScoringRun.objects.filter(kind=RunKind.FULL, state=RunState.DONE).order_by("-created_at")
    keep = set(published.values_list("pk", flat=True)[:KEPT_RUNS])
    months: dict[tuple[int, int], UUID] = {}
    for pk, day in published.filter(created_at__gte=at - timedelta(days=KEPT_MONTHS_DAYS)).values_list(
        "pk", "as_of"
    ):
        months[day.year, day.month] = pk
    keep |= set(months.values())
    keep |= set(
        ScoringRun.objects.filter(kind=RunKind.DAYTIME, based_on_id__in=keep).values_list("pk", flat=True)
    )
    old = [
        pk
        for pk in ScoringRun.objects.filter(state=RunState.DONE)
        .exclude(pk__in=keep)
        .values_list("pk", flat=True)
        if DoctorScore.objects.filter(run_id=pk).exists()
    ]
    for pk in sorted(old):
        law.record("doctors.scores_forgotten", subject=f"scoring_run:{pk}", by=None, at=at)
    DoctorScore.objects.filter(run_id__in=old)._raw_delete("default")  # type: ignore[attr-defined]
    ReferenceDistribution.objects.filter(run_id__in=old)._raw_delete("default")  # type: ignore[attr-defined]
    return len(old)
