"""Who may open what under /activities/ and /field/."""

from datetime import timedelta

from django.utils import timezone

from activities.models import (
    Booking,
    ClinicalNeed,
    Cycle,
    Event,
    Inquiry,
    SafetyReport,
    SealedProof,
    Speaker,
    Visit,
)
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import new_wrapped_key
from pharmacrm.common.files import store
from pharmacrm.common.ids import uuid7
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.activities import make_consent, make_transfer
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

FIELD = (Role.REP, Role.LINE_MANAGER)
VISITS = (
    Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR,
)  # fmt: skip
SEES_ALL_VISITS = (Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)
PLANS = (Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.COMPLIANCE, Role.INSPECTOR)
DOORS = (Role.REP, Role.LINE_MANAGER, Role.COMPLIANCE, Role.STEWARD, Role.INSPECTOR)
EVENT_PLANNERS = (Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL)
SEES_ALL_EVENTS = (Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)
EVENTS = (Role.REP, Role.LINE_MANAGER, *SEES_ALL_EVENTS)
NEEDS = (Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR)
REPORTED = (Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR)
INQUIRIES = (Role.REP, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR)


def somebody():
    return User.objects.create(username="row-owner", email="row@table.example", display_name="row owner")


def seen_doctor(user):
    """A doctor in the sight of whoever asks."""
    territory = make_territory("ROW")
    if user is not None:
        put_into(user, territory)
    doctor = make_doctor("张晓明", hospital=make_hospital(), territory=territory)
    return {"pk": doctor.pk}


def foreign_doctor(_user):
    return {"pk": make_doctor("陆敏", hospital=make_hospital(), territory=make_territory("ELSE")).pk}


def reported_transfer(_user):
    return {"pk": make_transfer(make_doctor("陆敏")).pk}


def foreign_visit(_user):
    doctor = make_doctor("陆敏", hospital=make_hospital(), territory=make_territory("ELSE"))
    visit = Visit.objects.create(
        rep=somebody(), doctor=doctor, hospital=doctor.hospital, state="planned", planned_at=timezone.now()
    )
    return {"pk": visit.pk}


def own_visit(user):
    doctor = make_doctor("陆敏", hospital=make_hospital(), territory=make_territory("ELSE"))
    visit = Visit.objects.create(
        rep=user or somebody(),
        doctor=doctor,
        hospital=doctor.hospital,
        state="planned",
        planned_at=timezone.now(),
    )
    return {"pk": visit.pk}


def any_cycle(_user):
    today = timezone.localdate()
    return {
        "pk": Cycle.objects.create(
            code="ROW", name="row", starts_on=today, ends_on=today + timedelta(days=30)
        ).pk
    }


def any_hospital(_user):
    return {"pk": make_hospital().pk}


def any_consent(_user):
    return {"pk": make_consent(make_hospital(), somebody()).pk}


def foreign_booking(_user):
    now = timezone.now()
    return {
        "pk": Booking.objects.create(
            rep=somebody(), hospital=make_hospital(), starts_at=now, ends_at=now + timedelta(hours=1)
        ).pk
    }


def foreign_need(_user):
    doctor = make_doctor("陆敏", hospital=make_hospital())
    return {
        "pk": ClinicalNeed.objects.create(
            doctor=doctor, question="eGFR?", captured_by=somebody(), captured_at=timezone.now()
        ).pk
    }


def foreign_inquiry(_user):
    doctor = make_doctor("陆敏", hospital=make_hospital())
    now = timezone.now()
    return {
        "pk": Inquiry.objects.create(
            doctor=doctor, question="?", captured_by=somebody(), captured_at=now, due_at=now
        ).pk
    }


def a_report(by):
    now = timezone.now()
    return SafetyReport.objects.create(
        number="AE-ROW",
        data_key=new_wrapped_key(),
        captured_by=by,
        aware_at=now,
        hand_over_due_at=now + timedelta(hours=24),
        submit_due_on=now.date(),
    )


def foreign_report(_user):
    return {"pk": a_report(somebody()).pk}


def own_report(user):
    return {"pk": a_report(user or somebody()).pk}


def foreign_event(_user):
    at = timezone.now()
    organiser = somebody()
    event = Event.objects.create(
        code=f"E-{organiser.pk.hex[-8:]}", kind="department_meeting", title="科室会", organiser=organiser,
        starts_at=at, ends_at=at + timedelta(hours=1),
    )  # fmt: skip
    return {"pk": event.pk}


