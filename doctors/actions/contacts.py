"""Keep and show contact points: encrypted at rest, masked on screens, revealed one at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.doctors import seal_text
from doctors.facts import ContactFacts
from doctors.models import ContactPoint, ContactReveal, Doctor
from doctors.rules.consents import GIVEN, NEVER
from doctors.rules.contacts import clean_contact, mask_contact, tail_of
from doctors.selectors.consents import CONTACT_PURPOSE, consent_of
from doctors.selectors.privacy import open_text
from doctors.selectors.visibility import can_see, subjects_of_doctor
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import blind_index
from pharmacrm.common.errors import DomainError


class ContactNotAccepted(DomainError):
    """The contact point was not kept or shown."""

    code = "contact_not_accepted"


@transaction.atomic
def add_contact(
    *, doctor_id: UUID, kind: str, value: str, by: User, at: datetime, is_preferred: bool = False
) -> ContactPoint:
    """Keep a phone number or address of a doctor; one that is kept already comes back to life.

    Raises: PermissionDenied; ContactNotAccepted for a value of the wrong shape.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    cleaned = clean_contact(kind, value)
    if not cleaned:
        raise ContactNotAccepted(
            _("This does not look like a number or address of that kind."), field="value"
        )
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    point = contact_of_new(doctor.pk, kind, cleaned, seal_text(doctor.pk, cleaned))
    kept, is_new = ContactPoint.objects.get_or_create(
        doctor=doctor,
        kind=kind,
        whole_index=point.whole_index,
        defaults={
            "sealed": point.sealed,
            "masked": point.masked,
            "tail_index": point.tail_index,
            "is_preferred": is_preferred,
        },
    )
    if not is_new and (not kept.is_active or kept.is_preferred != is_preferred):
        kept.is_active, kept.is_preferred = True, is_preferred
        kept.save(update_fields=["is_active", "is_preferred", "updated_at"])
    law.record("doctors.contact_added", subject=f"doctor:{doctor.pk}", by=by, at=at, rows=[kept])
    return kept


@transaction.atomic
def retire_contact(*, contact_id: UUID, by: User, at: datetime, reason: str = "") -> ContactPoint:
    """Stop using a contact point. Raises: PermissionDenied."""
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    point = ContactPoint.objects.select_for_update().get(pk=contact_id)
    point.is_active = False
    point.save(update_fields=["is_active", "updated_at"])
    law.record(
        "doctors.contact_retired",
        subject=f"doctor:{point.doctor_id}",
        by=by,
        at=at,
        reason=reason,
        rows=[point],
    )
    return point


@transaction.atomic
def reveal_contact(*, contact_id: UUID, by: User, at: datetime, purpose: str) -> str:
    """Return one contact point in full and write down who read it and why.

    Raises: PermissionDenied for a role or a territory that may not; ContactNotAccepted without a purpose;
    Refused with the verdict if the law forbids it. Source: PIPL 51, 55.
    """
    point = ContactPoint.objects.select_for_update().get(pk=contact_id)
    today = localtime(at).date()
    if not permissions.can_reveal_contact(by) or not can_see(by, point.doctor_id, today):
        raise PermissionDenied
    if not purpose.strip():
        raise ContactNotAccepted(_("Say what you need it for."), field="purpose")
    consent = consent_of(point.doctor_id, channel=_channel_of(point.kind), purpose=CONTACT_PURPOSE, at=at)
    facts = ContactFacts(
        kind=point.kind,
        purpose=purpose.strip(),
        in_territory=True,
        consent_given=not consent.is_stopped,
        never_contact=consent.state == NEVER,
        legal_basis=_basis(by, consent.state),
        reveals_today=_reveals_today(by, at),
        subjects=subjects_of_doctor(point.doctor_id, today),
    )
    verdict = law.judge("contact.reveal", facts, subject=f"doctor:{point.doctor_id}", by=by, at=at)
    reveal = ContactReveal.objects.create(contact=point, by=by, at=at, purpose=purpose.strip()[:200])
    law.record(
        "doctors.contact_revealed",
        subject=f"doctor:{point.doctor_id}",
        by=by,
        at=at,
        verdict=verdict,
        reason=purpose.strip(),
        rows=[reveal],
    )
    return open_text(point.doctor_id, point.sealed)


def contact_of_new(doctor_id: UUID, kind: str, cleaned: str, sealed: bytes) -> ContactPoint:
    """Return the unsaved row of a cleaned contact value."""
    return ContactPoint(**contact_values(doctor_id, kind, cleaned, sealed))


def contact_values(doctor_id: UUID | str, kind: str, cleaned: str, sealed: bytes) -> dict[str, Any]:
    """Return the values of the row of a cleaned contact value, by column."""
    tail = tail_of(kind, cleaned)
    return {
        "doctor_id": doctor_id,
        "kind": kind,
        "sealed": sealed,
        "masked": mask_contact(kind, cleaned),
        "whole_index": blind_index(cleaned, purpose="contact"),
        "tail_index": blind_index(tail, purpose="phone-tail") if tail else "",
    }


def _channel_of(kind: str) -> str:
    return {"mobile": "phone"}.get(kind, kind)


def _basis(by: User, state: str) -> str:
    """Return the ground of a look: consent where it is held; drug safety asks the reporter back by duty of law."""
    if state == GIVEN:
        return "consent"
    return "legal_duty" if by.has_role(Role.PV) else "public_source"


def _reveals_today(by: User, at: datetime) -> int:
    midnight = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return ContactReveal.objects.filter(by=by, at__gte=midnight).count()
