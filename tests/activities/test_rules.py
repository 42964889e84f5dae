"""Pure rules of field work."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities import rules
from activities.choices import Lateness, SafetyState, Seriousness, VisitState

MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MORNING = rules.Slot(1, time(9), time(11))
WEDNESDAY = rules.Slot(3, time(15), time(17))


def test_a_submitted_visit_can_only_be_amended():
    moves = {new for new in VisitState.values if rules.may_move_visit(old="submitted", new=new)}

    assert moves == {VisitState.AMENDED}


def test_a_cancelled_visit_goes_nowhere():
    assert not any(rules.may_move_visit(old="cancelled", new=new) for new in VisitState.values)


@pytest.mark.parametrize(
    ("hours", "lateness"),
    [
        (0, Lateness.IN_TIME),
        (24, Lateness.IN_TIME),
        (24.1, Lateness.LATE),
        (72, Lateness.LATE),
        (72.1, Lateness.TOO_LATE),
    ],
)
def test_lateness_is_the_end_of_the_visit_to_saved_on_the_device(hours, lateness):
    assert rules.lateness_of(ended_at=MONDAY, saved_at=MONDAY + timedelta(hours=hours)) == lateness


@given(st.floats(-300, 300))
def test_a_clock_within_five_minutes_is_proven(offset):
    assert rules.is_clock_proven(offset_seconds=offset)


@given(st.floats(300.1, 10**7))
def test_a_clock_off_by_more_than_five_minutes_is_not(offset):
    assert not rules.is_clock_proven(offset_seconds=offset)
    assert not rules.is_clock_proven(offset_seconds=-offset)
    assert not rules.is_clock_proven(offset_seconds=None)


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_safety_report_is_valid_with_all_four_elements(flags):
    elements = rules.FourElements(*flags)

    assert elements.given == sum(flags)
    assert elements.is_valid is all(flags)


@pytest.mark.parametrize(
    ("seriousness", "days"),
    [
        (Seriousness.FATAL, 0),
        (Seriousness.SERIOUS, 15),
        (Seriousness.UNKNOWN, 15),
        (Seriousness.NOT_SERIOUS, 30),
    ],
)
def test_the_authority_hears_of_a_report_within_its_days(seriousness, days):
    aware = date(2026, 11, 23)

    assert rules.submit_due_on(aware_on=aware, seriousness=seriousness) == aware + timedelta(days=days)


def test_only_a_complete_report_can_be_submitted():
    assert rules.may_move_safety_report(old=SafetyState.COMPLETE, new=SafetyState.SUBMITTED)
    assert not rules.may_move_safety_report(old=SafetyState.CAPTURED, new=SafetyState.SUBMITTED)


def test_a_hospital_without_fixed_times_receives_always():
    assert rules.is_within_slots((), MONDAY)
    assert rules.receives_on((), MONDAY.date())


def test_a_moment_outside_every_slot_is_not_received():
    assert not rules.is_within_slots((MORNING, WEDNESDAY), MONDAY)
    assert rules.is_within_slots((MORNING,), MONDAY.replace(hour=9))
    assert not rules.is_within_slots((MORNING,), MONDAY.replace(hour=11))


def test_the_next_reception_keeps_the_notice_the_hospital_wants():
    assert rules.next_reception((MORNING, WEDNESDAY), after=MONDAY) == (date(2026, 11, 25), WEDNESDAY)
    assert rules.next_reception((MORNING, WEDNESDAY), after=MONDAY, lead_days=3) == (
        date(2026, 11, 30),
        MORNING,
    )
    assert rules.next_reception((), after=MONDAY) is None


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_attainment_never_passes_the_whole_goal(done, goal):
    reached = rules.attainment_bp(done=done, goal=goal)

    assert 0 <= reached <= 10_000
    assert (reached == 10_000) is (done >= goal)
    assert rules.attainment_bp(done=done, goal=0) is None


def test_what_was_planned_and_never_began_was_left_once_its_day_is_over():
    today = date(2026, 11, 23)
    yesterday = today - timedelta(days=1)

    left = [
        state
        for state in ("planned", "draft", "requested", "approved")
        if rules.was_left(state, yesterday, today)
    ]

    assert left == ["planned", "draft", "requested", "approved"]
    assert not any(
        rules.was_left(state, yesterday, today) for state in ("started", "submitted", "cancelled", "closed")
    )
    assert not rules.was_left("planned", today, today)
    assert not rules.was_left("planned", None, today)
