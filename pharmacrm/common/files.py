"""Bytes kept once under their SHA-256, and checked each time they are read."""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.temp import NamedTemporaryFile
from django.utils import timezone
from django.utils.translation import gettext as _

from .choices import ScanState
from .crypto import seal, unseal
from .errors import DomainError
from .models import StoredFile
from .notifications import notify
from .outbox import enqueue

log = logging.getLogger(__name__)

CHUNK = 1024 * 1024
PDF = b"%PDF-"
PDF_WORDS = Path(__file__).with_name("pdf_words.py")
PDF_SECONDS = 40
PDF_BROKEN = 3
SPOOL_BYTES = 8 * CHUNK
WATCHERS = "compliance"


class FileAltered(DomainError):
    """The stored bytes are not those that were recorded; they are not handed out."""

    code = "file_altered"


class FileErased(DomainError):
    """The bytes were destroyed on purpose; their digest and who destroyed them stand on record."""

    code = "file_erased"


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
        if default_storage.exists(name) and default_storage.size(name) != size:
            default_storage.delete(name)  # a write that a crash cut short
        if not default_storage.exists(name):
            spool.seek(0)
            try:
                default_storage.save(name, File(spool))
            except OSError:  # the disk is full: half a file is none
                default_storage.delete(name)
                raise
    record, _created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type, "stored_by": by, "stored_at": at}
    )
    if record.scan_state == ScanState.ERASED:  # somebody brought the same bytes anew
        record.scan_state = ScanState.UNSCANNED
        record.save(update_fields=["scan_state"])
    return record


def open_verified(record: StoredFile) -> IO[bytes]:
    """Open governed bytes: the very copy that was checked against the recorded hash.

    Raises: FileErased; FileAltered, nothing is handed out and compliance is told. Cost: one pass; above 8 MB a temporary file.
    Source: 21 CFR 11.10(a).
    """
    if record.scan_state == ScanState.ERASED:
        raise FileErased(_("This file was destroyed; its digest stays on record."))
    verified = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - the caller closes it
    digest = hashlib.sha256()
    try:
        with default_storage.open(path_of(record.sha256), "rb") as stored:
            while chunk := stored.read(CHUNK):
                digest.update(chunk)
                verified.write(chunk)
    except FileNotFoundError:
        digest = hashlib.sha256(b"gone")
    if digest.hexdigest() != record.sha256:
        verified.close()
        _raise_alarm(record)
        raise FileAltered(_("The content differs from what was recorded. Compliance has been told."))
    verified.seek(0)
    return verified


def _raise_alarm(record: StoredFile) -> None:
    """Tell every compliance officer once about this file."""
    log.critical("Stored file %s differs from its hash %s.", record.pk, record.sha256)
    for officer in get_user_model().objects.filter(groups__name=WATCHERS, is_active=True):
        notify(
            recipient=officer,
            kind="file_altered",
            zh=f"已存文件 {record.sha256[:12]} 的内容与登记的校验值不符，已停止提供。请立即核查。",
            en=f"Stored file {record.sha256[:12]} differs from its recorded hash and is no longer handed out. "
            "Look into it now.",
            at=timezone.now(),  # noqa: TID251 - an alarm is its own door
            subject=f"file:{record.pk}",
        )


def path_of(sha256: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256}"


def holds_words(record: StoredFile, words: Iterable[str]) -> bool:
    """Return whether a file's bytes hold one of some words, in UTF-8, GB 18030 or UTF-16, also inside a zip or a workbook.

    A file that nobody can look into holds everything, a PDF under a password too. The words of a PDF are read as its pages
    show them, with its form and notes; a picture of words is not read. Cost: one pass over the bytes; a process for a PDF.
    """
    words = [word for word in words if word]
    wanted = {word.encode(how) for word in words for how in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")}
    try:
        with open_verified(record) as handle:
            if zipfile.is_zipfile(handle):
                with zipfile.ZipFile(handle) as parts:
                    return any(_holds(parts.open(name), wanted) for name in parts.namelist())
            handle.seek(0)
            is_pdf = PDF in handle.read(1024)
            handle.seek(0)
            return _holds(handle, wanted) or (is_pdf and _pdf_says(handle, words))
    except (FileAltered, FileErased, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return True


def _pdf_says(handle: IO[bytes], words: Iterable[str]) -> bool:
    """Return whether a PDF's pages, form or notes say one of some words; line breaks and spaces between do not matter."""
    wanted = ["".join(word.split()).casefold() for word in words]
    with TemporaryDirectory() as folder:
        source, said = Path(folder, "file.pdf"), Path(folder, "words")
        handle.seek(0)
        with source.open("wb") as copy:
            shutil.copyfileobj(handle, copy)
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(PDF_WORDS), str(source), str(said)],
                capture_output=True, timeout=PDF_SECONDS, check=False, cwd=folder,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return True
        if done.returncode == PDF_BROKEN:  # no reader shows it: what the bytes say is all there is
            return False
        if done.returncode:
            return True
        text = "".join(said.read_text(encoding="utf-8").split()).casefold()
    return any(word in text for word in wanted)


def _holds(handle: IO[bytes], wanted: Iterable[bytes]) -> bool:
    overlap, rest = max(map(len, wanted), default=1) - 1, b""
    while chunk := handle.read(CHUNK):
        window = rest + chunk
        if any(word in window for word in wanted):
            return True
        rest = window[-overlap:] if overlap else b""
    return False


def put_away(record: StoredFile, *, key: bytes) -> None:
    """Keep a record's bytes sealed under a person's key and destroy the open ones: nothing but storage and protection."""
    with open_verified(record) as handle:
        name, sealed = away_of(record.sha256), seal(handle.read(), key=key, context=record.sha256.encode())
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(sealed))
    erase_bytes(record)


def read_away(record: StoredFile, *, key: bytes) -> bytes:
    """Return the bytes of a file that was put away. Raises: FileErased once they are gone."""
    try:
        with default_storage.open(away_of(record.sha256), "rb") as handle:
            return unseal(handle.read(), key=key, context=record.sha256.encode())
    except FileNotFoundError as gone:
        raise FileErased(_("This file was destroyed; its digest stays on record.")) from gone


def away_of(sha256: str) -> str:
    return f"away/{sha256[:2]}/{sha256}"


def erase_bytes(record: StoredFile) -> None:
    """Destroy the bytes of a record that stays: once the running transaction commits they are gone, its digest remains."""
    record.scan_state = ScanState.ERASED
    record.save(update_fields=["scan_state"])
    enqueue("common.destroy_bytes", sha256=record.sha256)


def destroy_bytes(sha256: str) -> bool:
    """Delete the bytes of an erased record. Returns: whether there was something to delete. Safe to run twice."""
    name = path_of(sha256)
    erased = StoredFile.objects.filter(sha256=sha256, scan_state=ScanState.ERASED).exists()
    if not erased or not default_storage.exists(name):
        return False
    default_storage.delete(name)
    return True


def destroy_away(sha256: str) -> bool:
    """Delete bytes that were put away. Returns: whether there was something to delete. Safe to run twice."""
    if not default_storage.exists(away_of(sha256)):
        return False
    default_storage.delete(away_of(sha256))
    return True


def forget(sha256: str) -> bool:
    """Delete bytes that no record names any more. Returns: whether there was something to delete. Safe to run twice."""
    name = path_of(sha256)
    if StoredFile.objects.filter(sha256=sha256).exists() or not default_storage.exists(name):
        return False
    default_storage.delete(name)
    return True
