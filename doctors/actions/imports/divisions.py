"""Import of administrative divisions by national code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from compliance import actions as law
from doctors import permissions
from doctors.actions.bulk import delete_plain
from doctors.choices import DivisionKind
from doctors.models import Division
from pharmacrm.imports.choices import Outcome
from pharmacrm.imports.registry import Row, Written

KEPT = ("name", "full_name", "is_current", "successor_id")
MUNICIPAL = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


class DivisionImport:
    """Provinces, cities and counties. Source: GB/T 2260."""

    def may_import(self, user: Any) -> bool:
        return permissions.can_import(user)

    def prepare(self, at: datetime) -> dict[str, Division]:
        return {division.code: division for division in Division.objects.all()}

    def take_note(self, values: Iterable[dict[str, Any]], known: dict[str, Division]) -> None:
        """No row of this kind rests on another row of its file."""

    def check(self, rows: Sequence[Row], known: dict[str, Division]) -> None:
        """The code that holds today is on file already, and is never the one given up itself."""
        for row in rows:
            code, today = row.values.get("code"), row.values.get("successor")
            if today and (today == code or today not in known):
                row.fault("successor", "unknown_division", value=today)

    def key_of(self, row: Row) -> tuple[str, str] | None:
        return ("code", row.values["code"]) if "code" in row.values else None

    def write(
        self, rows: Sequence[Row], known: dict[str, Division], *, by: Any, at: datetime, subject: str
    ) -> list[Written]:
        """Write a batch in the order of codes, so that a parent stands before its children."""
        written: list[Written] = []
        fresh: list[Division] = []
        changed: list[Division] = []
        for row in sorted(rows, key=lambda one: str(one.values["code"])):
            division = self._division(row, known)
            old = known.get(division.code)
            before: dict[str, Any] = {}
            if old is not None and not row.values.get("successor"):  # silence takes nothing back
                division.is_current, division.successor_id = old.is_current, old.successor_id
            if old is None:
                outcome = Outcome.CREATED
                fresh.append(division)
            elif all(getattr(old, name) == getattr(division, name) for name in KEPT):
                outcome = Outcome.UNCHANGED
            else:
                outcome, before = Outcome.UPDATED, {name: getattr(old, name) for name in KEPT}
                changed.append(division)
            known[division.code] = division
            written.append(Written(row.number, f"division:{division.code}", outcome, before))
        Division.objects.bulk_create(fresh)
        Division.objects.bulk_update(changed, list(KEPT))
        law.record("doctors.divisions_imported", subject=subject, by=by, at=at)
        return written

    def undo(self, written: Sequence[Written], *, by: Any, at: datetime, subject: str) -> None:
        created = [one.subject.partition(":")[2] for one in written if one.outcome == Outcome.CREATED]
        for length in (6, 4, 2):
            delete_plain(
                Division, [code for code in created if len(code.rstrip("0").ljust(2, "0")) > length - 2]
            )
        for one in written:
            if one.outcome == Outcome.UPDATED:
                Division.objects.filter(pk=one.subject.partition(":")[2]).update(**one.before)
        law.record("doctors.divisions_import_undone", subject=subject, by=by, at=at)

    def _division(self, row: Row, known: dict[str, Division]) -> Division:
        code, name = str(row.values["code"]), str(row.values["name"])
        kind = DivisionKind.COUNTY
        if code.endswith("0000"):
            kind = DivisionKind.PROVINCE
        elif code.endswith("00"):
            kind = DivisionKind.CITY
        above = [f"{code[:4]}00", f"{code[:2]}0000"] if kind == DivisionKind.COUNTY else [f"{code[:2]}0000"]
        parent = next((known[one] for one in above if one in known and one != code), None)
        prefix = parent.full_name if parent else ""
        full = prefix if prefix and (name in MUNICIPAL or name == prefix) else f"{prefix}{name}"
        today = str(row.values.get("successor") or "")
        return Division(
            code=code, name=name, full_name=full, kind=kind, parent=parent,
            is_current=not today, successor_id=today or None,
        )  # fmt: skip
