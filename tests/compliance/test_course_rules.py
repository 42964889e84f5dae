"""The draw, the grades and the pauses of a course, by property."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.courses import (
    content_of,
    drawn_keys,
    fingerprint,
    gaps_of,
    is_right,
    months_later,
    next_try,
    option_order,
    points_of,
    seed_of,
)
from tests.factories.training import both, document, question

KEYS = st.lists(st.from_regex(r"q[0-9]{1,3}", fullmatch=True), min_size=1, max_size=40, unique=True)


@given(seed=st.text(max_size=20), keys=KEYS, wanted=st.integers(1, 50))
def test_the_same_seed_draws_the_same_quiz_and_no_question_twice(seed, keys, wanted):
    drawn = drawn_keys(seed, keys, wanted)

    assert drawn == drawn_keys(seed, list(reversed(keys)), wanted)
    assert len(drawn) == len(set(drawn)) == min(wanted, len(keys))
    assert set(drawn) <= set(keys)


def test_each_question_is_drawn_about_as_often_as_any_other():
    keys = [f"q{n}" for n in range(12)]

    times = Counter(key for n in range(3000) for key in drawn_keys(seed_of("root", n), keys, 4))

    assert set(times) == set(keys)
    assert all(abs(count - 1000) < 130 for count in times.values())  # five standard deviations


def test_a_seed_differs_by_person_version_and_try():
    seeds = {
        seed_of("root", *parts) for parts in [("a", "v", 1), ("a", "v", 2), ("b", "v", 1), ("a", "w", 1)]
    }

    assert len(seeds | {seed_of("other", "a", "v", 1)}) == 5


@given(seed=st.text(max_size=10), options=st.integers(2, 8))
def test_options_are_shuffled_whole_and_true_comes_before_false(seed, options):
    one = content_of({"questions": [question("q1", options=options)]}).questions[0]
    truth = content_of({"questions": [question("q2", kind="boolean", right=(0,))]}).questions[0]

    assert sorted(option_order(seed, one)) == list(range(options))
    assert option_order(seed, truth) == [0, 1]


@given(right=st.integers(0, 60), asked=st.integers(1, 60))
def test_points_are_never_rounded_up(right, asked):
    right = min(right, asked)

    assert points_of(right, asked) * asked <= right * 100
    assert (points_of(right, asked) == 100) is (right == asked)


def test_several_answers_are_right_only_all_together():
    one = content_of({"questions": [question("q1", kind="multiple", right=(0, 2))]}).questions[0]

    assert is_right(one, [2, 0])
    assert [is_right(one, chosen) for chosen in ([0], [0, 1, 2], [1], [])] == [False] * 4


@given(failures=st.integers(0, 12), attempts=st.integers(1, 5))
def test_a_pause_follows_every_full_set_of_tries(failures, attempts):
    begun = datetime(2026, 11, 1, tzinfo=UTC)
    failed = [begun + timedelta(hours=n) for n in range(failures)]

    again = next_try(failed, attempts=attempts, cool_down=timedelta(hours=24))

    if failures and failures % attempts == 0:
        assert again == failed[-1] + timedelta(hours=24)
    else:
        assert again is None


@given(day=st.dates(date(2000, 1, 1), date(2100, 12, 31)), months=st.integers(1, 60))
def test_months_later_keeps_the_day_or_takes_the_months_last(day, months):
    later = months_later(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_a_complete_version_has_no_gaps_and_an_empty_one_says_all():
    assert gaps_of(content_of(document()), drawn=5) == []
    assert [gap.key for gap in gaps_of(content_of({}), drawn=5)] == ["", ""]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("chapters", {"text": {"zh": "只有中文", "en": ""}}),
        ("exercises", {"right": 7}),
        ("exercises", {"rule": ""}),
        ("questions", {"right": []}),
        ("questions", {"right": [0, 1]}),
        ("questions", {"options": [both("one")]}),
        ("questions", {"explanation": {}}),
        ("questions", {"rule": ""}),
        ("questions", {"kind": "essay"}),
        ("questions", {"text": {"zh": "长" * 8001, "en": "x"}}),
    ],
)
def test_a_gap_names_its_part(part, change):
    made = document()
    made[part][0] |= change

    gaps = gaps_of(content_of(made), drawn=5)

    assert {gap.key for gap in gaps} == {made[part][0]["key"]}


def test_a_pool_smaller_than_the_draw_is_a_gap():
    assert [gap.values["drawn"] for gap in gaps_of(content_of(document()), drawn=20)] == [20]


def test_a_fingerprint_knows_content_and_terms():
    made = document()

    assert fingerprint(made, 80) != fingerprint(made, 79)
    made["questions"][0]["right"] = [0]
    assert fingerprint(made, 80) != fingerprint(document(), 80)
