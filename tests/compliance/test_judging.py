"""Ask the law: refusal before an act, breach after it, holds, waivers, packs, replay."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from activities.facts import ExpenseFacts, VisitFacts
from compliance import actions as law
from compliance import selectors
from compliance.actions import packs
from compliance.actions.recording import store_verdict
from compliance.evaluate import shipped_book, verdict_of
from compliance.models import LedgerEntry, RulePack, Signature, StoredVerdict
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from tests.factories.compliance import proof_of

FINE = VisitFacts(
    rep_employed=True,
    rep_filed=True,
    rep_commitment_signed=True,
    institution_consents=True,
    safety_answered=True,
)
MEAL = ExpenseFacts(kind="meal", cost_fen=102600, people_present=3)


def judge(point, facts, by, at, **more):
    return law.judge(point, facts, subject="visit:1", by=by, at=at, **more)


@pytest.mark.django_db
def test_before_the_act_a_breach_refuses(rep, at):
    with pytest.raises(Refused) as refusal:
        judge("visit.plan", replace(FINE, rep_filed=False), rep, at)

    assert refusal.value.verdict.breached == ["MR-08"]
    assert refusal.value.verdict.subject == "visit:1"


@pytest.mark.django_db
def test_after_the_act_a_breach_is_told_and_never_refused(rep, at):
    verdict = judge("visit.submit", replace(FINE, rep_filed=False), rep, at)

    assert verdict.breached == ["MR-08"]


@pytest.mark.django_db
@pytest.mark.parametrize("held", ["visit:1", "doctor:7", "user"])
def test_a_hold_on_anything_the_act_rests_on_stops_it(held, rep, officer, at):
    subject = f"user:{rep.pk}" if held == "user" else held
    law.place_hold(subjects=[subject], reason="label changed", by=officer, at=at)

    with pytest.raises(Refused) as refusal:
        judge("visit.plan", replace(FINE, subjects=("doctor:7",)), rep, at)

    assert refusal.value.verdict.breached == ["HOLD-01"]
    assert refusal.value.verdict.held == (subject,)


@pytest.mark.django_db
def test_a_judgement_costs_three_queries(rep, at, django_assert_num_queries):
    judge("visit.plan", FINE, rep, at)

    with django_assert_num_queries(3):
        judge("visit.plan", FINE, rep, at)


@pytest.mark.django_db
def test_before_a_book_is_adopted_the_shipped_edition_judges(rep, at):
    assert judge("visit.plan", FINE, rep, at).pack == shipped_book().key


@pytest.mark.django_db
def test_a_fresh_installation_adopts_the_shipped_edition_once(officer, at):
    pack = law.adopt_book(by=officer, at=at)

    assert pack.number == 1
    assert pack.versions.count() == len(shipped_book().rules)
    assert LedgerEntry.objects.get(event="compliance.book_adopted").subject == f"rulepack:{pack.key}"
    assert selectors.live_book(at).rules == shipped_book().rules or len(selectors.live_book(at).rules) == len(
        shipped_book().rules
    )
    with pytest.raises(law.BookAlreadyAdopted):
        law.adopt_book(by=officer, at=at)
    assert RulePack.objects.count() == 1


@pytest.mark.django_db
def test_an_edition_one_example_of_which_does_not_come_out_is_not_adopted(officer, at):
    first, *others = shipped_book().rules
    turned = [
        replace(one, refused=not one.refused) if n == 1 else one for n, one in enumerate(first.examples)
    ]
    wrong = replace(shipped_book(), rules=(replace(first, examples=tuple(turned)), *others))

    with pytest.raises(packs.BookHasFaults, match=f"^{first.id} #1$"):
        law.adopt_book(wrong, by=officer, at=at)

    assert not RulePack.objects.exists()
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
def test_a_policy_blocks_only_in_a_book_that_adopted_it(rep, officer, at):
    facts = replace(FINE, doctors_outside_territory=("a",))
    assert judge("visit.plan", facts, rep, at).allows

    law.adopt_book(by=officer, at=at, adopt_policies=True)

    with pytest.raises(Refused) as refusal:
        judge("visit.plan", facts, rep, at)
    assert refusal.value.verdict.breached == ["CP-01"]


@pytest.mark.django_db
def test_a_live_waiver_covers_a_breach_until_its_day(person, rep, at):
    chief = person("chief", "general_manager")
    day, subject = at.date(), f"user:{rep.pk}"
    waiver = law.request_waiver(
        rule="RD-01",
        subject=subject,
        reason="外宾",
        valid_from=day,
        valid_until=day + timedelta(days=2),
        by=rep,
        at=at,
    )
    meal = replace(MEAL, purpose_stated=True)
    with pytest.raises(Refused):
        law.judge("expense.submit", meal, subject=subject, by=rep, at=at)

    law.decide_waiver(waiver_id=waiver.pk, grant=True, reason="同意", by=chief, at=at)

    verdict = law.judge("expense.submit", meal, subject=subject, by=rep, at=at)
    assert verdict.allows
    assert next(r for r in verdict.refusals if r.rule == "RD-01").waiver_id == str(waiver.pk)
    assert law.replay(verdict).is_same
    with pytest.raises(Refused):
        law.judge("expense.submit", meal, subject=subject, by=rep, at=at + timedelta(days=2))


@pytest.mark.django_db
def test_a_stored_verdict_replays_to_the_same_answer(rep, officer, at):
    law.adopt_book(by=officer, at=at, adopt_policies=True)
    for facts in (FINE, replace(FINE, safety_answered=False), VisitFacts(products_outside_filing=("RB01",))):
        store_verdict(judge("visit.submit", facts, rep, at), by=rep, at=at)

    replays = [law.replay(verdict_of(stored.body)) for stored in StoredVerdict.objects.all()]

    assert len(replays) == 3
    assert all(replay.is_same for replay in replays)


@pytest.mark.django_db
def test_a_replay_by_another_figure_would_differ(rep, at):
    verdict = judge("visit.submit", replace(FINE, minutes_to_save=2000), rep, at)
    forged = replace(verdict, parameters={**verdict.parameters, "ER-22": {"hours": 100}})

    assert verdict.breached == ["ER-22"]
    assert not law.replay(forged).is_same


@pytest.mark.django_db
def test_an_older_pack_can_be_asked(rep, officer, at):
    pack = law.adopt_book(by=officer, at=at, adopt_policies=True)
    facts = replace(FINE, minutes_to_save=5000, late_reason_given=True)

    assert judge("visit.submit", facts, rep, at, pack=shipped_book().key).breached == []
    assert judge("visit.submit", facts, rep, at, pack=pack.key).breached == ["ER-23"]
    with pytest.raises(selectors.PackNotFound):
        judge("visit.submit", facts, rep, at, pack="9-none")


@pytest.mark.django_db
def test_a_pack_that_judged_cannot_be_changed(officer, at):
    from django.db import IntegrityError, transaction

    pack = law.adopt_book(by=officer, at=at)

    with pytest.raises(IntegrityError), transaction.atomic():
        RulePack.objects.filter(pk=pack.pk).update(figures=[])
    with pytest.raises(IntegrityError), transaction.atomic():
        pack.versions.through.objects.all().delete()


@pytest.mark.django_db
def test_the_phone_gets_the_same_rules_with_their_dates_and_figures(rep, officer, at):
    law.adopt_book(by=officer, at=at, adopt_policies=True)

    pack = selectors.phone_pack(["visit.submit", "material.show"], at)

    rules = {rule["id"]: rule for rule in pack["rules"]}
    assert pack["points"]["visit.submit"]["root"] == "visit"
    assert pack["points"]["visit.submit"]["facts"]["products"] == {"type": "list(string)", "default": []}
    assert rules["MR-08"]["breach_when"]["visit"] == "visit.rep_filed == false"
    assert "HOLD-01" in rules
    assert "RD-01" not in rules
    assert {
        key: figure[key]
        for figure in pack["figures"]
        if figure["rule"] == "ER-23"
        for key in ("rule", "name", "value")
    } == {"rule": "ER-23", "name": "adopted", "value": True}


@pytest.mark.django_db
def test_a_figure_is_changed_by_three_people(person, rep, officer, at):
    law.adopt_book(by=officer, at=at)
    second, third = person("second", Role.COMPLIANCE), person("third", Role.COMPLIANCE)
    meal = ExpenseFacts(kind="meal", cost_fen=75000, people_present=3)
    past = judge("expense.submit", meal, rep, at)
    store_verdict(past, by=rep, at=at)

    draft = law.draft_parameter(
        rule="RD-01", name="cap_fen", value=20000, valid_from=at.date(), reason="从严", by=officer, at=at
    )
    assert draft.dry_run["stopped"] == 1
    assert draft.dry_run["changed"][0]["verdict"] == past.id
    assert draft.dry_run["examples"]
    assert judge("expense.submit", meal, rep, at).allows
    for signer in (officer,):
        with pytest.raises(law.ParameterNotChanged):
            law.sign_parameter(parameter_id=draft.pk, proof=proof_of(signer, at), by=signer, at=at)
    law.sign_parameter(parameter_id=draft.pk, proof=proof_of(second, at), by=second, at=at)
    with pytest.raises(law.ParameterNotChanged):
        law.sign_parameter(parameter_id=draft.pk, proof=proof_of(second, at), by=second, at=at)
    law.sign_parameter(
        parameter_id=draft.pk,
        proof=proof_of(third, at + timedelta(minutes=1)),
        by=third,
        at=at + timedelta(minutes=1),
    )
    assert Signature.objects.filter(subject="rule:RD-01").count() == 2

    later = at + timedelta(minutes=2)
    with pytest.raises(Refused) as refusal:
        judge("expense.submit", meal, rep, later)
    assert refusal.value.verdict.breached == ["RD-01"]
    assert refusal.value.verdict.pack.startswith("2-")
    assert law.replay(past).is_same
    assert [entry.event for entry in LedgerEntry.objects.order_by("pk")][-1] == "compliance.parameter_changed"


@pytest.mark.django_db
def test_a_wrong_password_or_a_past_day_signs_no_figure(person, officer, at):
    second = person("second", Role.COMPLIANCE)
    draft = law.draft_parameter(
        rule="RD-01", name="cap_fen", value=20000, valid_from=at.date(), reason="从严", by=officer, at=at
    )
    good = proof_of(second, at)

    with pytest.raises(law.WrongProof):
        law.sign_parameter(parameter_id=draft.pk, proof=replace(good, password="wrong"), by=second, at=at)
    with pytest.raises(law.ParameterNotChanged):
        law.sign_parameter(parameter_id=draft.pk, proof=good, by=second, at=at + timedelta(days=1))

    draft.refresh_from_db()
    assert draft.first_signed_by is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "cap"}, "name"),
        ({"value": "300"}, "value"),
        ({"value": 30000}, "value"),
        ({"value": None}, "value"),
        ({"rule": "RD-99"}, "rule"),
        ({"reason": " "}, "reason"),
        ({"valid_from": -1}, "valid_from"),
    ],
)
def test_a_figure_that_makes_no_sense_is_not_drafted(change, field, officer, at):
    day = at.date()
    given = {
        "rule": "RD-01",
        "name": "cap_fen",
        "value": 20000,
        "valid_from": day,
        "reason": "从严",
        **change,
    }
    if given["valid_from"] == -1:
        given["valid_from"] = day - timedelta(days=1)

    with pytest.raises(law.ParameterNotChanged) as refusal:
        law.draft_parameter(**given, by=officer, at=at)

    assert refusal.value.field == field
    assert not LedgerEntry.objects.filter(event="compliance.parameter_drafted").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("on", "instrument", "judged_on"),
    [
        (date(2026, 7, 31), "医药代表备案管理办法(试行) (2020年第105号)", "2026-07-31"),
        (date(2026, 8, 1), "医药代表管理办法 (2026)", "2026-08-01"),
        (date(2031, 1, 1), "医药代表管理办法 (2026)", "2026-11-23"),  # a day to come is no day of an act
        (None, "医药代表管理办法 (2026)", "2026-11-23"),
    ],
)
def test_an_act_reported_later_is_judged_by_the_law_of_its_own_day(rep, at, on, instrument, judged_on):
    verdict = judge("visit.submit", replace(FINE, rep_filed=False), rep, at, on=on)

    assert verdict.on == judged_on
    assert {
        source.instrument for one in verdict.refusals if one.rule == "MR-08" for source in one.sources
    } == {instrument}
    assert law.replay(verdict).is_same
