"""Who may open what under /activities/ and /field/."""

from datetime import timedelta

from django.utils import timezone

from activities.models import Booking, ClinicalNeed, Cycle, Inquiry, SafetyReport, Visit
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import new_wrapped_key
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.activities import make_consent
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

FIELD = (Role.REP, Role.LINE_MANAGER)
VISITS = (
    Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR,
)  # fmt: skip
SEES_ALL_VISITS = (Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)
PLANS = (Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.COMPLIANCE, Role.INSPECTOR)
DOORS = (Role.REP, Role.LINE_MANAGER, Role.COMPLIANCE, Role.STEWARD, Role.INSPECTOR)
NEEDS = (Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR)
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
]  # fmt: skip
