"""Which material versions are out of use, and the bytes that are kept of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import get_default_timezone

from content.models import MaterialFile, MaterialVersion
from pharmacrm.common.choices import ScanState
from pharmacrm.common.models import StoredFile


def versions_out_of_use(before: date, after: str, most: int, *, shown: QuerySet[Any, Any]) -> list[str]:
    """Return the next versions that ended or expired before a day, whose bytes are still kept, in key order.

    `shown` gives the versions that were used since; the app that shows them knows. Cost: one query.
    """
    moment = datetime.combine(before, time.min, tzinfo=get_default_timezone())
    ended = Q(ended_at__lt=moment) & (Q(expires_on__isnull=True) | Q(expires_on__lte=before))
    expired = Q(ended_at__isnull=True, expires_on__lt=before)
    kept = MaterialFile.objects.exclude(stored__scan_state=ScanState.ERASED).values("version")
    rows = MaterialVersion.objects.filter(ended | expired, pk__in=kept).exclude(pk__in=shown)
    rows = rows.filter(pk__gt=UUID(after)) if after else rows
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:most]]


def names_of_versions(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what a hold on a version may name: the version and its material. Cost: one query."""
    rows = MaterialVersion.objects.filter(pk__in=list(keys))
    return {str(row.pk): (f"material:{row.pk}", f"material:{row.material_id}") for row in rows}


def files_of_version(key: str) -> list[StoredFile]:
    """Return the bytes of a version that no other version shows."""
    own = MaterialFile.objects.filter(version=key).values("stored")
    others = MaterialFile.objects.filter(stored__in=own).exclude(version=key).values("stored")
    rows = StoredFile.objects.filter(pk__in=own).exclude(pk__in=others)
    return list(rows.exclude(scan_state=ScanState.ERASED).order_by("pk"))
