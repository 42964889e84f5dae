"""The same case meets the same verdict at every door (P6). `make drill ARGS=P6` asks five hundred cases."""

from dataclasses import replace

import pytest
import time_machine

from tests.conftest import AT
from tests.same_verdict import DOORS, Case, cases, differing, verdicts_of

CASES = list(cases(10))
STOPPING = {"禁止", "避免", "应当"}


@pytest.mark.django_db
@pytest.mark.parametrize("case", [pytest.param(case, id=f"{n}-{case.point}") for n, case in enumerate(CASES)])
def test_every_door_gives_the_same_verdict(case):
    with time_machine.travel(AT, tick=False):
        assert differing(case) == {}


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
