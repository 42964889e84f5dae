"""Fill an empty database with invented doctors and contacts by COPY, for measuring."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from doctors.management import scale
from doctors.models import Department, Division, Doctor, EngagementBuild, Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory, TerritoryMember, User
from pharmacrm.common.ids import uuid7

DOCTORS_PER_TERRITORY = 300
REPS = 500
TABLES = (
    "doctors_hospital",
    "doctors_hospitalalias",
    "doctors_doctor",
    "doctors_doctoridentity",
    "doctors_contactpoint",
    "doctors_affiliation",
    "doctors_assignment",
    "doctors_academicpost",
    "doctors_interest",
    "doctors_interaction",
)
COLUMNS = {
    "doctor": scale.DOCTOR_COLUMNS,
    "doctoridentity": scale.IDENTITY_COLUMNS,
    "contactpoint": scale.CONTACT_COLUMNS,
    "affiliation": scale.AFFILIATION_COLUMNS,
    "assignment": scale.ASSIGNMENT_COLUMNS,
    "academicpost": scale.POST_COLUMNS,
    "interest": scale.INTEREST_COLUMNS,
}


class Command(BaseCommand):
    help = (
        "Fill the database with N invented doctors in N/10 hospitals and M contacts, by COPY, without row history. "
        "For measuring only: it refuses a database that holds doctors, unless told --yes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--doctors", type=int, required=True)
        parser.add_argument("--interactions", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--yes", action="store_true", help="add to a database that holds doctors already")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["yes"] and Doctor.objects.exists():
            raise CommandError("This database holds doctors. Use an empty one, or say --yes.")
        if options["doctors"] < 10 or options["interactions"] < 0:
            raise CommandError("At least ten doctors, and no negative number of contacts.")
        started = time.monotonic()
        with bare_tables(self.stdout.write):
            rows = fill(options["doctors"], options["interactions"], options["seed"])
        loaded = time.monotonic() - started
        EngagementBuild.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.stdout.write(f"{rows:,} rows in {loaded:.1f} s with indexes ({rows / loaded:,.0f} rows/s)")


def fill(doctors: int, interactions: int, seed: int) -> int:
    """Write all rows. Returns: how many."""
    dice = random.Random(seed)  # noqa: S311 - invented data, repeatable on purpose
    at = timezone.now()
    now, since = at.isoformat(), (at - timedelta(days=800)).date()
    for code, name in scale.PROVINCES.items():
        Division.objects.get_or_create(
            code=code, defaults={"name": name, "full_name": name, "kind": "province"}
        )
    departments = [
        (str(Department.objects.get_or_create(code=code, defaults={"name": name})[0].pk), name)
        for code, name in scale.SPECIALTIES
    ]
    territories = make_territories(max(doctors // DOCTORS_PER_TERRITORY, 1), since)
    hospitals, lines = scale.hospital_rows(max(doctors // 10, 1), now, dice)
    copy("doctors_hospital", scale.HOSPITAL_COLUMNS, lines)
    named = list(Hospital.objects.filter(pk__in=[key for key, *_rest in hospitals]).values_list("pk", "name"))
    copy("doctors_hospitalalias", scale.ALIAS_COLUMNS, scale.alias_lines(named, now))
    ids = [str(uuid7()) for _ in range(doctors)]
    rows = 2 * len(hospitals)
    for block in scale.doctor_lines(ids, hospitals, departments, territories, since, now, dice):
        for table, texts in block.items():
            copy(f"doctors_{table}", COLUMNS[table], texts)
            rows += len(texts)
    copy(
        "doctors_interaction", scale.INTERACTION_COLUMNS, scale.interaction_lines(ids, interactions, at, dice)
    )
    return rows + interactions


@transaction.atomic
def make_territories(count: int, since: Any) -> list[str]:
    """Make a tree of regions and territories with a rep in each of the first. Returns: keys of the leaves."""
    stem = uuid7().hex[-6:]
    root = Territory.objects.create(code=f"S{stem}", name="测量", path=f"/S{stem}/")
    leaves, region = [], root
    people = Group.objects.get_or_create(name=Role.REP)[0]
    for number in range(count):
        if number % 20 == 0:
            code = f"S{stem}R{number // 20}"
            region = Territory.objects.create(
                code=code, name=f"测量大区 {number // 20 + 1}", parent=root, path=f"{root.path}{code}/"
            )
        code = f"S{stem}T{number}"
        leaf = Territory.objects.create(
            code=code, name=f"测量辖区 {number + 1}", parent=region, path=f"{region.path}{code}/"
        )
        leaves.append(str(leaf.pk))
        if number < REPS:
            rep = User.objects.create(
                username=f"scale_{stem}_{number}", display_name=f"测量代表 {number + 1}"
            )
            rep.set_unusable_password()
            rep.save()
            rep.groups.add(people)
            TerritoryMember.objects.create(user=rep, territory=leaf, role=Role.REP, valid_from=since)
    return leaves


class _Lines(io.TextIOBase):
    """A file to COPY from, made of lines as they come."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines, self.rest = iter(lines), ""

    def read(self, size: int | None = -1) -> str:
        wanted = size if size and size > 0 else 1 << 20
        parts, length = [self.rest], len(self.rest)
        while length < wanted:
            line = next(self.lines, None)
            if line is None:
                break
            parts.append(line)
            length += len(line)
        text = "".join(parts)
        self.rest = text[wanted:]
        return text[:wanted]


def copy(table: str, columns: str, lines: Iterable[str]) -> None:
    """Send lines to a table by COPY."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", _Lines(lines))


@contextmanager
def bare_tables(say: Any) -> Iterator[None]:
    """Load without indexes and foreign keys where the role owns the tables, then put them back, checked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(pg_has_role(current_user, relowner, 'MEMBER')) FROM pg_class WHERE relname = ANY(%s)",
            [list(TABLES)],
        )
        if not cursor.fetchone()[0]:
            say("This role does not own the tables: loading with their indexes in place, which is slower.")
            yield
            return
        cursor.execute("SET pharmacrm.bulk_load = 'on'")  # the guards of governed tables let an owner load
        cursor.execute(
            """SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
                WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'x')""",
            [list(TABLES)],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i
                WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
            [list(TABLES)],
        )
        indexes = cursor.fetchall()
        with transaction.atomic():
            for table, name, _definition in constraints:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            for name, _definition in indexes:
                cursor.execute(f"DROP INDEX {name}")
        try:
            yield
        finally:
            _put_back(indexes, constraints)


def _put_back(indexes: list[tuple[str, str]], constraints: list[tuple[str, str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        with transaction.atomic():
            for _name, definition in indexes:
                cursor.execute(definition)
            for table, name, definition in constraints:
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        cursor.execute("RESET maintenance_work_mem; RESET pharmacrm.bulk_load")
