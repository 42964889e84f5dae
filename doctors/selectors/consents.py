"""What a doctor agreed to, for a channel, a purpose and a product, at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.timezone import make_aware

from doctors.choices import NoticeState
from doctors.models import ConsentNotice, ConsentPurpose, ConsentRecord
from doctors.rules import consents as lattice
from doctors.rules.consents import Answer, Consent
from doctors.selectors.families import families_of, family_of
from doctors.selectors.visibility import doctors_visible_to
from pharmacrm.accounts.models import User

CONTACT_PURPOSE = "academic_contact"


def outdated_on() -> Subquery:
    """Return, for a consent record, the day from which a notice changed in substance replaces the one shown."""
    later = ConsentNotice.objects.filter(
        purpose=OuterRef("notice__purpose"),
        version__gt=OuterRef("notice__version"),
        is_material=True,
        state=NoticeState.PUBLISHED,
    )
    return Subquery(later.order_by("valid_from").values("valid_from")[:1])


def moment_of(day: date | str | None) -> datetime | None:
    """Return the first moment of a day, or None."""
    if not day:
        return None
    return make_aware(datetime.combine(date.fromisoformat(day) if isinstance(day, str) else day, time()))


def answers_of(
    doctor_ids: Iterable[UUID | str], *, families: Mapping[UUID, Sequence[UUID]] | None = None
) -> dict[UUID, list[Answer]]:
    """Return every recorded answer by doctor, those of records merged into one among them.

    Cost: two queries, one where the caller has the `families_of` them.
    """
    families = families_of(doctor_ids) if families is None else families
    askers: dict[UUID, list[UUID]] = {}
    for asked, members in families.items():
        for member in members:
            askers.setdefault(member, []).append(asked)
    answers: dict[UUID, list[Answer]] = {}
    rows = _recorded_answers().filter(doctor_id__in=list(askers))
    for doctor_id, pk, channel, purpose, product, state, valid_from, valid_until, outdated in rows:
        answer = Answer(
            str(pk), channel, purpose or "", product, state, valid_from, valid_until, moment_of(outdated)
        )
        for asked in askers[doctor_id]:
            answers.setdefault(asked, []).append(answer)
    return answers


@cache
def _recorded_answers() -> QuerySet[Any, Any]:
    """Return every recorded answer as a tuple; put together once, for every visit asks it."""
    return ConsentRecord.objects.annotate(outdated=outdated_on()).values_list(
        "doctor_id", "pk", "channel", "purpose__code", "product_code", "state", "valid_from", "valid_until", "outdated",
    )  # fmt: skip


def stopped_among(
    doctor_ids: Iterable[UUID | str], *, channel: str, at: datetime, products: Iterable[str] = ()
) -> frozenset[UUID]:
    """Return who of them refused, withdrew or said never for academic contact on a channel, of any of the products.

    Silence and a lapsed yes are no refusal. Cost: one query.
    """
    codes = ("", *products)
    return _stopped(answers_of(doctor_ids), channel=channel, at=at, codes=codes)


def _stopped(
    answers_by_doctor: Mapping[UUID, list[Answer]], *, channel: str, at: datetime, codes: Iterable[str]
) -> frozenset[UUID]:
    return frozenset(
        doctor_id
        for doctor_id, answers in answers_by_doctor.items()
        if any(
            lattice.resolve(answers, channel=channel, purpose=CONTACT_PURPOSE, product=code, at=at).is_stopped
            for code in codes
        )
    )


@dataclass(frozen=True)
class ContactConsents:
    """What doctors said of academic contact on one channel: what holds for each, and who refused for any product."""

    held: dict[UUID, Consent]
    stopped: frozenset[UUID]


def contact_consents(
    families: Mapping[UUID, Sequence[UUID]], *, channel: str, at: datetime, products: Iterable[str] = ()
) -> ContactConsents:
    """Return `consents_of` and `stopped_among` for academic contact at once, for doctors whose families are known.

    Cost: one query.
    """
    answers = answers_of(families, families=families)
    return ContactConsents(
        held={
            doctor_id: lattice.resolve(given, channel=channel, purpose=CONTACT_PURPOSE, product="", at=at)
            for doctor_id, given in answers.items()
        },
        stopped=_stopped(answers, channel=channel, at=at, codes=("", *products)),
    )


def consents_of(
    doctor_ids: Iterable[UUID | str], *, channel: str, purpose: str, at: datetime, product: str = ""
) -> dict[UUID, Consent]:
    """Return what holds for each doctor for one question; doctors without any answer are left out. Cost: two queries."""
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


def last_consent_at(user: User, on: date) -> str:
    """Return the moment of the newest answer of any doctor a person may see, or empty. Cost: three queries."""
    newest = (
        ConsentRecord.objects.filter(doctor__in=doctors_visible_to(user, on).order_by().values("pk"))
        .order_by("-valid_from")
        .values_list("valid_from", flat=True)
        .first()
    )
    return newest.isoformat() if newest else ""


def current_consents(doctor_id: UUID | str) -> QuerySet[ConsentRecord]:
    """Return every answer of a doctor, newest first, with its notice and purpose joined in."""
    return (
        ConsentRecord.objects.filter(doctor_id__in=family_of(doctor_id))
        .select_related("purpose", "notice")
        .order_by("-valid_from", "-pk")
    )


def purposes() -> QuerySet[ConsentPurpose]:
    """Return the purposes in use, by code."""
    return ConsentPurpose.objects.filter(is_active=True).order_by("code")


def notice_in_force(purpose: str, on: date) -> ConsentNotice | None:
    """Return the newest notice of a purpose that holds on a day, or None."""
    return (
        ConsentNotice.objects.filter(purpose__code=purpose, valid_from__lte=on, state=NoticeState.PUBLISHED)
        .order_by("-version")
        .first()
    )
