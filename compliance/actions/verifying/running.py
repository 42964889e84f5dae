"""Run the whole check, keep its result, and open a finding where something differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.findings import open_finding
from compliance.actions.recording import record
from compliance.actions.sealing import seal
from compliance.choices import FindingState, Grade, VerificationResult
from compliance.log.notes import Stated
from compliance.models import Finding, Verification
from pharmacrm.common import jobs
from pharmacrm.common.choices import JobState
from pharmacrm.common.models import Job
from pharmacrm.common.outbox import enqueue

from .acts import with_acts
from .check import Check
from .checkpoints import check_checkpoints, opened, outside_checkpoints
from .entries import check_entries, check_queue, check_reasons
from .live_rows import check_live_rows
from .versions import check_signatures, check_versions

KEPT_DIFFERENCES = 10_000
SAME_CHECK = timedelta(minutes=10)  # a second delivery of one scheduled check
STAGES: list[tuple[str, Callable[[Check, list[Stated]], None]]] = [
    ("entries", check_entries),
    ("queue", check_queue),
    ("checkpoints", check_checkpoints),
    ("versions", check_versions),
    ("rows", check_live_rows),
    ("reasons", check_reasons),
    ("signatures", check_signatures),
]


def ask_to_verify(*, by: Any, at: datetime) -> Job:
    """Open a job that checks the whole record. Raises: PermissionDenied."""
    if not permissions.can_run_verification(by):
        raise PermissionDenied
    with transaction.atomic():
        job = jobs.open_job(kind="verify_ledger", title=_("Check the whole record"), by=by)
        record("compliance.verification_asked", subject=f"job:{job.pk}", by=by, at=at)
        enqueue("compliance.verify_ledger", job_id=job.pk, asked_by=by.pk)
    return job


def verify_in_job(*, job_id: UUID | None, asked_by: UUID | None, at: datetime) -> str:
    """Check everything and keep the result, telling a job how far it is. Returns: agrees or differs.

    Safe to run twice: a finished job, and a scheduled check that began within SAME_CHECK, is not begun again.
    """
    standing = _standing_result(job_id, at)
    if standing:
        return standing
    person = get_user_model().objects.filter(pk=asked_by).first() if asked_by else None
    if job_id:
        jobs.start(job_id, at=at, total=len(STAGES))

    def tell(done: int, stage: str) -> None:
        if job_id:
            jobs.advance(job_id, done=done, stage=stage)

    run = verify(at=at, by=person, tell=tell)
    if job_id:
        jobs.finish(job_id, at=run.finished_at, result={"result": run.result, "url": "/compliance/ledger/"})
    return run.result


def _standing_result(job_id: UUID | None, at: datetime) -> str:
    if job_id:
        done = Job.objects.filter(pk=job_id, state=JobState.DONE).values_list("result", flat=True).first()
        return str(done["result"]) if done else ""
    scheduled = Verification.objects.filter(asked_by=None, started_at__gt=at - SAME_CHECK)
    return scheduled.order_by("-started_at").values_list("result", flat=True).first() or ""


@transaction.atomic
def verify(
    *,
    at: datetime,
    by: Any = None,
    outside: list[str] | None = None,
    tell: Callable[[int, str], None] = lambda done, stage: None,
    clock: Callable[[], datetime] | None = None,
) -> Verification:
    """Check the whole record and keep the result; a difference opens a finding.

    `outside` holds notes of checkpoints kept elsewhere; those dropped at LEDGER_ANCHOR_DIRS are always read too.
    Every difference is counted; the first of each kind in each table are named.
    Cost: reads every entry and row version once; memory grows neither with them nor with what differs.
    """
    seal(at=at, sign_now=True, anchor=False)
    check = Check()
    kept = [*outside_checkpoints(check), *opened(check, outside or [])]
    for done, (name, stage) in enumerate(STAGES):
        tell(done, name)
        stage(check, kept)
    return _keep(check, at=at, finished_at=clock() if clock else at, by=by)


def _keep(check: Check, *, at: datetime, finished_at: datetime, by: Any) -> Verification:
    run = Verification.objects.create(
        started_at=at,
        finished_at=finished_at,
        result=VerificationResult.DIFFERS if check.found else VerificationResult.AGREES,
        entries=check.entries,
        rows=check.rows,
        erased=check.erased,
        checkpoint_size=check.size,
        differences=with_acts(check.first(KEPT_DIFFERENCES)),
        counts=check.counted(),
        asked_by=by,
    )
    record(
        "compliance.ledger_verified",
        subject=f"verification:{run.pk}",
        by=by,
        at=at,
    )
    if check.found and not Finding.objects.filter(kind="record_differs", state=FindingState.OPEN).exists():
        open_finding(
            kind="record_differs",
            subject=f"verification:{run.pk}",
            grade=Grade.BAN,
            evidence={
                "differences": check.total,
                "text": {
                    "zh": f"记录与台账不一致：{check.total} 处，第一处 {check.found[0]['said']}",
                    "en": f"The record differs from the ledger in {check.total} places; first: {check.found[0]['said']}",
                },
                "url": "/compliance/ledger/",
            },
            at=at,
            due_at=at,
        )
    return run
