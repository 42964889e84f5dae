"""Import of clinical departments with their everyday names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from compliance import actions as law
from doctors import permissions
from doctors.actions.bulk import create_all, delete_all, update_all
from doctors.models import Department
from pharmacrm.imports.choices import Outcome
from pharmacrm.imports.registry import Row, Written

FIELDS = ("name", "aliases", "parent_id")


@dataclass
class Known:
    """Departments by code, and every code seen so far in the file."""

    departments: dict[str, Department]
    codes: set[str] = field(default_factory=set)


class DepartmentImport:
    """Departments of the national list. Source: 医疗机构诊疗科目名录."""

    def may_import(self, user: Any) -> bool:
        return permissions.can_import(user)

    def prepare(self, at: datetime) -> Known:
        return Known({department.code: department for department in Department.objects.all()})

    def take_note(self, values: Iterable[dict[str, Any]], known: Known) -> None:
        known.codes |= {one["code"] for one in values if "code" in one}

    def check(self, rows: Sequence[Row], known: Known) -> None:
        known.codes |= {row.values["code"] for row in rows if "code" in row.values}
        for row in rows:
            parent = row.values.get("parent_code")
            if parent and parent not in known.codes and parent not in known.departments:
                row.fault("parent_code", "unknown_department", value=parent)

    def key_of(self, row: Row) -> tuple[str, str] | None:
        return ("code", row.values["code"]) if "code" in row.values else None

    def write(
        self, rows: Sequence[Row], known: Known, *, by: Any, at: datetime, subject: str
    ) -> list[Written]:
        departments = known.departments
        written, fresh, changed = [], [], []
        for row in sorted(rows, key=lambda one: str(one.values["code"])):
            code = row.values["code"]
            parent = departments.get(row.values.get("parent_code") or "")
            wanted = {
                "name": row.values["name"],
                "aliases": row.values.get("aliases", []),
                "parent_id": parent.pk if parent else None,
            }
            old = departments.get(code)
            if old is None:
                departments[code] = Department(code=code, **wanted)
                fresh.append(departments[code])
                written.append(Written(row.number, f"department:{departments[code].pk}", Outcome.CREATED))
                continue
            before = {name: getattr(old, name) for name in FIELDS if getattr(old, name) != wanted[name]}
            if before:
                for name, value in wanted.items():
                    setattr(old, name, value)
                changed.append(old)
            outcome = Outcome.UPDATED if before else Outcome.UNCHANGED
            written.append(Written(row.number, f"department:{old.pk}", outcome, _plain(before)))
        create_all(Department, fresh, by=by, at=at)
        update_all(Department, changed, ["name", "aliases", "parent"], by=by, at=at)
        law.record("doctors.departments_imported", subject=subject, by=by, at=at, rows=[*fresh, *changed])
        return written

    def undo(self, written: Sequence[Written], *, by: Any, at: datetime, subject: str) -> None:
        keys = {one.subject.partition(":")[2]: one for one in written}
        rows = {str(row.pk): row for row in Department.objects.filter(pk__in=list(keys))}
        changed = [rows[key] for key, one in keys.items() if one.outcome == Outcome.UPDATED and key in rows]
        for row in changed:
            for name, value in keys[str(row.pk)].before.items():
                setattr(row, name, value)
        update_all(Department, changed, ["name", "aliases", "parent"], by=by, at=at)
        created = [rows[key] for key, one in keys.items() if one.outcome == Outcome.CREATED and key in rows]
        for row in sorted(created, key=lambda one: -len(one.code)):
            delete_all(Department, [row], by=by, at=at)
        law.record("doctors.departments_import_undone", subject=subject, by=by, at=at, rows=changed)


def _plain(before: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if name.endswith("_id") and value else value for name, value in before.items()}
