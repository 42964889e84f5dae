"""A task whose every run leaves one more row: a doubled run cannot hide."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from pharmacrm.common.models import Notification


@shared_task(name="drills.leave_a_row", acks_late=True)
def leave_a_row(*, recipient_id: str, number: int, **_newer: object) -> None:
    """Insert one row. Run twice it would leave two: the outbox has to see to it that it is not."""
    Notification.objects.create(
        recipient_id=UUID(recipient_id), kind=f"drill-{number}", text={}, created_at=timezone.now()
    )
