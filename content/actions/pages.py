"""Read and draw PDF files in a process of their own; whatever a file does, it does there."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from content.models import MaterialFile
from pharmacrm.common.crypto import installation_key
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import open_verified
from pharmacrm.common.models import StoredFile

MAX_BYTES = 200 * 1024 * 1024
MAX_PAGES = 500
TIMEOUT_SECONDS = 30
READER = Path(__file__).with_name("pdf_reader.py")
WIDTHS = (120, 720, 1200, 1800)


class FileNotTaken(DomainError):
    """The upload is not a file that can be reviewed and shown; nothing was kept."""

    code = "file_not_taken"

    def __init__(self, reason: str) -> None:
        super().__init__(_words(reason), field="file")
        self.reason = reason


def _words(reason: str) -> str:
    words = {
        "web_page": _("This is a web page with another name. Export it as PDF and upload that."),
        "not_pdf": _("This is not a PDF file. Export the document as PDF and upload that."),
        "encrypted": _("The PDF is protected by a password. Remove the protection and upload it again."),
        "script": _("The PDF contains a script (JavaScript). Export it again without scripts."),
        "launch": _("The PDF starts programs or sends forms. Export it again without actions."),
        "embedded": _("The PDF carries other files or media inside. Remove them and upload it again."),
        "form": _("The PDF is a dynamic form (XFA). Print it to PDF and upload that."),
        "too_many_pages": _("The PDF has more than %(limit)d pages. Split it.") % {"limit": MAX_PAGES},
        "no_pages": _("The PDF has no pages."),
        "page_size": _("A page of the PDF has no usable size. Export it again."),
        "two_files": _(
            "Behind the end of the PDF something else follows, as in two files in one. Export it again."
        ),
        "damaged": _("The PDF is damaged and cannot be read. Export it again."),
        "too_much": _("The PDF unpacks to far more than it should and was not read. Export it again."),
        "too_slow": _("Reading the PDF took longer than 30 seconds and was stopped. Make it simpler."),
        "empty": _("The file is empty."),
    }
    return str(words[reason])


def look_at_head(head: bytes) -> None:
    """Refuse what is plainly no PDF by its first bytes. Raises: FileNotTaken. Source: ISO 32000-1, 7.5.2."""
    if not head:
        raise FileNotTaken("empty")
    if head.lstrip(b"\xef\xbb\xbf\0 \t\r\n").startswith(b"%PDF-"):
        return
    start = head[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    looks_like_web = start.startswith((b"<!doctype html", b"<html", b"<head", b"<script", b"<svg", b"<!--"))
    raise FileNotTaken("web_page" if looks_like_web else "not_pdf")


def read_pdf(path: str) -> list[dict[str, Any]]:
    """Return a PDF's pages as `text`, `blocks`, `width`, `height`. Raises: FileNotTaken."""
    pages: list[dict[str, Any]] = json.loads(_run("read", path, str(MAX_PAGES)))["pages"]
    return pages


def words_of_pdf(record: StoredFile) -> list[str]:
    """Return the words of a stored PDF, page by page. Raises: FileNotTaken for one that nobody can read; FileAltered."""
    with tempfile.NamedTemporaryFile(prefix="pharmacrm-words-") as copy, open_verified(record) as handle:
        shutil.copyfileobj(handle, copy)
        copy.flush()
        return [str(page["text"]) for page in read_pdf(copy.name)]


def page_picture(file: MaterialFile, page: int, width: int) -> bytes:
    """Return one page of governed bytes as WebP. The bytes are checked first, and so is a kept picture.

    Raises: FileAltered, FileNotTaken; IndexError for a page or width that does not exist.
    Cost: one pass over the file; one drawing the first time.
    """
    if not 1 <= page <= file.pages or width not in WIDTHS:
        raise IndexError(page)
    name = f"pictures/{file.sha256[:2]}/{file.sha256}/{page}-{width}.webp"
    with open_verified(file.stored) as checked:
        kept = _kept_picture(name)
        if kept is not None:
            return kept
        with tempfile.NamedTemporaryFile(suffix=".pdf") as spool:
            while chunk := checked.read(1 << 20):
                spool.write(chunk)
            spool.flush()
            picture = _run("draw", spool.name, str(page), str(width))
    default_storage.delete(name)
    default_storage.save(name, ContentFile(_seal(name, picture) + picture))
    return picture


def _kept_picture(name: str) -> bytes | None:
    if not default_storage.exists(name):
        return None
    with default_storage.open(name, "rb") as stored:
        sealed = stored.read()
    seal, picture = sealed[:32], sealed[32:]
    return picture if hmac.compare_digest(seal, _seal(name, picture)) else None


def _seal(name: str, picture: bytes) -> bytes:
    return hmac.new(installation_key("pictures"), name.encode() + b"\0" + picture, hashlib.sha256).digest()


def _run(verb: str, path: str, *rest: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="pharmacrm-pdf-") as folder:
        out = Path(folder) / "out"
        command = [sys.executable, "-I", str(READER), verb, path, str(out), *rest]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=TIMEOUT_SECONDS, cwd=folder, check=False
            )
        except subprocess.TimeoutExpired:
            raise FileNotTaken("too_slow") from None
        if done.returncode == 0:
            return out.read_bytes()
        raise FileNotTaken(_reason_of(done))


def _reason_of(done: subprocess.CompletedProcess[bytes]) -> str:
    try:
        return str(json.loads(done.stdout)["refused"])
    except (ValueError, KeyError):
        return "too_much" if done.returncode < 0 else "damaged"
