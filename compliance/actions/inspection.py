"""Packs for inspectors: asked for with a reason, made by a job, kept for some days, each a matter of record."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from compliance import permissions, subjects
from compliance.actions.recording import record
from compliance.actions.sealing import seal
from compliance.choices import PackState
from compliance.models import InspectorPack, LedgerEntry
from compliance.selectors.history import model_of
from compliance.selectors.log import latest_checkpoint
from compliance.selectors.packs import Scope, TooMuchForAPack, Written, evidence_in, persons_in, write_pack
from compliance.selectors.packs.writing import Cover
from compliance.selectors.walls import may_read_versions
from compliance.subjects import parts_of
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import CHUNK, store
from pharmacrm.common.notifications import notify
from pharmacrm.common.outbox import enqueue

KEPT_FOR = timedelta(days=30)
LARGEST = 1024 * 1024 * 1024
ZIP = "application/zip"
IN_MEMORY = 32 * 1024 * 1024


class PackNotMade(DomainError):
    """There is nothing the pack could be about; nothing was asked for."""

    code = "pack_not_made"


@transaction.atomic
def ask_for_pack(
    *, subject: str, since: date | None, until: date | None, reason: str, by: Any, at: datetime
) -> InspectorPack:
    """Ask for a pack about a record, a person, or days. Raises: PermissionDenied; PackNotMade. Source: 21 CFR 11.10(b)."""
    if not permissions.can_make_pack(by):
        raise PermissionDenied
    if not subject and not (since and until):
        raise PackNotMade(_("Say what it is about: a record, or a first and a last day."))
    if since and until and until < since:
        raise PackNotMade(_("The last day is before the first."), field="until")
    if subject and not (_is_known(subject) and may_read_versions(by, subject)):
        raise PackNotMade(_("There is no record of this kind and key."), field="subject")
    pack = InspectorPack.objects.create(
        subject=subject,
        since=since,
        until=until,
        reason=reason,
        language=get_language() or "zh-hans",
        asked_by=by,
        asked_at=at,
    )
    pack.job = jobs.open_job(
        kind="inspector_pack", title=title_of(pack), by=by, subject=f"pack:{pack.pk}", total=3
    )
    pack.save()
    record("compliance.pack_asked", subject=f"pack:{pack.pk}", by=by, at=at, reason=reason, rows=[pack])
    enqueue("compliance.make_pack", pack_id=pack.pk)
    return pack


def make_pack(*, pack_id: UUID, at: datetime) -> InspectorPack:
    """Collect, write and keep a pack. Safe to run twice: one that is ready is left as it stands."""
    pack = InspectorPack.objects.select_related("asked_by").get(pk=pack_id)
    if pack.state != PackState.ASKED:
        return pack
    if pack.job_id:
        jobs.start(pack.job_id, at=at, total=3)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as target:
        try:
            written = write_to(
                target,
                Scope(pack.subject, pack.since, pack.until),
                cover=Cover(title_of(pack), pack.reason, str(pack.asked_by or ""), at, pack.language),
                at=at,
                seen_by=pack.asked_by,
                tell=lambda done, stage: (
                    jobs.advance(pack.job_id, done=done, stage=stage) if pack.job_id else None
                ),
            )
        except TooMuchForAPack as refusal:
            return _failed(pack, str(refusal), at=at)
        target.seek(0)
        return _keep(pack, target, written, at=at)


def write_to(
    target: IO[bytes], scope: Scope, *, cover: Cover, at: datetime, seen_by: Any = None, tell: Any = None
) -> Written:
    """Seal what waits, and write a pack over it. Raises: TooMuchForAPack."""
    tell = tell or (lambda done, stage: None)
    tell(0, "seal")
    seal(at=at, sign_now=True)
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise PackNotMade(_("The ledger is empty."))
    tell(1, "collect")
    with transaction.atomic():
        evidence = evidence_in(scope, seen_by=seen_by)
        tell(2, "write")
        written = write_pack(target, scope, evidence, checkpoint, cover)
    return replace(written, persons=persons_in(scope, evidence))


@transaction.atomic
def record_download(*, pack: InspectorPack, by: Any, at: datetime) -> LedgerEntry:
    """Record that a person took a pack out of the system."""
    return record("compliance.pack_downloaded", subject=f"pack:{pack.pk}", by=by, at=at)


@transaction.atomic
def record_export(scope: Scope, *, path: Path, reason: str, at: datetime) -> LedgerEntry:
    """Record that a pack was written to a file by a command, with the file's fingerprint."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    subject = scope.subject or f"days:{scope.since}:{scope.until}"
    return record(
        "compliance.pack_exported", subject=subject, by=None, at=at, reason=f"{reason}; sha256 {sha256}"
    )


