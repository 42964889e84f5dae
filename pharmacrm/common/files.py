"""Bytes kept once under their SHA-256, and checked each time they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.temp import NamedTemporaryFile
from django.utils.translation import gettext as _

from .errors import DomainError
from .models import StoredFile

CHUNK = 1024 * 1024


class FileAltered(DomainError):
    """The stored bytes are not those that were recorded; they are not handed out."""

    code = "file_altered"


class FileTooLarge(DomainError):
    """The upload passes the limit; nothing was kept."""

    code = "file_too_large"


def store(chunks: Iterable[bytes], *, media_type: str, by: Any, at: datetime, max_bytes: int) -> StoredFile:
    """Keep the bytes under their SHA-256 and return their record; the same bytes are kept once.

    Units: `max_bytes` in bytes. Raises: FileTooLarge. Cost: one pass over the bytes.
    """
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile() as spool:
        for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise FileTooLarge(
                    _("The file is larger than %(limit)d MB. Split it or make it smaller.")
                    % {"limit": max_bytes // (1024 * 1024)}
                )
            digest.update(chunk)
            spool.write(chunk)
        sha256 = digest.hexdigest()
        name = path_of(sha256)
        if not default_storage.exists(name):
            spool.seek(0)
            default_storage.save(name, File(spool))
    record, _created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type, "stored_by": by, "stored_at": at}
    )
    return record


def open_verified(record: StoredFile) -> IO[bytes]:
    """Open governed bytes after checking them against their recorded hash.

    Raises: FileAltered, and nothing is handed out. Source: 21 CFR 11.10(a).
    """
    with default_storage.open(path_of(record.sha256), "rb") as stored:
        digest = hashlib.sha256()
        while chunk := stored.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != record.sha256:
        raise FileAltered(_("The content differs from what was recorded. Compliance has been told."))
    handle: IO[bytes] = default_storage.open(path_of(record.sha256), "rb")
    return handle


def path_of(sha256: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256}"
