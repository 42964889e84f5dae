"""The second check of a filing (MR-18): by somebody who entered nothing of it, void with every change, asked by night."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from compliance import actions as law
from compliance.evaluate import evaluate
from compliance.models import ApprovalRequest, LedgerEntry, RepFiling
from compliance.selectors.gates import activation_facts, gates_of
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.compliance import qualify
from tests.verdict_case import client_of

pytestmark = pytest.mark.django_db
ASKED = {"flow": "compliance.filing_check", "state": "open"}


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="梁慎")


@pytest.fixture
def third(person):
    return person("third", Role.COMPLIANCE, name="钱明")


@pytest.fixture
def filing(rep, officer):
    qualify(rep, by=officer, at=AT)
    return RepFiling.objects.get(user=rep)


def change(filing, by, **said):
    law.complete_filing(filing_id=filing.pk, reason="更正", by=by, at=AT, **{"major": "临床医学", **said})
    filing.refresh_from_db()


def test_what_one_person_entered_meets_the_policy_until_another_checked_it(filing, rep, officer, second):
    def rules():
        return {refusal.rule for refusal in gates_of(rep, AT)}

    assert rules() == {"MR-18"}
    law.ask_filing_check(filing_id=filing.pk, by=officer, at=AT)
    law.check_filing(filing_id=filing.pk, by=second, at=AT)

    assert rules() == set()
    entry = LedgerEntry.objects.get(event="compliance.filing_checked")
    assert (entry.actor, entry.subject) == (second, f"user:{rep.pk}")


def test_once_adopted_the_policy_stops_whoever_is_to_be_put_to_work(filing, rep, officer, second):
    def blocks():
        facts = activation_facts(rep, on=AT.date(), at=AT)
        adopted = {"MR-18": {"adopted": True}}
        return "MR-18" in evaluate("staff.activate", facts, on=AT.date(), parameters=adopted).breached

    assert blocks()
    law.check_filing(filing_id=filing.pk, by=second, at=AT)
    assert not blocks()


def test_nobody_checks_what_they_entered_nor_their_own_filing(filing, rep, officer, second, third):
    change(filing, second)
    rep.groups.add(officer.groups.get())
    rep.__dict__.pop("roles", None)

    for person in (officer, second, rep):
        with pytest.raises(PermissionDenied):
            law.check_filing(filing_id=filing.pk, by=person, at=AT)
    law.check_filing(filing_id=filing.pk, by=third, at=AT)

    filing.refresh_from_db()
    assert filing.checked_by == third
    with pytest.raises(IntegrityError), transaction.atomic():
        RepFiling.objects.filter(pk=filing.pk).update(checked_by=filing.filed_by)


def test_a_change_makes_check_and_question_void_and_asks_anew(filing, officer, second, third):
    law.ask_filing_check(filing_id=filing.pk, by=officer, at=AT)
    first = ApprovalRequest.objects.get(**ASKED)
    change(filing, officer)
    first.refresh_from_db()
    assert first.state == "withdrawn"
    law.check_filing(filing_id=filing.pk, by=second, at=AT)

    change(filing, second, major="临床药学")

    assert (filing.checked_by, filing.checked_at, filing.entered_by) == (None, None, [second.pk])
    assert ApprovalRequest.objects.filter(**ASKED).count() == 1
    law.check_filing(filing_id=filing.pk, by=officer, at=AT)  # entered nothing of what is new


def test_a_filing_changed_past_the_act_is_not_agreed_to(filing, officer, second):
    law.ask_filing_check(filing_id=filing.pk, by=officer, at=AT)
    RepFiling.objects.filter(pk=filing.pk).update(degree="博士")

    with pytest.raises(law.FilingNotChecked):
        law.check_filing(filing_id=filing.pk, by=second, at=AT)

    assert not LedgerEntry.objects.filter(event="compliance.filing_checked").exists()


def test_what_nobody_asked_about_is_put_by_night_once_and_what_went_back_waits(filing, officer, second):
    law.mind_filings(at=AT)
    law.mind_filings(at=AT)
    assert ApprovalRequest.objects.filter(**ASKED).count() == 1

    law.return_filing(filing_id=filing.pk, reason="学历与凭证不符", by=second, at=AT)
    law.mind_filings(at=AT + timedelta(days=1))
    assert not ApprovalRequest.objects.filter(**ASKED).exists()

    change(filing, officer)
    assert ApprovalRequest.objects.filter(**ASKED).count() == 1


def test_a_withdrawn_filing_asks_nobody(filing, officer, second):
    law.ask_filing_check(filing_id=filing.pk, by=officer, at=AT)
    law.withdraw_filing(filing_id=filing.pk, on=AT.date(), reason="离职", by=officer, at=AT)

    assert not ApprovalRequest.objects.filter(**ASKED).exists()
    with pytest.raises(law.FilingNotChecked):
        law.ask_filing_check(filing_id=filing.pk, by=officer, at=AT)


def test_the_page_asks_hands_back_with_a_reason_and_agrees(filing, officer, second, rep):
    address, page = (
        reverse(f"compliance:{name}", args=[filing.pk]) for name in ("filing-check", "filing-show")
    )
    asker, checker = client_of(officer), client_of(second)

    asker.post(address, {"verb": "ask"})
    assert asker.post(address, {"verb": "agree"}).status_code == 403
    assert client_of(rep).post(address, {"verb": "agree"}).status_code == 403
    checker.post(address, {"verb": "return", "reason": " "})
    assert ApprovalRequest.objects.filter(**ASKED).exists()
    assert 'value="agree"' in checker.get(page).content.decode()
    assert 'value="agree"' not in asker.get(page).content.decode()
    checker.post(address, {"verb": "agree"})

    filing.refresh_from_db()
    assert filing.checked_by == second
    assert "梁慎" in asker.get(page).content.decode()
