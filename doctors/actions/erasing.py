"""Destroy the personal values of a doctor who asked to be forgotten; the ledger goes on verifying. Promise P9.

Names, numbers and free text about a person are kept encrypted under the person's own key, in rows, in their versions
and in backups alike: destroying the key destroys them all. Words that people typed elsewhere are masked, each change of a
version on record. What a law or a hold keeps is put away, readable by compliance alone, until nothing keeps it any more.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from compliance import actions as law
from compliance import subjects
from compliance.rules import masked, names_about
from doctors import permissions
from doctors.actions.erasing_files import destroy_away, end_files, rename_lists
from doctors.choices import DoctorStatus, ErasureState, Post, Title
from doctors.models import (
    Assignment,
    Authorship,
    ContactPoint,
    Doctor,
    DoctorIdentity,
    DoctorIdentityVersion,
    Erasure,
    FrozenIdentity,
    GuidelineWork,
    Preference,
    TouchedDoctor,
)
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import seal, unseal, unwrap_key
from pharmacrm.common.errors import DomainError


class ErasureNotDone(DomainError):
    """Nothing was destroyed."""

    code = "erasure_not_done"


@transaction.atomic
def erase_doctor(
    doctor_id: UUID, *, by: User | None, at: datetime, request_id: UUID | None, reason: str
) -> Erasure:
    """Destroy what tells who a doctor is: key, name, contacts, search keys, profile, and what other apps keep beside them.

    Where a law or a hold keeps records of this doctor, name and key are put away instead (state "frozen", with what
    keeps them and until when) and destroyed when that ends. Who decides whether to erase is the caller's matter: two
    people. `by` is None only when a restored backup is brought up to date. Safe to run twice: what is erased stays so.
    Raises: PermissionDenied; ErasureNotDone without a reason or for a doctor who was never known. Source: PIPL 47; PI-08.
    """
    if by is not None and not permissions.can_erase_doctor(by):
        raise PermissionDenied
    if not reason.strip():
        raise ErasureNotDone(_("Say why the values are destroyed."), field="reason")
    doctor = Doctor.objects.select_for_update().filter(pk=doctor_id).first()
    if doctor is None:
        raise ErasureNotDone(_("There is no doctor of this key."))
    subject = f"doctor:{doctor.pk}"
    erasure = Erasure.objects.select_for_update().filter(doctor=doctor).first() or Erasure(doctor=doctor)
    kept = FrozenIdentity.objects.filter(doctor=doctor).first()
    words = _words_of(doctor, kept)
    keeps = subjects.kept_of_named(subjects.Named(subject, (*words.names, *words.own)), at)
    state = ErasureState.FROZEN if keeps else ErasureState.ERASED
    if not erasure._state.adding and (erasure.state == ErasureState.ERASED or state == ErasureState.FROZEN):
        return erasure
    leaving = _leaving(doctor, words, by=by, at=at, is_kept=bool(keeps))
    said = masked(reason.strip(), names_about(leaving.own_words, leaving.names))
    erasure.state, erasure.reason, erasure.asked_in = state, said, request_id
    erasure.erased_by, erasure.erased_at = by, at
    erasure.keeps = [
        {"what": one.what, "clause": one.clause, "until": one.until, "count": one.count} for one in keeps
    ]
    erasure.frozen_until = _last_day(keeps)
    erasure.save()  # the database masks versions and reasons only for whose erasure is on record
    removed = {"lists": rename_lists(doctor, names=leaving.names), **_clear_rows(doctor, at=at)}
    identity = DoctorIdentity.objects.filter(pk=doctor.pk).first()
    key = unwrap_key(bytes(identity.wrapped_key)) if identity and keeps else None
    digests, removed["files_of_others"] = end_files(doctor, key=key)
    removed |= {"files": len(digests), **subjects.erase_everywhere(leaving)}
    if keeps:
        removed["identity"] = _put_away(doctor, words, digests, leaving.away)
    else:
        destroy_away(words.files)
        removed["identity"] = _destroy(doctor)
    erasure.removed = {
        place: erasure.removed.get(place, 0) + removed.get(place, 0)
        for place in sorted({*erasure.removed, *removed})
        if erasure.removed.get(place, 0) + removed.get(place, 0)
    }
    erasure.save()
    event = "doctors.doctor_erased" if state == ErasureState.ERASED else "doctors.doctor_frozen"
    law.record(
        event, subject=subject, by=by, at=at, reason=said, rows=[doctor, erasure], masked=leaving.versions
    )
    transaction.on_commit(lambda: _note(erasure))
    return erasure


def reapply_erasures(*, at: datetime) -> int:
    """Erase again what a restored backup brought back, by the list kept beside it. Returns: how many. Safe to run twice.

    A doctor whom the backup does not know yet is left out. Raises: ValueError where the list is damaged. Source: PIPL 47.
    """
    place = Path(settings.ERASURES_LIST)
    if not place.exists():
        return 0
    again = 0
    for line in place.read_text(encoding="utf-8").splitlines():
        one = orjson.loads(line)
        if not DoctorIdentity.objects.filter(pk=one["doctor"]).exists():
            continue
        asked_in = UUID(one["asked_in"]) if one["asked_in"] else None
        reason = _("Erased on %(day)s; brought back by a restored backup") % {"day": one["at"][:10]}
        erase_doctor(UUID(one["doctor"]), by=None, at=at, request_id=asked_in, reason=reason)
        again += 1
    return again


def write_erasures() -> int:
    """Write the list beside the database anew from what stands on record, with what it held already. Returns: how many."""
    place = Path(settings.ERASURES_LIST)
    kept = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
    known = {orjson.loads(line)["doctor"]: line for line in kept}
    for erasure in Erasure.objects.order_by("erased_at"):
        known.setdefault(str(erasure.doctor_id), _line(erasure))
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place.with_suffix(".fresh")
    fresh.write_text("".join(f"{line}\n" for line in known.values()), encoding="utf-8")
    fresh.replace(place)
    return len(known)


def _note(erasure: Erasure) -> None:
    place = Path(settings.ERASURES_LIST)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with place.open("a", encoding="utf-8") as handle:
        handle.write(f"{_line(erasure)}\n")
        handle.flush()
        os.fsync(handle.fileno())


def _line(erasure: Erasure) -> str:
    said = {
        "doctor": str(erasure.doctor_id),
        "asked_in": str(erasure.asked_in or ""),
        "at": erasure.erased_at.isoformat(),
    }
    return orjson.dumps(said).decode()


@transaction.atomic
def read_frozen(*, doctor_id: UUID, by: User, at: datetime, purpose: str) -> str:
    """Return the name that the law keeps of an erased doctor; who read it and why stands in the ledger.

    Raises: PermissionDenied; ErasureNotDone without a purpose or where nothing is kept. Source: PIPL 47.
    """
    if not permissions.can_read_frozen(by):
        raise PermissionDenied
    if not purpose.strip():
        raise ErasureNotDone(_("Say what you need it for."), field="purpose")
    kept = FrozenIdentity.objects.filter(pk=doctor_id).first()
    if kept is None:
        raise ErasureNotDone(_("Nothing is kept of this doctor."))
    law.record(
        "doctors.frozen_identity_read", subject=f"doctor:{doctor_id}", by=by, at=at, reason=purpose.strip()
    )
    return str(_opened(kept)["name"])


@dataclass(frozen=True)
class _Words:
    """What names a doctor, while a key can still open it; and the files that were put away."""

    names: tuple[str, ...]
    own: tuple[str, ...]
    files: tuple[str, ...] = ()


def _words_of(doctor: Doctor, kept: FrozenIdentity | None) -> _Words:
    """Collect the words that name this person: from the live record, or from what was put away of it."""
    if kept is not None:
        body = _opened(kept)
        return _Words(
            tuple(body.get("names", [body["name"]])), tuple(body.get("own", [])), tuple(body.get("files", []))
        )
    identity = DoctorIdentity.objects.filter(pk=doctor.pk).first()
    former = DoctorIdentityVersion.objects.filter(doctor=doctor).values_list("sealed", flat=True)
    names = [identity.name if identity else "", *(open_text(doctor.pk, sealed) for sealed in former)]
    contacts = ContactPoint.objects.filter(doctor=doctor).values_list("sealed", flat=True)
    own = [open_text(doctor.pk, sealed) for sealed in contacts]
    return _Words(
        tuple(dict.fromkeys(name for name in names if name)),
        tuple(dict.fromkeys(word for word in own if word)),
    )


def _leaving(
    doctor: Doctor, words: _Words, *, by: User | None, at: datetime, is_kept: bool
) -> subjects.Leaving:
    """Say who leaves, and which of the names nobody else here bears."""
    others = DoctorIdentity.objects.exclude(pk=doctor.pk).filter(name__in=words.names)
    shared = {*others.values_list("name", flat=True)}
    shared |= {*User.objects.filter(display_name__in=words.names).values_list("display_name", flat=True)}
    return subjects.Leaving(
        subject=f"doctor:{doctor.pk}",
        own_words=words.own,
        names=words.names,
        sole_names=tuple(name for name in words.names if name not in shared),
        model=doctor._meta.label,
        is_kept=is_kept,
        by=by,
        at=at,
    )


def _opened(kept: FrozenIdentity) -> dict[str, Any]:
    key = unwrap_key(bytes(kept.wrapped_key))
    body: dict[str, Any] = orjson.loads(unseal(bytes(kept.sealed), key=key, context=str(kept.pk).encode()))
    return body


def _clear_rows(doctor: Doctor, *, at: datetime) -> dict[str, int]:
    """Blank what stands in the clear beside the key: masks, look-up hashes, the place in lists, the tier."""
    points = list(ContactPoint.objects.select_for_update().filter(doctor=doctor).order_by("pk"))
    for point in points:
        point.masked, point.whole_index, point.tail_index = "", point.pk.hex, ""
        point.is_active = point.is_preferred = False
    fields = ["masked", "whole_index", "tail_index", "is_active", "is_preferred", "updated_at"]
    bulk_update_with_history(points, ContactPoint, fields)
    today = localtime(at).date()
    assigned = list(
        Assignment.objects.select_for_update().filter(doctor=doctor, valid_until__isnull=True).order_by("pk")
    )
    for assignment in assigned:
        assignment.valid_until = max(today, assignment.valid_from + timedelta(days=1))
    bulk_update_with_history(assigned, Assignment, ["valid_until", "updated_at"])
    doctor.status, doctor.tier, doctor.profiling_refused = DoctorStatus.ERASED, "", True
    doctor.title, doctor.post, doctor.specialty, doctor.department_name = Title.UNKNOWN, Post.NONE, "", ""
    doctor.hospital = doctor.department = None
    doctor.division_code = ""
    doctor.save()
    TouchedDoctor.objects.filter(doctor=doctor).delete()
    works = _end_works(doctor, at=at)
    return {"contacts": len(points), "assignments": len(assigned), "works": works}


def _end_works(doctor: Doctor, *, at: datetime) -> int:
    """Take the doctor out of the by-lines of publications and guidelines, and end the preference; rows stay, unnamed."""
    count = 0
    models: tuple[Any, ...] = (Authorship, GuidelineWork)
    for model in models:
        rows = list(model.objects.select_for_update().filter(doctor=doctor, ended_at=None).order_by("pk"))
        for row in rows:
            row.ended_at, row.end_reason = at, "erased"
        bulk_update_with_history(rows, model, ["ended_at", "end_reason", "updated_at"])
        count += len(rows)
    held = list(Preference.objects.select_for_update().filter(doctor=doctor, valid_until=None))
    for one in held:
        one.valid_until, one.end_reason = max(localtime(at).date(), one.valid_from), "erased"
    bulk_update_with_history(held, Preference, ["valid_until", "end_reason", "updated_at"])
    return count + len(held)


def _put_away(doctor: Doctor, words: _Words, files: list[str], away: list[dict[str, Any]]) -> int:
    """Move name, key, and the words masked in records where no list, search or page reads them."""
    identity = DoctorIdentity.objects.filter(pk=doctor.pk).first()
    if identity is None:
        return 0
    wrapped = bytes(identity.wrapped_key)
    said = {"name": identity.name, "names": words.names, "own": words.own, "files": files, "away": away}
    body = orjson.dumps(said)
    FrozenIdentity.objects.create(
        doctor=doctor,
        sealed=seal(body, key=unwrap_key(wrapped), context=str(doctor.pk).encode()),
        wrapped_key=wrapped,
    )
    identity.delete()
    return 1


def _destroy(doctor: Doctor) -> int:
    """Destroy the key: every value sealed with it, in rows, versions and files, is gone with it."""
    live, _of = DoctorIdentity.objects.filter(pk=doctor.pk).delete()
    frozen, _of = FrozenIdentity.objects.filter(pk=doctor.pk).delete()
    return live + frozen


def _last_day(keeps: list[subjects.Keeping]) -> date | None:
    if not keeps or any(not one.until for one in keeps):
        return None
    return max(date.fromisoformat(one.until) for one in keeps)
