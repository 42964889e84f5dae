"""A doctor in one line, as every screen above shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doctors.choices import HospitalLevel, Post, Tier, Title
from doctors.models import Doctor


def label_of(choices: type[TextChoices], value: str) -> str:
    """Return the reader's word for a stored value."""
    return _label(choices, value, get_language() or "")


@lru_cache(maxsize=2000)
def _label(choices: type[TextChoices], value: str, _language: str) -> str:
    return str(choices(value).label)


def title_label(title: str) -> str:
    """Return the reader's word for a title, or nothing."""
    return "" if title == Title.UNKNOWN else label_of(Title, title)


def post_label(post: str) -> str:
    """Return the reader's word for a post, or nothing."""
    return "" if post == Post.NONE else label_of(Post, post)


def level_label(level: str) -> str:
    """Return the reader's word for a hospital's level, or nothing."""
    return "" if level == HospitalLevel.UNKNOWN else label_of(HospitalLevel, level)


def tier_label(tier: str, *, is_refused: bool) -> str:
    """Return the reader's word for a tier, or why there is none."""
    if tier:
        return label_of(Tier, tier)
    return _("Not profiled") if is_refused else _("No tier yet")


@dataclass(frozen=True)
class DoctorCard:
    """Who a doctor is, in one line. `tier` is empty while there is none; see `tier_label`."""

    id: UUID
    code: str
    name: str
    title: str
    post: str
    specialty: str
    status: str
    tier: str
    hospital_id: UUID | None
    hospital: str
    hospital_level: str
    department_id: UUID | None
    department: str
    division_code: str
    profiling_refused: bool

    @property
    def title_label(self) -> str:
        return title_label(self.title)

    @property
    def post_label(self) -> str:
        return post_label(self.post)

    @property
    def level_label(self) -> str:
        return level_label(self.hospital_level)

    @property
    def tier_label(self) -> str:
        return tier_label(self.tier, is_refused=self.profiling_refused)

    def __str__(self) -> str:
        return self.name


CARD_FIELDS = (
    "pk",
    "code",
    "identity__name",
    "title",
    "post",
    "specialty",
    "status",
    "tier",
    "hospital_id",
    "hospital__name",
    "hospital_level",
    "department_id",
    "department__name",
    "department_name",
    "division_code",
    "profiling_refused",
)


def card_of_row(row: dict[str, object]) -> DoctorCard:
    """Return the card of a row read with `CARD_FIELDS`."""
    return DoctorCard(
        id=row["pk"],  # type: ignore[arg-type]
        code=str(row["code"]),
        name=str(row["identity__name"] or row["code"]),
        title=str(row["title"]),
        post=str(row["post"]),
        specialty=str(row["specialty"]),
        status=str(row["status"]),
        tier=str(row["tier"]),
        hospital_id=row["hospital_id"],  # type: ignore[arg-type]
        hospital=str(row["hospital__name"] or ""),
        hospital_level=str(row["hospital_level"]),
        department_id=row["department_id"],  # type: ignore[arg-type]
        department=str(row["department_name"] or row["department__name"] or ""),
        division_code=str(row["division_code"]),
        profiling_refused=bool(row["profiling_refused"]),
    )


def doctor_cards(ids: Iterable[UUID | str]) -> dict[UUID, DoctorCard]:
    """Return the cards of doctors by key. The caller has checked who may see them. Cost: one query."""
    rows = Doctor.objects.filter(pk__in=list(ids)).values(*CARD_FIELDS)
    return {row["pk"]: card_of_row(row) for row in rows}


def doctor_card(doctor_id: UUID | str) -> DoctorCard | None:
    """Return the card of one doctor, or None. The caller has checked who may see it. Cost: one query."""
    return next(iter(doctor_cards([doctor_id]).values()), None)
