"""Acts of field work, hospitals and events through their pages and REST addresses, each with what it needs."""

from __future__ import annotations

from datetime import timedelta

import orjson
from django.core import signing
from django.core.files.base import ContentFile
from django.utils import timezone

from activities import actions
from activities.actions import SafetyNotice, SafetyWords, events
from activities.actions.events import EventPlan, SessionPlan
from activities.models import ClinicalNeed, Visit
from activities.selectors import field_kit
from activities.views.event_door import DOOR_SALT
from compliance import actions as law
from compliance.models import ApprovalStep
from doctors import actions as doctor_actions
from pharmacrm.accounts.choices import Role
from pharmacrm.common.files import store
from pharmacrm.common.ids import uuid7
from tests.architecture.act_rows import Act
from tests.factories.activities import make_consent, make_ground, report_of
from tests.factories.compliance import qualify
from tests.factories.content import content_person, product, released_material

PROOFS = ("agenda", "photo", "sponsor_photo", "sign_in")


def now():
    return timezone.now()


def ground(rep):
    qualify(rep, "P1", by=content_person(Role.COMPLIANCE, "周正"), at=now())
    return make_ground(rep)


def local(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def visit_body(doctor):
    return {
        "visit_id": str(uuid7()),
        "doctor_id": str(doctor.pk),
        "started_at": (now() - timedelta(minutes=20)).isoformat(),
        "ended_at": (now() - timedelta(minutes=2)).isoformat(),
        "ae_answer": "none",
    }


# --- desktop ---------------------------------------------------------------------------------------------------


def amended_visit(rep):
    visit = actions.submit_visit(report=report_of(ground(rep), now()), by=rep, at=now())
    return {"pk": visit.pk}, {"reason": "时间记错", "note": "实际在门诊"}


def cycle(_marketing):
    return {}, {
        "code": "2027Q1",
        "name": "2027 年第一季度",
        "starts_on": "2027-01-01",
        "ends_on": "2027-03-31",
        "core_coverage": "90",
        "core_contacts": "4",
    }


def consent(officer):
    doctor = make_ground(content_person(Role.REP), consent=False, by=officer)
    return {}, {
        "hospital": str(doctor.hospital_id),
        "department_in_charge": "药学部",
        "registration_number": "登记-1",
        "valid_from": "2026-01-01",
        "valid_until": "2027-12-31",
        "evidence": ContentFile(b"%PDF-1.7 consent", name="consent.pdf"),
    }


def booking(rep):
    doctor = ground(rep)
    start = now() + timedelta(days=3)
    return {}, {
        "hospital": str(doctor.hospital_id),
        "starts_at": local(start),
        "ends_at": local(start + timedelta(hours=1)),
        "channel": "phone",
    }


def valid_report(pv):
    words = SafetyWords(event="皮疹", product="舒泽安", patient="女 60 岁", reporter="医生")
    report = actions.report_safety_event(
        notice=SafetyNotice(words=words, aware_at=now()), by=content_person(Role.REP), at=now()
    )
    return {"pk": report.pk}, {"authority_reference": "CN-2026-1"}


# --- the phone app ----------------------------------------------------------------------------------------------


def logged_visit(rep):
    doctor = ground(rep)
    product("P1")
    topic = field_kit.topics_of(rep, at=now())[0].value
    day = timezone.localtime(now() - timedelta(minutes=30))
    return {"pk": doctor.pk}, {
        "visit_id": str(uuid7()),
        "day": day.strftime("%Y-%m-%d"),
        "started": day.strftime("%H:%M"),
        "ended": day.strftime("%H:%M"),
        "channel": "face_to_face",
        "purpose": "deliver_information",
        "place": "reception_room",
        "topics": [topic],
        "ae_answer": "none",
    }


def planned_visit(rep):
    return {"pk": ground(rep).pk}, {
        "planned_at": local(now() + timedelta(days=1)),
        "channel": "face_to_face",
        "purpose": "deliver_information",
        "place": "reception_room",
    }


def started_visit(rep):
    doctor = ground(rep)
    visit = Visit.objects.create(
        rep=rep, doctor=doctor, hospital=doctor.hospital, state="planned", planned_at=now()
    )
    return {"pk": visit.pk}, None


def shown_material(rep):
    doctor = ground(rep)
    version = released_material(product("P1"), at=now())
    return {"pk": doctor.pk, "version": version.pk}, None


def seen_pages(rep):
    where, _none = shown_material(rep)
    showing = actions.show_material(version_id=where["version"], doctor_id=where["pk"], by=rep, at=now())
    return {"pk": showing.pk}, orjson.dumps([{"page": 1, "dwell_ms": 1200}])


def kept_promise(rep):
    doctor = ground(rep)
    row = actions.add_follow_up(
        doctor_id=doctor.pk, text="带去指南", due_on=now().date(), follow_up_id=uuid7(), by=rep, at=now()
    )
    return {"pk": row.pk}, None


def synced_visit(rep):
    operation = {"op_id": str(uuid7()), "kind": "visit.submit", "v": 1, "payload": visit_body(ground(rep))}
    return {}, orjson.dumps({"operations": [operation]})


def rest_visit(rep):
    return {}, visit_body(ground(rep))


def rest_plan(rep):
    return {}, {"doctor_id": str(ground(rep).pk), "planned_at": (now() + timedelta(days=1)).isoformat()}


def rest_amendment(rep):
    visit = actions.submit_visit(report=report_of(ground(rep), now()), by=rep, at=now())
    return {"pk": visit.pk}, {"reason": "时间记错", "note": "实际在门诊"}


def rest_showing(rep):
    where, _none = shown_material(rep)
    return {}, {"version_id": str(where["version"]), "doctor_id": str(where["pk"])}


def rest_pages(rep):
    where, _pages = seen_pages(rep)
    return where, {"pages": [{"page": 1, "dwell_ms": 1200}]}


def closed_need(medical):
    need = ClinicalNeed.objects.create(
        doctor=make_ground(content_person(Role.REP)), question="eGFR?", captured_by=medical, captured_at=now()
    )
    return {"pk": need.pk}, {"outcome": "已转医学部"}


# --- academic events --------------------------------------------------------------------------------------------


def event_form(rep):
    return {}, plan_at(ground(rep).hospital_id)


def plan_at(hospital_id):
    start = now() + timedelta(days=5)
    return {
        "kind": "department_meeting",
        "title": "肾功能分层用药科室会",
        "need": "eGFR 30–45 患者的起始剂量",
        "hospital": str(hospital_id),
        "venue": "内分泌科示教室",
        "venue_class": "hospital",
        "starts_at": local(start),
        "ends_at": local(start + timedelta(hours=1)),
        "people_planned": "12",
        "meal_yuan_per_head": "0",
        "agenda_1_title": "分层用药",
        "agenda_1_kind": "talk",
        "agenda_1_minutes": "30",
    }


def changed_event(rep):
    event, doctor = draft(rep)
    return {"pk": event.pk}, {**plan_at(doctor.hospital_id), "title": "肾功能减退患者用药讨论"}


def draft(rep):
    doctor = ground(rep)
    rep.line_manager = content_person(Role.LINE_MANAGER, "孟可")
    rep.save()
    start = now() + timedelta(days=5)
    plan = EventPlan(
        kind="department_meeting",
        title="肾功能分层用药科室会",
        need="eGFR 30–45 患者的起始剂量",
        hospital_id=doctor.hospital_id,
        consent_id=make_consent(doctor.hospital, rep).pk,
        venue="内分泌科示教室",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        people_planned=12,
        sponsor_shown=True,
        sessions=(SessionPlan("分层用药", 30), SessionPlan("讨论", 30, kind="discussion")),
    )
    return events.plan_event(plan=plan, by=rep, at=now()), doctor


def approved(rep):
    event, doctor = draft(rep)
    events.request_event(event_id=event.pk, by=rep, at=now())
    for step in ApprovalStep.objects.filter(request__subject=f"event:{event.pk}"):
        law.decide(step_id=step.pk, verb="agree", by=step.approver, at=now())
    return event, doctor


def running(rep):
    event, doctor = approved(rep)
    return events.start_event(event_id=event.pk, by=rep, at=now()), doctor


def asked_event(rep):
    return {"pk": draft(rep)[0].pk, "verb": "request"}, None


def invited_doctor(rep):
    event, doctor = approved(rep)
    return {"pk": event.pk}, {"doctor": str(doctor.pk)}


def proposed_speaker(rep):
    event, doctor = draft(rep)
    return {"pk": event.pk}, {
        "doctor": str(doctor.pk),
        "topic": "肾功能分层",
        "selection_reason": "指南作者",
        "inviter_kind": "hospital",
        "hospital_approval_number": "院科教〔2026〕12 号",
    }


def invited_speaker(rep):
    event, doctor = draft(rep)
    said = events.SpeakerPlan(
        topic="肾功能分层",
        doctor_id=doctor.pk,
        selection_reason="指南作者",
        hospital_approval_number="科教 12",
    )
    speaker = events.propose_speaker(event_id=event.pk, said=said, by=rep, at=now())
    events.verify_speaker(speaker_id=speaker.pk, by=content_person(Role.MEDICAL), at=now())
    return {"pk": event.pk, "speaker": speaker.pk, "verb": "invite"}, None


def signed_in_on_paper(rep):
    event, doctor = running(rep)
    return {"pk": event.pk}, {"doctor": str(doctor.pk)}


def signed_in_at_the_door(rep):
    event, doctor = running(rep)
    steward = content_person(Role.STEWARD)
    doctor_actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13812340000", by=steward, at=now())
    return {"token": signing.dumps(str(event.pk), salt=DOOR_SALT)}, {"name": "张晓明", "phone_tail": "0000"}


def proof(rep):
    return {"pk": running(rep)[0].pk}, {
        "kind": "photo",
        "file": ContentFile(b"%PDF-1.7 photo", name="photo.pdf"),
    }


def expense(rep):
    return {"pk": running(rep)[0].pk}, {
        "kind": "tea",
        "cost_yuan": "80",
        "people_present": "10",
        "spent_on": timezone.localdate().isoformat(),
        "payee": "茶歇店",
        "receipt_number": "F-1",
        "purpose": "茶歇",
    }


def proven(rep):
    event, _doctor = running(rep)
    events.end_event(event_id=event.pk, by=rep, at=now())
    for kind in PROOFS:
        file = store([kind.encode()], media_type="application/pdf", by=rep, at=now(), max_bytes=1 << 20)
        events.add_proof(event_id=event.pk, kind=kind, file=file, name=f"{kind}.pdf", by=rep, at=now())
    return {"pk": event.pk}, {"summary": "讨论了分层用药", "safety_answered": "on"}


def cancelled(rep):
    return {"pk": approved(rep)[0].pk}, {"reason": "医院改期"}


ACTS = [
    Act("activities:visit-amend", Role.REP, amended_visit),
    Act("activities:cycle-list", Role.MARKETING, cycle),
    Act("activities:consent-list", Role.COMPLIANCE, consent),
    Act("activities:booking-list", Role.REP, booking),
    Act("activities:need-detail", Role.MEDICAL, closed_need),
    Act("activities:safety-submit", Role.PV, valid_report),
    Act("activities:field-log", Role.REP, logged_visit),
    Act("activities:field-plan", Role.REP, planned_visit),
    Act("activities:field-start", Role.REP, started_visit),
    Act("activities:field-show", Role.REP, shown_material),
    Act("activities:field-page-views", Role.REP, seen_pages),
    Act("activities:field-follow-up", Role.REP, kept_promise),
    Act("activities:field-sync", Role.REP, synced_visit),
    Act("activities:event-create", Role.REP, event_form),
    Act("activities:event-change", Role.REP, changed_event),
    Act("activities:event-move", Role.REP, asked_event),
    Act("activities:event-invite", Role.REP, invited_doctor),
    Act("activities:event-speakers", Role.REP, proposed_speaker),
    Act("activities:event-speaker-move", Role.REP, invited_speaker),
    Act("activities:event-sign-in", Role.REP, signed_in_on_paper),
    Act("activities:event-proof", Role.REP, proof),
    Act("activities:event-expense", Role.REP, expense),
    Act("activities:event-close", Role.REP, proven),
    Act("activities:event-cancel", Role.REP, cancelled),
    Act("event-door", Role.REP, signed_in_at_the_door),
    Act("api:activities-api:visit-list", Role.REP, rest_visit),
    Act("api:activities-api:sync", Role.REP, synced_visit),
    Act("api:activities-api:visit-plan", Role.REP, rest_plan),
    Act("api:activities-api:visit-start", Role.REP, started_visit),
    Act("api:activities-api:visit-amend", Role.REP, rest_amendment),
    Act("api:activities-api:showing-list", Role.REP, rest_showing),
    Act("api:activities-api:showing-views", Role.REP, rest_pages),
]
