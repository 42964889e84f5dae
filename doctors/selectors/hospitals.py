"""Hospitals as every screen shows them. Hospitals are public facts: every signed-in person may read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from doctors.choices import HospitalLevel, HospitalType
from doctors.models import Department, Division, Doctor, Hospital
from pharmacrm.accounts.models import User
from pharmacrm.common.offers import Offer

from .visibility import doctors_visible_to


@dataclass(frozen=True)
class HospitalCard:
    """A hospital in one line."""

    id: UUID
    code: str
    name: str
    level: str
    kind: str
    ownership: str
    beds: int | None
    outpatient_volume: int | None
    division_code: str
    division: str
    address: str
    parent_id: UUID | None

    @property
    def level_label(self) -> str:
        return str(HospitalLevel(self.level).label)

    @property
    def kind_label(self) -> str:
        return str(HospitalType(self.kind).label)

    def __str__(self) -> str:
        return self.name


def hospitals_visible_to(user: User) -> QuerySet[Hospital]:
    """Return the hospitals a person may see: all of them, since nothing in the row is personal."""
    return Hospital.objects.all() if user.is_active else Hospital.objects.none()


def hospital_cards(ids: Iterable[UUID | str]) -> dict[UUID, HospitalCard]:
    """Return hospitals by key. Cost: one query."""
    rows = Hospital.objects.filter(pk__in=list(ids)).values_list(
        "pk",
        "code",
        "name",
        "level",
        "kind",
        "ownership",
        "beds",
        "outpatient_volume",
        "division_id",
        "division__full_name",
        "address",
        "parent_id",
    )
    return {
        pk: HospitalCard(
            pk, code, name, level, kind, owner, beds, visits, code_ or "", full or "", address, parent
        )
        for pk, code, name, level, kind, owner, beds, visits, code_, full, address, parent in rows
    }


def hospital_card(hospital_id: UUID | str) -> HospitalCard | None:
    """Return one hospital, or None. Cost: one query."""
    return next(iter(hospital_cards([hospital_id]).values()), None)


def hospital_of(doctor_id: UUID | str) -> HospitalCard | None:
    """Return the hospital of a doctor's primary affiliation, or None. Cost: two queries."""
    hospital_id = Doctor.objects.filter(pk=doctor_id).values_list("hospital_id", flat=True).first()
    return hospital_card(hospital_id) if hospital_id else None


def hospital_choices(user: User, on: date) -> list[tuple[UUID, str]]:
    """Return the hospitals in which a person may see doctors, as (key, name) by name. Cost: as visibility, plus one."""
    keys = doctors_visible_to(user, on).exclude(hospital=None).values("hospital_id")
    return list(Hospital.objects.filter(pk__in=keys).order_by("name").values_list("pk", "name")[:2000])


def departments_offered() -> list[Offer]:
    """Return the standard departments by name, with code and everyday names to search by. Cost: one query."""
    rows = Department.objects.order_by("code").values_list("name", "code", "aliases")
    return [Offer(name, (code, *aliases)) for name, code, aliases in rows]


def department_choices() -> list[tuple[UUID, str]]:
    """Return all standard departments as (key, name), by code. Cost: one query."""
    return list(Department.objects.order_by("code").values_list("pk", "name"))


def division_today(code: str) -> str | None:
    """Return the division code that holds today for one that may be merged or renamed away, or None for no code.

    Cost: one query a step. Source: GB/T 2260, its revisions.
    """
    seen: set[str] = set()
    found = Division.objects.filter(pk=code.ljust(6, "0")).values_list("code", "successor_id").first()
    while found and found[1] and found[0] not in seen:
        seen.add(found[0])
        found = Division.objects.filter(pk=found[1]).values_list("code", "successor_id").first()
    return found[0] if found else None


def hospital_by_code(code: str) -> UUID | None:
    """Return the key of the hospital with this code, or None. Cost: one query."""
    return Hospital.objects.filter(code__iexact=code).values_list("pk", flat=True).first()
