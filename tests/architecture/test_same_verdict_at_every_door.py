"""The same case meets the same verdict at every door (P6). `make drill ARGS=P6` asks five hundred cases."""

from dataclasses import replace

import pytest
import time_machine

from compliance import points
from compliance.models import StoredVerdict
from pharmacrm.common.errors import DomainError, Refused
from tests import people_verdicts
from tests.compliance.doors import doors_of_points, pages_that_swallow
from tests.conftest import AT
from tests.same_verdict import DOORS, cases, differing, doors_of, verdicts_of
from tests.verdict_case import in_order

CASES = list(cases(len(DOORS)))
STOPPING = {"禁止", "避免", "应当"}


@pytest.mark.django_db
@pytest.mark.parametrize("case", [pytest.param(case, id=f"{n}-{case.point}") for n, case in enumerate(CASES)])
def test_every_door_gives_the_same_verdict(case):
    with time_machine.travel(AT, tick=False):
        assert differing(case) == {}


SAME_AS = {  # a door that leads through another address to the same place, or another page of the same kind
    "sync over REST": "sync", "page of the card": "page", "page of requests": "page", "page of a new person": "page",
    "page of roles": "page",
}  # fmt: skip
# Doors that the code names and that stand for another act of the same point. Each line says which.
BESIDE = {
    ("visit.plan", "job"): "hands a planned visit over with its doctor; activities/test_plans_realigned.py",
    ("doctor.merge", "job"): "the night's job merges what nobody has to look at, and the facts say so",
    ("territory.realign", "job"): "carries out what was approved, judged again on its day",
    ("doctor.score", "inbox"): "an agreement puts a model in force, as the model's page does; the case is a run of it",
    ("doctor.score", "inbox over REST"): "the same",
    ("request.answer", "doctor's page"): "what holds at once is answered to whoever asks; its own case is consent.record",
    ("material.approve", "inbox"): "a seat answers in the room of the review, before the pages; the inbox leads there",
    ("material.approve", "inbox over REST"): "the same: without the file's hash the inbox takes no answer of a seat",
    ("column.accept", "job"): "stops between two blocks where a hold was placed on the job meanwhile; activities/test_hold_jobs.py",
    ("material.release", "inbox"): "a release takes its last day, on its page or at its own address; the inbox leads there",
    ("material.release", "inbox over REST"): "the same: without a last day the inbox takes no yes",
}  # fmt: skip
# Points that are judged at one place whoever comes, and that no door's own code names. Each line says where.
EVERYWHERE = {
    "export.send": "where the list is written: compliance/actions/exports.py counts for every door; "
    "compliance/test_export_doors.py asks each of them",
    "note.accept": "where any act takes in free text; activities/test_free_texts.py holds every text field to its place",
}
# Points that have one kind of door, read from the code; with a second one they need a row in DOORS.
ONE_KIND = {"contact.reveal", "incident.close", "trail.plan"}
# Points that are declared for the book and judged by no act.
NOT_JUDGED = {"message.send", "engagement.pay", "sponsorship.request"}


def test_every_point_with_more_than_one_door_is_asked_at_each_of_them():
    missing = {
        f"{point} at {kind}"
        for point, kinds in doors_of_points().items()
        for kind in kinds
        if point not in {*ONE_KIND, *EVERYWHERE}
        and kind not in {SAME_AS.get(door, door) for door in DOORS.get(point, ())}
        and (point, kind) not in BESIDE
    }

    assert missing == set()


def test_what_is_not_compared_has_one_kind_of_door_and_no_more():
    found = doors_of_points()

    assert {point for point, kinds in found.items() if len(kinds) == 1 and point not in DOORS} == ONE_KIND
    assert {point for point, kinds in found.items() if not kinds} <= set(EVERYWHERE)
    assert set(points.declared()) - set(found) == NOT_JUDGED


def test_what_stands_beside_is_a_door_that_the_code_has():
    assert {(point, kind) for point, kind in BESIDE if kind not in doors_of_points()[point]} == set()


def test_a_refusal_is_no_answer_that_a_page_puts_on_its_form():
    assert not issubclass(Refused, DomainError)
    assert pages_that_swallow() == []


@pytest.mark.parametrize(("handler", "is_kept"), [
    ("except Refused as no:\n        messages.error(request, str(no))", True),
    ("except Exception:\n        return redirect('x')", True),
    ("except (DomainError, Refused) as no:\n        form.add_error(None, str(no))", True),
    ("except Refused:\n        raise", False),
    ("except DomainError as no:\n        messages.error(request, str(no))", False),
])  # fmt: skip
def test_a_page_that_keeps_a_refusal_to_itself_is_found(handler, is_kept):
    page = f"def view(request):\n    try:\n        actions.invite_doctors()\n    {handler}\n"

    assert pages_that_swallow([("activities/views/new.py", page)]) == (
        ["activities/views/new.py:2"] if is_kept else []
    )


def test_the_doors_are_found_in_the_code():
    found = doors_of_points()

    assert {"page", "REST", "sync"} <= found["visit.plan"]
    assert found["doctor.score"] >= {"page", "REST", "job", "command"}
    assert found["event.approve"] == {"inbox", "inbox over REST"}
    assert "doctor's page" in found["consent.record"]
    assert len(found) > 25


def test_the_cases_are_not_all_of_one_kind():
    assert {case.point for case in CASES} == set(DOORS)
    assert len(set(CASES)) == len(CASES)


def test_no_door_is_shut_in_all_cases():
    asked = {(case.point, door) for case in cases(60 * len(DOORS)) for door in doors_of(case)}

    assert asked == {(point, door) for point, doors in DOORS.items() for door in doors}


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
        without = verdicts_of(replace(in_order(point), booking="needed"))
        booked = verdicts_of(replace(in_order(point), booking="made"))

    assert stopping(without) == {door: ["MR-16"] for door in DOORS[point]}
    assert stopping(booked) == {door: [] for door in DOORS[point]}


@pytest.mark.django_db
@pytest.mark.parametrize("point", ["visit.plan", "visit.start", "material.show"])
def test_a_withdrawn_material_stops_plan_start_and_showing_at_every_door(point):
    with time_machine.travel(AT, tick=False):
        found = verdicts_of(replace(in_order(point), material="withdrawn"))

    assert stopping(found) == {door: ["MR-13"] for door in DOORS[point]}


@pytest.mark.django_db
def test_a_role_for_a_person_on_hold_is_stopped_by_the_hold_before_they_are_put_to_work():
    case = replace(in_order("staff.activate"), held=True)
    with time_machine.travel(AT, tick=False):
        people = people_verdicts.ARRANGE[case.point](case)
        people_verdicts.DOORS[case.point]["page of roles"](case, people)

    judged = StoredVerdict.objects.get(point="accounts.grant_role").body
    assert [one["rule"] for one in judged["refusals"] if one["adopted"]] == ["HOLD-01"]
    assert not StoredVerdict.objects.filter(point="staff.activate").exists()
    assert not people.row.groups.exists()
