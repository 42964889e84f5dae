"""Import of doctors: names into the identity room, contacts encrypted, place of work and territory by look-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localtime

from compliance import actions as law
from doctors import permissions
from doctors.actions.bulk import copy_all, create_all, delete_all, delete_plain, draft
from doctors.actions.contacts import contact_values
from doctors.actions.doctors import identity_values, new_code, seal_with
from doctors.actions.duplicates.searching import forget_pairs, pair_up
from doctors.choices import AssignmentSource, Post, Title
from doctors.models import (
    AcademicPost,
    Affiliation,
    Assignment,
    ContactPoint,
    Department,
    Doctor,
    DoctorIdentity,
    Hospital,
)
from doctors.rules.names import clean_name
from doctors.rules.posts import read_academic_posts
from doctors.selectors.visibility import canonical_ids
from pharmacrm.accounts.selectors import lines_of_territories, territories_by_code_or_name
from pharmacrm.common.crypto import blind_index, unwrap_key
from pharmacrm.common.ids import uuid7
from pharmacrm.imports.choices import Outcome
from pharmacrm.imports.registry import Row, Written

from .hospitals import hospitals_by_name
from .standing import (
    CONTACTS,
    Addition,
    Standing,
    former_values,
    load_standing,
    save_additions,
    take_over,
    undo_additions,
    ward_of,
)

PARTS = ("first_name", "middle_name", "last_name")
OWN = ("mobile", "email")  # an office phone is many people's


@dataclass
class Known:
    """Departments by every name, territories by code and name."""

    departments: dict[str, Department] = field(default_factory=dict)
    territories: dict[str, Any] = field(default_factory=dict)
    lines: dict[Any, str] = field(default_factory=dict)
    codes: dict[Any, str] = field(default_factory=dict)
    today: date = date.min


@dataclass
class Batch:
    """Rows to be written of one batch, by table."""

    doctors: list[dict[str, Any]] = field(default_factory=list)
    identities: list[dict[str, Any]] = field(default_factory=list)
    affiliations: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    assignments: list[dict[str, Any]] = field(default_factory=list)
    additions: list[Addition] = field(default_factory=list)


class DoctorImport:
    """Doctors; one with a known code, or of a known name in a known hospital, is brought up to date."""

    def may_import(self, user: Any) -> bool:
        return permissions.can_import(user)

    def prepare(self, at: datetime) -> Known:
        known = Known(
            territories=territories_by_code_or_name(),
            lines=lines_of_territories(),
            today=localtime(at).date(),
        )
        known.codes = {key: word for word, key in known.territories.items()}
        for department in Department.objects.order_by("-code"):
            for name in (department.code, department.name, *department.aliases):
                known.departments[name] = department
                known.departments.setdefault(name.removesuffix("专业"), department)
        return known

    def take_note(self, values: Iterable[dict[str, Any]], known: Known) -> None:
        """No row of this kind rests on another row of its file."""

    def check(self, rows: Sequence[Row], known: Known) -> None:
        """Put names together and find hospital, department, territory and the standing doctor.

        Of a doctor on record it says at each cell what the record keeps as it is. Cost: five queries, and at most nine
        more where the batch names doctors on record.
        """
        for row in rows:
            _complete_name(row)
            _find_department(row, known)
            named = row.values.get("territory")
            if named and named not in known.territories:
                row.fault("territory", "unknown_territory", value=named)
        _find_hospitals(rows)
        _find_doctors(rows)
        standing = load_standing(rows, on=known.today)
        for row in rows:
            found = row.values.get("found")
            if found and found not in standing.names:
                row.fault("code", "erased_doctor")
            elif found and row.is_good:
                take_over(row, standing, known, known.today)

    def key_of(self, row: Row) -> tuple[str, str] | None:
        values = row.values
        if values.get("code"):
            return "code", str(values["code"])
        if not values.get("name"):
            return None
        place = (values.get("hospital_id") or "", values.get("department") or "")
        return "name", "\x1f".join([values["name"], *place])

    def write(
        self, rows: Sequence[Row], known: Known, *, by: Any, at: datetime, subject: str
    ) -> list[Written]:
        today = localtime(at).date()
        standing = load_standing(rows, on=today, is_locked=True)
        hospitals = Hospital.objects.in_bulk(
            {row.values["hospital_id"] for row in rows if row.values.get("hospital_id")}
        )
        places = {str(key): hospital for key, hospital in hospitals.items()}
        batch = Batch()
        made: list[Addition | str] = []
        for row in rows:
            if row.values.get("found") in standing.doctors:
                batch.additions.append(take_over(row, standing, known, today))
                made.append(batch.additions[-1])
            else:
                made.append(_new(row, batch, places, known, today))
        changed = _save(batch, standing, by=by, at=at)
        pair_up(
            [
                (UUID(key), UUID(other))
                for row, key in zip(rows, made, strict=True)
                if isinstance(key, str)
                for other in row.values.get("namesakes", ())
            ],
            at=at,
        )
        # The entry claims the versions of what is new by itself: the guards saw them.
        law.record("doctors.doctors_imported", subject=subject, by=by, at=at, rows=changed)
        return [_written(row.number, one) for row, one in zip(rows, made, strict=True)]

    def undo(self, written: Sequence[Written], *, by: Any, at: datetime, subject: str) -> None:
        befores: dict[str, list[dict[str, Any]]] = {}
        created = set()
        for one in written:
            key = one.subject.partition(":")[2]
            if one.outcome == Outcome.CREATED:
                created.add(key)
            elif one.outcome == Outcome.UPDATED:
                befores.setdefault(key, []).append(one.before)
        # A later row of the file may have brought more to a doctor an earlier one made: that goes with the doctor.
        changed = undo_additions({key: befores[key] for key in befores.keys() - created}, by=by, at=at)
        rows = list(Doctor.objects.filter(pk__in=created))
        forget_pairs(rows, by=by, at=at)
        for model in (Affiliation, ContactPoint, AcademicPost, Assignment):
            delete_all(model, list(model.objects.filter(doctor__in=rows)), by=by, at=at)
        delete_plain(DoctorIdentity, [row.pk for row in rows])
        delete_all(Doctor, rows, by=by, at=at)
        law.record("doctors.doctors_import_undone", subject=subject, by=by, at=at, rows=changed)


def _written(number: int, one: Addition | str) -> Written:
    if isinstance(one, str):
        return Written(number, f"doctor:{one}", Outcome.CREATED)
    before = former_values(one)
    return Written(
        number, f"doctor:{one.doctor.pk}", Outcome.UPDATED if before else Outcome.UNCHANGED, before
    )


def _complete_name(row: Row) -> None:
    values = row.values
    if not values.get("name") and values.get("last_name"):
        values["name"] = clean_name(" ".join(values[part] for part in PARTS if values.get(part)))
    if not values.get("name") and not any(fault["column"] in ("name", *PARTS) for fault in row.faults):
        row.fault("name" if "name" in row.raw else "last_name", "required")


def _find_department(row: Row, known: Known) -> None:
    named = row.values.get("department")
    if named:
        base = named.removesuffix(ward_of(named))
        department = known.departments.get(named) or known.departments.get(base)
        row.values["department_id"] = str(department.pk) if department else ""


def _find_hospitals(rows: Sequence[Row]) -> None:
    codes = {row.values["hospital_code"] for row in rows if row.values.get("hospital_code")}
    by_code = dict(Hospital.objects.filter(code__in=codes).values_list("code", "pk"))
    by_name = hospitals_by_name({row.values["hospital"] for row in rows if row.values.get("hospital")})
    for row in rows:
        code, name = row.values.get("hospital_code"), row.values.get("hospital")
        if code:
            if code in by_code:
                row.values["hospital_id"] = str(by_code[code])
            else:
                row.fault("hospital_code", "unknown_hospital", value=code)
        elif name:
            found = by_name.get(name, [])
            if len(found) == 1:
                row.values["hospital_id"] = str(found[0].pk)
            elif found:
                row.fault("hospital", "ambiguous_hospital", value=name[:60], count=len(found))
            else:
                row.fault("hospital", "unknown_hospital", value=name[:60])


def _find_doctors(rows: Sequence[Row]) -> None:
    codes = {row.values["code"] for row in rows if row.values.get("code")}
    by_code = _doctors_by_code(codes)
    nameless = [row for row in rows if not row.values.get("code") and row.values.get("hospital_id")]
    by_place = _doctors_by_place(nameless)
    reached = _reached(nameless, by_place)
    for row in rows:
        row.values.pop("found", None)
        row.values.pop("namesakes", None)
        if row.values.get("code"):
            if row.values["code"] in by_code:
                row.values["found"] = str(by_code[row.values["code"]])
            continue
        near = by_place.get((row.values.get("name", ""), row.values.get("hospital_id", "")), [])
        wanted = row.values.get("department_id")
        same = [one for one in near if not wanted or not one.department or one.department == wanted]
        same = same or [one for one in near if one.key in reached.get(row.number, ())]
        if len(same) == 1:
            row.values["found"] = same[0].key
        elif same:
            row.fault("name", "same_doctors", count=len(same))
        elif near:
            row.values["namesakes"] = [one.key for one in near]
            words = ", ".join(sorted({one.words or "—" for one in near}))
            row.remark("department", "namesake", value=words[:60])


def _doctors_by_code(codes: Iterable[str]) -> dict[str, Any]:
    """Return the doctor each code stands for today: of a record merged away, the one that was kept."""
    found = Doctor.objects.filter(code__in=codes).values_list("code", "pk", "merged_into")
    by_code = {code: (key, merged) for code, key, merged in found}
    merged = [key for key, into in by_code.values() if into]
    kept = canonical_ids(merged) if merged else {}
    return {code: kept.get(key, key) for code, (key, _into) in by_code.items()}


@dataclass(frozen=True)
class Near:
    """A doctor on record of the same name in the same hospital; the department by key, and in words."""

    key: str
    department: str
    words: str


def _doctors_by_place(rows: Iterable[Row]) -> dict[tuple[str, str], list[Near]]:
    pairs = {(row.values.get("name", ""), row.values["hospital_id"]) for row in rows}
    if not pairs:
        return {}
    found: dict[tuple[str, str], list[Near]] = {}
    for key, name, hospital, department, words, listed in Doctor.objects.filter(
        merged_into__isnull=True,
        hospital_id__in={hospital for _name, hospital in pairs},
        identity__name__in={name for name, _hospital in pairs},
    ).values_list(
        "pk", "identity__name", "hospital_id", "department_id", "department_name", "department__name"
    ):
        near = Near(str(key), str(department or ""), words or listed or "")
        found.setdefault((name, str(hospital)), []).append(near)
    return found


def _reached(rows: Sequence[Row], by_place: Mapping[tuple[str, str], Sequence[Near]]) -> dict[int, set[str]]:
    """Return which doctors of its name and hospital each row reaches by mobile or e-mail. Cost: one query, or none."""
    wanted: dict[int, tuple[set[str], set[str]]] = {}
    for row in rows:
        near = by_place.get((row.values.get("name", ""), row.values["hospital_id"]), ())
        said = {blind_index(row.values[kind], purpose="contact") for kind in OWN if row.values.get(kind)}
        if near and said:
            wanted[row.number] = ({one.key for one in near}, said)
    if not wanted:
        return {}
    points = ContactPoint.objects.filter(
        kind__in=OWN,
        doctor__in=set().union(*(keys for keys, _said in wanted.values())),
        whole_index__in=set().union(*(said for _keys, said in wanted.values())),
    ).values_list("doctor", "whole_index")
    held = {(str(key), index) for key, index in points}
    return {
        number: {key for key in keys for index in said if (key, index) in held}
        for number, (keys, said) in wanted.items()
    }


def _new(row: Row, batch: Batch, places: dict[str, Hospital], known: Known, today: date) -> str:
    """Put a new doctor and what belongs to them into the batch. Returns: the key, as text like all keys of a batch."""
    values = row.values
    hospital = places.get(values.get("hospital_id", ""))
    department = values.get("department_id") or None
    key = str(uuid7())
    doctor = draft(
        Doctor,
        id=key,
        code=values.get("code") or new_code(),
        title=values.get("title", Title.UNKNOWN.value),
        post=values.get("post", Post.NONE.value),
        specialty=values.get("specialty", ""),
        hospital_id=values["hospital_id"] if hospital else None,
        department_id=department,
        department_name=values.get("department", "")[:60],
        hospital_level=hospital.level if hospital else "unknown",
        division_code=(hospital.division_id or "") if hospital else "",
    )
    identity = draft(DoctorIdentity, **identity_values(key, values["name"]))
    batch.doctors.append(doctor)
    batch.identities.append(identity)
    if hospital:
        batch.affiliations.append(
            draft(
                Affiliation,
                doctor_id=key,
                hospital_id=doctor["hospital_id"],
                department_id=department,
                department_name=doctor["department_name"],
                title=doctor["title"],
                post=doctor["post"],
                is_primary=True,
                valid_from=today,
            )
        )
    if any(values.get(kind) for kind in CONTACTS):
        secret = unwrap_key(identity["wrapped_key"])
        for kind in CONTACTS:
            if values.get(kind):
                sealed = seal_with(secret, key, values[kind])
                point = contact_values(key, kind, values[kind], sealed)
                batch.contacts.append(draft(ContactPoint, **point))
    for organisation, role, level in read_academic_posts(values.get("academic_posts", "")):
        batch.posts.append(
            draft(AcademicPost, doctor_id=key, organisation=organisation[:120], role=role, level=level)
        )
    if values.get("territory"):
        batch.assignments.append(
            draft(
                Assignment,
                doctor_id=key,
                territory_id=known.territories[values["territory"]],
                line=known.lines.get(known.territories[values["territory"]], ""),
                source=AssignmentSource.IMPORT,
                valid_from=today,
            )
        )
    return key


def _save(batch: Batch, standing: Standing, *, by: Any, at: datetime) -> list[Doctor]:
    create_all(Doctor, batch.doctors, by=by, at=at)
    copy_all(DoctorIdentity, batch.identities, at=at)
    create_all(Affiliation, batch.affiliations, by=by, at=at)
    create_all(ContactPoint, batch.contacts, by=by, at=at)
    create_all(AcademicPost, batch.posts, by=by, at=at)
    create_all(Assignment, batch.assignments, by=by, at=at)
    return save_additions(batch.additions, standing, by=by, at=at)
