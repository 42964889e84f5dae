"""A withdrawal holds at once at every door: plan, start, show, invite, reveal, the phone; a lapsed yes shuts none."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities import actions
from activities.choices import VisitState
from activities.models import Visit, VisitMaterial
from compliance.models import StoredVerdict
from doctors import actions as doctor_actions
from doctors.models import ContactReveal
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from tests.conftest import AT
from tests.factories.activities import report_of
from tests.factories.content import product, released_material
from tests.factories.doctors import make_notice, make_purpose

TOMORROW = AT + timedelta(days=1)
CELLS = [
    {},
    {"channel": "visit"},
    {"purpose": "academic_contact"},
    {"channel": "visit", "purpose": "academic_contact"},
]


@pytest.fixture(autouse=True)
def purposes(db):
    make_purpose()
    make_purpose("profiling")


def withdraw(doctor, *, at=AT, **cell):
    doctor_actions.withdraw_consent(doctor_id=doctor.pk, by=None, at=at, **cell)


def plan_of(doctor, **fields):
    return actions.VisitPlan(**{"doctor_id": doctor.pk, "planned_at": TOMORROW, **fields})


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_no_visit_is_planned_to_a_doctor_who_withdrew(rep, doctor, cell):
    withdraw(doctor, **cell)

    with pytest.raises(Refused) as refusal:
        actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT + timedelta(seconds=1))

    assert "PI-03c" in refusal.value.verdict.breached
    assert not Visit.objects.exists()


def test_a_withdrawal_for_another_channel_stops_no_visit(rep, doctor):
    withdraw(doctor, channel="sms")

    actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)

    assert Visit.objects.count() == 1


def test_a_withdrawal_for_one_product_stops_the_visit_about_it_and_no_other(rep, doctor):
    first, second = product("P1"), product("P2")
    withdraw(doctor, product_code="P1")

    with pytest.raises(Refused):
        actions.plan_visit(plan=plan_of(doctor, product_ids=(first.pk,)), by=rep, at=AT)
    actions.plan_visit(plan=plan_of(doctor, product_ids=(second.pk,)), by=rep, at=AT)

    assert Visit.objects.count() == 1


def test_a_planned_visit_is_not_started_after_a_withdrawal(rep, doctor):
    visit = actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)
    withdraw(doctor, at=AT + timedelta(hours=1), channel="visit")

    with pytest.raises(Refused) as refusal:
        actions.start_visit(visit_id=visit.pk, by=rep, at=TOMORROW)

    visit.refresh_from_db()
    assert visit.state == VisitState.PLANNED
    assert "PI-03c" in refusal.value.verdict.breached


def test_a_visit_that_happened_all_the_same_is_kept_in_breach(rep, doctor):
    withdraw(doctor, at=AT - timedelta(hours=2), channel="visit")

    actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    visit = Visit.objects.get()
    assert visit.in_breach
    assert "PI-03c" in StoredVerdict.objects.get(pk=visit.verdict_id).breached


def test_no_material_is_shown_to_a_doctor_who_withdrew(rep, doctor):
    version = released_material(product("P1"))
    withdraw(doctor, product_code="P1")

    with pytest.raises(Refused) as refusal:
        actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)

    assert "PI-03c" in refusal.value.verdict.breached
    assert not VisitMaterial.objects.exists()


def test_no_number_is_shown_of_a_doctor_who_withdrew_but_drug_safety_may_ask_back(rep, doctor, person):
    steward, pv = person("shen", Role.STEWARD), person("pv", Role.PV)
    point = doctor_actions.add_contact(
        doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=AT
    )
    withdraw(doctor, channel="phone")

    with pytest.raises(Refused):
        doctor_actions.reveal_contact(contact_id=point.pk, by=rep, at=AT, purpose="改时间")
    assert not ContactReveal.objects.exists()

    shown = doctor_actions.reveal_contact(contact_id=point.pk, by=pv, at=AT, purpose="不良反应随访")
    assert shown == "13912342046"


def test_a_consent_that_only_lapsed_shuts_no_door_of_a_visit(rep, doctor):
    notice = make_notice()
    doctor_actions.record_consent(
        doctor_id=doctor.pk, state="given", channel="visit", notice_id=notice.pk, by=rep, at=AT - timedelta(days=9),
        valid_until=AT - timedelta(days=1),
    )  # fmt: skip

    actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)

    assert Visit.objects.count() == 1


def test_a_phone_learns_of_a_withdrawal_with_its_next_look(client, rep, doctor):
    client.force_login(rep)
    before = client.get(reverse("activities:field-withdrawn")).json()["consents_at"]
    parts = client.get(reverse("activities:field-bundle")).json()["parts"]
    assert [row["stopped"] for row in parts["doctors"]["value"]] == [False]

    withdraw(doctor, at=timezone.now(), channel="visit")

    after = client.get(reverse("activities:field-withdrawn")).json()["consents_at"]
    parts = client.get(reverse("activities:field-bundle")).json()["parts"]
    assert before != after
    assert [row["stopped"] for row in parts["doctors"]["value"]] == [True]
    assert "PI-03c" in [rule["id"] for rule in parts["rules"]["value"]["pack"]["rules"]]


def test_a_phone_learns_nothing_of_doctors_out_of_sight(client, other_rep, doctor):
    client.force_login(other_rep)

    withdraw(doctor, at=timezone.now(), channel="visit")

    assert client.get(reverse("activities:field-withdrawn")).json()["consents_at"] == ""
