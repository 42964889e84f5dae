"""Pages for a phone: of what is released today, and of nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from content.choices import MaterialStatus
from content.models import MaterialFile

from .viewing import picture_of

PHONE_WIDTH = 720


def released_page(*, version_id: UUID, page: int, by: Any, at: datetime) -> bytes | None:
    """Return one page of a version as WebP, or None when it is not released today or has no such page.

    Raises: FileAltered after raising the alarm. Units: pages count from 1.
    """
    file = (
        MaterialFile.objects.select_related("version", "stored")
        .filter(
            version_id=version_id,
            is_current=True,
            version__status=MaterialStatus.RELEASED,
            version__expires_on__gt=timezone.localtime(at).date(),
        )
        .first()
    )
    if file is None or not 1 <= page <= file.pages:
        return None
    return picture_of(file=file, page=page, width=PHONE_WIDTH, by=by, at=at)
