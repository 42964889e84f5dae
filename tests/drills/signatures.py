"""P5: a thousand small changes of what was signed, or of the signature, and none leaves it valid. P9: nobody finds the erased."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection, transaction

from activities.models import SyncOperation
from bench.measure import Figure, Measure
from compliance import actions as law
from compliance.actions import inspection
from compliance.actions.guarding import guard_tables
from compliance.actions.sealing import seal
from compliance.actions.verifying import verify
from compliance.models import Case
from doctors import actions as doctors
from doctors.models import ConsentRecord, Doctor, DoctorList
from pharmacrm.accounts.models import User
from pharmacrm.common import files
from pharmacrm.common.choices import ScanState
from pharmacrm.common.errors import Refused
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import IdempotencyKey, OutboxMessage, StoredFile
from pharmacrm.common.notifications import notify
from pharmacrm.imports import actions as imports
from pharmacrm.runtime.binaries import matching_tool
from tests.compliance.mutations import KINDS, survivors
from tests.conftest import AT
from tests.factories.compliance import PASSWORD, proof_of

FULL = os.environ.get("PHARMACRM_DRILL_SIZE") == "full"
MUTATIONS = int(os.environ.get("DRILL_MUTATIONS", 1_000))
DOCTORS = int(os.environ.get("DRILL_ERASED", 100 if FULL else 20))
SURNAMES = "欧阳司徒上官诸葛尉迟公孙慕容"


def signed_and_changed() -> Figure:
    """Change what was signed, or the signature, in one small place each time."""
    stayed = survivors(MUTATIONS, seed=5)
    return Figure(
        100 * (MUTATIONS - len(stayed)) / MUTATIONS, "% invalid", MUTATIONS, holds=not stayed,
        note=f"{len(KINDS)} kinds of content, 11 columns; stayed valid: {dict(Counter(stayed)) or 'none'}",
    )  # fmt: skip


def erased_doctors() -> Figure:
    """Let doctors come in, be renamed, reached, proposed, packed and written about by name in every place that takes words.

    Then erase them, write the whole database out as pg_dump does, and look for their words there and in every stored file.
    """
    guard_tables()
    words: list[str] = []
    leaving: list[Doctor] = []
    steward, officer = _person("drill-steward", "steward"), _person("drill-officer", "compliance")
    seen = _seen_before()
    for number in range(DOCTORS):
        with transaction.atomic():
            doctor, said = _one(number, steward, officer)
            leaving.append(doctor)
            words += said
    before = len({word for _place, word in _left(words, seen)[0]})
    for number, doctor in enumerate(leaving):
        reason = f"{words[number * 4 + 1]}本人要求"
        doctors.erase_doctor(doctor.pk, by=officer, at=AT, request_id=None, reason=reason)
    for sha256 in StoredFile.objects.filter(scan_state=ScanState.ERASED).values_list("sha256", flat=True):
        files.destroy_bytes(sha256)  # what the worker does with the waiting messages
    seal(at=AT, sign_now=True, anchor=False)
    differences = len(verify(at=AT).differences)
    found, size, count = _left(words, seen)
    whose = {word[-3:] for place, word in found}
    return Figure(
        100 * (DOCTORS - len(whose)) / DOCTORS, "% gone", DOCTORS, holds=not found and not differences,
        note=f"{size:,} bytes of pg_dump and {count} files searched, where {before} of {len(words)} words stood before; the record differs in {differences} places; "
        f"words left: {', '.join(f'{place}: {word}' for place, word in found[:3]) or 'none'}",
    )  # fmt: skip


def _one(number: int, steward: User, officer: User) -> tuple[Doctor, list[str]]:
    surname = SURNAMES[number % 7 * 2 :][:2]
    former, name = f"{surname}囧甲{number:03d}", f"{surname}囧乙{number:03d}"
    phone, proposed = f"13900170{number:03d}", f"囧提议{number:03d}"
    doctor = doctors.create_doctor(name=former, by=steward, at=AT)
    doctors.rename_doctor(doctor_id=doctor.pk, name=name, by=steward, at=AT)
    doctors.add_contact(doctor_id=doctor.pk, kind="phone", value=phone, by=steward, at=AT)
    kept = [_file(f"{name} {phone} {kind}", steward) for kind in ("attached", "proof")]
    doctors.ask_change(
        doctor_id=doctor.pk, wanted={"name": proposed}, note=proposed, by=steward, at=AT, files=kept[:1]
    )
    proof = ConsentRecord.objects.create(doctor=doctor, state="withdrawn", proof=kept[1], valid_from=AT)
    law.record(
        "drill.said", subject=f"doctor:{doctor.pk}", by=steward, at=AT, reason=f"{name} {phone}", rows=[proof]
    )
    law.place_hold(subjects=[f"product:drill-{number}"], reason=f"据{former}电话{phone}", by=officer, at=AT)
    called = DoctorList.objects.create(name=f"{name}团队", kind="filter", filters={"q": name}, owner=steward)
    law.record("drill.listed", subject=f"list:{called.pk}", by=steward, at=AT, rows=[called])
    notify(recipient=steward, kind="drill", zh=f"{name}来电", en=f"{name} called", at=AT)
    SyncOperation.objects.create(
        user=steward,
        op_id=uuid7(),
        kind="visit.start",
        request_sha256="0" * 64,
        answer={"name": name},
        received_at=AT,
    )
    IdempotencyKey.objects.create(
        user=steward,
        key=str(uuid7()),
        request_sha256="0" * 64,
        answer={"said": f"{former} {phone}"},
        created_at=AT,
    )
    OutboxMessage.objects.create(
        task="common.sweep_outbox", arguments={"words": f"{name} {phone}"}, state="done"
    )
    if number % 10 == 0:
        pack = inspection.ask_for_pack(
            subject=f"doctor:{doctor.pk}", since=None, until=None, reason=f"drill {name}", by=officer, at=AT
        )
        inspection.make_pack(pack_id=pack.pk, at=AT)
        table = f"医院名称,t.o.n.g.f.a.n.g,备注\n湖滨医院,300,{name} {phone}\n"
        try:
            imports.upload_file(
                kind="hospital", file_name=f"{name}.csv", chunks=[table.encode()], by=steward, at=AT
            )
        except Refused as refusal:
            _close(Case.objects.get(number=refusal.case_number), officer, AT + timedelta(minutes=number))
    return doctor, [former, name, phone, proposed]


def _file(words: str, by: User) -> StoredFile:
    return files.store([words.encode()], media_type="text/plain", by=by, at=AT, max_bytes=10_000)


def _close(case: Case, officer: User, at: datetime) -> None:
    """Close a case as its signature would: the drill is about what becomes of its files."""
    signature = law.sign(
        subject=f"case:{case.pk}", content_sha256="0" * 64, meaning="case_closed", by=officer, at=at, proof=proof_of(officer, at)
    )  # fmt: skip
    case.state, case.closed_at, case.closing_signature = "closed", AT, signature
    case.save()
    law.record("compliance.case_closed", subject=f"case:{case.pk}", by=officer, at=AT, rows=[case, signature])


def _seen_before() -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path) for path in root.rglob("*")} if root.exists() else set()


def _left(words: list[str], seen: set[str]) -> tuple[list[tuple[str, str]], int, int]:
    """Return every word that stands in a dump of the database or in a file written since, and how much was searched."""
    one = connection.settings_dict
    place = [f"--host={one['HOST']}"] if one["HOST"] else []
    place += [f"--port={one['PORT']}"] if one["PORT"] else []
    place += [f"--username={one['USER']}"] if one["USER"] else []
    dump = subprocess.run(
        [matching_tool("pg_dump", connection.pg_version // 10_000), "--data-only", *place, one["NAME"]], capture_output=True, check=True,
        env={**os.environ, "PGPASSWORD": one["PASSWORD"] or ""},
    ).stdout  # fmt: skip
    found = [("pg_dump", word) for word in words if word.encode() in dump]
    fresh = [
        path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file() and str(path) not in seen
    ]
    for path in fresh:
        content = path.read_bytes()
        found += [(path.name[:12], word) for word in words if word.encode() in content]
    return found, len(dump), len(fresh)


def _person(username: str, role: str) -> User:
    person = User.objects.filter(username=username).first() or User.objects.create_user(
        username=username, email=f"{username}@example.com", display_name=username, password=PASSWORD
    )
    person.groups.set([Group.objects.get_or_create(name=role)[0]])
    return person


DRILLS = [
    Measure("P5", "signed and changed", signed_and_changed),
    Measure("P9", "erased doctors", erased_doctors),
]
