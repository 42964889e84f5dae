"""Doors of the packs' work."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance.actions import inspection, reviews
from pharmacrm.common import files


@shared_task(name="compliance.make_pack", acks_late=True)
def make_pack(*, pack_id: str, **_newer: object) -> str:
    """Make a pack that somebody asked for. Safe to run twice: one that is ready is left as it stands."""
    return str(inspection.make_pack(pack_id=UUID(pack_id), at=timezone.now()).state)


@shared_task(name="compliance.remove_packs", acks_late=True)
def remove_packs(**_newer: object) -> int:
    """Remove the files of packs whose days are over. Safe to run twice."""
    return inspection.remove_packs(on=timezone.localdate(), at=timezone.now())


@shared_task(name="compliance.forget_pack_file", acks_late=True)
def forget_pack_file(*, sha256: str, **_newer: object) -> bool:
    """Delete the bytes of a removed pack. Safe to run twice."""
    return files.forget(sha256)


@shared_task(name="compliance.review_trail", acks_late=True)
def review_trail(**_newer: object) -> int:
    """Draw last month's review of the audit trail, and raise an alarm for late ones. Safe to run twice."""
    on, at = timezone.localdate(), timezone.now()
    reviews.review_last_month(on=on, at=at)
    return reviews.mind_late_reviews(on=on, at=at)
