"""What the tasks of field work work on, for the test that runs each of them twice."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from activities import actions
from activities.actions import Question, SafetyNotice, SafetyWords
from activities.models import Visit
from compliance import actions as law
from compliance.models import ApprovalRequest
from doctors import actions as doctors
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.activities import make_ground, report_of
from tests.factories.compliance import qualify
from tests.factories.content import content_person
from tests.factories.doctors import make_territory, put_into


def _rep(officer):
    rep = content_person(Role.REP, "林岚")
    qualify(rep, "P1", by=officer, at=AT)
    return rep


def submitted_visit(officer) -> dict:
    rep = _rep(officer)
    visit = actions.submit_visit(report=report_of(make_ground(rep), AT), by=rep, at=AT)
    assert not Visit.objects.get(pk=visit.pk).in_breach
    return {"visit_id": str(visit.pk)}


def asked_inquiry(officer) -> dict:
    content_person(Role.MEDICAL, "何若水")
    rep = _rep(officer)
    doctor = make_ground(rep)
    inquiry = actions.ask_medical(
        question=Question(doctor_id=doctor.pk, text="透析患者能用吗？"), by=rep, at=AT
    )
    return {"inquiry_id": str(inquiry.pk)}


def answered_inquiry(officer) -> dict:
    asked = asked_inquiry(officer)
    medical = content_person(Role.MEDICAL, "秦越")
    actions.take_inquiry(inquiry_id=asked["inquiry_id"], by=medical, at=AT)
    actions.answer_inquiry(inquiry_id=asked["inquiry_id"], text="不推荐用于透析患者。", by=medical, at=AT)
    return asked


def safety_report(officer) -> dict:
    content_person(Role.PV, "沈岚")
    notice = SafetyNotice(words=SafetyWords(event="皮疹"), aware_at=AT - timedelta(hours=20))
    report = actions.report_safety_event(notice=notice, by=_rep(officer), at=AT)
    return {"report_id": str(report.pk)}


def running_clock(officer) -> dict:
    safety_report(officer)
    return {}


def often_visited(officer) -> dict:
    rep = _rep(officer)
    doctor = make_ground(rep)
    for days in range(1, 6):
        at = AT - timedelta(days=days)
        actions.submit_visit(report=report_of(doctor, at), by=rep, at=at)
    return {}


def begun_realignment(officer) -> dict:
    steward, other = content_person(Role.STEWARD, "沈思"), content_person(Role.STEWARD, "苏蓝")
    giver, heir = _rep(officer), content_person(Role.REP, "周宁")
    qualify(heir, "P1", by=officer, at=AT)
    west = make_territory("WEST")
    put_into(heir, west)
    doctor = make_ground(giver)
    actions.plan_visit(
        plan=actions.VisitPlan(doctor_id=doctor.pk, planned_at=timezone.now() + timedelta(days=2)),
        by=giver,
        at=AT,
    )
    opened = doctors.open_realignment(
        name="春季调整", reason="", effective_on=timezone.localdate(), by=steward, at=timezone.now()
    )
    doctors.add_realignment_change(
        realignment_id=opened.pk,
        kind="doctor",
        doctor_id=doctor.pk,
        to_territory_id=west.pk,
        by=steward,
        at=timezone.now(),
    )
    doctors.ask_realignment(realignment_id=opened.pk, approver_id=other.pk, by=steward, at=timezone.now())
    step = ApprovalRequest.objects.get(subject=f"realignment:{opened.pk}", state="open").steps.get()
    law.decide(step_id=step.pk, verb="agree", by=other, at=timezone.now())
    doctors.carry_out_realignment(realignment_id=opened.pk, at=timezone.now())
    return {}


TASKS = {
    "activities.hand_over_plans": begun_realignment,
    "activities.scan_for_signals": often_visited,
    "activities.after_visit": submitted_visit,
    "activities.announce_inquiry": asked_inquiry,
    "activities.announce_inquiry_answer": answered_inquiry,
    "activities.announce_safety_report": safety_report,
    "activities.remind_of_safety_clocks": running_clock,
}