def title_of(pack: InspectorPack) -> str:
    """Return what a pack is about, in words of its language."""
    with override(pack.language):
        days = " – ".join(date_format(day, "DATE_FORMAT") for day in (pack.since, pack.until) if day)
        about = subjects.title_of(pack.subject) if pack.subject else _("All acts")
        return f"{about}, {days}" if days else about


@transaction.atomic
def remove_packs(*, on: date, at: datetime) -> int:
    """Remove the files of packs whose days are over; that they were made stays on record. Returns: how many."""
    due = InspectorPack.objects.select_for_update().filter(state=PackState.READY, keep_until__lte=on)
    return sum(remove_pack(pack, reason=_("its days are over"), at=at) for pack in due.order_by("pk"))


def remove_pack(pack: InspectorPack, *, reason: str, at: datetime, by: Any = None) -> int:
    """Remove one pack's file."""
    stored, pack.state, pack.file = pack.file, PackState.REMOVED, None
    pack.save()
    record("compliance.pack_removed", subject=f"pack:{pack.pk}", by=by, at=at, reason=reason, rows=[pack])
    if stored and not InspectorPack.objects.filter(file=stored).exists():
        stored.delete()
        enqueue("compliance.forget_pack_file", sha256=stored.sha256)
    return 1


@transaction.atomic
def _keep(pack: InspectorPack, target: IO[bytes], written: Written, *, at: datetime) -> InspectorPack:
    pack = InspectorPack.objects.select_for_update().get(pk=pack.pk)
    if pack.state != PackState.ASKED:
        return pack
    pack.file = store(_chunks(target), media_type=ZIP, by=pack.asked_by, at=at, max_bytes=LARGEST)
    pack.state, pack.made_at, pack.checkpoint_size = PackState.READY, at, written.checkpoint_size
    pack.keep_until = (localtime(at) + KEPT_FOR).date()
    pack.counts = {
        "acts": written.acts,
        "records": written.records,
        "signatures": written.signatures,
        "verdicts": written.verdicts,
        "rules": written.rules,
        "sha256": pack.file.sha256,
    }
    pack.persons = sorted(written.persons)
    pack.save()
    record("compliance.pack_made", subject=f"pack:{pack.pk}", by=None, at=at, rows=[pack])
    if pack.job_id:
        jobs.finish(pack.job_id, at=at, result={"url": f"/compliance/ledger/packs/{pack.pk}/"})
    if pack.asked_by:
        notify(
            recipient=pack.asked_by,
            kind="pack_ready",
            zh=f"检查资料包已备好：{title_of(pack)}",
            en=f"The inspector's pack is ready: {title_of(pack)}",
            at=at,
            url=f"/compliance/ledger/packs/{pack.pk}/",
            subject=f"pack:{pack.pk}",
        )
    return pack


@transaction.atomic
def _failed(pack: InspectorPack, why: str, *, at: datetime) -> InspectorPack:
    pack = InspectorPack.objects.select_for_update().get(pk=pack.pk)
    pack.state = PackState.FAILED
    pack.save()
    record("compliance.pack_failed", subject=f"pack:{pack.pk}", by=None, at=at, reason=why, rows=[pack])
    if pack.job_id:
        jobs.fail(pack.job_id, at=at, error=why)
    return pack


def _is_known(subject: str) -> bool:
    kind, key = parts_of(subject)
    if not key or kind not in subjects.kinds():
        return False
    if LedgerEntry.objects.filter(subject=subject).exists():
        return True
    return model_of(subject) is not None and subjects.title_of(subject) != subject


def _chunks(target: IO[bytes]) -> Iterator[bytes]:
    while chunk := target.read(CHUNK):
        yield chunk
