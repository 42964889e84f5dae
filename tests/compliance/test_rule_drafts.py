"""A rule's text goes from draft to dry run, two signatures, in force from a day, and its end."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.timezone import localtime

from compliance import actions as law
from compliance import selectors
from compliance.actions import dry_runs
from compliance.actions.dry_run_jobs import finish_dry_run
from compliance.actions.recording import store_verdict
from compliance.choices import RuleState
from compliance.evaluate import RULEBOOK, evaluate
from compliance.models import LedgerEntry, RulePack, RuleVersion, Signature
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Job, OutboxMessage
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db
MEAL = (RULEBOOK / "hospitality" / "rd-01-meal-cap.yaml").read_text(encoding="utf-8")


@pytest.fixture
def book(officer, at):
    return law.adopt_book(by=officer, at=at - timedelta(days=30), adopt_policies=True)


@pytest.fixture
def signers(person):
    return [
        person("second", Role.COMPLIANCE),
        person("third", Role.REGULATORY),
        person("fourth", Role.MEDICAL),
    ]


def day(at, days=0):
    return (localtime(at).date() + timedelta(days=days)).isoformat()


def meal_text(at, *, days=1, cap=20000):
    """The meal rule with another cap, beginning some days from now, with examples to match."""
    text = MEAL.replace("valid_from: 2023-04-01", f"valid_from: {day(at, days)}", 1)
    for old, new in (("30001", cap + 1), ("30000", cap), ("90000", 3 * cap), ("90001", 3 * cap + 1)):
        text = text.replace(old, str(new))
    return text


def draft(at, by, **more):
    return law.draft_rule(**{"body": meal_text(at), "reason": "从严", "by": by, "at": at, **more})


def sign(made, by, at):
    return law.sign_rule(draft_id=made.pk, proof=proof_of(by, at), by=by, at=at)


def a_meal(by, at, fen, people=3):
    facts = {"kind": "meal", "cost_fen": fen, "people_present": people}
    book = selectors.live_book(at)
    verdict = evaluate(
        "expense.submit", facts, on=day(at), book=book, subject=f"expense:{fen}", id=str(uuid7())
    )
    return store_verdict(verdict, by=by, at=at)


def test_a_draft_is_tried_on_the_stored_year_and_judges_nothing(book, officer, rep, at):
    a_meal(rep, at - timedelta(days=20), 75000)
    a_meal(rep, at - timedelta(days=10), 45000)

    made = draft(at, officer)

    assert (made.state, made.version, made.grade) == (RuleState.DRAFT, 2, "避免")
    assert {name: made.dry_run[name] for name in ("stopped", "allowed", "same")} == {
        "stopped": 1,
        "allowed": 0,
        "same": 1,
    }
    assert made.dry_run["people"] == {str(rep.pk): {"stopped": 1}}
    assert [one["subject"] for one in made.dry_run["changed"]] == ["expense:75000"]
    assert LedgerEntry.objects.filter(event="compliance.rule_drafted", subject="rule:RD-01").count() == 1
    assert selectors.live_book(at).key == book.key


def test_two_others_sign_and_the_text_holds_from_its_day(book, officer, signers, at):
    made = draft(at, officer)

    first = sign(made, signers[0], at)
    assert first.state == RuleState.DRAFT
    done = sign(made, signers[1], at)

    old, new = selectors.texts_of("RD-01", at)
    assert done.state == RuleState.LIVE
    assert (old.valid_until, new.valid_from, new.parameters["cap_fen"]) == (day(at, 1), day(at, 1), 20000)
    facts = {"kind": "meal", "cost_fen": 75000, "people_present": 3}
    live = selectors.live_book(at)
    assert "RD-01" not in evaluate("expense.submit", facts, on=day(at), book=live).breached
    assert "RD-01" in evaluate("expense.submit", facts, on=day(at, 1), book=live).breached
    assert Signature.objects.filter(subject="rule:RD-01", meaning="compliance.rule_approved").count() == 2
    assert RulePack.objects.count() == 2
    assert LedgerEntry.objects.filter(event="compliance.rule_changed").count() == 1
    version = RuleVersion.objects.get(rule="RD-01", version=1)
    assert version.standing_on(localtime(at).date()) == "live"
    assert version.standing_on(localtime(at).date() + timedelta(days=1)) == "retired"
    assert done.standing_on(localtime(at).date()) == "scheduled"


def test_a_past_verdict_is_still_judged_by_the_pack_of_its_day(book, officer, rep, signers, at):
    kept = a_meal(rep, at - timedelta(days=1), 75000)
    made = draft(at, officer)
    for signer in signers[:2]:
        sign(made, signer, at)

    again = law.replay(selectors.verdict_given(kept.pk))

    assert again.is_same


@pytest.mark.parametrize("who", ["author", "same person twice", "stranger"])
def test_nobody_signs_twice_or_their_own(book, officer, signers, rep, at, who):
    made = draft(at, officer)
    if who == "same person twice":
        sign(made, signers[0], at)
    signer = {"author": officer, "same person twice": signers[0], "stranger": rep}[who]
    later = at + timedelta(minutes=1)
    before = RulePack.objects.count(), Signature.objects.count()

    with pytest.raises(PermissionDenied if who == "stranger" else law.RuleNotChanged):
        sign(made, signer, later)

    made.refresh_from_db()
    assert made.state == RuleState.DRAFT
    assert (RulePack.objects.count(), Signature.objects.count()) == before


def test_a_disabled_signer_does_not_sign(book, officer, signers, at):
    made = draft(at, officer)
    proof = proof_of(signers[0], at)
    signers[0].is_active = False
    signers[0].save()

    with pytest.raises(PermissionDenied):
        law.sign_rule(draft_id=made.pk, proof=proof, by=signers[0], at=at)

    made.refresh_from_db()
    assert made.first_signed_by_id is None


def test_a_changed_draft_loses_the_signature_it_had(book, officer, signers, at):
    made = draft(at, officer)
    before = law.content_of_rule(made)
    sign(made, signers[0], at)

    body = meal_text(at, cap=10000)
    revised = law.revise_rule(draft_id=made.pk, body=body, reason="更严", by=officer, at=at)

    assert revised.first_signed_by_id is None
    assert law.content_of_rule(revised) != before
    assert revised.dry_run["examples"] == []
    with pytest.raises(PermissionDenied):
        law.revise_rule(draft_id=made.pk, body=meal_text(at), reason="x", by=signers[0], at=at)


def test_a_draft_with_a_wrong_example_cannot_be_signed(book, officer, signers, at):
    made = draft(
        at,
        officer,
        body=MEAL.replace("valid_from: 2023-04-01", f"valid_from: {day(at, 1)}").replace(
            "cap_fen: 30000", "cap_fen: 20000"
        ),
    )

    assert made.dry_run["examples"]
    with pytest.raises(law.RuleNotChanged, match="例子"):
        sign(made, signers[0], at)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("> params.cap_fen * ", "> params.cap_fen / "), "divide by a whole number"),
        (lambda text: text.replace("expense.kind ==", "expense.colour =="), "there is no fact expense.colour"),
        (lambda text: text.replace("id: RD-01", "id: RD-99"), "no row RD-99"),
        (lambda text: text.replace('"7（餐饮）"', '"77"'), "has no clause 77"),
        (lambda text: text.replace("valid_from:", "valid_from: 2020-01-01\nx:"), "x is no part"),
        (lambda text: text.replace("examples:", "examples: &a\n  loop: *a\nx:"), "does not refer to itself"),
    ],
)  # fmt: skip
def test_a_faulty_text_is_not_kept_and_says_where(book, officer, at, change, words):
    entries = LedgerEntry.objects.count()

    with pytest.raises(law.RuleHasFaults) as refusal:
        draft(at, officer, body=change(meal_text(at)))

    assert any(words in fault.message and fault.line > 0 for fault in refusal.value.faults), (
        refusal.value.faults
    )
    assert not RuleVersion.objects.filter(state=RuleState.DRAFT).exists()
    assert LedgerEntry.objects.count() == entries


@pytest.mark.parametrize(("days", "words"), [(-1, "a day that is past"), (0, "")])
def test_a_text_begins_today_at_the_earliest(book, officer, at, days, words):
    if not words:
        assert draft(at, officer, body=meal_text(at, days=days)).pk
        return

    with pytest.raises(law.RuleHasFaults) as refusal:
        draft(at, officer, body=meal_text(at, days=days))

    assert words in refusal.value.faults[0].message


def test_dates_that_overlap_a_later_text_are_refused_at_their_line(book, officer, signers, at):
    later = draft(at, officer, body=meal_text(at, days=30))
    for signer in signers[:2]:
        sign(later, signer, at)
    body = meal_text(at, days=5, cap=25000)

    with pytest.raises(law.RuleHasFaults) as refusal:
        draft(at, officer, body=body)

    (fault,) = refusal.value.faults
    assert "overlaps in time" in fault.message
    assert body.splitlines()[fault.line - 1].startswith("valid_from")
    between = body.replace(
        f"valid_from: {day(at, 5)}", f"valid_from: {day(at, 5)}\nvalid_until: {day(at, 30)}"
    )
    assert draft(at, officer, body=between).valid_until.isoformat() == day(at, 30)


def test_two_drafts_of_one_day_do_not_both_become_law(book, officer, signers, at):
    one, other = draft(at, officer), draft(at, officer, body=meal_text(at, cap=20000) + "# another\n")
    for signer in signers[:2]:
        sign(one, signer, at)
    sign(other, signers[0], at + timedelta(minutes=1))

    with pytest.raises(law.RuleNotChanged, match="更晚"):
        sign(other, signers[1], at + timedelta(minutes=1))

    other.refresh_from_db()
    assert other.state == RuleState.DRAFT


def test_the_end_of_a_text_takes_two_signatures_too(book, officer, signers, rep, at):
    a_meal(rep, at - timedelta(days=2), 75000)
    live = RuleVersion.objects.get(rule="RD-01")
    made = law.retire_rule(
        version_id=live.pk,
        on=localtime(at).date() + timedelta(days=3),
        reason="由 RD-01b 取代",
        by=officer,
        at=at,
    )
    assert made.dry_run["same"] == 1
    for signer in signers[:2]:
        done = sign(made, signer, at)

    live.refresh_from_db()
    assert done.state == RuleState.RETIRED
    assert live.valid_until.isoformat() == day(at, 3)
    facts = {"kind": "meal", "cost_fen": 99999, "people_present": 3}
    book_now = selectors.live_book(at)
    assert "RD-01" in evaluate("expense.submit", facts, on=day(at, 2), book=book_now).breached
    assert "RD-01" not in evaluate("expense.submit", facts, on=day(at, 3), book=book_now).breached
    assert LedgerEntry.objects.filter(event="compliance.rule_ended").count() == 1


@pytest.mark.parametrize(("days", "reason"), [(-1, "x"), (1, " ")])
def test_an_end_needs_a_coming_day_and_a_reason(book, officer, at, days, reason):
    live = RuleVersion.objects.get(rule="RD-01")

    with pytest.raises(law.RuleNotChanged):
        law.retire_rule(
            version_id=live.pk,
            on=localtime(at).date() + timedelta(days=days),
            reason=reason,
            by=officer,
            at=at,
        )

    assert RuleVersion.objects.filter(rule="RD-01").count() == 1


def test_a_draft_can_be_refused_or_withdrawn_with_a_reason(book, officer, signers, at):
    made = draft(at, officer)
    with pytest.raises(law.RuleNotChanged):
        law.refuse_rule(draft_id=made.pk, reason=" ", by=signers[1], at=at)

    law.refuse_rule(draft_id=made.pk, reason="不必", by=signers[1], at=at)

    made.refresh_from_db()
    assert made.state == RuleState.REFUSED
    with pytest.raises(law.RuleNotChanged):
        sign(made, signers[0], at)
    with pytest.raises(law.RuleNotChanged):
        law.refuse_rule(draft_id=made.pk, reason="x", by=signers[1], at=at)


def test_strangers_draft_end_and_refuse_nothing(book, rep, officer, at):
    made = draft(at, officer)
    live = RuleVersion.objects.get(rule="RD-01", version=1)

    with pytest.raises(PermissionDenied):
        draft(at, rep)
    with pytest.raises(PermissionDenied):
        law.refuse_rule(draft_id=made.pk, reason="x", by=rep, at=at)
    with pytest.raises(PermissionDenied):
        law.retire_rule(
            version_id=live.pk, on=localtime(at).date() + timedelta(days=1), reason="x", by=rep, at=at
        )


def test_the_text_in_force_and_a_draft_without_reason_are_not_kept(book, officer, signers, at):
    made = draft(at, officer)
    for signer in signers[:2]:
        sign(made, signer, at)

    with pytest.raises(law.RuleNotChanged):
        draft(at, officer, body=meal_text(at, days=2), reason=" ")


def test_before_a_pack_stands_nothing_is_signed_into_force(officer, signers, at):
    made = draft(at, officer)
    sign(made, signers[0], at)

    with pytest.raises(law.BookNotAdopted):
        sign(made, signers[1], at)

    assert not RulePack.objects.exists()


def test_a_policy_blocks_only_once_its_adoption_is_signed(officer, signers, rep, at):
    law.adopt_book(by=officer, at=at - timedelta(days=30))
    facts = {"visit": 1}
    policy = next(rule for rule in selectors.live_book(at).rules if rule.is_policy and rule.grade == "应当")
    example = next(one for one in policy.examples if one.refused)
    before = evaluate(example.point, example.facts, on=day(at), book=selectors.live_book(at))
    assert policy.id not in before.breached

    made = law.draft_parameter(
        rule=policy.id,
        name="adopted",
        value=True,
        valid_from=localtime(at).date(),
        reason="采纳",
        by=officer,
        at=at,
    )
    for signer in signers[:2]:
        law.sign_parameter(parameter_id=made.pk, proof=proof_of(signer, at), by=signer, at=at)

    after = evaluate(example.point, example.facts, on=day(at), book=selectors.live_book(at))
    assert facts
    assert policy.id in after.breached


def test_a_long_dry_run_is_a_job_and_signing_waits_for_it(book, officer, signers, rep, at, monkeypatch):
    a_meal(rep, at - timedelta(days=2), 75000)
    monkeypatch.setattr(dry_runs, "AT_ONCE", 0)
    made = draft(at, officer)
    job = Job.objects.get()
    assert made.dry_run == {"job": str(job.pk)}
    assert OutboxMessage.objects.filter(task="compliance.dry_run").count() == 1
    with pytest.raises(law.RuleNotChanged, match="试运行"):
        sign(made, signers[0], at)

    assert finish_dry_run(kind="ruleversion", draft_id=made.pk, job_id=job.pk, at=at)
    again = finish_dry_run(kind="ruleversion", draft_id=made.pk, job_id=job.pk, at=at)

    made.refresh_from_db()
    job.refresh_from_db()
    assert (again, made.dry_run["stopped"], job.state) == (False, 1, "done")
    assert sign(made, signers[0], at).first_signed_by == signers[0]


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_second_at_once_make_one_law(person, officer, at):
    law.adopt_book(by=officer, at=at - timedelta(days=30), adopt_policies=True)
    signers = [person(name, Role.COMPLIANCE) for name in ("second", "third", "fourth")]
    made = draft(at, officer)
    sign(made, signers[0], at)
    proofs = {one.pk: proof_of(one, at) for one in signers[1:]}
    outcomes = []

    def second(signer):
        try:
            law.sign_rule(draft_id=made.pk, proof=proofs[signer.pk], by=signer, at=at)
            outcomes.append("signed")
        except law.RuleNotChanged:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [threading.Thread(target=second, args=(one,)) for one in signers[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    made.refresh_from_db()
    assert sorted(outcomes) == ["signed", "too late"]
    assert made.state == RuleState.LIVE
    assert RulePack.objects.count() == 2
    assert Signature.objects.filter(subject="rule:RD-01").count() == 2
