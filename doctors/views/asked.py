"""What a request about doctors asks for, in words for its approver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from doctors import selectors
from doctors.actions.notice_publication import notice_of
from doctors.models import PrivacyRequest, Realignment, SegmentationModel, TierOverride
from doctors.selectors import score_words
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.selectors import territory_of

Lines = list[tuple[Any, Any]]


def realignment_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what a realignment would move."""
    asked = Realignment.objects.get(pk=UUID(payload["realignment"]))
    return [
        (_("Holds from"), date_format(asked.effective_on, "DATE_FORMAT")),
        (_("Doctors who change hands"), f"{payload['moves']:,}"),
        *([(_("Reason"), asked.reason)] if asked.reason else []),
    ]


def override_lines(payload: Mapping[str, Any]) -> Lines:
    """Return which tier is asked for, why, and until when."""
    override = TierOverride.objects.select_related("doctor").get(pk=UUID(payload["override"]))
    note = open_text(override.doctor_id, override.sealed_note)
    return [
        (_("Tier now"), override.doctor.get_tier_display() if override.doctor.tier else "—"),
        (_("Tier asked for"), override.get_tier_display()),
        (_("Reason"), "\n".join([override.get_reason_display(), *([note] if note else [])])),
        (_("Until"), date_format(override.valid_until, "DATE_FORMAT")),
    ]


def change_room(payload: Mapping[str, Any]) -> str:
    """Return the page on which a proposal is decided, field by field."""
    return f"{reverse('doctors:change-request-list')}#change-{payload['change']}"


def claim_heading(payload: Mapping[str, Any]) -> str:
    """Return about which territory a claim is; whom it is about stands on its page alone."""
    place = territory_of(UUID(payload["territory"]))
    return _("Claim about who a doctor belongs to: %(territory)s") % {"territory": place or "—"}


def claim_room(payload: Mapping[str, Any]) -> str:
    """Return the page on which a claim is decided, with the doctors who may be meant."""
    return f"{reverse('doctors:claim-list')}#claim-{payload['claim']}"


def contest_room(payload: Mapping[str, Any]) -> str:
    """Return the page of the contested tier, with its reasons."""
    return f"{reverse('doctors:tier-detail', args=[payload['doctor']])}#contested"


def model_heading(payload: Mapping[str, Any]) -> str:
    """Return which version of the scoring model it is."""
    return _("Scoring model %(version)s") % {"version": payload["version"]}


def model_lines(payload: Mapping[str, Any]) -> Lines:
    """Return who drew a model up and assessed it, what it is made of, and what putting it in force does."""
    model = SegmentationModel.objects.select_related("author", "assessed_by").get(pk=UUID(payload["model"]))
    return [
        (_("Author"), str(model.author)),
        (_("Impact assessment"), f"{model.impact_assessment} · {model.assessed_by}"),
        (_("Features"), f"{len(model.features)}"),
        *score_words.cut_rows(model.spec),
        (_("If you agree"), _("The version in force is retired, and every doctor is scored anew.")),
    ]


def notice_heading(payload: Mapping[str, Any]) -> str:
    """Return which version of which notice it is."""
    notice = notice_of(payload)
    return _("Privacy notice “%(purpose)s”, version %(version)s") % {
        "purpose": selectors.name_of(notice.purpose), "version": notice.version,
    }  # fmt: skip


def notice_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what doctors would read, what differs from what they read today, and what publishing does."""
    notice = notice_of(payload)
    before = selectors.notice_before(notice)
    resting = selectors.records_resting_on(before) if before else 0
    lapse = _("Consents to earlier versions lapse on that day: %(n)s. These doctors are asked anew.") % {
        "n": f"{resting:,}"
    }
    return [
        (_("Holds from"), date_format(notice.valid_from, "DATE_FORMAT")),
        *([(_("What changes"), notice.what_changed)] if notice.what_changed else []),
        *([(_("Changes the substance"), lapse)] if notice.is_material else []),
        (_("Words in Chinese"), notice.text_zh),
        (_("Words in English"), notice.text_en),
    ]


def erasure_heading(payload: Mapping[str, Any]) -> str:
    """Return which request of a doctor it is."""
    return _("Erasure of a doctor, request %(number)s") % {"number": payload["number"]}


def erasure_lines(payload: Mapping[str, Any]) -> Lines:
    """Return who asked to be erased, and who decided first."""
    request = PrivacyRequest.objects.select_related("decided_by").get(pk=UUID(payload["request"]))
    reason = selectors.reason_of_request(request)
    return [
        (_("Doctor"), selectors.doctor_card(request.doctor_id).name),
        (_("Received"), date_format(request.received_at, "DATE_FORMAT")),
        (_("Who asks was checked"), request.get_identity_display() or "—"),
        (_("Decided first by"), str(request.decided_by or "—")),
        *([(_("Reason"), reason)] if reason else []),
        (_("Answer by"), date_format(request.due_at, "DATE_FORMAT")),
        (_("If you agree"), _("An erasure cannot be undone.")),
    ]
