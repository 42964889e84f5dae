"""What pages and REST share: files that people attach to what they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils.translation import gettext as _

from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import open_verified, store
from pharmacrm.common.models import StoredFile

MOST_BYTES = 20 * 1024 * 1024
# What a file says of itself is not believed: its first bytes are.
KINDS = {
    b"%PDF-": ("application/pdf", "pdf"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
}
SUFFIXES = dict(KINDS.values())
MOST_FILES = 5


class AttachmentNotKept(DomainError):
    """The file is of no kind that is kept; nothing was stored."""

    code = "attachment_not_kept"


def keep_attachments(uploads: Iterable[UploadedFile[Any]], *, by: Any, at: datetime) -> list[StoredFile]:
    """Keep several files. Raises: as `keep_attachment`."""
    kept = [keep_attachment(upload, by=by, at=at, field="attachments") for upload in uploads]
    return [file for file in kept if file is not None]


def keep_attachment(
    upload: UploadedFile[Any] | None, *, by: Any, at: datetime, field: str = "evidence"
) -> StoredFile | None:
    """Keep a PDF or picture under its SHA-256. Raises: AttachmentNotKept, said of `field`; FileTooLarge."""
    if upload is None:
        return None
    head = upload.read(16)
    upload.seek(0)
    media_type = next((kind for magic, (kind, _suffix) in KINDS.items() if head.startswith(magic)), "")
    if not media_type:
        raise AttachmentNotKept(_("Attach a PDF, PNG or JPEG file."), field=field)
    return store(
        upload.chunks(),
        media_type=media_type,
        by=by,
        at=at,
        max_bytes=min(settings.MAX_UPLOAD_BYTES, MOST_BYTES),
    )


def attachment_answer(record: StoredFile, name: str) -> FileResponse:
    """Answer with checked bytes, to be saved and not opened in the page. Raises: FileAltered."""
    return FileResponse(
        open_verified(record),
        as_attachment=True,
        filename=f"{name}.{SUFFIXES.get(record.media_type, 'bin')}",
        content_type=record.media_type,
        headers={"Cache-Control": "no-store"},
    )
