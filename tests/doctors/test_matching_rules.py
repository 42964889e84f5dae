"""The rules of matching: symmetric comparison, scores that rise with agreement, weights fitted without labels."""

from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from doctors.rules.comparing import (
    FEATURE_LEVELS,
    NO_CANDIDATE,
    Person,
    Workplace,
    compare,
    compare_departments,
    compare_titles,
    compare_workplaces,
    is_candidate,
    score_of,
)
from doctors.rules.labelled_pairs import labelled_pairs
from doctors.rules.name_shares import commonness, rarity_level, shares_of, shipped_shares
from doctors.rules.same_names import compare_names, folded_name, split_name
from doctors.rules.thresholds import Known
from doctors.rules.weights import MISSING, Weights, fit, probability
from doctors.selectors.matching import shipped_pairs, shipped_weights

NAMES = st.text(alphabet="王李张欧阳曾晓小明敏伟玮丽·AB ", min_size=1, max_size=6)
PLACES = st.builds(
    Workplace,
    key=st.sampled_from(["h1", "h2", "h3"]),
    root=st.sampled_from(["", "h1", "h9"]),
    names=st.frozensets(st.sampled_from(["湖滨医院", "湖滨医院（东院区）", "城北医院"]), min_size=1),
    division=st.sampled_from(["", "330106", "330205", "110101"]),
)
PEOPLE = st.builds(
    Person,
    name=NAMES,
    workplaces=st.lists(PLACES, max_size=2).map(tuple),
    department=st.sampled_from(["", "03", "03.04", "03.05", "11", "心内科"]),
    title=st.sampled_from(["unknown", "attending_physician", "chief_physician", "nurse"]),
    specialty=st.sampled_from(["", "心律失常", "心力衰竭"]),
    phones=st.frozensets(st.sampled_from(["a", "b", "c"]), max_size=2),
)
LEVELS = st.tuples(*(st.integers(MISSING, count - 1) for count in FEATURE_LEVELS))


@settings(max_examples=60, deadline=None)
@given(PEOPLE, PEOPLE)
def test_a_comparison_is_the_same_from_either_side(one, other):
    assert compare(one, other) == compare(other, one)


@settings(max_examples=60, deadline=None)
@given(LEVELS, st.integers(0, len(FEATURE_LEVELS) - 1))
def test_a_closer_agreement_never_lowers_a_score(levels, place):
    weights = shipped_weights()
    assume(levels[place] != MISSING and levels[place] + 1 < FEATURE_LEVELS[place])
    closer = (*levels[:place], levels[place] + 1, *levels[place + 1 :])

    assert weights.score(closer) >= weights.score(levels)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("张伟", "張偉", 3),
        ("欧阳菲", "歐陽菲", 2),
        ("阿依古丽·买买提", "阿依古丽•买买提", 3),
        ("曾强", "曾墙", 2),
        ("王晓明", "王小明", 2),
        ("单雄", "善雄", 2),
        ("吴明建", "吴明兆", 1),
        ("王伟", "王坚", 0),
        ("张伟", "李伟", 0),
        ("John Smith", "SMITH JOHN", 2),
        ("John Smith", "Jon Smith", 1),
        ("王伟", "Wang Wei", 2),
        ("", "王伟", MISSING),
    ],
)
def test_names_are_compared_as_a_reader_would(one, other, level):
    assert compare_names(one, other) == level


def test_a_compound_surname_is_kept_whole():
    assert split_name(folded_name("欧阳菲")) == ("欧阳", "菲")
    assert split_name(folded_name("欧阳")) == ("欧", "阳")


def test_a_campus_is_the_same_hospital_and_a_namesake_in_another_city_is_not():
    main = Workplace("1", names=frozenset({"宁波市第一医院"}), division="330203")
    campus = Workplace("2", names=frozenset({"宁波市第一医院（东院区）"}), division="330212")
    elsewhere = Workplace("3", names=frozenset({"宁波市第一医院"}), division="110101")

    assert compare_workplaces([main], [campus]) == 3
    assert compare_workplaces([main], [elsewhere]) == 0
    assert compare_workplaces([main], []) == MISSING


