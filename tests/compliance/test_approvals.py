"""Approvals: the eight verbs, all or any, and what the answer sets off."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from compliance import actions as law
from compliance import flows
from compliance.models import ApprovalCopy, ApprovalRequest, LedgerEntry
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db
SUBJECT = "event:1"


@pytest.fixture
def decisions(monkeypatch):
    seen = []
    monkeypatch.setattr(flows, "_flows", {})
    flows.register("test.plain", "Approve the event", on_decided=seen.append)
    flows.register(
        "test.signed", "Sign the waiver", on_decided=seen.append, signed=True, meaning="waiver_approved"
    )
    return seen


def _open(by, approvers=(), flow="test.plain", **more):
    return law.open_approval(subject=SUBJECT, flow=flow, by=by, at=AT, approvers=approvers, **more)


def _step(request, person):
    return request.steps.get(approver=person, state="open")


def _answer(request, verb, by, **more):
    step = request.steps.filter(approver=by, state="open").first() or request.steps.first()
    return law.decide(step_id=step.pk, verb=verb, by=by, at=AT, **more)


def test_all_have_to_agree(decisions, rep, manager, officer):
    request = _open(rep, [manager, officer], payload={"budget_fen": 100})

    request = _answer(request, "agree", manager)
    assert (request.state, decisions) == ("open", [])
    request = _answer(request, "agree", officer)

    assert request.state == "approved"
    assert [(d.outcome, d.subject, d.payload) for d in decisions] == [
        ("approved", SUBJECT, {"budget_fen": 100})
    ]
    assert Notification.objects.filter(recipient=rep, kind="approval_decided").exists()


def test_any_one_is_enough_where_the_stage_says_so(decisions, rep, manager, officer):
    request = _open(rep, steps=[law.Stage((manager, officer), mode="any")])

    request = _answer(request, "agree", officer)

    assert request.state == "approved"
    assert request.steps.get(approver=manager).state == "not_needed"


def test_stages_follow_one_another(decisions, rep, manager, officer):
    request = _open(rep, steps=[law.Stage((manager,)), law.Stage((officer,))])
    assert request.steps.get(approver=officer).state == "waiting"

    request = _answer(request, "agree", manager)

    assert (request.stage, request.state) == (2, "open")
    assert _answer(request, "agree", officer).state == "approved"


@pytest.mark.parametrize(("verb", "outcome"), [("refuse", "refused"), ("return", "returned")])
def test_refusing_or_returning_takes_words_and_ends_it(decisions, rep, manager, officer, verb, outcome):
    request = _open(rep, [manager, officer])
    with pytest.raises(law.ApprovalNotDecided):
        _answer(request, verb, manager)

    request = _answer(request, verb, manager, comment="No agenda")

    assert request.state == outcome
    assert [d.outcome for d in decisions] == [outcome]
    assert request.steps.get(approver=officer).state == "not_needed"


def test_a_step_is_passed_on_to_another_person(decisions, rep, manager, officer):
    request = _open(rep, [manager])

    _answer(request, "pass_on", manager, to=officer)

    assert _answer(request, "agree", officer).state == "approved"
    assert request.steps.get(approver=manager).state == "passed_on"


def test_an_added_signer_has_to_agree_too_even_where_any_one_is_enough(
    decisions, rep, manager, officer, reviewer
):
    request = _open(rep, steps=[law.Stage((manager, officer), mode="any")])
    _answer(request, "add_signer", manager, to=reviewer)

    request = _answer(request, "agree", manager)
    assert request.state == "open"

    assert _answer(request, "agree", reviewer).state == "approved"


def test_the_asker_withdraws_urges_and_copies(decisions, rep, manager, officer):
    request = _open(rep, [manager])

    _answer(request, "urge", rep)
    _answer(request, "copy", rep, to=officer)
    request = _answer(request, "withdraw", rep)

    assert request.state == "withdrawn"
    assert Notification.objects.filter(recipient=manager, kind="approval_urged").count() == 1
    assert ApprovalCopy.objects.get().recipient == officer
    assert [d.outcome for d in decisions] == ["withdrawn"]


def test_each_answer_is_one_ledger_entry(decisions, rep, manager):
    request = _open(rep, [manager])
    _answer(request, "agree", manager)

    events = list(LedgerEntry.objects.order_by("id").values_list("event", flat=True))
    assert events == ["compliance.approval_opened", "compliance.approval_agreed"]


def test_nobody_approves_their_own_request(decisions, rep, manager):
    with pytest.raises(law.ApprovalNotOpened):
        _open(rep, [rep])
    request = _open(rep, [manager])

    with pytest.raises(law.ApprovalNotDecided):
        _answer(request, "pass_on", manager, to=rep)


def test_a_request_needs_somebody_to_answer_and_stands_once(decisions, rep, manager):
    with pytest.raises(law.ApprovalNotOpened):
        _open(rep, [])
    _open(rep, [manager])
    with pytest.raises(law.ApprovalNotOpened):
        _open(rep, [manager])

    assert ApprovalRequest.objects.count() == 1


@pytest.mark.parametrize(
    "verb", ["agree", "refuse", "return", "pass_on", "add_signer", "withdraw", "urge", "copy"]
)
def test_a_stranger_answers_nothing(decisions, rep, manager, other_rep, verb):
    request = _open(rep, [manager])

    with pytest.raises(PermissionDenied):
        _answer(request, verb, other_rep, comment="x")

    assert LedgerEntry.objects.count() == 1


def test_a_decided_request_takes_no_more_answers(decisions, rep, manager):
    request = _open(rep, [manager])
    _answer(request, "agree", manager)

    with pytest.raises(law.ApprovalNotDecided):
        _answer(request, "refuse", manager, comment="late")

    assert len(decisions) == 1


def test_a_signed_flow_takes_a_signature_bound_to_what_was_asked(decisions, rep, manager):
    request = _open(rep, [manager], flow="test.signed", payload={"until": "2026-12-31"})
    with pytest.raises(law.ApprovalNotDecided):
        _answer(request, "agree", manager)

    _answer(request, "agree", manager, proof=proof_of(manager, AT))

    signature = request.steps.get().signature
    assert (signature.meaning, signature.content_sha256) == ("waiver_approved", request.content_sha256)
    assert decisions[0].signature_ids == (signature.pk,)


def test_an_undeclared_flow_is_refused(decisions, rep, manager):
    with pytest.raises(flows.UndeclaredFlow):
        _open(rep, [manager], flow="test.unknown")


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_decide_once(decisions, rep, manager, person):
    officer = person("officer", Role.COMPLIANCE)
    request = _open(rep, steps=[law.Stage((manager, officer), mode="any")])
    start, outcomes = threading.Barrier(2), []
    steps = {by: _step(request, by).pk for by in (manager, officer)}

    def answer(by):
        start.wait()
        try:
            law.decide(step_id=steps[by], verb="agree", by=by, at=AT)
            outcomes.append("agreed")
        except law.ApprovalNotDecided:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=(by,)) for by in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["agreed", "late"]
    assert len(decisions) == 1
