"""Doors of the territories: an approved realignment is carried out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance.doors import recorded_refusals
from doctors import actions
from pharmacrm.common.errors import Refused

SCHEDULES = {"doctors.end_unverified": "15 0 * * *", "doctors.warn_of_overdue_requests": "0 9 * * *"}


@shared_task(name="doctors.carry_out_realignment", acks_late=True)
def carry_out_realignment(*, realignment_id: str, **_newer: object) -> str:
    """Carry out an approved realignment, or give it back. Safe to run twice: what is carried out is left alone."""
    at, key = timezone.now(), UUID(realignment_id)
    try:
        with recorded_refusals(by=None, at=at):
            return str(actions.carry_out_realignment(realignment_id=key, at=at).state)
    except Refused:
        return str(actions.give_back_realignment(realignment_id=key, at=at).state)


@shared_task(name="doctors.warn_of_overdue_requests", acks_late=True)
def warn_of_overdue_requests(**_newer: object) -> int:
    """Tell who decides of proposals and claims past their day. Safe to run twice: the same one is said once a day."""
    at = timezone.now()
    return actions.warn_of_overdue_requests(on=timezone.localdate(at), at=at)


@shared_task(name="doctors.end_unverified", acks_late=True)
def end_unverified(**_newer: object) -> int:
    """Let records of doctors whom nobody verified in time lapse. Safe to run twice."""
    at = timezone.now()
    return actions.end_unverified(on=timezone.localdate(at), at=at)


@shared_task(name="doctors.carry_out_bulk", acks_late=True, own_transactions=True)
def carry_out_bulk(
    *,
    job_id: str,
    act: str,
    doctor_ids: list[str],
    list_id: str | None = None,
    to_territory_id: str | None = None,
    effective_on: str | None = None,
    **_newer: object,
) -> str:
    """Carry out a long order over many doctors. Safe to run twice: a job that is done is left alone."""
    order = actions.BulkOrder(
        act=act,
        list_id=UUID(list_id) if list_id else None,
        to_territory_id=UUID(to_territory_id) if to_territory_id else None,
        effective_on=date.fromisoformat(effective_on) if effective_on else None,
    )
    keys = [UUID(key) for key in doctor_ids]
    return actions.run_bulk_job(job_id=UUID(job_id), order=order, doctor_ids=keys, clock=timezone.now)
