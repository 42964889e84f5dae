"""Everything held about one doctor over all apps, for the doctor's own eyes; what is withheld, and why. Source: PIPL 45."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from activities.models import (
    Attendance,
    ClinicalNeed,
    Inquiry,
    InquiryAnswer,
    Invitation,
    SafetyReport,
    Speaker,
    TransferOfValue,
    Visit,
    VisitMaterial,
)
from doctors import selectors as doctors
from doctors.selectors import OwnPart, own_part


@dataclass(frozen=True)
class OwnData:
    """A doctor's copy: the parts, and in words what is not in it."""

    made_at: datetime
    parts: list[OwnPart]
    withheld: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return the copy for machines: every row by the keys of its columns."""
        return {
            "format": "pharmacrm-own-data/1",
            "made_at": self.made_at.isoformat(),
            "parts": [
                {
                    "key": part.key,
                    "title": part.title,
                    "purpose": part.purpose,
                    "rows": [
                        dict(zip((key for key, _label in part.columns), row, strict=True))
                        for row in part.rows
                    ],
                }
                for part in self.parts
            ],
            "withheld": self.withheld,
        }


def own_data(doctor_id: UUID, *, at: datetime) -> OwnData:
    """Return a doctor's copy. The caller has confirmed who reads, and writes the look down. Cost: constant."""
    return OwnData(at, [*doctors.own_data_of(doctor_id), *_activities(doctor_id)], _withheld(doctor_id))


def _activities(doctor_id: UUID) -> list[OwnPart]:
    contact, proof = _("academic contact, by your consent"), _("proof of a lawful activity")
    at, by, opened = ("at", _("When")), ("by", _("By")), doctors.opener_of(doctor_id)
    return [
        own_part(
            "visits", _("Visits"), contact,
            [at, by, ("channel", _("Channel")), ("state", _("State")), ("note", _("What was noted"))],
            [
                (row.ended_at or row.started_at or row.planned_at, row.rep, row.get_channel_display(),
                 row.get_state_display(), opened(row.note_sealed))
                for row in Visit.objects.filter(doctor_id=doctor_id).select_related("rep").order_by("-id")
            ],
        ),
        own_part(
            "materials", _("Materials shown"), contact, [at, ("title", _("Title")), by],
            [
                (row.shown_at, row.version.material.title_zh, row.rep)
                for row in VisitMaterial.objects.filter(doctor_id=doctor_id)
                .select_related("version__material", "rep").order_by("-shown_at")
            ],
        ),
        own_part(
            "needs", _("Clinical needs"), contact, [at, ("question", _("Clinical question")), by],
            [
                (row.captured_at, row.question, row.captured_by)
                for row in ClinicalNeed.objects.filter(doctor_id=doctor_id).select_related("captured_by").order_by("-captured_at")
            ],
        ),
        own_part(
            "questions", _("Questions to medical"), _("answer to your question"), [at, ("question", _("Question")), ("state", _("State"))],
            [
                (row.captured_at, row.question, row.get_state_display())
                for row in Inquiry.objects.filter(doctor_id=doctor_id).order_by("-captured_at")
            ],
        ),
        own_part(
            "answers", _("Answers of medical"), _("answer to your question"), [at, ("answer", _("Answer"))],
            [
                (row.answered_at, opened(row.text_sealed))
                for row in InquiryAnswer.objects.filter(inquiry__doctor_id=doctor_id).order_by("answered_at")
            ],
        ),
        own_part(
            "reported_transfers", _("Transfers of value reported elsewhere"), proof,
            [("day", _("Day")), ("payer", _("Payer")), ("nature", _("Nature")), ("amount", _("Amount"))],
            [
                (row.paid_on, row.payer, row.nature, f"{row.amount_minor // 100}.{row.amount_minor % 100:02d} {row.currency}")
                for row in TransferOfValue.objects.filter(doctor_id=doctor_id).order_by("-paid_on", "pk")
            ],
        ),
        own_part(
            "events", _("Events"), proof, [("day", _("Day")), ("title", _("Title")), ("part", _("Your part")), ("state", _("State"))],
            [
                *((row.event.starts_at, row.event.title, _("invited"), row.get_state_display())
                  for row in Invitation.objects.filter(doctor_id=doctor_id).select_related("event").order_by("pk")),
                *((row.signed_at, row.event.title, _("signed in"), row.get_method_display())
                  for row in Attendance.objects.filter(doctor_id=doctor_id).select_related("event").order_by("pk")),
            ],
        ),
        own_part(
            "transfers", _("Transfers of value"), _("transparency of payments"),
            [("day", _("Day")), ("title", _("Title")), ("yuan", _("Yuan")), ("payer", _("Paid by"))],
            [
                (row.event.starts_at, row.event.title, f"{row.fee_fen / 100:.2f}", row.fee_payer)
                for row in Speaker.objects.filter(doctor_id=doctor_id).select_related("event").order_by("pk")
            ],
        ),
    ]  # fmt: skip


def _withheld(doctor_id: UUID) -> list[str]:
    reports = SafetyReport.objects.filter(doctor_id=doctor_id).count()
    return [
        _("Reports of suspected adverse events in which you are named: %(count)d. They are kept for the law of drug safety and name patients; ask drug safety about your own words.") % {"count": reports},
        _("Findings and cases of compliance: an inquiry under way is not told to those it may concern; it ends in a decision you are told of."),
        _("The ledger's entries and versions of rows: they repeat what stands above and prove that nobody changed it."),
        _("Other persons' data: a name of ours stands beside an act as far as you met that person."),
    ]  # fmt: skip
