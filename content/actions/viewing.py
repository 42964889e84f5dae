"""Handing out governed bytes: only to whom they are meant, only as recorded; a changed byte raises the alarm."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any
from uuid import UUID

from django.db import transaction

from compliance import actions as law
from content.choices import MaterialStatus
from content.models import MaterialFile
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.selectors import people_with_role
from pharmacrm.common.files import FileAltered, open_verified
from pharmacrm.common.notifications import notify

from .endings import end_version
from .locking import locked_version
from .pages import page_picture


def picture_of(*, file: MaterialFile, page: int, width: int, by: Any, at: datetime) -> bytes:
    """Return a page as WebP. Raises: FileAltered after raising the alarm; FileNotTaken, IndexError."""
    try:
        return page_picture(file, page, width)
    except (FileAltered, FileNotFoundError) as error:
        raise _alarm(file, error, by=by, at=at) from error


def bytes_of(*, file: MaterialFile, by: Any, at: datetime) -> IO[bytes]:
    """Return the checked bytes. Raises: FileAltered after raising the alarm."""
    try:
        return open_verified(file.stored)
    except (FileAltered, FileNotFoundError) as error:
        raise _alarm(file, error, by=by, at=at) from error


@transaction.atomic
def report_altered_file(*, file_id: UUID, by: Any, at: datetime) -> bool:
    """Keep and tell that stored bytes are not those recorded; a released version is withdrawn. Said once a file.

    Returns: whether this call said it. Source: 21 CFR 11.10(a), (e).
    """
    file = MaterialFile.objects.select_related("version").get(pk=file_id)
    version = locked_version(file.version_id)
    subject = f"material_version:{version.pk}"
    if version.status == MaterialStatus.RELEASED:
        end_version(
            version,
            MaterialStatus.WITHDRAWN,
            reason="stored bytes differ from the recorded hash",
            by=None,
            at=at,
        )
    law.record("content.file_found_altered", subject=subject, by=by, at=at, reason=file.sha256, rows=[file])
    for person in people_with_role(Role.COMPLIANCE):
        notify(
            recipient=person,
            kind="file_altered",
            zh=f"资料 {version} 的文件与记录时不同，已停止展示",
            en=f"The file of {version} differs from what was recorded; it is no longer shown",
            at=at,
            url=f"/content/versions/{version.pk}/",
            subject=f"material_file:{file.pk}",
        )
    return True


def _alarm(file: MaterialFile, error: Exception, *, by: Any, at: datetime) -> FileAltered:
    report_altered_file(file_id=file.pk, by=by, at=at)
    return error if isinstance(error, FileAltered) else FileAltered(str(error))
