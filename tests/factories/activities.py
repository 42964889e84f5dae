"""The least valid rows of field work. A test states whatever it asserts on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from activities.actions import VisitReport
from activities.choices import BookingState
from activities.models import Booking, HospitalPolicy, InstitutionConsent, ReceptionSlot, TransferOfValue
from pharmacrm.common.files import store
from pharmacrm.common.ids import uuid7
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

SINCE = date(2026, 1, 1)
UNTIL = date(2027, 1, 1)


def make_ground(rep, *, name="张晓明", hospital=None, territory=None, consent=True, by=None):
    """A doctor in a rep's territory, in a hospital that consents to academic promotion. Returns: the doctor."""
    hospital = hospital or make_hospital("云溪市第一人民医院")
    if territory is None:
        territory = make_territory(f"T{uuid7().hex[-8:]}")
        put_into(rep, territory)
    if consent and not InstitutionConsent.objects.filter(hospital=hospital).exists():
        make_consent(hospital, by or rep)
    return make_doctor(name, hospital=hospital, territory=territory, tier="core", title="chief_physician")


def make_consent(hospital, by, **fields):
    evidence = store(
        [b"%PDF-1.7 consent"],
        media_type="application/pdf",
        by=by,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        max_bytes=1 << 20,
    )
    return InstitutionConsent.objects.create(
        hospital=hospital,
        **{
            "department_in_charge": "药学部",
            "registration_number": f"登记-{uuid7().hex[-6:]}",
            "valid_from": SINCE,
            "valid_until": UNTIL,
            "evidence": evidence,
            "registered_by": by,
            **fields,
        },
    )


def make_policy(hospital, *slots, **fields):
    """Rules of a hospital; `slots` are (weekday, from hour, to hour)."""
    policy = HospitalPolicy.objects.create(hospital=hospital, valid_from=SINCE, **fields)
    for weekday, start, end in slots:
        ReceptionSlot.objects.create(policy=policy, weekday=weekday, starts=time(start), ends=time(end))
    return policy


def make_booking(rep, hospital, starts_at, *, state=BookingState.ACCEPTED, hours=1):
    return Booking.objects.create(
        rep=rep,
        hospital=hospital,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        state=state,
    )


def report_of(doctor, at, *, minutes=18, **fields):
    """A report of a visit that ended just before `at`."""
    return VisitReport(
        **{
            "visit_id": uuid7(),
            "doctor_id": doctor.pk,
            "started_at": at - timedelta(minutes=minutes + 2),
            "ended_at": at - timedelta(minutes=2),
            "device_saved_at": at,
            "ae_answer": "none",
            **fields,
        }
    )


def make_transfer(doctor, number="R1", **fields):
    """Make a reported transfer of value: 1,500.50 yuan from somebody on the first of March."""
    given = {"source": "company", "category": "general", "payer": "恒宇制药", "currency": "CNY", **fields}
    given = {"amount_minor": 150_050, "paid_on": date(2026, 3, 1), **given}
    return TransferOfValue.objects.create(doctor=doctor, record_number=number, **given)
