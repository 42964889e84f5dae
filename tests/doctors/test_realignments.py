"""Rules of territories and realignments: what is shown is what happens, or nothing does."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, close_old_connections, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance import actions as law
from compliance.flows import Decision
from compliance.models import ApprovalRequest, LedgerEntry
from doctors import actions, selectors
from doctors.actions.realignments import decide_realignment
from doctors.models import Assignment, Doctor, RealignmentMove
from doctors.selectors import placing, realignments
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from tests.conftest import AT
from tests.factories.doctors import (
    assign,
    make_division,
    make_doctor,
    make_hospital,
    make_territory,
    put_into,
)

pytestmark = pytest.mark.django_db
TODAY = AT.date()
SOON = TODAY + timedelta(days=7)


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def second_steward(person):
    return person("steward2", Role.STEWARD, name="苏蓝")


@pytest.fixture
def country():
    """Zhejiang with two counties and a hospital in each, and two territories below one root."""
    zhejiang = make_division("330000", "浙江省", "province")
    west_lake = make_hospital("湖滨医院", division=make_division("330106", "西湖区", parent=zhejiang))
    river = make_hospital("滨江医院", division=make_division("330108", "滨江区", parent=zhejiang))
    root = make_territory("CN")
    return west_lake, river, make_territory("EAST", root), make_territory("WEST", root)


def draft(steward, **change):
    opened = actions.open_realignment(name="春季调整", reason="", effective_on=SOON, by=steward, at=AT)
    actions.add_realignment_change(realignment_id=opened.pk, by=steward, at=AT, **change)
    opened.refresh_from_db()
    return opened


def approved(opened, approver, by):
    actions.ask_realignment(realignment_id=opened.pk, approver_id=approver.pk, by=by, at=AT)
    step = ApprovalRequest.objects.get(subject=f"realignment:{opened.pk}", state="open").steps.get()
    law.decide(step_id=step.pk, verb="agree", by=approver, at=AT)
    opened.refresh_from_db()
    return opened


def foreign_line(territory):
    Assignment.objects.create(doctor=make_doctor(), territory=territory, line="", valid_from=TODAY)
    connection.check_constraints()


def belongs(doctor, on):
    return {one.territory.code for one in selectors.assignments_on(on).filter(doctor=doctor)}


def test_the_nearer_word_of_two_rules_places_a_doctor(steward, country):
    west_lake, river, east, west = country
    near, far, named = (
        make_doctor(hospital=west_lake),
        make_doctor(hospital=river),
        make_doctor(hospital=river),
    )
    for place, kind, key in (
        (east, "division", "330000"),
        (west, "hospital", river.pk),
        (east, "doctor", named.pk),
        (east, "not_doctor", near.pk),
    ):
        actions.add_territory_rule(territory_id=place.pk, kind=kind, named=key, by=steward, at=AT)

    opened = draft(steward, kind="rules", to_territory_id=east.pk)
    actions.add_realignment_change(
        realignment_id=opened.pk, kind="rules", to_territory_id=west.pk, by=steward, at=AT
    )

    moved = dict(
        RealignmentMove.objects.filter(realignment=opened).values_list("doctor_id", "to_territory__code")
    )
    assert moved == {far.pk: "WEST", named.pk: "EAST"}
    assert placing.coverage_of(east.pk, TODAY).named == 1


def test_the_coverage_of_one_territory_is_what_the_rules_of_all_say_of_it(steward, country):
    west_lake, river, east, west = country
    for hospital in (west_lake, west_lake, river):
        make_doctor(hospital=hospital)
    alone, elsewhere = make_doctor(hospital=river, territory=west), make_doctor(territory=east)
    for place, kind, key in (
        (east, "division", "330000"),
        (west, "division", "330106"),
        (west, "division", "330000"),
        (west, "hospital", river.pk),
        (east, "doctor", alone.pk),
        (west, "doctor", elsewhere.pk),
        (west, "not_doctor", elsewhere.pk),
    ):
        actions.add_territory_rule(territory_id=place.pk, kind=kind, named=key, by=steward, at=AT)

    for place in (east, west):
        whole = placing._rows(
            f"""{placing.NAMED} SELECT (SELECT count(*) FROM placed WHERE territory_id = %(territory)s),
                (SELECT count(*) FROM said WHERE cardinality(territories) > 1 AND %(territory)s = ANY(territories))""",
            on=TODAY, territory=place.pk,
        )[0]  # fmt: skip
        found = placing.coverage_of(place.pk, TODAY)
        assert (found.named, found.disputed) == whole
    assert placing.coverage_of(east.pk, TODAY) == placing.Coverage(named=1, assigned=1, both=0, disputed=0)


def test_two_territories_that_claim_a_doctor_equally_are_an_overlap_and_place_nobody(steward, country):
    west_lake, _river, east, west = country
    make_doctor(hospital=west_lake)
    for place in (east, west):
        actions.add_territory_rule(territory_id=place.pk, kind="division", named="330106", by=steward, at=AT)

    overlap = placing.overlaps_on(TODAY)[0]

    assert {overlap.one, overlap.other} == {"EAST", "WEST"}
    assert overlap.doctors == 1
    assert placing.coverage_of(east.pk, TODAY).named == 0
    assert [(gap.division, gap.doctors) for gap in placing.gaps_on("", TODAY)] == [("浙江省", 1)]


def test_an_approved_realignment_moves_exactly_whom_it_showed_from_its_day(
    steward, second_steward, country, rep, other_rep
):
    west_lake, river, east, west = country
    put_into(rep, east), put_into(other_rep, west)
    going = make_doctor(hospital=west_lake, territory=east, tier="core")
    staying = make_doctor(hospital=river, territory=east)

    opened = approved(
        draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk),
        second_steward,
        steward,
    )
    done = actions.carry_out_realignment(realignment_id=opened.pk, at=AT)
    actions.carry_out_realignment(realignment_id=opened.pk, at=AT)  # again: nothing more happens

    assert done.state == "done"
    assert belongs(going, SOON - timedelta(days=1)) == {"EAST"}
    assert belongs(going, SOON) == {"WEST"}
    assert belongs(staying, SOON) == {"EAST"}
    assert selectors.can_see(rep, going.pk, SOON - timedelta(days=1))
    assert not selectors.can_see(rep, going.pk, SOON)
    assert selectors.can_see(other_rep, going.pk, SOON)
    assert (
        LedgerEntry.objects.filter(
            event="doctors.realignment_done", subject=f"realignment:{opened.pk}"
        ).count()
        == 1
    )


def test_a_realignment_on_moved_ground_moves_nobody(steward, second_steward, country):
    west_lake, _river, east, west = country
    make_doctor(hospital=west_lake, territory=east)
    opened = approved(
        draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk),
        second_steward,
        steward,
    )
    make_doctor(hospital=west_lake, territory=east)
    before = sorted(Assignment.objects.values_list("pk", "valid_until"))

    given_back = actions.carry_out_realignment(realignment_id=opened.pk, at=AT)

    assert given_back.state == "draft"
    assert sorted(Assignment.objects.values_list("pk", "valid_until")) == before


def test_a_realignment_is_taken_back_by_the_next(steward, second_steward, country):
    west_lake, _river, east, west = country
    doctor, free = make_doctor(hospital=west_lake, territory=east), make_doctor(hospital=west_lake)
    opened = approved(
        draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk),
        second_steward,
        steward,
    )
    actions.carry_out_realignment(realignment_id=opened.pk, at=AT)

    later = SOON + timedelta(days=30)
    back = actions.reverse_realignment(realignment_id=opened.pk, effective_on=later, by=steward, at=AT)
    approved(back, second_steward, steward)
    actions.carry_out_realignment(realignment_id=back.pk, at=AT)

    assert belongs(doctor, later) == {"EAST"}
    assert belongs(free, later) == set()


def test_a_territory_on_hold_is_not_realigned(steward, second_steward, country, officer):
    west_lake, _river, east, west = country
    make_doctor(hospital=west_lake, territory=east)
    opened = draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk)
    law.place_hold(subjects=[f"territory:{west.pk}"], reason="举报核查中", by=officer, at=AT)

    with pytest.raises(Refused) as refusal:
        actions.ask_realignment(realignment_id=opened.pk, approver_id=second_steward.pk, by=steward, at=AT)

    opened.refresh_from_db()
    assert opened.state == "draft"
    assert refusal.value.verdict.breached == ["HOLD-01"]
    assert not ApprovalRequest.objects.exists()


def test_a_manager_realigns_their_own_branch_only(manager, country):
    west_lake, river, east, west = country
    own = make_territory("EAST-1", east)
    put_into(manager, east, role="line_manager")
    mine, theirs = (
        make_doctor(hospital=west_lake, territory=east),
        make_doctor(hospital=river, territory=west),
    )
    opened = draft(manager, kind="doctor", doctor_id=mine.pk, to_territory_id=own.pk)

    with pytest.raises(actions.RealignmentNotMoved):
        actions.add_realignment_change(
            realignment_id=opened.pk,
            kind="doctor",
            doctor_id=theirs.pk,
            to_territory_id=own.pk,
            by=manager,
            at=AT,
        )

    assert list(RealignmentMove.objects.values_list("doctor_id", flat=True)) == [mine.pk]


def test_nobody_approves_their_own_realignment_and_a_stranger_draws_none_up(steward, rep, country):
    west_lake, _river, east, west = country
    make_doctor(hospital=west_lake, territory=east)
    opened = draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk)

    with pytest.raises(actions.RealignmentNotMoved):
        actions.ask_realignment(realignment_id=opened.pk, approver_id=steward.pk, by=steward, at=AT)
    with pytest.raises(PermissionDenied):
        actions.open_realignment(name="x", reason="", effective_on=SOON, by=rep, at=AT)


def test_a_refused_realignment_moves_nobody(steward, second_steward, country):
    west_lake, _river, east, west = country
    doctor = make_doctor(hospital=west_lake, territory=east)
    opened = draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk)
    actions.ask_realignment(realignment_id=opened.pk, approver_id=second_steward.pk, by=steward, at=AT)
    step = ApprovalRequest.objects.get().steps.get()

    law.decide(step_id=step.pk, verb="refuse", by=second_steward, at=AT, comment="负荷不均")

    opened.refresh_from_db()
    assert opened.state == "refused"
    assert belongs(doctor, SOON) == {"EAST"}


def test_the_load_counts_tiers_and_planned_contacts_before_and_after(steward, country, rep, monkeypatch):
    west_lake, _river, east, west = country
    put_into(rep, west)
    make_doctor(hospital=west_lake, territory=east, tier="core")
    make_doctor(territory=west, tier="basic")
    monkeypatch.setattr(realignments, "frequency_goals", lambda: {"core": 6, "basic": 2})
    opened = draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk)

    gives, takes = realignments.load_of(opened)

    assert (gives.territory, gives.before, gives.after) == ("EAST", {"core": 1}, {"core": 0})
    assert (takes.contacts_before, takes.contacts_after, takes.reps) == (2, 8, ("林岚",))


def test_the_database_keeps_a_doctor_to_one_territory_of_a_line():
    east, west = make_territory("EAST"), make_territory("WEST")
    other = make_territory("ONCO", line="onco")
    doctor = make_doctor(territory=east)
    assign(doctor, other)

    with pytest.raises(IntegrityError), transaction.atomic():
        assign(doctor, west)
    with pytest.raises(IntegrityError), transaction.atomic():
        foreign_line(other)


@given(
    homes=st.lists(st.sampled_from([None, 0, 1, 2]), min_size=1, max_size=5),
    changes=st.lists(
        st.tuples(st.sampled_from(["doctor", "hospital", "territory"]), st.integers(0, 4), st.integers(0, 2)),
        min_size=1,
        max_size=4,
    ),
    late=st.sets(st.integers(0, 4), max_size=2),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_realignment_everybody_is_where_the_preview_said_and_nowhere_twice(
    steward, second_steward, homes, changes, late
):
    with transaction.atomic():
        places = [make_territory(f"P{number}") for number in range(3)]
        hospitals = [make_hospital(f"医院{number}") for number in range(2)]
        doctors = [
            make_doctor(hospital=hospitals[number % 2], territory=places[home] if home is not None else None)
            for number, home in enumerate(homes)
        ]
        for number in late & set(range(len(doctors))):
            Assignment.objects.filter(doctor=doctors[number]).update(valid_until=SOON + timedelta(days=5))
            assign(doctors[number], places[number % 3], since=SOON + timedelta(days=5))
        opened = actions.open_realignment(name="x", reason="", effective_on=SOON, by=steward, at=AT)
        for kind, which, to in changes:
            named = {
                "doctor": {"doctor_id": doctors[which % len(doctors)].pk},
                "hospital": {"hospital_id": hospitals[which % 2].pk},
                "territory": {"from_territory_id": places[which % 3].pk},
            }[kind]
            if named.get("from_territory_id") != places[to].pk:
                actions.add_realignment_change(
                    realignment_id=opened.pk,
                    kind=kind,
                    to_territory_id=places[to].pk,
                    by=steward,
                    at=AT,
                    **named,
                )
        said = {one.pk: belongs(one, SOON) for one in doctors}
        for move in RealignmentMove.objects.filter(realignment=opened, is_blocked=False):
            said[move.doctor_id] = {move.to_territory.code}
        opened.refresh_from_db()
        if RealignmentMove.objects.filter(realignment=opened, is_blocked=False).exists():
            approved(opened, second_steward, steward)
            assert actions.carry_out_realignment(realignment_id=opened.pk, at=AT).state == "done"

        assert {one.pk: belongs(one, SOON) for one in doctors} == said
        assert all(len(where) <= 1 for where in said.values())
        transaction.set_rollback(True)


@pytest.mark.parametrize("outcome", ["returned", "withdrawn"])
def test_an_unanswered_realignment_is_a_draft_again(steward, second_steward, country, outcome):
    west_lake, _river, east, west = country
    make_doctor(hospital=west_lake, territory=east)
    opened = draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk)
    actions.ask_realignment(realignment_id=opened.pk, approver_id=second_steward.pk, by=steward, at=AT)
    request = ApprovalRequest.objects.get()

    decide_realignment(
        decision=Decision(
            request.pk, request.flow, request.subject, outcome, request.payload, steward, second_steward, AT
        )
    )

    opened.refresh_from_db()
    assert opened.state == "draft"
    assert Doctor.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_realignment_carried_out_twice_at_once_moves_everybody_once(steward, second_steward, country):
    west_lake, _river, east, west = country
    doctor = make_doctor(hospital=west_lake, territory=east)
    opened = approved(
        draft(steward, kind="hospital", hospital_id=west_lake.pk, to_territory_id=west.pk),
        second_steward,
        steward,
    )
    start, states = threading.Barrier(2), []

    def go():
        try:
            start.wait()
            states.append(actions.carry_out_realignment(realignment_id=opened.pk, at=AT).state)
        finally:
            close_old_connections()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states == ["done", "done"]
    assert Assignment.objects.filter(doctor=doctor).count() == 2
    assert LedgerEntry.objects.filter(event="doctors.realignment_done").count() == 1
