"""Import of hospitals: level, place and other names read out of what people write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models.expressions import RawSQL

from compliance import actions as law
from doctors import permissions
from doctors.actions.bulk import create_all, delete_all, update_all
from doctors.models import Division, Doctor, Hospital, HospitalAlias
from doctors.rules.addresses import Gazetteer
from doctors.rules.levels import UNKNOWN, read_hospital_name, read_kind, read_ownership
from pharmacrm.common.ids import uuid7
from pharmacrm.imports.choices import Outcome
from pharmacrm.imports.registry import Row, Written

FIELDS = (
    "name", "level", "level_as_given", "kind", "ownership", "beds", "outpatient_volume", "division_id", "address",
    "phone", "parent_id", "longitude", "latitude",
)  # fmt: skip
PLACES = ("province", "city", "county")


@dataclass
class Known:
    """What is known before the rows: the gazetteer, and hospitals found so far by code and by name."""

    gazetteer: Gazetteer
    codes: set[str] = field(default_factory=set)
    followed_by: dict[str, str] = field(default_factory=dict)

    def today(self, code: str) -> str:
        """Return the code that holds for one that was merged or renamed away. Source: GB/T 2260, its revisions."""
        seen = {code}
        while self.followed_by.get(code, code) not in seen:
            code = self.followed_by[code]
            seen.add(code)
        return code


class HospitalImport:
    """Hospitals with alias, level, kind, owner, size, place and leading hospital."""

    def may_import(self, user: Any) -> bool:
        return permissions.can_import(user)

    def prepare(self, at: datetime) -> Known:
        divisions = list(Division.objects.values_list("code", "name", "is_current"))
        followed = Division.objects.filter(successor__isnull=False).values_list("code", "successor_id")
        return Known(Gazetteer.of(divisions), {code for code, _name, _current in divisions}, dict(followed))

    def take_note(self, values: Iterable[dict[str, Any]], known: Known) -> None:
        """No row of this kind rests on another row of its file."""

    def check(self, rows: Sequence[Row], known: Known) -> None:
        """Read names, place and kind; find the hospital a row speaks of and its parent. Cost: three queries."""
        parents = hospitals_by_name({row.values["parent"] for row in rows if row.values.get("parent")})
        for row in rows:
            if "name" in row.values:
                row.values["name"], row.values["aliases"] = _names(row)
            self._locate(row, known)
            named = row.values.get("parent")
            if named:
                found = parents.get(named, [])
                if len(found) == 1:
                    row.values["parent_id"] = str(found[0].pk)
                else:
                    _fault_of_hospital(row, "parent", named, len(found))
        self._find(rows)

    def key_of(self, row: Row) -> tuple[str, str] | None:
        if row.values.get("code"):
            return "code", str(row.values["code"])
        if "name" not in row.values:
            return None
        return "name", f"{row.values['name']}\x1f{str(row.values.get('division_id', ''))[:4]}"

    def write(
        self, rows: Sequence[Row], known: Known, *, by: Any, at: datetime, subject: str
    ) -> list[Written]:
        found = Hospital.objects.in_bulk([row.values["found"] for row in rows if row.values.get("found")])
        standing = {str(key): hospital for key, hospital in found.items()}
        written, fresh, changed = [], [], []
        for row in rows:
            facts = _facts(row)
            old = standing.get(row.values.get("found", ""))
            if old is None:
                hospital = Hospital(code=row.values.get("code") or _new_code(), **facts)
                fresh.append(hospital)
                written.append(Written(row.number, f"hospital:{hospital.pk}", Outcome.CREATED))
            else:
                before = _change(old, facts)
                outcome = Outcome.UPDATED if before else Outcome.UNCHANGED
                changed += [old] if before else []
                written.append(Written(row.number, f"hospital:{old.pk}", outcome, before))
        create_all(Hospital, fresh, by=by, at=at)
        update_all(Hospital, changed, FIELDS, by=by, at=at)
        follow_hospitals(changed, by=by, at=at)
        _write_aliases(rows, written, by=by, at=at)
        law.record("doctors.hospitals_imported", subject=subject, by=by, at=at, rows=[*fresh, *changed])
        return written

    def undo(self, written: Sequence[Written], *, by: Any, at: datetime, subject: str) -> None:
        keys = {one.subject.partition(":")[2]: one for one in written}
        rows = {str(key): row for key, row in Hospital.objects.in_bulk(list(keys)).items()}
        changed = [row for key, row in rows.items() if keys[key].outcome == Outcome.UPDATED]
        for row in changed:
            for name, value in keys[str(row.pk)].before.items():
                setattr(row, name, value)
        update_all(Hospital, changed, FIELDS, by=by, at=at)
        follow_hospitals(changed, by=by, at=at)
        created = [row for key, row in rows.items() if keys[key].outcome == Outcome.CREATED]
        delete_all(HospitalAlias, list(HospitalAlias.objects.filter(hospital__in=created)), by=by, at=at)
        delete_all(Hospital, created, by=by, at=at)
        law.record("doctors.hospitals_import_undone", subject=subject, by=by, at=at, rows=changed)

    def _locate(self, row: Row, known: Known) -> None:
        if row.values.get("division_code"):
            code = row.values["division_code"]
            if code in known.codes:
                row.values["division_id"] = known.today(code)
            else:
                row.fault("division_code", "unknown_division", value=code)
            return
        said = "".join(str(row.values.get(name, "")) for name in PLACES)
        place = known.gazetteer.find(
            said + str(row.values.get("address", "")), str(row.values.get("name", ""))
        )
        code = next((one for one in (place.county, place.city, place.province) if one in known.codes), "")
        if code:
            row.values["division_id"] = known.today(code)
        elif said and known.codes:
            column = next(name for name in PLACES if row.values.get(name))
            row.fault(column, "unknown_division", value=said[:60])

    def _find(self, rows: Sequence[Row]) -> None:
        codes = dict(
            Hospital.objects.filter(
                code__in=[row.values["code"] for row in rows if row.values.get("code")]
            ).values_list("code", "pk")
        )
        named = hospitals_by_name(
            {row.values["name"] for row in rows if row.values.get("name") and not row.values.get("code")}
        )
        for row in rows:
            row.values.pop("found", None)
            if row.values.get("code"):
                if row.values["code"] in codes:
                    row.values["found"] = str(codes[row.values["code"]])
                continue
            near = [
                one
                for one in named.get(row.values.get("name", ""), [])
                if _same_city(one.division_id, row.values.get("division_id"))
            ]
            if len(near) == 1:
                row.values["found"] = str(near[0].pk)
            elif near:
                _fault_of_hospital(row, "name", row.values["name"], len(near))


def hospitals_by_name(names: Iterable[str]) -> dict[str, list[Hospital]]:
    """Return hospitals by name or alias. Cost: two queries."""
    # As a list of words these names would be looked up in the trigrams kept for search, at 3 ms a name.
    wanted = RawSQL("SELECT unnest(%s::text[])", [[name for name in names if name]])
    found: dict[str, dict[Any, Hospital]] = {}
    for hospital in Hospital.objects.filter(name__in=wanted):
        found.setdefault(hospital.name, {})[hospital.pk] = hospital
    for alias in HospitalAlias.objects.filter(name__in=wanted).select_related("hospital"):
        found.setdefault(alias.name, {})[alias.hospital_id] = alias.hospital
    return {name: list(hospitals.values()) for name, hospitals in found.items()}


def follow_hospitals(hospitals: Sequence[Hospital], *, by: Any, at: datetime) -> None:
    """Repeat level and division of changed hospitals on their doctors, for lists. Cost: one query, more if any differ."""
    places = {hospital.pk: (hospital.level, hospital.division_id or "") for hospital in hospitals}
    moved = []
    for doctor in Doctor.objects.filter(hospital_id__in=list(places)).order_by("pk"):
        level, division = places[doctor.hospital_id]
        if (doctor.hospital_level, doctor.division_code) != (level, division):
            doctor.hospital_level, doctor.division_code = level, division
            moved.append(doctor)
    update_all(Doctor, moved, ["hospital_level", "division_code"], by=by, at=at)


def _names(row: Row) -> tuple[str, list[str]]:
    name, others = read_hospital_name(row.raw["name"])  # the value may be read already
    said = row.values.get("alias") or []
    return name[:120], list(dict.fromkeys(one[:120] for one in [*others, *said] if one != name))


def _facts(row: Row) -> dict[str, Any]:
    values, name = row.values, row.values["name"]
    facts: dict[str, Any] = {"name": name}
    if values.get("level", UNKNOWN) != UNKNOWN:  # what says no level takes none away
        facts |= {"level": values["level"], "level_as_given": row.raw.get("level", "")[:60]}
    facts["kind"] = read_kind(f"{values.get('kind', '')}{row.raw.get('level', '')}", name)
    facts["ownership"] = read_ownership(values.get("ownership", ""), name)
    for column in ("beds", "outpatient_volume", "division_id", "address", "phone", "parent_id"):
        if values.get(column) not in (None, ""):
            facts[column] = values[column]
    longitude, latitude = values.get("longitude"), values.get("latitude")
    if longitude and latitude and (Decimal(longitude), Decimal(latitude)) != (0, 0):
        facts |= {"longitude": Decimal(longitude), "latitude": Decimal(latitude)}
    return facts


def _change(hospital: Hospital, facts: dict[str, Any]) -> dict[str, Any]:
    """Take new facts over; an unknown never overwrites what is known. Returns: the former values."""
    before: dict[str, Any] = {}
    for name, value in facts.items():
        old = getattr(hospital, name)
        weak = value in ("unknown", "") or (name == "kind" and old != "general" and value == "general")
        if name == "name" or weak or str(old) == str(value):
            continue
        before[name] = old if old is None or isinstance(old, (str, int)) else str(old)
        setattr(hospital, name, value)
    return before


def _write_aliases(rows: Sequence[Row], written: Sequence[Written], *, by: Any, at: datetime) -> None:
    owners = {one.number: one.subject.partition(":")[2] for one in written}
    wanted = {(owners[row.number], name) for row in rows for name in row.values.get("aliases", [])}
    for row in rows:
        if row.values.get("found") and row.values["name"]:
            wanted.add((owners[row.number], row.values["name"]))
    kept = set(
        HospitalAlias.objects.filter(hospital_id__in={owner for owner, _name in wanted}).values_list(
            "hospital_id", "name"
        )
    )
    names = dict(Hospital.objects.filter(pk__in={owner for owner, _name in wanted}).values_list("pk", "name"))
    have = {(str(owner), name) for owner, name in kept} | {(str(key), name) for key, name in names.items()}
    fresh = [HospitalAlias(hospital_id=owner, name=name) for owner, name in sorted(wanted - have)]
    create_all(HospitalAlias, fresh, by=by, at=at)


def _fault_of_hospital(row: Row, column: str, name: str, count: int) -> None:
    if count:
        row.fault(column, "ambiguous_hospital", value=name[:60], count=count)
    else:
        row.fault(column, "unknown_hospital", value=name[:60])


def _same_city(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return True
    if one[2:] == "0000" or other[2:] == "0000":
        return one[:2] == other[:2]
    return one[:4] == other[:4]


def _new_code() -> str:
    return f"H{uuid7().hex[-10:].upper()}"
