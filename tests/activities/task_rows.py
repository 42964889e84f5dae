"""What the tasks of field work work on, for the test that runs each of them twice."""

from __future__ import annotations

from datetime import timedelta

from activities import actions
from activities.actions import Question, SafetyNotice, SafetyWords
from activities.models import Visit
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.activities import make_ground, report_of
from tests.factories.compliance import qualify
from tests.factories.content import content_person


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


TASKS = {
    "activities.scan_for_signals": often_visited,
    "activities.after_visit": submitted_visit,
    "activities.announce_inquiry": asked_inquiry,
    "activities.announce_inquiry_answer": answered_inquiry,
    "activities.announce_safety_report": safety_report,
    "activities.remind_of_safety_clocks": running_clock,
}
