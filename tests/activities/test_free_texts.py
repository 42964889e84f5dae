"""No free text takes in what may never be stored: a plan is refused with its clause, a report is kept apart. Promise C8."""

import hashlib
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse
from reportlab.pdfgen import canvas

from activities import actions
from activities.actions import events
from activities.actions.apart import PLACEHOLDER
from activities.actions.events import EventPlan, SessionPlan, SpeakerPlan
from activities.models import ClinicalNeed, Event, EventProof, FollowUp, Visit
from compliance import actions as law
from compliance.models import Case, CaseEvidence, GuardAlarm, LedgerEntry, StoredVerdict
from doctors import selectors as doctor_selectors
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.files import open_verified
from pharmacrm.common.models import StoredFile
from pharmacrm.common.pdf import FONT, register_font
from tests.conftest import AT
from tests.factories.activities import make_consent, make_ground, report_of

pytestmark = pytest.mark.django_db
HIT = "王主任这个月开了３０盒。"
LONG = 100  # from so many characters on, a field is one that a person writes sentences in

# Every field of the doings that holds a person's words: the place in which the guard reads it, or why it does not.
FIELDS = {
    "BudgetLine.note": "no act writes it",
    "ClinicalNeed.outcome": "need.outcome",
    "ClinicalNeed.question": "visit.need",
    "Event.cancel_reason": "event.cancel",
    "Event.need": "event.plan",
    "Event.repeat_reason": "event.plan",
    "Event.sign_in_key": "a key, not words",
    "Event.summary": "event.summary",
    "Event.title": "event.plan",
    "Event.topic": "event.plan",
    "Event.venue": "event.plan",
    "EventProof.name": "event.proof",
    "EventSession.title": "event.plan",
    "Expense.payee": "expense.purpose",
    "Expense.purpose": "expense.purpose",
    "FollowUp.text_sealed": "visit.follow_up",
    "HospitalPolicy.place": "hospital.policy",
    "HospitalPolicy.receivers": "hospital.policy",
    "HospitalPolicy.source": "hospital.policy",
    "Inquiry.question": "inquiry.question",
    "InquiryAnswer.text_sealed": "inquiry.answer",
    "ReceptionSlot.place": "hospital.policy",
    "SafetyReport.data_key": "a key, not words",
    "SafetyReport.vault_sealed": "the vault: a patient of an adverse event belongs there and nowhere else (PI-23)",
    "Speaker.institution": "speaker.plan",
    "Speaker.selection_reason": "speaker.plan",
    "Speaker.topic": "speaker.plan",
    "TransferOfValue.form": "cells of an import",
    "TransferOfValue.nature": "cells of an import",
    "TransferOfValue.payer": "cells of an import",
    "TransferOfValue.product": "cells of an import",
    "TransferOfValue.study": "cells of an import",
    "Visit.late_reason": "visit.late_reason",
    "Visit.note_sealed": "visit.note",
    "VisitAmendment.note_sealed": "visit.amendment",
    "VisitAmendment.reason": "visit.amendment_reason",
}


def _is_text(field):
    if isinstance(field, models.TextField | models.BinaryField):
        return True
    return isinstance(field, models.CharField) and not field.choices and (field.max_length or LONG) >= LONG


def test_every_free_text_of_the_doings_is_read_or_says_why_not():
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("activities").get_models()
        if not model.__name__.startswith("Historical")
        for field in model._meta.concrete_fields
        if _is_text(field)
    }

    assert sorted(found) == sorted(FIELDS)


@pytest.fixture
def doctor(rep):
    return make_ground(rep)


@pytest.fixture
def medical(person):
    return person("medical", Role.MEDICAL, name="何若水")


@pytest.fixture
def plan(doctor, rep):
    return EventPlan(
        kind="department_meeting",
        title="肾功能分层用药科室会",
        need="eGFR 30–45 患者的起始剂量",
        topic="肾功能分层",
        hospital_id=doctor.hospital_id,
        consent_id=make_consent(doctor.hospital, rep).pk,
        venue="示教室",
        starts_at=AT + timedelta(days=3),
        ends_at=AT + timedelta(days=3, hours=1),
        people_planned=12,
        sessions=(SessionPlan(title="病例", minutes=40),),
    )