def sealed_file(user):
    """A file of events that names an erased doctor."""
    file = store([b"%PDF-1.7"], media_type="application/pdf", by=somebody(), at=timezone.now(), max_bytes=99)
    sealed = SealedProof.objects.create(file=file, doctor=make_doctor(), sealed_at=timezone.now())
    return {"pk": sealed.pk}


def foreign_speaker(user):
    """A speaker somebody proposed; only those outside sales may verify the choice."""
    kwargs = foreign_event(user)
    speaker = Speaker.objects.create(
        event_id=kwargs["pk"], doctor=make_doctor(), topic="肾功能分层", selection_reason="指南作者"
    )
    return {**kwargs, "speaker": speaker.pk, "verb": "verify"}


def a_plan(_kwargs):
    return {"doctor_id": str(uuid7()), "planned_at": (timezone.now() + timedelta(days=1)).isoformat()}


NOWHERE = {"version": "00000000-0000-0000-0000-000000000000", "page": 1}

ROWS = [
    # --- desktop ---
    Row("activities:visit-list", statuses=for_roles(200, *VISITS)),
    Row("activities:visit-detail", kwargs=foreign_visit,
        statuses={**for_roles(404, Role.REP, Role.LINE_MANAGER), **for_roles(200, *SEES_ALL_VISITS)}),
    Row("activities:visit-amend", "post", kwargs=foreign_visit, data={"reason": "x", "note": "y"},
        statuses={**for_roles(404, Role.REP, Role.LINE_MANAGER)}),
    Row("activities:cycle-list", statuses=for_roles(200, *PLANS)),
    Row("activities:cycle-list", "post", data={},
        statuses=for_roles(400, Role.LINE_MANAGER, Role.MARKETING)),
    Row("activities:cycle-detail", kwargs=any_cycle, statuses=for_roles(200, *PLANS)),
    Row("activities:policy-list", statuses=for_roles(200, *DOORS)),
    Row("activities:policy-edit", kwargs=any_hospital, statuses=for_roles(200, *DOORS)),
    Row("activities:policy-edit", "post", kwargs=any_hospital, data={"valid_from": "2026-01-01", "lead_days": "0"},
        statuses=for_roles(302, Role.COMPLIANCE, Role.STEWARD)),
    Row("activities:consent-list", statuses=for_roles(200, *DOORS)),
    Row("activities:consent-list", "post", data={},
        statuses=for_roles(400, Role.LINE_MANAGER, Role.COMPLIANCE, Role.STEWARD)),
    Row("activities:consent-withdraw", "post", kwargs=any_consent, data={"reason": "x"},
        statuses=for_roles(302, Role.LINE_MANAGER, Role.COMPLIANCE, Role.STEWARD)),
    Row("activities:booking-list", statuses=for_roles(200, *DOORS)),
    Row("activities:booking-list", "post", data={}, statuses=for_roles(400, *DOORS)),
    Row("activities:booking-answer", "post", kwargs=foreign_booking, data={"state": "accepted"},
        statuses=for_roles(302, Role.COMPLIANCE)),
    Row("activities:need-list", statuses=for_roles(200, *NEEDS)),
    Row("activities:need-detail", kwargs=foreign_need,
        statuses={**for_roles(404, Role.REP, Role.LINE_MANAGER),
                  **for_roles(200, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR)}),
    Row("activities:need-detail", "post", kwargs=foreign_need, data={"outcome": "told"},
        statuses={**for_roles(404, Role.REP, Role.LINE_MANAGER), **for_roles(302, Role.MEDICAL)}),
    Row("activities:transfer-list", statuses=for_roles(200, *REPORTED)),
    Row("activities:transfer-detail", kwargs=reported_transfer, statuses=for_roles(200, *REPORTED)),
    Row("api:activities-api:transfer-list", anonymous=401, statuses=for_roles(200, *REPORTED)),
    Row("activities:inquiry-list", statuses=for_roles(200, *INQUIRIES)),
    Row("activities:inquiry-detail", kwargs=foreign_inquiry,
        statuses={**for_roles(404, Role.REP), **for_roles(200, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR)}),
    Row("activities:inquiry-detail", "post", kwargs=foreign_inquiry, data={"text": "answer"},
        statuses={**for_roles(404, Role.REP), **for_roles(302, Role.MEDICAL)}),
    Row("activities:inquiry-take", "post", kwargs=foreign_inquiry,
        statuses={**for_roles(404, Role.REP), **for_roles(302, Role.MEDICAL)}),
    Row("activities:safety-list", statuses=for_roles(200, Role.PV, Role.INSPECTOR)),
    Row("activities:safety-detail", kwargs=foreign_report, statuses=for_roles(200, Role.PV, Role.INSPECTOR)),
    Row("activities:safety-detail", "post", kwargs=foreign_report, data={"seriousness": "serious"},
        statuses=for_roles(302, Role.PV)),
    Row("activities:safety-hand-over", "post", kwargs=foreign_report, statuses=for_roles(302, Role.PV)),
    Row("activities:safety-submit", "post", kwargs=foreign_report, data={"authority_reference": "1"},
        statuses=for_roles(302, Role.PV)),
    # --- the phone app ---
    Row("activities:today", statuses=for_roles(200, *FIELD)),
    Row("activities:field-doctors", statuses=for_roles(200, *FIELD)),
    Row("activities:field-doctor", kwargs=seen_doctor, statuses=for_roles(200, *FIELD)),
    Row("activities:field-doctor", kwargs=foreign_doctor, statuses=for_roles(404, *FIELD)),
    Row("activities:field-log", kwargs=seen_doctor, statuses=for_roles(200, *FIELD)),
    Row("activities:field-log", "post", kwargs=seen_doctor, data={}, statuses=for_roles(400, *FIELD)),
    Row("activities:field-plan", kwargs=seen_doctor, statuses=for_roles(200, *FIELD)),
    Row("activities:field-plan", "post", kwargs=seen_doctor, data={}, statuses=for_roles(400, *FIELD)),
    Row("activities:field-ask", kwargs=seen_doctor, statuses=for_roles(200, *FIELD)),
    Row("activities:field-ask", "post", kwargs=seen_doctor, data={"text": "eGFR?"},
        statuses={**for_roles(302, Role.REP)}),
    Row("activities:field-need", kwargs=seen_doctor, statuses=for_roles(200, *FIELD)),
    Row("activities:field-need", "post", kwargs=seen_doctor, data={"question": "eGFR?"},
        statuses={**for_roles(302, Role.REP)}),
    Row("activities:field-choose", kwargs=seen_doctor, statuses=for_roles(200, *FIELD)),
    Row("activities:field-show", "post",
        kwargs=lambda user: {**seen_doctor(user), "version": NOWHERE["version"]}, statuses=for_roles(404, *FIELD)),
    Row("activities:field-viewer", statuses=for_roles(404, *FIELD)),
    Row("activities:field-page-views", "post", data={}, statuses=for_roles(400, *FIELD)),
    Row("activities:field-page", kwargs=NOWHERE, statuses=for_roles(404, *FIELD)),
    Row("activities:field-start", "post", kwargs=foreign_visit, statuses=for_roles(404, *FIELD)),
    Row("activities:field-cancel", "post", kwargs=own_visit,
        statuses=for_roles(302, Role.REP)),
    Row("activities:field-follow-up", "post", statuses=for_roles(404, *FIELD)),
    Row("activities:field-library", statuses=for_roles(200, *FIELD)),
    Row("activities:field-messages", statuses=for_roles(200, *FIELD)),
    Row("activities:field-me", statuses=for_roles(200, *FIELD)),
    Row("activities:field-safety-new", others=200),
    Row("activities:field-safety-new", "post", data={"event": "x"}, others=302),
    Row("activities:field-safety-receipt", kwargs=own_report, others=200),
    Row("activities:field-safety-receipt", kwargs=foreign_report, statuses=for_roles(200, Role.PV), others=404),
    Row("activities:field-safety-hand-over", "post", kwargs=own_report, others=302),
    Row("activities:field-bundle", anonymous=401, statuses=for_roles(200, *FIELD)),
    Row("activities:field-withdrawn", anonymous=401, statuses=for_roles(200, *FIELD)),
    Row("activities:field-sync", "post", anonymous=401, others=400, data={}),
    Row("activities:field-manifest", anonymous=200, others=200),
    Row("activities:field-shell", anonymous=200, others=200),
    Row("activities:field-worker", anonymous=200, others=200),
    # --- academic events ---
    Row("activities:event-list", statuses=for_roles(200, *EVENTS)),
    Row("activities:event-create", statuses=for_roles(200, *EVENT_PLANNERS)),
    Row("activities:event-create", "post", data={}, statuses=for_roles(200, *EVENT_PLANNERS)),
    Row("activities:event-detail", kwargs=foreign_event,
        statuses={**for_roles(200, *SEES_ALL_EVENTS), **for_roles(404, Role.REP, Role.LINE_MANAGER)}),
    Row("activities:event-change", kwargs=foreign_event, statuses=for_roles(404, Role.REP, Role.LINE_MANAGER)),
    Row("activities:event-change", "post", kwargs=foreign_event, data={},
        statuses=for_roles(404, Role.REP, Role.LINE_MANAGER)),
    Row("activities:event-code", kwargs=foreign_event, statuses=for_roles(404, Role.REP, Role.LINE_MANAGER)),
    Row("activities:event-move", "post", kwargs=lambda user: {**foreign_event(user), "verb": "request"},
        statuses=for_roles(404, Role.REP, Role.LINE_MANAGER)),
    *(
        Row(f"activities:event-{verb}", "post", kwargs=foreign_event, data=data,
            statuses=for_roles(404, Role.REP, Role.LINE_MANAGER))
        for verb, data in (
            ("invite", {}),
            ("cancel", {"reason": "x"}),
            ("close", {"summary": "x"}),
            ("expense", {"kind": "tea", "cost_yuan": "1", "people_present": "1", "spent_on": "2026-11-23",
                         "payee": "x", "receipt_number": "1", "purpose": "x"}),
        )
    ),
    Row("activities:event-sign-in", "post", kwargs=foreign_event,
        statuses=for_roles(404, Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE,
                           Role.INSPECTOR, Role.ADMINISTRATOR)),
    Row("activities:event-proof", "post", kwargs=foreign_event, data={},
        statuses={**for_roles(400, *SEES_ALL_EVENTS), **for_roles(404, Role.REP, Role.LINE_MANAGER)}),
    Row("activities:sealed-proof", kwargs=sealed_file, statuses=for_roles(200, Role.COMPLIANCE, Role.INSPECTOR)),
    Row("activities:sealed-proof", "post", kwargs=sealed_file, data={"purpose": "现场检查"},
        statuses=for_roles(200, Role.COMPLIANCE, Role.INSPECTOR)),
    Row("activities:event-speakers", "post", kwargs=foreign_event, data={},
        statuses=for_roles(404, Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE,
                           Role.INSPECTOR, Role.ADMINISTRATOR)),
    Row("activities:event-speaker-move", "post", kwargs=foreign_speaker,
        statuses={**for_roles(302, Role.MEDICAL, Role.COMPLIANCE), **for_roles(404, Role.REP, Role.LINE_MANAGER)}),
    Row("event-door", kwargs={"token": "nonsense"}, anonymous=404, others=404),
    Row("event-code-picture", kwargs={"token": "nonsense"}, anonymous=200, others=200),
    # --- REST ---
    Row("api:activities-api:visit-list", anonymous=401, statuses=for_roles(200, *VISITS)),
    Row("api:activities-api:visit-list", "post", anonymous=401, others=400, data={}),
    Row("api:activities-api:visit-detail", anonymous=401, kwargs=foreign_visit,
        statuses={**for_roles(404, Role.REP, Role.LINE_MANAGER), **for_roles(200, *SEES_ALL_VISITS)}),
    Row("api:activities-api:sync", "post", anonymous=401, others=400, data={}),
    Row("api:activities-api:visit-plan", "post", anonymous=401, others=400, data={}),
    Row("api:activities-api:visit-plan", "post", anonymous=401, data=a_plan, statuses=for_roles(409, Role.REP)),
    *(
        Row(f"api:activities-api:visit-{verb}", "post", anonymous=401, kwargs=foreign_visit, data={"reason": "x", "note": "x"})
        for verb in ("amend", "cancel", "start")
    ),
    Row("api:activities-api:visit-cancel", "post", anonymous=401, kwargs=own_visit, statuses=for_roles(200, Role.REP)),
    Row("api:activities-api:topic-list", anonymous=401, statuses=for_roles(200, Role.REP)),
    Row("api:activities-api:doctor-materials", anonymous=401, kwargs=seen_doctor, statuses=for_roles(200, Role.REP)),
    Row("api:activities-api:doctor-materials", anonymous=401, kwargs=foreign_doctor, statuses=for_roles(404, Role.REP)),
    Row("api:activities-api:showing-list", "post", anonymous=401, others=400, data={}),
    Row("api:activities-api:showing-page", anonymous=401, others=404),
    Row("api:activities-api:showing-views", "post", anonymous=401, others=404, data={"pages": []}),
    Row("api:activities-api:cycle-list", anonymous=401, statuses=for_roles(200, *PLANS)),
    Row("api:activities-api:cycle-attainment", anonymous=401, kwargs=any_cycle, statuses=for_roles(200, *PLANS)),
]  # fmt: skip
