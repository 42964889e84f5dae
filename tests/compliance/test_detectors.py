"""Detectors: each finds what it is for at its very threshold, and nothing just below."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules import detectors
from compliance.rules.detectors import Bill, Contact, Proof, SignIn, Thresholds

LIMITS = Thresholds()
DAY = detectors.MINUTES_OF_A_DAY
PUDONG, HONGQIAO, BEIJING = (31.2397, 121.4998), (31.1979, 121.3363), (39.9042, 116.4074)


def contact(visit, *, rep="r", doctor="d", starts=0, minutes=15, **fields):
    return Contact(visit=visit, rep=rep, doctor=doctor, starts=starts, ends=starts + minutes, **fields)


def bill(expense, cost_fen, **fields):
    given_fields = {
        "event": "e", "person": "p", "payee": "海棠餐厅", "day": "2026-11-02", "kind": "meal", "people": 4, **fields
    }  # fmt: skip
    return Bill(expense=expense, cost_fen=cost_fen, **given_fields)


@given(cap=st.integers(1, 6), n=st.integers(0, 12), gap=st.integers(0, 2 * DAY))
def test_a_doctor_is_signalled_exactly_when_a_window_of_30_days_holds_more_visits_than_the_cap(cap, n, gap):
    visits = [contact(f"{place:02d}", starts=place * gap) for place in range(n)]
    limits = replace(LIMITS, visits_in_30_days=cap)

    signals = detectors.frequency_beyond_cap(visits, limits)

    assert bool(signals) is (n > cap and cap * gap < 30 * DAY)
    assert all(len(one.members) == cap + 1 for one in signals)
    assert len({visit for one in signals for visit in one.members}) == sum(
        len(one.members) for one in signals
    )


def test_the_cap_counts_all_who_visited_a_doctor_together():
    visits = [contact(str(place), rep=f"r{place}", starts=place * DAY) for place in range(5)]

    assert [one.subject for one in detectors.frequency_beyond_cap(visits, LIMITS)] == ["doctor:d"]


@given(free=st.integers(-14, 400))
def test_a_way_is_impossible_exactly_below_the_time_it_takes(free):
    one = contact("1", hospital="a", latitude=PUDONG[0], longitude=PUDONG[1])
    other = contact("2", hospital="b", latitude=HONGQIAO[0], longitude=HONGQIAO[1], starts=15 + free)
    km = detectors.distance_km(*PUDONG, *HONGQIAO)
    needed = int(60 * km / LIMITS.travel_kmh)

    signals = detectors.impossible_travel([one, other], LIMITS)

    assert bool(signals) is (free < 0 or free + LIMITS.travel_grace_minutes < needed)


def test_two_cities_of_one_morning_are_signalled_with_or_without_coordinates():
    near = [
        contact("1", hospital="a", city="3101"), contact("2", hospital="b", city="1101", starts=35)
    ]  # fmt: skip
    far = [
        contact("1", hospital="a", latitude=PUDONG[0], longitude=PUDONG[1]),
        contact("2", hospital="b", latitude=BEIJING[0], longitude=BEIJING[1], starts=180),
    ]

    assert len(detectors.impossible_travel(near, LIMITS)) == 1
    assert detectors.impossible_travel(far, LIMITS)[0].figures["km"] == pytest.approx(1068, abs=6)


@pytest.mark.parametrize(
    "change", [{"hospital": "a"}, {"rep": "other"}, {"in_person": False}, {"starts": 15 + 600}]
)
def test_one_place_two_people_a_call_and_a_free_day_are_no_impossible_travel(change):
    first = contact("1", hospital="a", city="3101")
    second = replace(contact("2", hospital="b", city="1101", starts=16), **change)
    second = replace(second, ends=second.starts + 15)

    assert detectors.impossible_travel([first, second], LIMITS) == []


@given(picture=st.integers(0, 2**64 - 1), flips=st.sets(st.integers(0, 63), max_size=12))
def test_pictures_are_the_same_up_to_four_bits(picture, flips):
    other = picture
    for place in flips:
        other ^= 1 << place

    signals = detectors.reused_proofs(
        [Proof("e1", "photo", "a", picture), Proof("e2", "photo", "b", other)], LIMITS
    )

    assert bool(signals) is (len(flips) <= LIMITS.photo_bits)


def test_the_same_bytes_prove_two_events_but_may_stand_twice_in_one():
    same = [Proof("e1", "photo", "a"), Proof("e1", "sign_in", "a"), Proof("e2", "photo", "a")]

    signals = detectors.reused_proofs(same, LIMITS)

    assert [(one.subject, one.members) for one in signals] == [("event:e2", ("e1", "e2"))]
    assert detectors.reused_proofs(same[:2], LIMITS) == []


@given(gaps=st.lists(st.integers(0, 8), min_size=0, max_size=14))
def test_sign_ins_by_one_hand_are_those_where_five_fall_within_ten_seconds(gaps):
    seconds, now = [], 0
    for gap in gaps:
        now += gap
        seconds.append(now)
    rows = [SignIn("e", f"d{place:02d}", second) for place, second in enumerate(seconds)]
    crowded = any(seconds[place + 4] - seconds[place] <= 10 for place in range(len(seconds) - 4))

    assert bool(detectors.signins_by_one_hand(rows, LIMITS)) is crowded


@given(costs=st.lists(st.integers(1, 40).map(lambda n: n * 2_500), max_size=20))
def test_round_amounts_are_signalled_from_five_and_sixty_percent(costs):
    bills = [bill(f"{place:02d}", cost) for place, cost in enumerate(costs)]
    round_ones = sum(cost % 10_000 == 0 for cost in costs)

    signals = detectors.round_amounts(bills, LIMITS)

    assert bool(signals) is (round_ones >= 5 and 10 * round_ones >= 6 * len(costs))


@given(costs=st.lists(st.integers(1, 200_000), min_size=1, max_size=5), people=st.integers(1, 8))
def test_bills_are_split_exactly_when_each_keeps_the_cap_and_all_together_do_not(costs, people):
    bills = [bill(str(place), cost, people=people) for place, cost in enumerate(costs)]
    cap = 30_000 * people

    signals = detectors.split_bills(bills, LIMITS)

    assert bool(signals) is (len(costs) > 1 and sum(costs) > cap and max(costs) <= cap)


def test_meals_of_another_payee_day_or_kind_do_not_count_together():
    first = bill("1", 110_000)
    for change in ({"payee": "别处"}, {"day": "2026-11-03"}, {"kind": "tea"}):
        assert detectors.split_bills([first, replace(bill("2", 110_000), **change)], LIMITS) == []

    assert len(detectors.split_bills([first, bill("2", 110_000)], LIMITS)) == 1


@given(n=st.integers(0, 12), late=st.integers(0, 3 * DAY), apart=st.integers(0, 30))
def test_a_burst_is_six_late_reports_within_an_hour(n, late, apart):
    visits = [replace(contact(f"{place:02d}"), saved=15 + late + place * apart) for place in range(n)]
    counted = [one for one in visits if one.saved - one.ends >= DAY]
    sittings = len([one for one in counted if one.saved - counted[0].saved <= 60]) if counted else 0

    signals = detectors.late_bursts(visits, LIMITS)

    if sittings >= 6:
        assert signals
    if len(counted) < 6:
        assert signals == []
    assert all(one.figures["n"] >= 6 for one in signals)


NOTE = "与主任讨论了肾功能不全患者的起始剂量，主任关注低血糖风险，希望看到随访数据。"


def test_notes_in_nearly_the_same_words_about_two_doctors_are_signalled_once():
    visits = [
        contact("1", doctor="a", note=NOTE),
        contact("2", doctor="b", starts=DAY, note=NOTE + "！"),
        contact("3", doctor="c", starts=2 * DAY, note=NOTE.replace("主任关注", "他关注")),
        contact(
            "4", doctor="d", starts=3 * DAY, note="科室正在更新抗凝指南，想了解老年患者的减量依据和监测频率。"
        ),
    ]

    signals = detectors.copied_notes(visits, LIMITS)

    assert len(signals) == 1
    assert {"1", "2"} <= set(signals[0].members)
    assert "4" not in signals[0].members


@given(text=st.text(max_size=60))
def test_the_same_note_is_signalled_only_when_long_enough_and_about_different_doctors(text):
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    different = [contact("1", doctor="a", note=text), contact("2", doctor="b", starts=9, note=text)]
    same = [replace(one, doctor="a") for one in different]
    others = [replace(one, rep=one.visit) for one in different]

    assert bool(detectors.copied_notes(different, LIMITS)) is (len(plain) >= LIMITS.note_least)
    assert detectors.copied_notes(same, LIMITS) == []
    assert detectors.copied_notes(others, LIMITS) == []


@given(chance=st.randoms(use_true_random=False))
def test_a_signal_keeps_its_mark_whatever_order_the_records_come_in(chance):
    visits = [
        contact(str(place), starts=place * DAY, note=NOTE, doctor=f"d{place % 2}") for place in range(9)
    ]
    shuffled = list(visits)
    chance.shuffle(shuffled)

    for detector in (detectors.frequency_beyond_cap, detectors.impossible_travel, detectors.late_bursts,
                     detectors.copied_notes):  # fmt: skip
        assert [one.mark for one in detector(visits, LIMITS)] == [
            one.mark for one in detector(shuffled, LIMITS)
        ]
