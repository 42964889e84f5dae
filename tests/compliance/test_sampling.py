"""The sampling formula: repeatable by anybody, blind to order, and fair by weight."""

import hashlib
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.sampling import MOST_TICKETS, Candidate, draw, number_of

subjects = st.text("abcdef0123456789", min_size=1, max_size=8).map(lambda key: f"visit:{key}")
candidates = st.lists(
    st.builds(
        Candidate,
        subject=subjects,
        points=st.lists(st.tuples(st.sampled_from(["late", "in_breach"]), st.integers(0, 6)), max_size=3).map(
            tuple
        ),
    ),
    max_size=30,
    unique_by=lambda one: one.subject,
)
seeds = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(seed=seeds, rows=candidates, size=st.integers(0, 40), chance=st.randoms(use_true_random=False))
def test_the_same_seed_draws_the_same_sample_in_whatever_order_the_items_come(seed, rows, size, chance):
    shuffled = list(rows)
    chance.shuffle(shuffled)

    assert draw(seed, rows, size) == draw(seed, shuffled, size)


@given(seed=seeds, rows=candidates, size=st.integers(0, 40))
def test_a_sample_has_the_asked_size_and_the_smallest_numbers(seed, rows, size):
    sample = draw(seed, rows, size)
    drawn = {one.candidate.subject for one in sample}
    rest = [number_of(seed, one.subject, one.tickets) for one in rows if one.subject not in drawn]

    assert len(sample) == len(drawn) == min(size, len(rows))
    assert all(one.number <= other for one in sample for other in rest)


@given(seed=seeds, subject=subjects, tickets=st.integers(1, MOST_TICKETS - 1))
def test_another_ticket_never_makes_an_item_less_likely(seed, subject, tickets):
    assert number_of(seed, subject, tickets + 1) <= number_of(seed, subject, tickets)


@given(seed=seeds, subject=subjects, tickets=st.integers(1, 12))
def test_the_number_is_the_published_hash_and_nothing_else(seed, subject, tickets):
    by_hand = sorted(
        hashlib.sha256(f"{seed}|{subject}|{n}".encode()).hexdigest() for n in range(1, tickets + 1)
    )

    assert number_of(seed, subject, tickets) == by_hand[0]


@given(small=candidates, seed=seeds, size=st.integers(1, 5))
def test_a_larger_sample_contains_the_smaller_one(small, seed, size):
    first = [one.candidate for one in draw(seed, small, size)]

    assert [one.candidate for one in draw(seed, small, size + 3)][: len(first)] == first


def test_an_item_with_three_tickets_is_drawn_first_three_times_as_often():
    rows = [Candidate("visit:heavy", (("late", 2),)), Candidate("visit:light")]
    firsts = Counter(draw(f"{n:064x}", rows, 1)[0].candidate.subject for n in range(4000))

    assert 0.72 < firsts["visit:heavy"] / 4000 < 0.78


def test_points_beyond_the_most_tickets_count_no_further():
    assert Candidate("visit:1", (("late", 900),)).tickets == MOST_TICKETS
    assert Candidate("visit:1").tickets == 1
