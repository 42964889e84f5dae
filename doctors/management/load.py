"""Fill a database with invented doctors, papers and contacts by COPY, for measuring; generate_scale calls it."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from doctors.management import scale
from doctors.management.papers import AUTHOR_COLUMNS, PAPER_COLUMNS, paper_lines
from doctors.models import Department, Division, Doctor, EngagementBuild, Hospital, Interaction
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory, TerritoryMember, User
from pharmacrm.common.ids import uuid7

DOCTORS_PER_TERRITORY = 300
REPS = 500
VISIT_KINDS = ("visit", "remote_visit")
PAPERS = ("doctors_publication", "doctors_authorship")
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
    *PAPERS,
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


def fill(doctors: int, interactions: int, seed: int) -> int:
    """Write all rows. Returns: how many."""
    dice = random.Random(seed)  # noqa: S311 - invented data, repeatable on purpose
    at = timezone.now()
    if not doctors:
        return 0
    now, since = at.isoformat(), (at - timedelta(days=800)).date()
    Division.objects.bulk_create(
        [
            Division(code=code, name=name, full_name=name, kind="province")
            for code, name in scale.PROVINCES.items()
        ],
        ignore_conflicts=True,
    )
    departments = make_departments()
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


def fill_papers(count: int, seed: int) -> int:
    """Write papers and tie them to the invented doctors that stand. Returns: how many rows."""
    if not count:
        return 0
    dice = random.Random(seed)  # noqa: S311 - invented data, repeatable on purpose
    at, stem = timezone.now(), uuid7().hex[-6:]
    steward = User.objects.create(username=f"scale_{stem}_steward", display_name="测量数据专员")
    steward.set_unusable_password()
    steward.save()
    steward.groups.add(Group.objects.get_or_create(name=Role.STEWARD)[0])
    doctors = [str(pk) for pk in Doctor.objects.filter(code__startswith="S").values_list("pk", flat=True)]
    rows = 0
    for papers, authors in paper_lines(
        doctors, count, str(steward.pk), at.date(), at.isoformat(), stem, dice
    ):
        copy("doctors_publication", PAPER_COLUMNS, papers)
        copy("doctors_authorship", AUTHOR_COLUMNS, authors)
        rows += len(papers) + len(authors)
    return rows


def is_empty() -> bool:
    """Return whether the database holds no doctor."""
    return not Doctor.objects.exists()


def settle() -> None:
    """Say that the sums of engagement are of before, and let the planner look at all tables."""
    EngagementBuild.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def visits_to_write(count: int) -> str:
    """Return a statement that tells of `count` visits to the invented doctors, from the earliest on.

    Each rests on a contact of the stream (its doctor, its day, whether it was remote), the same contact twice where the
    stream holds too few. It names the representative of the doctor's territory; where there are more territories than
    representatives, each of them stands in for several. Columns: n, doctor_id, hospital_id, department_id, rep_id, at,
    is_remote.
    """
    held = Interaction.objects.filter(subject="scale:0", kind__in=VISIT_KINDS).count()
    if not held:
        return "SELECT NULL WHERE false"
    kinds = ", ".join(f"'{kind}'" for kind in VISIT_KINDS)
    return f"""
        WITH reps AS (
            SELECT m.user_id, m.territory_id, row_number() OVER (ORDER BY m.user_id) - 1 AS n, count(*) OVER () AS total
              FROM {TerritoryMember._meta.db_table} m JOIN {User._meta.db_table} u ON u.id = m.user_id
             WHERE starts_with(u.username, 'scale_')
        ), grounds AS (
            SELECT territory_id, row_number() OVER (ORDER BY territory_id) - 1 AS n FROM doctors_assignment GROUP BY 1
        ), seats AS (
            SELECT DISTINCT ON (d.id) d.id AS doctor_id, d.hospital_id, d.department_id,
                   coalesce(own.user_id, other.user_id) AS rep_id
              FROM doctors_doctor d JOIN doctors_assignment a ON a.doctor_id = d.id
              JOIN grounds g ON g.territory_id = a.territory_id
              JOIN reps other ON other.n = g.n % other.total
              LEFT JOIN reps own ON own.territory_id = a.territory_id
             WHERE d.hospital_id IS NOT NULL AND d.code LIKE 'S%'
        ), contacts AS (
            SELECT i.doctor_id, i.at - turn * interval '3 days' AS at, i.kind = 'remote_visit' AS is_remote
              FROM doctors_interaction i CROSS JOIN generate_series(0, {(count - 1) // held}) turn
             WHERE i.subject = 'scale:0' AND i.kind IN ({kinds}) LIMIT {count}
        )
        SELECT row_number() OVER (ORDER BY at, doctor_id) AS n, doctor_id, hospital_id, department_id, rep_id, at, is_remote
          FROM contacts JOIN seats USING (doctor_id)"""  # noqa: S608 - names of our own tables, whole numbers


@transaction.atomic
def make_departments() -> list[tuple[str, str]]:
    """Make those of the departments that are not there yet. Returns: key and name of each, in the order of the list."""
    keys = dict(Department.objects.values_list("code", "pk"))
    fresh = [Department(code=code, name=name) for code, name in scale.SPECIALTIES if code not in keys]
    keys |= {one.code: one.pk for one in bulk_create_with_history(fresh, Department)}
    return [(str(keys[code]), name) for code, name in scale.SPECIALTIES]


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
def bare_tables(tables: Sequence[str], say: Any) -> Iterator[None]:
    """Load without indexes and foreign keys where the role owns the tables, then put them back, checked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(pg_has_role(current_user, relowner, 'MEMBER')) FROM pg_class WHERE relname = ANY(%s)",
            [list(tables)],
        )
        if not cursor.fetchone()[0]:
            say("This role does not own the tables: loading with their indexes in place, which is slower.")
            yield
            return
        cursor.execute("SET pharmacrm.bulk_load = 'on'")  # the guards of governed tables let an owner load
        cursor.execute(
            """SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
                WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'x')""",
            [list(tables)],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i
                WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
            [list(tables)],
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
