"""Facts and rules in, verdict out."""

import time
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.facts import EventFacts, ExpenseFacts, VisitFacts
from compliance.evaluate import evaluate, money, percent, point_shapes, shipped_book, stops, verdict_of
from compliance.rules.book import Book, DatedParameter
from compliance.rules.reading import read_rule

DAY = date(2026, 11, 23)
FINE = VisitFacts(
    rep_employed=True,
    rep_filed=True,
    rep_commitment_signed=True,
    institution_consents=True,
    safety_answered=True,
)


@given(cost=st.integers(0, 10**8), people=st.integers(1, 300), cap=st.integers(1, 10**6))
def test_a_breach_is_exactly_a_price_per_head_above_the_cap(cost, people, cap):
    facts = ExpenseFacts(kind="meal", cost_fen=cost, people_present=people)

    verdict = evaluate("expense.submit", facts, on=DAY, parameters={"RD-01": {"cap_fen": cap}})

    assert ("RD-01" in verdict.breached) is (Fraction(cost, people) > cap)


def test_a_fine_visit_is_allowed_at_every_point():
    for point in ("visit.plan", "visit.start", "visit.submit"):
        assert evaluate(point, FINE, on=DAY).breached == []


def test_a_no_carries_rule_source_words_and_what_to_do_instead():
    facts = ExpenseFacts(kind="meal", cost_fen=102600, people_present=3)

    refusal = next(r for r in evaluate("expense.submit", facts, on=DAY).refusals if r.rule == "RD-01")

    assert refusal.message["zh"] == "餐费 1,026 元，3 人，超过人均 300 元。"
    assert refusal.message["en"] == "The meal costs 1,026 CNY for 3 people; the limit is 300 each."
    assert refusal.sources[0].clause == "7（餐饮）"
    assert refusal.waivable
    assert refusal.blocks


def test_lists_are_said_in_each_language():
    facts = replace(FINE, training_missing=("GVP-2026", "RB-101"))

    refusal = evaluate("visit.plan", facts, on=DAY).refusals[0]

    assert "GVP-2026、RB-101" in refusal.message["zh"]
    assert "GVP-2026, RB-101" in refusal.message["en"]


def test_an_unadopted_policy_advises_and_an_adopted_one_blocks():
    facts = replace(FINE, doctors_outside_territory=("a",))

    quiet = evaluate("visit.plan", facts, on=DAY)
    adopted = evaluate("visit.plan", facts, on=DAY, parameters={"CP-01": {"adopted": True}})

    assert quiet.breached == []
    assert [refusal.rule for refusal in quiet.advice] == ["CP-01"]
    assert adopted.breached == ["CP-01"]


def test_a_watched_act_is_advised_and_not_stopped():
    verdict = evaluate("visit.plan", replace(FINE, visits_last_30_days=4), on=DAY)

    assert verdict.allows
    assert [refusal.rule for refusal in verdict.advice] == ["SG-01"]


def test_a_waiver_covers_only_a_rule_that_can_be_waived():
    facts = EventFacts(
        organiser_employed=True, organiser_filed=True, need_stated=True, venue_class="spa", entertainment=True
    )

    verdict = evaluate("event.request", facts, on=DAY, waivers={"RD-07": "w1", "RD-02": "w2"})

    assert verdict.breached == ["RD-02"]


def test_an_act_is_judged_by_the_law_of_its_day():
    facts = replace(FINE, rep_contract="cso", mah_approved=True)

    assert "MR-01b" not in evaluate("visit.plan", facts, on=date(2026, 7, 31)).rules
    assert "MR-01b" in evaluate("visit.plan", facts, on=date(2026, 8, 1)).rules


def test_a_company_figure_holds_from_its_day():
    book = replace(
        shipped_book(),
        key="test",
        parameters=(DatedParameter("RD-01", "cap_fen", 20000, "2026-06-01", "2026-07-01"),),
    )
    facts = ExpenseFacts(kind="meal", cost_fen=25000, people_present=1)

    breached = [
        day
        for day in ("2026-05-31", "2026-06-01", "2026-06-30", "2026-07-01")
        if "RD-01" in evaluate("expense.submit", facts, on=day, book=book).breached
    ]

    assert breached == ["2026-06-01", "2026-06-30"]


def test_what_is_held_stops_every_act():
    assert evaluate("visit.plan", FINE, on=DAY, held=["doctor:1"]).breached == ["HOLD-01"]


def test_a_rule_that_cannot_be_computed_stops_the_act_with_a_clear_word():
    text = next(rule for rule in shipped_book().rules if rule.id == "RD-01").body
    broken = read_rule(
        text.replace("params.cap_fen * expense.people_present", "9223372036854775807 * expense.cost_fen"),
        point_shapes(),
    )
    facts = ExpenseFacts(kind="meal", cost_fen=90000, people_present=3)

    verdict = evaluate("expense.submit", facts, on=DAY, book=Book("test", (broken,)))

    assert verdict.breached == ["RD-01"]
    assert "OverflowError" in verdict.refusals[0].fault
    assert verdict.refusals[0].message["zh"] == "规则 RD-01 无法计算，暂按不通过处理。"


def test_a_verdict_survives_its_stored_form():
    from dataclasses import asdict

    verdict = evaluate("visit.plan", VisitFacts(rep_contract="cso"), on=DAY, subject="visit:1", id="1")

    assert verdict_of(asdict(verdict)) == verdict


def test_old_facts_without_a_later_field_are_judged_with_its_default():
    verdict = evaluate("visit.plan", {"rep_employed": True}, on=DAY)

    assert verdict.facts["channel"] == "face_to_face"


@pytest.mark.parametrize(
    ("fen", "words"), [(30000, "300"), (34250, "342.50"), (123456700, "1,234,567"), (-100, "-1"), (5, "0.05")]
)
def test_money_is_said_in_yuan(fen, words):
    assert money(fen) == words


@pytest.mark.parametrize(("points", "words"), [(6740, "67.4%"), (5000, "50%"), (1, "0.01%"), (10000, "100%")])
def test_basis_points_are_said_as_percent(points, words):
    assert percent(points) == words


@pytest.mark.parametrize("rule", shipped_book().rules, ids=lambda rule: rule.id)
def test_a_dry_run_stops_what_the_evaluator_stops(rule):
    for example in rule.examples:
        point = example.point if example.root != "act" else "visit.plan"
        facts = example.facts if example.root != "act" else {}
        on, held = example.act.get("on", "2026-11-23"), tuple(example.act.get("held", ()))
        whole = evaluate(point, facts, on=on, held=held, parameters={rule.id: {"adopted": True}})

        readings = [(rule, {**rule.parameters, "adopted": True})]
        quick = stops(point, whole.facts, readings, on=on, held=held)

        assert quick == [rule.id in whole.breached]


def test_twenty_rules_take_less_than_five_milliseconds():
    """S11. The floor is far below; the bound only catches a lost cache."""
    assert len(shipped_book().at("visit.plan", "2026-11-23")) >= 20
    evaluate("visit.plan", FINE, on=DAY)

    started = time.perf_counter()
    for _ in range(50):
        evaluate("visit.plan", FINE, on=DAY)

    assert (time.perf_counter() - started) / 50 < 0.005
