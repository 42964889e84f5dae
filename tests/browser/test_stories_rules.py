"""A compliance officer changes the meal cap: draft, dry run, two signatures of others, in force."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import actions as law
from compliance import selectors
from compliance.actions.recording import store_verdict
from compliance.evaluate import evaluate
from compliance.models import LedgerEntry, Parameter, RuleVersion
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from tests.factories.compliance import PASSWORD, give_totp, totp_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _a_meal(by, fen, people, at):
    facts = {"kind": "meal", "cost_fen": fen, "people_present": people, "purpose_given": True}
    book = selectors.live_book(at)
    on = timezone.localdate(at)
    verdict = evaluate(
        "expense.submit", facts, on=on, book=book, subject=f"expense:{uuid7()}", id=str(uuid7())
    )
    store_verdict(verdict, by=by, at=at)


def _sign(page, signer):
    page.click("[data-open-dialog=sign]")
    page.fill("dialog[open] [name=password]", PASSWORD)
    page.fill("dialog[open] [name=code]", totp_code(signer, timezone.now()))
    page.click("dialog[open] button.btn-primary")
    page.wait_for_selector("dialog[open]", state="detached")


def test_an_officer_changes_the_meal_cap_and_it_judges_from_its_day(
    live, browser_page, shot, person, officer, rep, other_rep
):
    now = timezone.now()
    law.adopt_book(by=officer, at=now - timedelta(days=200), adopt_policies=True)
    for fen, by in ((24_000, rep), (21_000, rep), (23_000, other_rep), (19_000, rep), (31_000, rep)):
        _a_meal(by, fen, 1, now - timedelta(days=30))
    second = person("second", Role.COMPLIANCE, name="梁慎")
    third = person("third", Role.REGULATORY, name="秦越")
    for one in (officer, second, third):
        give_totp(one)

    page = browser_page(login_as=officer)
    page.goto(f"{live}/compliance/rules/RD-01/")
    page.click("a[href$='/parameters/RD-01/cap_fen/']")
    page.fill("[name=value]", "20000")
    page.fill("[name=valid_from]", timezone.localdate().isoformat())
    page.fill("[name=reason]", "上海市场从严")
    page.click("button.btn-primary")
    page.wait_for_selector("#dry-run")
    shot(page, "meal-cap-dry-run")
    tried = page.inner_text("#dry-run")
    address = page.url
    own = page.locator("[data-open-dialog=sign]").count()
    for signer in (second, third):
        desk = browser_page(login_as=signer)
        desk.goto(address)
        _sign(desk, signer)
        shot(desk, f"meal-cap-signed-{signer.username}")
    page.goto(f"{live}/compliance/rules/RD-01/")
    shot(page, "meal-cap-in-force")

    assert own == 0
    assert "3" in tried
    assert "5" in tried
    assert rep.display_name in tried
    assert other_rep.display_name in tried
    assert Parameter.objects.get(name="cap_fen").state == "live"
    assert "200 元" in page.inner_text("article")
    judged = evaluate(
        "expense.submit", {"kind": "meal", "cost_fen": 24_000, "people_present": 1},
        on=timezone.localdate(), book=selectors.live_book(timezone.now()),
    )  # fmt: skip
    assert "RD-01" in judged.breached
    events = LedgerEntry.objects.filter(subject="rule:RD-01").order_by("pk").values_list("event", flat=True)
    assert list(events) == [
        "compliance.parameter_drafted", "compliance.parameter_signed", "compliance.parameter_changed",
    ]  # fmt: skip


def test_a_rule_is_rewritten_as_a_form_and_as_yaml_and_a_fault_shows_its_line(
    live, browser_page, shot, person, officer
):
    now = timezone.now()
    law.adopt_book(by=officer, at=now - timedelta(days=200), adopt_policies=True)
    second, third = (
        person("second", Role.COMPLIANCE, name="梁慎"),
        person("third", Role.MEDICAL, name="何若水"),
    )
    for one in (second, third):
        give_totp(one)
    page = browser_page(login_as=officer)

    page.goto(f"{live}/compliance/rules/RD-02/")
    page.click("a[href*='/rules/drafts/new/']")
    page.fill("[name=title_zh]", "不安排任何娱乐活动")
    page.click("button[value=yaml]")
    page.wait_for_selector("[name=body]")
    text = page.input_value("[name=body]")
    page.fill("[name=body]", text.replace("event.entertainment", "event.fun", 1))
    page.fill("[name=reason]", "措辞")
    page.click("button.btn-primary")
    page.wait_for_selector("[data-faults]")
    shot(page, "rule-fault")
    told = page.inner_text("[data-faults]")
    page.fill("[name=body]", text)
    page.click("button.btn-primary")
    page.wait_for_selector("#dry-run")
    shot(page, "rule-draft")
    address = page.url
    for signer in (second, third):
        desk = browser_page(login_as=signer)
        desk.goto(address)
        _sign(desk, signer)
    page.goto(f"{live}/compliance/rules/RD-02/compare/")
    shot(page, "rule-compare")

    line = next(
        number for number, one in enumerate(text.splitlines(), start=1) if "event.entertainment" in one
    )
    assert "不安排任何娱乐活动" in text
    assert f"第 {line} 行" in told
    assert "event.fun" in told
    assert any("不安排任何娱乐活动" in one for one in page.locator(".diff__new").all_inner_texts())
    assert RuleVersion.objects.get(rule="RD-02", version=2).state == "live"
