"""What follows from an act: the doctor's stream of contacts, and words to the people who go on. Safe to run twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from activities.choices import Channel
from activities.models import Inquiry, SafetyReport, Visit
from activities.models.visits import REPORTED
from activities.selectors import safety_vault
from doctors import actions as doctors
from doctors import selectors as doctor_selectors
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.selectors import people_with_role
from pharmacrm.common.notifications import notify

STREAM = {
    Channel.FACE_TO_FACE: ("visit", "visit"),
    Channel.PHONE: ("remote_visit", "phone"),
    Channel.VIDEO: ("remote_visit", "online"),
    Channel.WECOM: ("remote_visit", "wecom"),
}


@transaction.atomic
def after_visit(*, visit_id: UUID, at: datetime) -> int:
    """Write a submitted visit into the streams of the doctors who were there, and tell its author of a breach.

    Returns: how many contacts were written; 0 the second time. A visit in breach counts for nothing.
    Cost: one lock on the visit.
    """
    visit = Visit.objects.select_for_update(of=("self",)).filter(pk=visit_id).first()
    if visit is None or visit.state not in REPORTED:
        return 0
    if visit.in_breach:
        notify(
            recipient=visit.rep,
            kind="visit_in_breach",
            zh="有一次拜访已存档并标为违规，合规会联系您。",
            en="A visit is stored and marked in breach. Compliance will be in touch.",
            at=at,
            url=f"/activities/visits/{visit.pk}/",
            subject=f"visit:{visit.pk}",
        )
        return 0
    subject = f"visit:{visit.pk}"
    kind, channel = STREAM[Channel(visit.channel)]
    met = [visit.doctor_id, *visit.attendees.order_by("pk").values_list("doctor_id", flat=True)]
    written = 0
    for doctor_id in dict.fromkeys(met):
        if doctor_selectors.interactions_of(doctor_id).filter(subject=subject).exists():
            continue
        doctors.record_interaction(
            doctor_id=doctor_id, kind=kind, channel=channel, subject=subject, by=visit.rep, at=visit.ended_at
        )
        for showing in visit.materials.order_by("pk"):
            doctors.record_interaction(
                doctor_id=doctor_id,
                kind="material_shown",
                channel=channel,
                subject=f"showing:{showing.pk}",
                by=visit.rep,
                at=showing.shown_at,
                weight=25,
            )
        written += 1
    if written:
        _count_needs(visit, channel)
    return written


def _count_needs(visit: Visit, channel: str) -> None:
    """Write the needs first heard in a visit into the doctor's stream: how often, never what. Each counts once."""
    told = doctor_selectors.interactions_of(visit.doctor_id).filter(kind="need_told")
    for heard in visit.needs.order_by("pk"):
        subject = f"need:{heard.need_id}"
        if not told.filter(subject=subject).exists():
            doctors.record_interaction(
                doctor_id=visit.doctor_id, kind="need_told", channel=channel, subject=subject, by=visit.rep, at=visit.ended_at
            )  # fmt: skip


def announce_safety_report(*, report_id: UUID, at: datetime) -> None:
    """Tell pharmacovigilance that something was heard; the words stay in the vault."""
    report = SafetyReport.objects.filter(pk=report_id).first()
    if report is None:
        return
    for officer in people_with_role(Role.PV):
        notify(
            recipient=officer,
            kind="safety_report",
            zh=f"收到疑似不良事件 {report.number}",
            en=f"Suspected adverse event {report.number} was reported",
            at=at,
            url=f"/activities/safety/{report.pk}/",
            subject=f"safety:{report.pk}",
        )


def announce_inquiry(*, inquiry_id: UUID, at: datetime) -> None:
    """Tell medical that a doctor asked something."""
    inquiry = Inquiry.objects.filter(pk=inquiry_id).first()
    if inquiry is None:
        return
    for person in people_with_role(Role.MEDICAL):
        notify(
            recipient=person,
            kind="inquiry",
            zh="有医生提出医学咨询，等待答复",
            en="A doctor asked a medical question; it waits for an answer",
            at=at,
            url=f"/activities/inquiries/{inquiry.pk}/",
            subject=f"inquiry:{inquiry.pk}",
        )


def announce_inquiry_answer(*, inquiry_id: UUID, at: datetime) -> None:
    """Tell who asked for the doctor that medical has answered, not what."""
    inquiry = Inquiry.objects.select_related("captured_by").filter(pk=inquiry_id).first()
    if inquiry is None or inquiry.answered_at is None:
        return
    notify(
        recipient=inquiry.captured_by,
        kind="inquiry_answered",
        zh="医学部已答复医生的提问。答复内容由医学部直接告知医生。",
        en="Medical has answered the doctor's question, to the doctor directly.",
        at=at,
        url=f"/activities/inquiries/{inquiry.pk}/",
        subject=f"inquiry:{inquiry.pk}",
    )


def remind_of_safety_clocks(*, at: datetime) -> int:
    """Remind of hand-overs within twelve hours of their limit, past it, and of reports due at the authority.

    Returns: how many reports were spoken of. Each reminder is said once.
    """
    spoken = 0
    today = timezone.localtime(at).date()
    officers = list(people_with_role(Role.PV))
    for report in safety_vault.reports_with_running_clocks().order_by("pk"):
        for kind, zh, en in _due_words(report, at, today):
            people = officers if kind.startswith("safety_submit") else [report.captured_by, *officers]
            for person in people:
                notify(
                    recipient=person,
                    kind=kind,
                    zh=zh,
                    en=en,
                    at=at,
                    url=f"/activities/safety/{report.pk}/",
                    subject=f"safety:{report.pk}",
                )
            spoken += 1
    return spoken


def _due_words(report: SafetyReport, at: datetime, today) -> list[tuple[str, str, str]]:
    words = []
    if report.handed_over_at is None:
        left = report.hand_over_due_at - at
        if left <= timedelta(0):
            words.append(
                (
                    "safety_hand_over_late",
                    f"{report.number} 已超过 24 小时移交时限",
                    f"{report.number} is past its 24-hour hand-over",
                )
            )
        elif left <= safety_vault.SOON:
            words.append(
                (
                    "safety_hand_over_soon",
                    f"{report.number} 请尽快移交药物警戒",
                    f"Hand {report.number} over to pharmacovigilance soon",
                )
            )
    if report.submitted_at is None and report.submit_due_on <= today + timedelta(days=3):
        words.append(
            (
                "safety_submit_soon",
                f"{report.number} 应于 {report.submit_due_on:%m月%d日} 前上报",
                f"{report.number} is due at the authority by {report.submit_due_on:%Y-%m-%d}",
            )
        )
    return words
