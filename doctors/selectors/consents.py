"""What a doctor agreed to, for a channel, a purpose and a product, at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from doctors.models import ConsentNotice, ConsentPurpose, ConsentRecord
from doctors.rules import consents as lattice
from doctors.rules.consents import Answer, Consent


def answers_of(doctor_ids: Iterable[UUID | str]) -> dict[UUID, list[Answer]]:
    """Return every recorded answer by doctor. Cost: one query."""
    answers: dict[UUID, list[Answer]] = {}
    rows = ConsentRecord.objects.filter(doctor_id__in=list(doctor_ids)).values_list(
        "doctor_id", "pk", "channel", "purpose__code", "product_code", "state", "valid_from", "valid_until"
    )
    for doctor_id, pk, channel, purpose, product, state, valid_from, valid_until in rows:
        answers.setdefault(doctor_id, []).append(
            Answer(str(pk), channel, purpose or "", product, state, valid_from, valid_until)
        )
    return answers


def consents_of(
    doctor_ids: Iterable[UUID | str], *, channel: str, purpose: str, at: datetime, product: str = ""
) -> dict[UUID, Consent]:
    """Return what holds for each doctor for one question; doctors without any answer are left out. Cost: one query."""
    return {
        doctor_id: lattice.resolve(answers, channel=channel, purpose=purpose, product=product, at=at)
        for doctor_id, answers in answers_of(doctor_ids).items()
    }


def consent_of(
    doctor_id: UUID | str, *, channel: str, purpose: str, at: datetime, product: str = ""
) -> Consent:
    """Return what holds for one doctor and one question; state `none` where nothing was ever answered."""
    held = consents_of([doctor_id], channel=channel, purpose=purpose, at=at, product=product)
    return next(iter(held.values()), Consent(lattice.NONE))


def current_consents(doctor_id: UUID | str) -> QuerySet[ConsentRecord]:
    """Return every answer of a doctor, newest first, with its notice and purpose joined in."""
    return (
        ConsentRecord.objects.filter(doctor_id=doctor_id)
        .select_related("purpose", "notice")
        .order_by("-valid_from", "-pk")
    )


def purposes() -> QuerySet[ConsentPurpose]:
    """Return the purposes in use, by code."""
    return ConsentPurpose.objects.filter(is_active=True).order_by("code")


def notice_in_force(purpose: str, on: date) -> ConsentNotice | None:
    """Return the newest notice of a purpose that holds on a day, or None."""
    return (
        ConsentNotice.objects.filter(purpose__code=purpose, valid_from__lte=on).order_by("-version").first()
    )
