"""Take a file in: look at it first, judge its columns, and only then keep it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import FileTooLarge, store
from pharmacrm.common.ids import uuid7
from pharmacrm.imports.guard import RefusedColumns, judge_columns, keep_apart
from pharmacrm.imports.models import ImportJob
from pharmacrm.imports.reading import (
    FileNotReadable,
    Header,
    find_header,
    guess_mapping,
    open_table,
    words_beside,
)
from pharmacrm.imports.registry import Kind, kind_of, plain_header
from pharmacrm.imports.selectors import mapping_of_a_like_file, remembered_mapping

CHUNK = 1024 * 1024
SAMPLE_SHOWN = 8
FileRefused = FileNotReadable


class UnknownKind(DomainError):
    """Nothing of that name can be imported."""

    code = "unknown_kind"


def upload_file(
    *, kind: str, file_name: str, chunks: Iterable[bytes], by: User, at: datetime, sheet: str = ""
) -> ImportJob:
    """Take a file in for import, with its header found and its columns guessed or remembered.

    Raises: UnknownKind; PermissionDenied; FileTooLarge; FileNotReadable with what it is and what to do;
    Refused when a column may not exist: the import is not kept, and the bytes go apart into a case. Cost: one pass over the bytes, one over the head.
    """
    wanted = _kind(kind)
    if not wanted.action.may_import(by):
        raise PermissionDenied
    with tempfile.TemporaryDirectory(prefix="pharmacrm-upload-") as folder:
        path = Path(folder) / "upload"
        _spool(chunks, path)
        table = open_table(path, name=file_name, sheet=sheet)
        header = find_header(table, wanted)
        if header is None or not header.sample:
            raise FileNotReadable(
                "empty", _("Below the header there are no rows. Choose the file with the rows.")
            )
        job_id = uuid7()
        try:
            judge_columns(
                kind,
                header.texts,
                header.sample,
                beside=words_beside(table, header, wanted),
                subject=f"import:{job_id}",
                by=by,
                at=at,
            )
        except RefusedColumns as refusal:
            keep_apart(refusal, path=path, file_name=file_name, by=by, at=at)
            raise
        with transaction.atomic(), path.open("rb") as handle:
            kept = store(
                iter(lambda: handle.read(CHUNK), b""),
                media_type="application/octet-stream",
                by=by,
                at=at,
                max_bytes=settings.MAX_UPLOAD_BYTES,
            )
            signature = _signature(header)
            job = ImportJob.objects.create(
                id=job_id,
                kind=kind,
                file=kept,
                file_name=file_name[-200:],
                sheet=table.sheet,
                encoding=table.encoding,
                delimiter=table.delimiter,
                header_row=header.row,
                header_height=header.height,
                headers=list(header.texts),
                sample=[list(row) for row in header.sample[:SAMPLE_SHOWN]],
                signature=signature,
                mapping=_mapping(wanted, header, signature),
                asked_by=by,
                asked_at=at,
            )
            law.record("imports.file_uploaded", subject=f"import:{job.pk}", by=by, at=at, rows=[])
    return job


def _kind(name: str) -> Kind:
    try:
        return kind_of(name)
    except KeyError as unknown:
        raise UnknownKind(_("Nothing of this kind can be imported."), field="kind") from unknown


def _spool(chunks: Iterable[bytes], path: Path) -> None:
    size = 0
    with path.open("wb") as handle:
        for chunk in chunks:
            size += len(chunk)
            if size > settings.MAX_UPLOAD_BYTES:
                raise FileTooLarge(
                    _("The file is larger than %(limit)d MB. Split it or make it smaller.")
                    % {"limit": settings.MAX_UPLOAD_BYTES // (1024 * 1024)},
                    field="file",
                )
            handle.write(chunk)


def _signature(header: Header) -> str:
    texts = sorted(filter(None, map(plain_header, header.texts)))
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()


def _mapping(kind: Kind, header: Header, signature: str) -> dict[str, int]:
    mapping = guess_mapping(kind, header)
    kept = remembered_mapping(kind.name, signature)
    places = {text: place for place, text in reversed(list(enumerate(header.texts)))}
    if not kept:
        like = mapping_of_a_like_file(kind.name, set(header.texts))
        kept = like if _worth(kind, like) >= _worth(kind, mapping) else {}
    if kept and all(text in places for text in kept.values()):
        mapping = {name: places[text] for name, text in kept.items() if name in kind.column_names}
    return mapping


def _worth(kind: Kind, mapping: Mapping[str, object]) -> tuple[bool, int]:
    """Return what makes one choice of columns better than another: nothing required lacks, then how many there are."""
    return all(column.name in mapping for column in kind.columns if column.required), len(mapping)
