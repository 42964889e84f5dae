"""Handing out governed bytes: only to whom they are meant, only as recorded; a changed byte raises the alarm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from content.choices import MaterialStatus
from content.models import MaterialFile
from content.selectors.delivery import stored_bytes_are_right
from pharmacrm.common.files import FileAltered, open_verified

from .endings import end_version
from .locking import locked_version
from .pages import page_picture


def picture_of(*, file: MaterialFile, page: int, width: int, by: Any, at: datetime) -> bytes:
    """Return a page as WebP. Raises: FileAltered after raising the alarm; FileNotTaken, IndexError."""
    try:
        return page_picture(file, page, width)
    except (FileAltered, FileNotFoundError) as error:
        raise _alarm(file, error, by=by, at=at) from error


def bytes_of(*, file: MaterialFile, by: Any, at: datetime) -> Iterator[bytes]:
    """Return the checked bytes in pieces; they are checked again as they are opened to be sent.

    Raises: FileAltered after raising the alarm.
    """
    if not stored_bytes_are_right(file):
        raise _alarm(file, FileAltered(_("The content differs from what was recorded.")), by=by, at=at)
    return _pieces(file)


def _pieces(file: MaterialFile) -> Iterator[bytes]:
    with open_verified(file.stored) as checked:
        while piece := checked.read(1 << 18):
            yield piece


@transaction.atomic
def report_altered_file(*, file_id: UUID, by: Any, at: datetime) -> bool:
    """Keep that stored bytes are not those recorded, and withdraw a released version. Compliance is told by the store.

    Returns: whether a version was withdrawn. Source: 21 CFR 11.10(a), (e).
    """
    file = MaterialFile.objects.select_related("version").get(pk=file_id)
    version = locked_version(file.version_id)
    subject = f"material_version:{version.pk}"
    was_shown = version.status == MaterialStatus.RELEASED
    if was_shown:
        end_version(
            version,
            MaterialStatus.WITHDRAWN,
            reason="stored bytes differ from the recorded hash",
            by=None,
            at=at,
        )
    law.record("content.file_found_altered", subject=subject, by=by, at=at, reason=file.sha256, rows=[file])
    return was_shown


def _alarm(file: MaterialFile, error: Exception, *, by: Any, at: datetime) -> FileAltered:
    report_altered_file(file_id=file.pk, by=by, at=at)
    return error if isinstance(error, FileAltered) else FileAltered(str(error))