def test_departments_and_titles_know_near_from_far():
    assert compare_departments("03.04", "03.05") == 1
    assert compare_departments("03.04", "11") == 0
    assert compare_titles("attending_physician", "associate_chief_physician") == 2
    assert compare_titles("resident_physician", "chief_physician") == 1
    assert compare_titles("nurse", "chief_physician") == 0
    assert compare_titles("unknown", "chief_physician") == MISSING


def test_a_rare_name_weighs_more_than_a_common_one():
    shares = shipped_shares()

    assert rarity_level("王伟", shares) < rarity_level("覃雨桐", shares)
    assert sum(commonness("王伟", shares)) < sum(commonness("司徒嫣然", shares))


def test_a_small_base_takes_the_shipped_shares_and_a_large_one_its_own():
    assert shares_of(["王伟"] * 10) is shipped_shares()
    assert shares_of(["覃若"] * 20_000).surnames == {"覃": 100_000.0}


def test_different_names_are_no_candidates_unless_a_number_is_shared():
    apart = (0, 4, 2, 3, 2, MISSING, MISSING)

    assert not is_candidate(apart)
    assert score_of(shipped_weights(), apart) == NO_CANDIDATE
    assert is_candidate((0, 4, 2, 3, 2, 1, MISSING))


def test_weights_are_found_without_labels():
    true = fit(["a", "b"], [2, 2], Counter({(1, 1): 1800, (1, 0): 200, (0, 1): 300, (0, 0): 7700}))

    assert true.share == pytest.approx(0.2, abs=0.05)
    assert true.bits(0, 1) > 3 > 0 > true.bits(0, 0)


def test_the_order_of_the_pairs_does_not_matter():
    patterns = {(1, 1): 90, (1, 0): 20, (0, 1): 40, (0, 0): 850, (MISSING, 1): 17}

    one = fit(["a", "b"], [2, 2], patterns)
    other = fit(["a", "b"], [2, 2], dict(reversed(patterns.items())))

    assert one == other


def test_a_fit_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no pairs"):
        fit(["a"], [2], {})


def test_weights_survive_being_written_down():
    weights = shipped_weights()

    assert Weights.of_facts(weights.as_facts()) == weights


def test_bits_are_odds():
    assert probability(0) == 0.5
    assert probability(1) == pytest.approx(2 / 3)
    assert (probability(500), probability(-500)) == (1.0, 0.0)


def test_the_same_seed_gives_the_same_pairs_and_both_halves_hold_enough():
    pairs = labelled_pairs()
    test_half = [pair for pair in pairs if pair.part == "test"]

    assert pairs == labelled_pairs.__wrapped__()
    assert len(test_half) >= 1000
    assert 0.4 < sum(pair.same for pair in test_half) / len(test_half) < 0.6
    assert {"namesake_colleague", "homophone_colleague", "moved", "promoted"} <= {pair.kind for pair in pairs}


def test_lines_chosen_on_one_half_hold_on_the_other():
    weights = shipped_weights()
    line = shipped_pairs(weights, part="fit").best().line

    found = shipped_pairs(weights, part="test").judge(line)

    assert found.f1 >= 0.97


def test_bands_and_lines_count_every_pair_once():
    known = Known([(-300, False), (100, False), (100, True), (500, True), (900, True), (700, False)])
    bands = known.bands(0, 600)

    assert (bands.no_same, bands.no_other) == (0, 1)
    assert (bands.ask_same, bands.ask_other) == (2, 1)
    assert (bands.alone_same, bands.alone_other) == (1, 1)
    assert known.judge(0).precision == pytest.approx(3 / 5)
    assert known.judge(0).recall == 1
    assert [one.recall for one in known.curve()] == sorted(
        (one.recall for one in known.curve()), reverse=True
    )


def test_suggested_lines_are_in_order():
    lower, upper = shipped_pairs(shipped_weights(), part="fit").suggested()
    high = shipped_pairs(shipped_weights(), part="test").judge(upper)

    assert lower <= upper
    assert high.precision >= 0.98
