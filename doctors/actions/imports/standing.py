"""What a row of a file adds to a doctor on record; what it may not change by itself is said as a remark at its cell.

New facts are added; a move to another hospital or territory is somebody's dated act and never a side effect of a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from doctors.actions.bulk import RowsInUse, create_all, delete_all, draft, update_all
from doctors.actions.contacts import contact_values
from doctors.actions.doctors import seal_with
from doctors.actions.scoring.touched import touch_doctors
from doctors.choices import AssignmentSource, Post, Title
from doctors.models import (
    AcademicPost,
    Affiliation,
    Assignment,
    ContactPoint,
    Doctor,
    DoctorIdentity,
    Hospital,
)
from doctors.rules.posts import read_academic_posts
from pharmacrm.common.crypto import blind_index, unwrap_key
from pharmacrm.imports.registry import Row

CONTACTS = ("mobile", "phone", "email")
CHANGEABLE = ("title", "post", "specialty", "status")
PLACE = ("hospital_id", "department_id", "department_name", "hospital_level", "division_code")
FIELDS = (*CHANGEABLE, "hospital", "department", "department_name", "hospital_level", "division_code")
ADDED: tuple[type[Any], ...] = (Assignment, Affiliation, ContactPoint, AcademicPost)
WARDS = ("一病区", "二病区")
ENDED = ""  # stands among the roles of a society for a seat that has ended


@dataclass
class Standing:
    """What is on record of the doctors a batch names; what an earlier row of the batch adds is counted in."""

    doctors: dict[str, Doctor] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    contacts: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    seats: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    places: dict[str, list[Affiliation]] = field(default_factory=dict)
    territories: dict[tuple[str, str], set[Any]] = field(default_factory=dict)
    hospitals: dict[str, Hospital] = field(default_factory=dict)


@dataclass
class Addition:
    """What one row brings to one doctor: former values of the record, and new rows of other tables."""

    doctor: Doctor
    before: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    contacts: list[tuple[str, str]] = field(default_factory=list)
    ended: list[Affiliation] = field(default_factory=list)

    def add(self, model: type[Any], **values: Any) -> None:
        self.rows.setdefault(model.__name__, []).append(draft(model, doctor_id=str(self.doctor.pk), **values))


def load_standing(rows: Sequence[Row], *, on: date, is_locked: bool = False) -> Standing:
    """Return what is on record of the doctors that rows name. Cost: at most seven queries; none for new doctors only."""
    named = [row.values for row in rows if row.values.get("found")]
    if not named:
        return Standing()
    keys = {values["found"] for values in named}
    doctors = Doctor.objects.select_related("hospital", "department").order_by("pk")
    doctors = doctors.select_for_update(of=("self",)) if is_locked else doctors
    standing = Standing({str(one.pk): one for one in doctors.filter(pk__in=keys)})
    identities = DoctorIdentity.objects.filter(pk__in=keys)
    for key, name, wrapped in identities.values_list("pk", "name", "wrapped_key"):
        standing.names[str(key)], standing.keys[str(key)] = name, bytes(wrapped)
    given = {name for values in named for name, value in values.items() if value}
    if not given.isdisjoint(CONTACTS):
        _load_contacts(standing)
    if "academic_posts" in given:
        _load_seats(standing)
    lasting = Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    if not given.isdisjoint({"department", "hospital_id"}):
        for place in Affiliation.objects.filter(lasting, doctor__in=keys):
            standing.places.setdefault(str(place.doctor_id), []).append(place)
        standing.hospitals = _hospitals_for_the_homeless(named, standing)
    if "territory" in given:
        held = Assignment.objects.filter(lasting, doctor__in=keys)
        for key, line, territory in held.values_list("doctor", "line", "territory"):
            standing.territories.setdefault((str(key), line), set()).add(territory)
    return standing


def _load_contacts(standing: Standing) -> None:
    points = ContactPoint.objects.filter(doctor__in=list(standing.doctors))
    for key, kind, index, is_active in points.values_list("doctor", "kind", "whole_index", "is_active"):
        standing.contacts[str(key), kind, index] = is_active


def _load_seats(standing: Standing) -> None:
    seats = AcademicPost.objects.filter(doctor__in=list(standing.doctors))
    for key, society, role, until in seats.values_list("doctor", "organisation", "role", "valid_until"):
        standing.seats.setdefault((str(key), society), set()).add(ENDED if until else role)


def take_over(row: Row, standing: Standing, known: Any, today: date) -> Addition:
    """Put what a row brings onto the doctor it names, and remark at its cell what stays as the record has it.

    An empty cell never overwrites what is known. Writes nothing yet: `save_additions` does.
    """
    added = Addition(standing.doctors[row.values["found"]])
    key = str(added.doctor.pk)
    if row.values.get("code") and row.values["name"][:80] != standing.names.get(key):
        row.remark("name" if "name" in row.raw else "last_name", "other_name")
    _take_facts(row, added)
    _take_contacts(row, added, standing)
    _take_seats(row, added, standing)
    _take_place(row, added, standing, today)
    _take_territory(row, added, standing, known, today)
    return added


def save_additions(
    additions: Sequence[Addition], standing: Standing, *, by: Any, at: datetime
) -> list[Doctor]:
    """Write what rows bring, each table at once. Returns: the doctors whose own row changed.

    Call `former_values` afterwards: it names the rows that were made.
    """
    for one in additions:
        key = str(one.doctor.pk)
        if one.contacts:
            secret = unwrap_key(standing.keys[key])
            for kind, value in one.contacts:
                one.add(
                    ContactPoint,
                    **_without_doctor(contact_values(key, kind, value, seal_with(secret, key, value))),
                )
    changed = {str(one.doctor.pk): one.doctor for one in additions if one.before}
    ended = [place for one in additions for place in one.ended]
    update_all(Affiliation, ended, ["valid_until"], by=by, at=at)
    for model in ADDED:
        create_all(
            model, [row for one in additions for row in one.rows.get(model.__name__, [])], by=by, at=at
        )
    is_placed = any(name in one.before for one in additions for name in PLACE)
    update_all(Doctor, list(changed.values()), FIELDS if is_placed else CHANGEABLE, by=by, at=at)
    _touch([one.doctor.pk for one in additions if one.rows.get("AcademicPost")], at)
    return list(changed.values())


def former_values(one: Addition) -> dict[str, Any]:
    """Return what undo needs: former values, the keys of rows that were added, and of places of work that were ended."""
    said = {
        name: str(value) if name.endswith("_id") and value else value for name, value in one.before.items()
    }
    if one.rows:
        said["added"] = {name: [str(row["id"]) for row in rows] for name, rows in one.rows.items()}
    if one.ended:
        said["ended"] = [str(place.pk) for place in one.ended]
    return said


def undo_additions(befores: Mapping[str, Sequence[dict[str, Any]]], *, by: Any, at: datetime) -> list[Doctor]:
    """Take back what rows brought to doctors on record; of each, the values before the last row come first.

    Returns: the doctors whose own row changed back. Raises: RowsInUse when something added was ended since.
    """
    told = [before for several in befores.values() for before in several]
    for model in ADDED:
        keys = [key for before in told for key in before.get("added", {}).get(model.__name__, [])]
        rows = list(model.objects.filter(pk__in=keys)) if keys else []
        if any(getattr(row, "valid_until", None) for row in rows):
            raise RowsInUse(
                _(
                    "A place of work, seat or territory that came with the file was ended since, so the import stays."
                )
            )
        if model is AcademicPost:
            _touch([row.doctor_id for row in rows], at)
        delete_all(model, rows, by=by, at=at)
    ended = [key for before in told for key in before.get("ended", [])]
    places = list(Affiliation.objects.filter(pk__in=ended)) if ended else []
    for place in places:
        place.valid_until = None
    update_all(Affiliation, places, ["valid_until"], by=by, at=at)
    changed = []
    for key, doctor in Doctor.objects.select_for_update().order_by("pk").in_bulk(list(befores)).items():
        values = {
            name: value
            for before in befores[str(key)]
            for name, value in before.items()
            if name in CHANGEABLE or name in PLACE
        }
        for name, value in values.items():
            setattr(doctor, name, value)
        changed += [doctor] if values else []
    update_all(Doctor, changed, FIELDS, by=by, at=at)
    return changed


def _take_facts(row: Row, added: Addition) -> None:
    for name in CHANGEABLE:
        value = row.values.get(name)
        if value and value not in (Title.UNKNOWN, Post.NONE) and getattr(added.doctor, name) != value:
            added.before[name] = getattr(added.doctor, name)
            setattr(added.doctor, name, value)


def _take_contacts(row: Row, added: Addition, standing: Standing) -> None:
    for kind in CONTACTS:
        value = row.values.get(kind)
        if not value:
            continue
        point = (str(added.doctor.pk), kind, blind_index(value, purpose="contact"))
        if point not in standing.contacts:
            standing.contacts[point] = True
            added.contacts.append((kind, value))
        elif not standing.contacts[point]:
            row.remark(kind, "retired_contact")


def _take_seats(row: Row, added: Addition, standing: Standing) -> None:
    seats = read_academic_posts(row.values.get("academic_posts", ""))
    held = {
        society: set(standing.seats.get((str(added.doctor.pk), society[:120]), ()))
        for society, _r, _l in seats
    }
    for society, role, level in seats:
        roles = standing.seats.setdefault((str(added.doctor.pk), society[:120]), set())
        if role in roles:
            continue
        if held[society]:
            row.remark("academic_posts", "other_seat", value=society[:60])
            continue
        roles.add(role)
        added.add(AcademicPost, organisation=society[:120], role=role, level=level)


def _take_place(row: Row, added: Addition, standing: Standing, today: date) -> None:
    values, doctor = row.values, added.doctor
    places = standing.places.get(str(doctor.pk), [])
    wanted, held = values.get("hospital_id") or "", str(doctor.hospital_id or "")
    at_hospital = "hospital_code" if values.get("hospital_code") else "hospital"
    if wanted and held and wanted != held:
        if not any(str(one.hospital_id) == wanted and _is_department(one, values) for one in places):
            row.remark(
                at_hospital, "other_hospital", value=doctor.hospital.name[:60] if doctor.hospital else "—"
            )
        return
    is_first = bool(wanted and not held)
    if not is_first and _is_department(doctor, values):
        return
    main = [one for one in places if one.is_primary]
    is_clean = len(main) <= 1 and all(
        str(one.hospital_id) == held and one.valid_from < today and one.valid_until is None for one in main
    )
    if not (wanted or held) or not is_clean:
        column = at_hospital if is_first else "department"
        row.remark(column, "other_department", value=_department_of(doctor))
        return
    for former in main:
        former.valid_until = today
        added.ended.append(former)
    for name in PLACE:
        added.before[name] = getattr(doctor, name)
    if is_first:
        hospital = standing.hospitals[wanted]
        doctor.hospital = hospital
        doctor.hospital_level, doctor.division_code = hospital.level, hospital.division_id or ""
    if values.get("department"):
        doctor.department_id = values.get("department_id") or None
        doctor.department_name = values["department"][:60]
    place = {
        "hospital_id": doctor.hospital_id,
        "department_id": doctor.department_id,
        "department_name": doctor.department_name,
        "is_primary": True,
        "valid_from": today,
    }
    added.add(Affiliation, title=doctor.title, post=doctor.post, **place)
    others = [one for one in places if not one.is_primary]
    standing.places[str(doctor.pk)] = [*others, Affiliation(doctor_id=doctor.pk, **place)]


def _take_territory(row: Row, added: Addition, standing: Standing, known: Any, today: date) -> None:
    named = row.values.get("territory")
    if not named or named not in known.territories:
        return
    wanted = known.territories[named]
    line = known.lines.get(wanted, "")
    held = standing.territories.setdefault((str(added.doctor.pk), line), set())
    if not held:
        held.add(wanted)
        added.add(
            Assignment, territory_id=wanted, line=line, source=AssignmentSource.IMPORT, valid_from=today
        )
    elif wanted not in held:
        row.remark(
            "territory", "other_territory", value=", ".join(sorted(known.codes.get(one, "") for one in held))
        )


def _is_department(place: Doctor | Affiliation, values: Mapping[str, Any]) -> bool:
    """Return whether a row names the department of a place, or none; a ward it names has to be the same as well."""
    named = values.get("department", "")
    if not named or place.department_name == named[:60]:
        return True
    wanted = values.get("department_id")
    ward = ward_of(named)
    return bool(wanted) and str(place.department_id or "") == wanted and place.department_name.endswith(ward)


def ward_of(department: str) -> str:
    """Return the ward that a department's name ends with, or nothing: 心内科二病区 is of 心内科."""
    return next((one for one in WARDS if department.endswith(one)), "")


def _department_of(doctor: Doctor) -> str:
    return doctor.department_name or (doctor.department.name if doctor.department else "—")


def _hospitals_for_the_homeless(
    named: Sequence[Mapping[str, Any]], standing: Standing
) -> dict[str, Hospital]:
    wanted = {
        values["hospital_id"]
        for values in named
        if values.get("hospital_id")
        and (doctor := standing.doctors.get(values["found"]))
        and doctor.hospital_id is None
    }
    return {str(key): one for key, one in Hospital.objects.in_bulk(wanted).items()} if wanted else {}


def _without_doctor(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "doctor_id"}


def _touch(keys: Sequence[Any], at: datetime) -> None:
    if keys:
        touch_doctors(keys, at=at)
