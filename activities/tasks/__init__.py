"""Work for later, and what runs on a schedule. The clock is read here."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from activities import actions
from activities.actions.monitoring import scan_for_signals as scan

SCHEDULES = {
    "activities.hand_over_plans": 600,
    "activities.remind_of_safety_clocks": 900,
    "activities.scan_for_signals": "30 2 * * *",
}


@shared_task(name="activities.after_visit", acks_late=True)
def after_visit(*, visit_id: str, **_newer: object) -> int:
    """Write a submitted visit into the doctors' streams. Safe to run twice."""
    return actions.after_visit(visit_id=UUID(visit_id), at=timezone.now())


@shared_task(name="activities.announce_safety_report", acks_late=True)
def announce_safety_report(*, report_id: str, **_newer: object) -> None:
    """Tell pharmacovigilance of a report. Safe to run twice."""
    actions.announce_safety_report(report_id=UUID(report_id), at=timezone.now())


@shared_task(name="activities.announce_inquiry", acks_late=True)
def announce_inquiry(*, inquiry_id: str, **_newer: object) -> None:
    """Tell medical of a question. Safe to run twice."""
    actions.announce_inquiry(inquiry_id=UUID(inquiry_id), at=timezone.now())


@shared_task(name="activities.announce_inquiry_answer", acks_late=True)
def announce_inquiry_answer(*, inquiry_id: str, **_newer: object) -> None:
    """Tell who asked that medical has answered. Safe to run twice."""
    actions.announce_inquiry_answer(inquiry_id=UUID(inquiry_id), at=timezone.now())


@shared_task(name="activities.remind_of_safety_clocks", acks_late=True)
def remind_of_safety_clocks(**_newer: object) -> int:
    """Remind of running safety clocks. Safe to run twice."""
    return actions.remind_of_safety_clocks(at=timezone.now())


@shared_task(name="activities.scan_for_signals", acks_late=True)
def scan_for_signals(**_newer: object) -> int:
    """Search the past weeks for what looks wrong together. Safe to run twice: a signal opens one finding."""
    return scan(at=timezone.now())


@shared_task(name="activities.hand_over_plans", acks_late=True)
def hand_over_plans(**_newer: object) -> int:
    """Settle planned visits of realignments whose day has come. Safe to run twice: what is settled is left alone."""
    return actions.hand_over_plans(at=timezone.now())