@pytest.mark.parametrize("field", ["title", "need", "topic", "venue", "repeat_reason", "sessions", "speaker"])
def test_a_plan_of_an_event_is_refused_with_the_clause(rep, plan, doctor, field):
    changed = replace(plan, **{field: HIT}) if field not in {"sessions", "speaker"} else plan
    if field == "sessions":
        changed = replace(plan, sessions=(SessionPlan(title=HIT, minutes=40),))
    if field == "speaker":
        speaker = SpeakerPlan(topic="肾功能", doctor_id=doctor.pk, selection_reason=HIT)
        changed = replace(plan, speakers=(speaker,))

    with pytest.raises(Refused) as refusal:
        events.plan_event(plan=changed, by=rep, at=AT)

    assert refusal.value.verdict.breached == ["MR-11"]
    assert refusal.value.verdict.refusals[0].sources
    assert not Event.objects.exists()


def _asked(doctor, rep, medical):
    asked = actions.Question(doctor_id=doctor.pk, text="透析患者能否使用？")
    return actions.ask_medical(question=asked, by=rep, at=AT).pk


def _need(doctor, rep):
    return actions.capture_need(doctor_id=doctor.pk, question="起始剂量怎么定？", by=rep, at=AT).pk


def _event(plan, rep):
    return events.plan_event(plan=plan, by=rep, at=AT).pk


ACTS = {
    "inquiry.question": lambda doctor, rep, medical, plan: actions.ask_medical(
        question=actions.Question(doctor_id=doctor.pk, text=HIT), by=rep, at=AT
    ),
    "inquiry.answer": lambda doctor, rep, medical, plan: actions.answer_inquiry(
        inquiry_id=_asked(doctor, rep, medical), text=HIT, by=medical, at=AT
    ),
    "visit.need": lambda doctor, rep, medical, plan: actions.capture_need(
        doctor_id=doctor.pk, question=HIT, by=rep, at=AT
    ),
    "visit.follow_up": lambda doctor, rep, medical, plan: actions.add_follow_up(
        doctor_id=doctor.pk, text=HIT, due_on=AT.date(), by=rep, at=AT
    ),
    "need.outcome": lambda doctor, rep, medical, plan: actions.close_need(
        need_id=_need(doctor, rep), outcome=HIT, by=medical, at=AT
    ),
    "event.cancel": lambda doctor, rep, medical, plan: events.cancel_event(
        event_id=_event(plan, rep), reason=HIT, by=rep, at=AT
    ),
    "visit.amendment_reason": lambda doctor, rep, medical, plan: actions.amend_visit(
        visit_id=actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT).pk,
        reason=HIT,
        changes={"place": "门诊"},
        by=rep,
        at=AT,
    ),
    "reason": lambda doctor, rep, medical, plan: law.record(
        "doctors.doctor_changed", subject=f"doctor:{doctor.pk}", by=rep, at=AT, reason=HIT
    ),
}


@pytest.mark.parametrize("place", sorted(ACTS))
def test_an_act_whose_words_may_not_be_stored_is_refused(doctor, rep, medical, plan, place):
    with pytest.raises(Refused) as refusal:
        ACTS[place](doctor, rep, medical, plan)

    assert refusal.value.verdict.breached == ["MR-11"]
    assert refusal.value.verdict.facts["place"] == place
    assert HIT not in str(refusal.value.verdict)


def test_words_that_two_people_found_innocent_pass_at_their_place_alone(rep, plan, officer, person):
    second = person("second", Role.COMPLIANCE, name="梁慎")
    alarm = law.report_false_alarm(
        place="note", kind="event.plan", text=HIT, claim="培训用的反例", by=rep, at=AT
    )
    law.release_alarm(alarm_id=alarm.pk, reason="反例", by=officer, at=AT)
    law.release_alarm(alarm_id=alarm.pk, reason="同意", by=second, at=AT)

    event = events.plan_event(plan=replace(plan, topic=HIT), by=rep, at=AT)

    assert event.topic == HIT
    with pytest.raises(Refused):
        events.cancel_event(event_id=event.pk, reason=HIT, by=rep, at=AT)


