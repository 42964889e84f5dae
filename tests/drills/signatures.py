"""P5: a thousand small changes of what was signed, or of the signature, and none leaves it valid. P9: nobody finds the erased."""

from __future__ import annotations

import os
from collections import Counter

from django.contrib.auth.models import Group
from django.db import connection, transaction

from bench.measure import Figure, Measure
from compliance.actions import inspection
from compliance.actions.guarding import guard_tables
from compliance.actions.verifying import verify
from doctors import actions as doctors
from pharmacrm.accounts.models import User
from tests.compliance.mutations import KINDS, survivors
from tests.conftest import AT

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
    """Let doctors come in, be renamed, reached, proposed and packed; erase them; look for their words in every table."""
    guard_tables()
    found: list[str] = []
    with transaction.atomic():
        steward, officer = _person("drill-steward", "steward"), _person("drill-officer", "compliance")
        for number in range(DOCTORS):
            found += _one(number, steward, officer)
        differences = len(verify(at=AT).differences)
        transaction.set_rollback(True)
    return Figure(
        100 * (DOCTORS - len(set(found))) / DOCTORS, "% gone", DOCTORS, holds=not found and not differences,
        note=f"the record differs in {differences} places; words left: {', '.join(found[:3]) or 'none'}",
    )  # fmt: skip


def _one(number: int, steward: User, officer: User) -> list[str]:
    surname = SURNAMES[number % 7 * 2 :][:2]
    words = [
        f"{surname}囧甲{number:03d}",
        f"{surname}囧乙{number:03d}",
        f"1990017{number:04d}",
        f"囧提议{number}",
    ]
    doctor = doctors.create_doctor(name=words[0], by=steward, at=AT)
    doctors.rename_doctor(doctor_id=doctor.pk, name=words[1], by=steward, at=AT)
    doctors.add_contact(doctor_id=doctor.pk, kind="phone", value=words[2], by=steward, at=AT)
    doctors.ask_change(doctor_id=doctor.pk, wanted={"name": words[3]}, note=words[3], by=steward, at=AT)
    if number % 10 == 0:
        pack = inspection.ask_for_pack(
            subject=f"doctor:{doctor.pk}", since=None, until=None, reason="drill", by=officer, at=AT
        )
        inspection.make_pack(pack_id=pack.pk, at=AT)
    doctors.erase_doctor(doctor.pk, by=officer, at=AT, request_id=None, reason="drill")
    return [f"{table}: {word}" for word in words for table in _tables_with(word)]


def _tables_with(word: str) -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}" t WHERE t::text LIKE %s)', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def _person(username: str, role: str) -> User:
    person = User.objects.create_user(
        username=username, email=f"{username}@example.com", display_name=username
    )
    person.groups.set([Group.objects.get_or_create(name=role)[0]])
    return person


DRILLS = [
    Measure("P5", "signed and changed", signed_and_changed),
    Measure("P9", "erased doctors", erased_doctors),
]
