"""What a person typed, found as a division, a hospital or a doctor: by code or by the exact name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from doctors.models import Division, Doctor, Hospital, HospitalAlias
from doctors.selectors.visibility import doctors_visible_to

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

MOST = 10


def divisions_named(words: str) -> list[str]:
    """Return the codes of the current divisions of this code or name, ten at most."""
    text = words.strip()
    found = Division.objects.filter(Q(code=text) | Q(name=text) | Q(full_name=text), is_current=True)
    return list(found.order_by("code").values_list("code", flat=True)[:MOST])


def hospitals_named(words: str) -> list[UUID]:
    """Return the keys of the hospitals of this code, name or other name, ten at most. Cost: two queries."""
    text = words.strip()
    own = (
        Hospital.objects.filter(Q(code=text) | Q(name=text))
        .order_by("pk")
        .values_list("pk", flat=True)[:MOST]
    )
    other = (
        HospitalAlias.objects.filter(name=text).order_by("pk").values_list("hospital_id", flat=True)[:MOST]
    )
    return list(dict.fromkeys([*own, *other]))[:MOST]


def doctors_by_code(codes: Iterable[str]) -> dict[str, UUID]:
    """Return the keys of doctors by their code, exactly as given. Cost: one query."""
    return dict(Doctor.objects.filter(code__in=list(codes)).values_list("code", "pk"))


def doctors_named(words: str, user: User, on: date) -> list[UUID]:
    """Return the keys of the doctors of this code or name that a person may see, ten at most."""
    text = words.strip()
    seen = doctors_visible_to(user, on).filter(Q(code=text) | Q(identity__name=text))
    return list(seen.order_by("pk").values_list("pk", flat=True)[:MOST])
