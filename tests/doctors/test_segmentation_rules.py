"""Scoring in whole numbers: what must hold for every model and every cohort."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctors.actions.segmentation import default_spec
from doctors.rules import decay
from doctors.rules import segmentation as rules
from doctors.rules.features import ALLOWED, CATALOGUE
from tests.doctors.scoring_by_hand import levels_of

PARTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=20)
VALUES = st.lists(st.integers(0, 50), min_size=1, max_size=60)


def spec(**changes):
    from dataclasses import replace
    from datetime import date

    return replace(default_spec(landmark_on=date(2025, 1, 1)), **changes)


@given(parts=PARTS, total=st.integers(0, 100_000))
def test_shares_by_largest_remainder_add_up_and_stay_within_one_of_the_exact_share(parts, total):
    shares = rules.largest_remainder(total, parts)

    assert sum(shares) == (total if sum(parts) else 0)
    if sum(parts):
        assert all(
            abs(share - Fraction(part * total, sum(parts))) < 1
            for share, part in zip(shares, parts, strict=True)
        )


def test_the_weights_of_a_sound_model_share_one_hundred_points():
    model = spec()

    weights = rules.weights_of(model)

    assert sum(w for w, f in zip(weights, model.features, strict=True) if f.sign > 0) == rules.FULL


@given(values=VALUES)
def test_levels_keep_the_order_of_the_values_and_equal_values_get_equal_levels(values):
    levels = levels_of(values)

    for one, level in zip(values, levels, strict=True):
        for other, other_level in zip(values, levels, strict=True):
            assert (one < other) <= (level <= other_level)
            assert (one == other) <= (level == other_level)
    assert all(0 <= level <= rules.FULL for level in levels)


@given(values=VALUES, order=st.randoms(use_true_random=False))
def test_levels_do_not_depend_on_the_order_doctors_are_listed_in(values, order):
    shuffled = list(enumerate(values))
    order.shuffle(shuffled)

    levels = levels_of([value for _place, value in shuffled])

    assert [
        level for _place, level in sorted(zip([p for p, _v in shuffled], levels, strict=True))
    ] == levels_of(values)


@given(value=st.integers(0, 100), size=st.integers(1, 50))
def test_where_all_are_equal_nobody_gets_anything_from_the_feature(value, size):
    assert levels_of([value] * size) == [0] * size


def test_a_doctor_alone_in_a_cohort_has_level_nought():
    assert rules.level_of_rank(0, 1) == 0


@given(weight=st.integers(0, 10_000), level=st.integers(0, 10_000), more=st.integers(0, 10_000))
def test_a_higher_level_never_lowers_a_raising_feature_and_never_raises_a_lowering_one(weight, level, more):
    higher = min(level + more, rules.FULL)

    assert rules.contribution(weight, higher) >= rules.contribution(weight, level)
    assert rules.contribution(weight, higher, -1) <= rules.contribution(weight, level, -1)
    assert 0 <= rules.contribution(weight, level) <= weight


LINES = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 1_000)).map(
    lambda found: rules.Lines(max(found[:2]), min(found[:2]), found[2])
)
HELD = st.sampled_from(["", *rules.LADDER])


@given(score=st.integers(-2000, 10_000), lines=LINES, held=HELD)
def test_scoring_again_with_the_same_score_gives_the_same_tier(score, lines, held):
    first = rules.tier_of(score, lines, held)

    assert rules.tier_of(score, lines, first) == first


@given(score=st.integers(-2000, 10_000), more=st.integers(0, 5_000), lines=LINES, held=HELD)
def test_a_higher_score_never_gives_a_lower_tier(score, more, lines, held):
    def step(tier):
        return rules.LADDER.index(tier)

    assert step(rules.tier_of(score + more, lines, held)) >= step(rules.tier_of(score, lines, held))


def test_a_tier_is_reached_at_its_line_and_kept_a_margin_below_it():
    lines = rules.Lines(7500, 5000, 200)

    assert rules.tier_of(7499, lines) == "potential"
    assert rules.tier_of(7500, lines) == "core"
    assert rules.tier_of(7300, lines, "core") == "core"
    assert rules.tier_of(7299, lines, "core") == "potential"


@given(scores=st.lists(st.integers(0, 10_000), min_size=1, max_size=200), share=st.integers(1, 10_000))
def test_a_share_line_takes_in_at_least_the_share_and_no_whole_score_more(scores, share):
    heights = sorted({score: scores.count(score) for score in scores}.items(), reverse=True)
    wanted = len(scores) * share // rules.FULL

    line = rules.line_of_heights(heights, share)

    above = sum(score >= line for score in scores)
    strictly_above = sum(score > line for score in scores)
    assert above >= wanted
    assert strictly_above < max(wanted, 1)


@given(
    cells=st.dictionaries(
        st.tuples(st.sampled_from("ABCD"), st.sampled_from("3210")), st.integers(1, 100), max_size=16
    ),
    least=st.integers(2, 80),
)
def test_every_cell_is_ranked_in_exactly_one_cohort_and_only_the_rest_may_stay_small(cells, least):
    pools = rules.pools_of(cells, least)

    assert pools.keys() == cells.keys()
    sizes = {}
    for cell, pool in pools.items():
        sizes[pool] = sizes.get(pool, 0) + cells[cell]
    assert all(size >= least for pool, size in sizes.items() if pool != ("*", "*"))


@pytest.mark.parametrize("half_life", [60, 97, 120, 180, 365, 730])
def test_a_factor_doubles_over_one_half_life_and_fits_the_database(half_life):
    table = decay.factors(half_life)

    assert table[0] == 65_536
    assert table[half_life] == 131_072
    assert all(earlier <= later for earlier, later in itertools.pairwise(table))
    assert table[-1] * 100 * 50_000 < 2**63


@given(
    events=st.lists(st.tuples(st.integers(0, 700), st.integers(-200, 200)), max_size=30),
    order=st.randoms(use_true_random=False),
)
def test_strength_does_not_depend_on_the_order_of_the_interactions(events, order):
    shuffled = list(events)
    order.shuffle(shuffled)

    assert decay.strength(shuffled, 120) == decay.strength(events, 120)
    assert decay.worth(decay.strength(events, 120), 120, 700) >= 0


def test_one_fresh_interaction_is_worth_one_and_half_after_a_half_life():
    seen = decay.strength([(100, 100)], 180)

    assert decay.worth(seen, 180, 100) == 100
    assert decay.worth(seen, 180, 280) == 50


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"influence_bp": 4001}, "dimensions_do_not_sum"),
        ({"features": ()}, "no_features"),
        ({"core_cut_bp": 9000}, "cuts_out_of_order"),
        ({"hysteresis_bp": 1001}, "hysteresis_out_of_range"),
        ({"min_cohort": 1}, "cohort_too_small"),
        ({"cut": "mood"}, "unknown_cut"),
    ],
)
def test_an_unsound_model_is_named_for_what_is_wrong(changes, code):
    assert code in {fault.code for fault in rules.faults_of(spec(**changes))}


def test_the_default_model_is_sound():
    assert rules.faults_of(spec()) == []


@pytest.mark.parametrize("key", [feature.key for feature in CATALOGUE.values() if not feature.is_allowed])
def test_what_must_not_exist_cannot_be_a_feature(key):
    broken = spec(features=(*spec().features, rules.FeatureSpec(key, 0)))

    assert "forbidden_feature" in {fault.code for fault in rules.faults_of(broken)}


def test_every_allowed_feature_names_its_lawful_source_and_none_counts_prescriptions_or_sales():
    for feature in ALLOWED:
        assert feature.source
        assert feature.definition
        assert not {"prescri", "sales", "revenue", "rx"} & set(feature.definition.lower().split())


def test_equal_models_have_equal_hashes_and_any_change_another():
    assert spec().digest == spec().digest
    assert spec(hysteresis_bp=199).digest != spec().digest


def test_the_example_of_the_method_page_comes_out_as_printed():
    table = decay.factors(180)

    assert (table[680], table[690]) == (898_885, 934_175)
    assert decay.worth(decay.strength([(680, 100)], 180), 180, 690) == 96
