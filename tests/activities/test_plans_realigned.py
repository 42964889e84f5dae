"""Planned visits of doctors who change hands: foreseen in the preview, settled on the day, and nobody left untold."""

import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections

from activities import actions
from activities.models import Visit
from compliance import actions as law
from compliance.models import ApprovalRequest, LedgerEntry
from doctors import actions as doctors
from doctors.selectors import realignments as reads
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.activities import make_ground, report_of
from tests.factories.compliance import qualify
from tests.factories.content import content_person
from tests.factories.doctors import make_doctor, make_territory, put_into

pytestmark = pytest.mark.django_db
TODAY = AT.date()
SOON = TODAY + timedelta(days=7)
THAT_DAY = AT + timedelta(days=7)


@pytest.fixture
def field(officer):
    """林岚 works in EAST with a doctor, 周宁 in WEST; both are qualified."""
    root = make_territory("CN")
    east, west = make_territory("EAST", root), make_territory("WEST", root)
    giver, heir = content_person(Role.REP, "林岚"), content_person(Role.REP, "周宁")
    for person, place in ((giver, east), (heir, west)):
        qualify(person, "P1", by=officer, at=AT)
        put_into(person, place)
    return giver, heir, make_ground(giver, territory=east), west


def plan(rep, doctor, days, **fields):
    wanted = actions.VisitPlan(doctor_id=doctor.pk, planned_at=AT + timedelta(days=days), **fields)
    return actions.plan_visit(plan=wanted, by=rep, at=AT)


def drafted(person, doctor, place):
    opened = doctors.open_realignment(
        name="春季调整", reason="", effective_on=SOON, by=person("steward", Role.STEWARD), at=AT
    )
    doctors.add_realignment_change(
        realignment_id=opened.pk,
        kind="doctor",
        doctor_id=doctor.pk,
        to_territory_id=place.pk,
        by=opened.author,
        at=AT,
    )
    opened.refresh_from_db()
    return opened


def carried_out(person, opened):
    other = person("steward2", Role.STEWARD, name="苏蓝")
    doctors.ask_realignment(realignment_id=opened.pk, approver_id=other.pk, by=opened.author, at=AT)
    step = ApprovalRequest.objects.get(subject=f"realignment:{opened.pk}", state="open").steps.get()
    law.decide(step_id=step.pk, verb="agree", by=other, at=AT)
    return doctors.carry_out_realignment(realignment_id=opened.pk, at=AT)


def foreseen(realignment):
    return {
        one.person: (one.handed_over, one.cancelled, one.kept, one.received)
        for one in reads.open_plans_of(realignment)
    }


def test_the_plan_of_a_doctor_who_moves_goes_to_the_one_who_visits_them_from_the_day_on(field, person):
    giver, heir, doctor, west = field
    before, after = plan(giver, doctor, 3), plan(giver, doctor, 9)
    opened = drafted(person, doctor, west)

    assert foreseen(opened) == {"林岚": (1, 0, 0, 0), "周宁": (0, 0, 0, 1)}

    carried_out(person, opened)
    assert actions.hand_over_plans(at=AT) == 0  # the day has not come
    assert actions.hand_over_plans(at=THAT_DAY) == 1
    assert actions.hand_over_plans(at=THAT_DAY) == 0  # again: nothing more happens

    before.refresh_from_db(), after.refresh_from_db()
    taken = Visit.objects.get(rep=heir)
    assert (before.state, after.state, taken.state) == ("planned", "cancelled", "planned")
    assert after.handed_over_to == taken.pk
    assert (taken.doctor_id, taken.planned_at) == (doctor.pk, after.planned_at)
    assert taken.verdict_id is not None
    assert LedgerEntry.objects.filter(event="activities.visit_handed_over").count() == 1
    told = set(
        Notification.objects.filter(subject=f"realignment:{opened.pk}").values_list("recipient", "kind")
    )
    assert {(giver.pk, "plans_lost"), (heir.pk, "plans_received")} <= told
    opened.refresh_from_db()
    assert foreseen(opened) == {"林岚": (1, 0, 0, 0), "周宁": (0, 0, 0, 1)}  # what was shown is what was done


def test_a_plan_is_cancelled_where_nobody_or_more_than_one_works(field, person):
    giver, heir, doctor, west = field
    put_into(content_person(Role.REP, "吴桐"), west)
    lost = plan(giver, doctor, 9)
    opened = drafted(person, doctor, west)

    assert foreseen(opened) == {"林岚": (0, 1, 0, 0)}

    carried_out(person, opened)
    actions.hand_over_plans(at=THAT_DAY)

    lost.refresh_from_db()
    assert (lost.state, lost.handed_over_to) == ("cancelled", None)
    assert not Visit.objects.filter(rep=heir).exists()
    assert Notification.objects.filter(recipient=giver, kind="plans_lost").exists()


def test_a_plan_the_law_does_not_let_the_colleague_make_ends_and_the_refusal_is_recorded(
    field, person, officer
):
    giver, heir, doctor, west = field
    lost = plan(giver, doctor, 9)
    opened = drafted(person, doctor, west)
    carried_out(person, opened)
    law.place_hold(subjects=[f"user:{heir.pk}"], reason="核查", by=officer, at=AT)

    actions.hand_over_plans(at=THAT_DAY)

    lost.refresh_from_db()
    assert (lost.state, lost.handed_over_to) == ("cancelled", None)
    assert not Visit.objects.filter(rep=heir).exists()
    refused = LedgerEntry.objects.filter(event="visit.plan_refused", subject=f"visit:{lost.pk}")
    assert refused.count() == 1


def test_who_still_sees_the_doctor_keeps_the_plan(field, person):
    giver, _heir, doctor, west = field
    put_into(giver, west)
    kept = plan(giver, doctor, 9)
    opened = drafted(person, doctor, west)

    assert foreseen(opened) == {"林岚": (0, 0, 1, 0)}

    carried_out(person, opened)
    assert actions.hand_over_plans(at=THAT_DAY) == 0
    kept.refresh_from_db()
    assert kept.state == "planned"


def test_a_plan_with_a_record_merged_away_goes_along(field, person):
    giver, heir, doctor, west = field
    twin = make_doctor(doctor.identity.name, hospital=doctor.hospital, territory=None)
    old = plan(giver, doctor, 9)
    twin.merged_into = doctor
    twin.save()
    old.doctor = twin
    old.save()
    opened = drafted(person, doctor, west)

    carried_out(person, opened)

    assert actions.hand_over_plans(at=THAT_DAY) == 1
    assert Visit.objects.filter(rep=heir, state="planned").exists()


def test_a_visit_that_took_place_before_its_plan_was_known_to_be_gone_is_still_stored(field, person):
    giver, _heir, doctor, west = field
    gone = plan(giver, doctor, 9)
    carried_out(person, drafted(person, doctor, west))
    actions.hand_over_plans(at=THAT_DAY)
    at = AT + timedelta(days=9)

    stored = actions.submit_visit(report=report_of(doctor, at, visit_id=gone.pk), by=giver, at=at)

    assert stored.pk == gone.pk
    assert stored.state == "submitted"


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_the_same_day_hand_a_plan_over_once(field, person):
    giver, heir, doctor, west = field
    plan(giver, doctor, 9)
    carried_out(person, drafted(person, doctor, west))
    start, settled = threading.Barrier(2), []

    def go():
        try:
            start.wait()
            settled.append(actions.hand_over_plans(at=THAT_DAY))
        finally:
            close_old_connections()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(settled) == [0, 1]
    assert Visit.objects.filter(rep=heir).count() == 1
    assert Notification.objects.filter(kind="plans_received").count() == 1
