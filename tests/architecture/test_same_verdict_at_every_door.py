"""The same case meets the same verdict at every door (P6). `make drill ARGS=P6` asks five hundred cases."""

from dataclasses import replace

import pytest
import time_machine

from tests.compliance.doors import doors_of_points
from tests.conftest import AT
from tests.same_verdict import DOORS, Case, cases, differing, verdicts_of

CASES = list(cases(10))
STOPPING = {"禁止", "避免", "应当"}


@pytest.mark.django_db
@pytest.mark.parametrize("case", [pytest.param(case, id=f"{n}-{case.point}") for n, case in enumerate(CASES)])
def test_every_door_gives_the_same_verdict(case):
    with time_machine.travel(AT, tick=False):
        assert differing(case) == {}


# Points whose doors do not do the same thing, or that only one kind of door has. Each line says why.
ONE_ACT_EACH = {
    "doctor.merge": "a person merges on the page; the night's job merges what nobody has to look at",
    "territory.realign": "the page approves; the job carries out what was approved, judged again on its day",
    "safety.handoff": "the phone reports with a first hand-over; the desk hands over what came without one",
    "event.approve": "the inbox decides for every kind of request, whatever door it was asked at",
    "export.send": "counted where the list is written, whoever asked for it",
}
SAME_AS = {"sync over REST": "sync"}  # the same log of a phone, sent to another address
# Doors that the code names and that stand for another act of the same point.
BESIDE = {
    ("note.accept", "sync"): "a phone sends a note with its visit, whose own case is visit.submit",
    (
        "material.show",
        "sync",
    ): "a showing without signal is reported with its visit, whose own case is visit.submit",
}


# Doors whose two ways to one act are not compared case by case yet. A new one has to get its row in DOORS, not here.
NOT_COMPARED = {
    "accounts.grant_role", "consent.record", "event.close", "event.invite", "event.request", "event.start",
    "expense.submit", "request.answer", "speaker.invite",
}  # fmt: skip


def test_every_point_with_more_than_one_door_is_asked_at_each_of_them():
    missing = {
        f"{point} at {kind}"
        for point, kinds in doors_of_points().items()
        for kind in kinds
        if len(kinds) > 1
        and point not in ONE_ACT_EACH
        and kind not in {SAME_AS.get(door, door) for door in DOORS.get(point, ())}
        and (point, kind) not in BESIDE
    }

    assert {one for one in missing if one.partition(" ")[0] not in NOT_COMPARED} == set()
    assert {one.partition(" ")[0] for one in missing} >= NOT_COMPARED


def test_the_doors_are_found_in_the_code():
    found = doors_of_points()

    assert {"page", "REST", "sync"} <= found["visit.plan"]
    assert found["doctor.score"] == {"page", "REST", "job", "command"}
    assert len(found) > 20


def test_the_cases_are_not_all_of_one_kind():
    assert {case.point for case in CASES} == set(DOORS)
    assert len(set(CASES)) == len(CASES)


IN_ORDER = Case(
    point="material.show", filing="in scope", consent=True, booking="not needed", registers=False,
    channel="face_to_face", purpose="deliver_information", place="reception_room", note="", ae_answer="none",
    days_ago=0, material="released", column="备注", held=False, names_material=True,
)  # fmt: skip


def stopping(found):
    """The rules that stop, by door; what a rule only watches is left out."""
    return {
        door: [one["rule"] for one in verdict["refusals"] if one["adopted"] and one["grade"] in STOPPING]
        for door, verdict in found.items()
    }


@pytest.mark.django_db
@pytest.mark.parametrize("point", ["visit.plan", "visit.start", "material.show"])
def test_a_hospital_that_waits_for_a_booking_stops_plan_start_and_showing_at_every_door(point):
    with time_machine.travel(AT, tick=False):
        without = verdicts_of(replace(IN_ORDER, point=point, booking="needed"))
        booked = verdicts_of(replace(IN_ORDER, point=point, booking="made"))

    assert stopping(without) == {door: ["MR-16"] for door in DOORS[point]}
    assert stopping(booked) == {door: [] for door in DOORS[point]}


@pytest.mark.django_db
@pytest.mark.parametrize("point", ["visit.plan", "visit.start", "material.show"])
def test_a_withdrawn_material_stops_plan_start_and_showing_at_every_door(point):
    with time_machine.travel(AT, tick=False):
        found = verdicts_of(replace(IN_ORDER, point=point, material="withdrawn"))

    assert stopping(found) == {door: ["MR-13"] for door in DOORS[point]}