def test_every_text_of_a_visit_is_kept_apart_and_the_visit_is_stored(rep, doctor, officer, person):
    second = person("second", Role.COMPLIANCE, name="梁慎")
    ended = AT - timedelta(days=4)
    report = replace(
        report_of(doctor, AT),
        started_at=ended - timedelta(minutes=20),
        ended_at=ended,
        device_saved_at=AT,
        late_reason=HIT,
        needs=(HIT, "起始剂量怎么定？"),
        follow_up=actions.Promise(text=HIT, due_on=AT.date()),
    )

    visit = actions.submit_visit(report=report, by=rep, at=AT)

    assert visit.in_breach
    assert StoredVerdict.objects.get(pk=visit.verdict_id).body["facts"]["note_flags"] == [
        "prescription_counts"
    ]
    assert Case.objects.filter(subject=f"visit:{visit.pk}").exists()
    assert visit.late_reason == ""
    assert [need.question for need in ClinicalNeed.objects.all()] == ["起始剂量怎么定？"]
    promise = FollowUp.objects.get()
    assert doctor_selectors.open_text(doctor.pk, promise.text_sealed) == PLACEHOLDER
    kinds = set(GuardAlarm.objects.values_list("kind", flat=True))
    assert kinds == {"visit.late_reason", "visit.need", "visit.follow_up"}

    for alarm in GuardAlarm.objects.all():
        law.release_alarm(alarm_id=alarm.pk, reason="误报", by=officer, at=AT)
        law.release_alarm(alarm_id=alarm.pk, reason="同意", by=second, at=AT)

    promise.refresh_from_db()
    assert Visit.objects.get().late_reason == HIT
    assert ClinicalNeed.objects.filter(question=HIT).count() == 1
    assert doctor_selectors.open_text(doctor.pk, promise.text_sealed) == HIT


def test_no_page_can_swallow_a_refusal(client, rep, plan, doctor):
    event = events.plan_event(plan=plan, by=rep, at=AT)
    client.force_login(rep)

    answer = client.post(reverse("activities:event-cancel", args=[event.pk]), {"reason": HIT})

    assert not issubclass(Refused, DomainError)
    assert answer.status_code == 409
    assert "MR-11" in answer.content.decode()
    event.refresh_from_db()
    assert event.cancel_reason == ""
    assert LedgerEntry.objects.filter(event="note.accept_refused").count() == 1


def _pdf(*pages):
    register_font()
    out = io.BytesIO()
    sheet = canvas.Canvas(out)
    for words in pages:
        sheet.setFont(FONT, 12)
        sheet.drawString(60, 700, words)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


@pytest.fixture
def event(rep, plan):
    event = events.plan_event(plan=plan, by=rep, at=AT)
    Event.objects.filter(pk=event.pk).update(state="approved", approved_at=AT, approved_terms="terms")
    return event


def _prove(client, event, content):
    file = io.BytesIO(content)
    file.name = "总结.pdf"
    return client.post(reverse("activities:event-proof", args=[event.pk]), {"kind": "photo", "file": file})


def test_a_proof_is_read_page_by_page_and_kept_apart_in_a_case(client, rep, event, officer):
    content = _pdf("会议总结：讨论肾功能分层", HIT)
    client.force_login(rep)

    answer = _prove(client, event, content)

    case = Case.objects.get()
    assert answer.status_code == 409
    assert case.number in answer.content.decode()
    assert not EventProof.objects.exists()
    finding = case.findings.get()
    assert (finding.rule, "p. 2" in finding.evidence["text"]["zh"]) == ("MR-11", True)
    with open_verified(CaseEvidence.objects.get(case=case).file) as kept:
        assert kept.read() == content
    assert LedgerEntry.objects.filter(event="note.accept_refused").count() == 1


def test_a_proof_that_names_a_patient_is_not_kept_at_all(client, rep, event, officer):
    client.force_login(rep)

    content = _pdf("患者姓名：王建国，住院号 20231234")

    answer = _prove(client, event, content)

    assert answer.status_code == 409
    assert CaseEvidence.objects.get().file is None
    assert StoredFile.objects.get(sha256=hashlib.sha256(content).hexdigest()).scan_state == "erased"


def test_an_ordinary_proof_and_a_bill_are_kept(client, rep, event):
    client.force_login(rep)

    for words in ("签到表：张晓明 主任医师", "发票号码 12345678 金额 300 元"):
        assert _prove(client, event, _pdf(words)).status_code == 302

    assert EventProof.objects.count() == 2
    assert not Case.objects.exists()
