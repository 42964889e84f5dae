"""How a doctor likes to be reached, and in which language. A preference orders what consent allows; it allows nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.choices import Channel, DoctorLanguage, InterestSource
from doctors.models import Doctor, Preference
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class PreferenceNotSaved(DomainError):
    """The preference was not kept; nothing has changed."""

    code = "preference_not_saved"


@transaction.atomic
def set_preference(
    *,
    doctor_id: UUID,
    channel: str,
    language: str,
    by: User,
    at: datetime,
    source: str = InterestSource.SELF_STATED,
    reason: str = "",
) -> Preference:
    """Write down the channel and the language a doctor likes best; the one before ends that day.

    Said again, it is returned as it stands. Raises: PermissionDenied; PreferenceNotSaved when it says nothing, or when
    what changes another one comes without a reason.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    if not channel and not language:
        raise PreferenceNotSaved(_("Choose a channel or a language."), field="channel")
    if (channel and channel not in Channel.values) or (language and language not in DoctorLanguage.values):
        raise PreferenceNotSaved(_("This value is not on the list."), field="channel")
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    held = Preference.objects.select_for_update().filter(doctor=doctor, valid_until__isnull=True).first()
    if held is not None and (held.channel, held.language) == (channel, language):
        return held
    if held is not None and not reason.strip():
        raise PreferenceNotSaved(_("Say why it changes."), field="reason")
    today = localtime(at).date()
    rows = []
    if held is not None:
        held.valid_until, held.end_reason = max(today, held.valid_from), reason.strip()[:200]
        held.save(update_fields=["valid_until", "end_reason", "updated_at"])
        rows.append(held)
    made = Preference.objects.create(
        doctor=doctor, channel=channel, language=language, source=source, valid_from=today
    )
    law.record(
        "doctors.preference_set",
        subject=f"doctor:{doctor.pk}",
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[made, *rows],
    )
    return made


@transaction.atomic
def end_preference(*, preference_id: UUID, reason: str, by: User, at: datetime) -> Preference:
    """End a preference that no longer holds, with the reason. Raises: PermissionDenied; PreferenceNotSaved."""
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    if not reason.strip():
        raise PreferenceNotSaved(_("Say why."), field="reason")
    held = Preference.objects.select_for_update().get(pk=preference_id)
    if held.valid_until is not None:
        raise PreferenceNotSaved(_("This was taken back already."))
    held.valid_until, held.end_reason = max(localtime(at).date(), held.valid_from), reason.strip()[:200]
    held.save(update_fields=["valid_until", "end_reason", "updated_at"])
    law.record(
        "doctors.preference_ended",
        subject=f"doctor:{held.doctor_id}",
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[held],
    )
    return held
