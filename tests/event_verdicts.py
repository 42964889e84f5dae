"""The acts of an academic event through every door they have. See same_verdict.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse

from activities.actions import events as actions
from activities.actions.events import EventPlan, SessionPlan
from activities.choices import EventState, SpeakerState
from activities.models import Event, Speaker
from compliance import actions as law
from compliance.models import ApprovalStep
from doctors import actions as doctor_actions
from doctors.models import Doctor
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.files import store
from tests.conftest import AT
from tests.factories.activities import make_consent, make_ground
from tests.factories.compliance import qualify
from tests.factories.content import content_person, product
from tests.verdict_case import Case, answer_in_the_inbox, client_of, post_over_rest

VENUES = {
    "reception_room": "hospital", "office": "business_hotel", "outpatient": "restaurant", "ward": "resort",
    "pharmacy": "hot_spring", "remote": "conference_centre",
}  # fmt: skip
STATES = {
    "event.invite": EventState.APPROVED, "event.start": EventState.APPROVED, "event.sign_in": EventState.RUNNING, "expense.submit": EventState.RUNNING,
    "event.close": EventState.PROOF,
}  # fmt: skip


@dataclass(frozen=True)
class Meeting:
    """The people and rows of one event."""

    rep: User
    boss: User
    officer: User
    doctor: Doctor
    event: Event
    speaker: Speaker | None = None
    step: ApprovalStep | None = None


def meeting_of(case: Case) -> Meeting:
    """Plan the event of a case, as far on as its point needs."""
    officer, rep = content_person(Role.COMPLIANCE, "周正"), content_person(Role.REP, "林岚")
    rep.line_manager = boss = content_person(Role.LINE_MANAGER, "孟可")
    rep.save()
    product("P1")
    product("P2")
    in_order = case.point == "event.approve"  # what is not in order is not asked for at all
    if in_order:
        qualify(rep, "P1", by=officer, at=AT)
    elif case.filing != "none":
        contract = "temporary" if case.filing == "no contract" else "employment"
        qualify(rep, "P2" if case.filing == "outside" else "P1", by=officer, at=AT, contract=contract)
    doctor = make_ground(rep, consent=False)
    consent = make_consent(doctor.hospital, rep)
    starts = AT + timedelta(days=3)
    event = actions.plan_event(
        plan=EventPlan(
            kind="department_meeting",
            title="肾功能分层用药科室会",
            need="eGFR 30–45 患者的起始剂量",
            hospital_id=doctor.hospital_id,
            consent_id=consent.pk if case.consent or in_order else None,
            venue="内分泌科示教室",
            venue_class="hospital" if in_order else VENUES[case.place],
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
            products=("P1",) if case.names_material and not in_order else (),
            people_planned=12,
            meal_fen_per_head=0 if in_order else case.amount_fen,
            sponsor_shown=case.consent or in_order,
            sessions=(SessionPlan("分层用药", 30), SessionPlan("讨论", 30, kind="discussion")),
        ),
        by=rep,
        at=AT,
    )
    if case.words and not in_order:
        event.title = case.words  # written before words were read
        event.save()
    found = Meeting(rep, boss, officer, doctor, event)
    if case.point in STATES:
        event.state, event.approved_terms = STATES[case.point], actions.terms_of(event)
        event.sign_in_key, event.approved_at = b"k" * 32, AT
        event.started_at = AT if event.state != EventState.APPROVED else None
        event.save()
    if case.said_before:
        doctor_actions.withdraw_consent(
            doctor_id=doctor.pk, never=case.said_before == "never", by=None, at=AT - timedelta(days=9)
        )
    if case.point == "event.close":
        for kind in ("agenda", "photo", "sponsor_photo", "sign_in"):
            file = store([kind.encode()], media_type="application/pdf", by=rep, at=AT, max_bytes=1 << 20)
            actions.add_proof(event_id=event.pk, kind=kind, file=file, name=f"{kind}.pdf", by=rep, at=AT)
    if case.point == "event.approve":
        found = _asked(case, found)
    if case.held:
        law.place_hold(subjects=[f"hospital:{doctor.hospital_id}"], reason="核查", by=officer, at=AT)
    return found


def _asked(case: Case, meeting: Meeting) -> Meeting:
    """Ask for approval, and let the one agree who does not answer last."""
    actions.request_event(event_id=meeting.event.pk, by=meeting.rep, at=AT)
    steps = ApprovalStep.objects.filter(request__subject=f"event:{meeting.event.pk}")
    first, last = (meeting.boss, meeting.officer) if case.is_checked else (meeting.officer, meeting.boss)
    law.decide(step_id=steps.get(approver=first).pk, verb="agree", by=first, at=AT)
    return Meeting(meeting.rep, meeting.boss, meeting.officer, meeting.doctor, meeting.event,
                   step=steps.get(approver=last))  # fmt: skip


def _speaking(case: Case) -> Meeting:
    meeting = meeting_of(case)
    said = actions.SpeakerPlan(
        topic="肾功能分层",
        doctor_id=meeting.doctor.pk,
        inviter_kind="company" if case.place == "remote" else "hospital",
        fee_payer="company" if case.amount_fen else "",
        fee_fen=case.amount_fen,
        host_standard_fen=50_000,
        hospital_approval_number="院科教 12" if case.consent else "",
        selection_reason="指南作者",
    )
    speaker = actions.propose_speaker(event_id=meeting.event.pk, said=said, by=meeting.rep, at=AT)
    speaker.topic = case.words or speaker.topic  # written before words were read
    if case.is_checked:
        speaker.state, speaker.selection_verified_by = SpeakerState.VERIFIED, content_person(Role.MEDICAL)
    speaker.save()
    return Meeting(meeting.rep, meeting.boss, meeting.officer, meeting.doctor, meeting.event, speaker)


def _proposed(case: Case) -> Meeting:
    """A proposal that waits for medical, by a tier alone where its choice is not in order."""
    meeting = meeting_of(case)
    said = actions.SpeakerPlan(
        topic="肾功能分层",
        doctor_id=meeting.doctor.pk,
        selection_reason="指南作者" if case.is_checked else "核心专家",
    )
    speaker = actions.propose_speaker(event_id=meeting.event.pk, said=said, by=meeting.rep, at=AT)
    step = ApprovalStep.objects.get(request__subject=f"engagement:{speaker.pk}")
    return Meeting(
        meeting.rep, meeting.boss, content_person(Role.MEDICAL), meeting.doctor, meeting.event, speaker, step
    )


def _by_page(meeting: Meeting, name: str, data: dict[str, Any] | None = None, **more: Any) -> None:
    address = reverse(f"activities:{name}", kwargs={"pk": meeting.event.pk, **more})
    client_of(meeting.rep).post(address, data or {})


def _by_rest(meeting: Meeting, verb: str, body: dict[str, Any] | None = None) -> None:
    post_over_rest(meeting.rep, f"activities/events/{meeting.event.pk}/{verb}/", body or {})


def _cost(case: Case) -> dict[str, Any]:
    return {
        "kind": case.cost, "people_present": 10, "spent_on": AT.date().isoformat(), "payee": "云溪餐饮",
        "receipt_number": "F-1", "purpose": "茶歇",
    }  # fmt: skip


def _spent(case: Case) -> int:
    return case.amount_fen or 8_000


def _summary(case: Case) -> dict[str, Any]:
    return {"summary": "讨论了分层用药", **({"safety_answered": True} if case.consent else {})}


POINTS = ("event.request", "event.approve", "event.invite", "event.start", "event.close", "event.sign_in",
          "expense.submit")  # fmt: skip
ARRANGE: dict[str, Callable[[Case], Any]] = {
    **dict.fromkeys(POINTS, meeting_of),
    "speaker.invite": _speaking,
    "speaker.verify": _proposed,
}
DOORS: dict[str, dict[str, Callable[..., None]]] = {
    "event.request": {
        "page": lambda case, meeting: _by_page(meeting, "event-move", verb="request"),
        "REST": lambda case, meeting: _by_rest(meeting, "request"),
    },
    "event.approve": {
        "inbox": lambda case, meeting: answer_in_the_inbox(meeting.step.approver, meeting.step),
        "inbox over REST": lambda case, meeting: answer_in_the_inbox(
            meeting.step.approver, meeting.step, over_rest=True
        ),
    },
    "event.invite": {
        "page": lambda case, meeting: _by_page(meeting, "event-invite", {"doctor": [str(meeting.doctor.pk)]}),
        "REST": lambda case, meeting: _by_rest(
            meeting, "invitations", {"doctor_ids": [str(meeting.doctor.pk)]}
        ),
    },
    "event.start": {
        "page": lambda case, meeting: _by_page(meeting, "event-move", verb="start"),
        "REST": lambda case, meeting: _by_rest(meeting, "start"),
    },
    "event.sign_in": {
        "page": lambda case, meeting: _by_page(meeting, "event-sign-in", {"doctor": str(meeting.doctor.pk)}),
        "REST": lambda case, meeting: _by_rest(meeting, "sign-in", {"doctor_id": str(meeting.doctor.pk)}),
    },
    "event.close": {
        "page": lambda case, meeting: _by_page(meeting, "event-close", _summary(case)),
        "REST": lambda case, meeting: _by_rest(meeting, "close", _summary(case)),
    },
    "expense.submit": {
        "page": lambda case, meeting: _by_page(
            meeting, "event-expense", {**_cost(case), "cost_yuan": f"{_spent(case) / 100:.2f}"}
        ),
        "REST": lambda case, meeting: _by_rest(
            meeting, "expenses", {**_cost(case), "cost_fen": _spent(case)}
        ),
    },
    "speaker.invite": {
        "page": lambda case, meeting: _by_page(
            meeting, "event-speaker-move", speaker=meeting.speaker.pk, verb="invite"
        ),
        "REST": lambda case, meeting: _by_rest(meeting, f"speakers/{meeting.speaker.pk}/invite"),
    },
    "speaker.verify": {
        "page": lambda case, meeting: client_of(meeting.officer).post(
            reverse("activities:event-speaker-move", args=[meeting.event.pk, meeting.speaker.pk, "verify"])
        ),
        "REST": lambda case, meeting: post_over_rest(
            meeting.officer, f"activities/events/{meeting.event.pk}/speakers/{meeting.speaker.pk}/verify/", {}
        ),
        "inbox": lambda case, meeting: answer_in_the_inbox(meeting.officer, meeting.step),
        "inbox over REST": lambda case, meeting: answer_in_the_inbox(
            meeting.officer, meeting.step, over_rest=True
        ),
    },
}
