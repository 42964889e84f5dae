"""Routes that ask roles, deputies, and what was put to the engine from before: exceptions, figures, texts of rules."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from compliance import actions as law
from compliance import flows
from compliance.actions.carrying import put_to_approval
from compliance.actions.parameters import FLOW as FIGURE
from compliance.actions.rule_signing import FLOW as TEXT
from compliance.choices import ParameterState
from compliance.evaluate import RULEBOOK
from compliance.models import (
    ApprovalRequest,
    ApprovalStep,
    Deputy,
    LedgerEntry,
    Parameter,
    RuleVersion,
    Waiver,
)
from compliance.rules.working_days import is_working_day, working_day_after
from compliance.selectors.cockpit import inbox_of
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db
DAY = AT.date()


@pytest.fixture
def asked(monkeypatch, rep):
    monkeypatch.setattr(flows, "_flows", {})
    flows.register("test.plain", "Approve")

    def open_(*stages, by=rep):
        return law.open_approval(subject="event:1", flow="test.plain", by=by, at=AT, steps=stages)

    return open_


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="梁慎")


@pytest.fixture
def figure(officer):
    law.adopt_book(by=officer, at=AT - timedelta(days=30))
    return law.draft_parameter(
        rule="RD-01", name="cap_fen", value=25_000, valid_from=DAY + timedelta(days=2), reason="从严", by=officer, at=AT
    )  # fmt: skip


def open_step(request):
    return request.steps.get(state="open")


def answer(request, by, verb="agree", **more):
    return law.decide(step_id=open_step(request).pk, verb=verb, by=by, at=AT, **more)


def test_whoever_of_the_roles_answers_first_takes_the_step(asked, officer, second, manager, rep):
    request = asked(law.Stage(roles=("compliance",)))
    seen = [inbox_of(one, DAY).count() for one in (officer, second, manager, rep)]
    with pytest.raises(PermissionDenied):
        answer(request, manager)

    request = answer(request, second)

    assert seen == [1, 1, 0, 0]
    assert request.state == "approved"
    assert request.steps.get().approver == second
    assert inbox_of(officer, DAY).count() == 0
    told = Notification.objects.filter(kind="approval_asked")
    assert set(told.values_list("recipient", flat=True)) == {officer.pk, second.pk}


def test_who_has_agreed_answers_no_later_question_to_the_roles(asked, officer, second):
    request = asked(law.Stage(roles=("compliance",)), law.Stage(roles=("compliance",)))
    answer(request, officer)

    with pytest.raises(law.ApprovalNotDecided, match=r"其他人|another"):
        answer(request, officer)

    assert (inbox_of(officer, DAY).count(), inbox_of(second, DAY).count()) == (0, 1)
    assert answer(request, second).state == "approved"


def test_who_asked_answers_nothing_though_they_hold_the_role(asked, officer):
    request = asked(law.Stage(roles=("compliance",)), by=officer)

    with pytest.raises(PermissionDenied):
        answer(request, officer)

    assert open_step(request).approver is None


def test_a_step_of_roles_can_be_passed_on_to_a_person(asked, officer, manager):
    request = asked(law.Stage(roles=("compliance",)))

    answer(request, officer, "pass_on", to=manager)

    assert answer(request, manager).state == "approved"
    assert list(request.steps.order_by("pk").values_list("state", "approver")) == [
        ("passed_on", officer.pk), ("agreed", manager.pk),
    ]  # fmt: skip


def test_a_deputy_answers_in_place_of_the_person_on_the_days_named(asked, officer, second):
    law.name_deputy(
        deputy=second, first_day=DAY, last_day=DAY + timedelta(days=2), reason="休假", by=officer, at=AT
    )
    request = asked(law.Stage((officer,)))
    seen = [inbox_of(second, DAY + timedelta(days=days)).count() for days in (0, 2, 3)]

    request = answer(request, second, comment="代为审批")

    assert seen == [1, 1, 0]
    assert request.state == "approved"
    by, instead = request.steps.order_by("pk")
    assert (by.state, by.approver) == ("passed_on", officer)
    assert (instead.state, instead.approver, instead.passed_from) == ("agreed", second, by)


def test_a_deputy_does_not_answer_what_they_asked_for(asked, officer, second):
    law.name_deputy(deputy=second, first_day=DAY, last_day=DAY, reason="", by=officer, at=AT)
    request = asked(law.Stage((officer,)), by=second)

    with pytest.raises(PermissionDenied):
        answer(request, second)

    assert inbox_of(second, DAY).count() == 0


def test_a_deputy_holds_the_same_roles_and_comes_to_an_end(officer, second, rep):
    for who, first, last in ((rep, DAY, DAY), (officer, DAY, DAY), (second, DAY, DAY - timedelta(days=1))):
        with pytest.raises(law.DeputyNotNamed):
            law.name_deputy(deputy=who, first_day=first, last_day=last, reason="", by=officer, at=AT)
    named = law.name_deputy(deputy=second, first_day=DAY, last_day=DAY, reason="", by=officer, at=AT)
    with pytest.raises(law.DeputyNotNamed):
        law.name_deputy(deputy=second, first_day=DAY, last_day=DAY, reason="", by=officer, at=AT)
    with pytest.raises(PermissionDenied):
        law.end_deputy(deputy_id=named.pk, by=second, at=AT)

    law.end_deputy(deputy_id=named.pk, by=officer, at=AT)

    with pytest.raises(law.DeputyNotNamed):
        law.end_deputy(deputy_id=named.pk, by=officer, at=AT)
    assert Deputy.objects.get().ended_at == AT
    assert list(LedgerEntry.objects.order_by("pk").values_list("event", flat=True)) == [
        "compliance.deputy_named", "compliance.deputy_ended",
    ]  # fmt: skip


def test_a_figure_is_signed_in_the_inbox_by_two_and_in_force(figure, officer, second, person):
    regulatory = person("regulatory", Role.REGULATORY)
    request = ApprovalRequest.objects.get(flow=FIGURE)
    with pytest.raises(law.ApprovalNotDecided):
        answer(request, second)  # without a signature

    answer(request, second, proof=proof_of(second, AT))
    half = Parameter.objects.get(pk=figure.pk)
    request = answer(request, regulatory, proof=proof_of(regulatory, AT))

    figure.refresh_from_db()
    assert (half.state, half.first_signed_by, request.state) == (ParameterState.DRAFT, second, "approved")
    assert (figure.state, figure.second_signed_by) == (ParameterState.LIVE, regulatory)
    for step in request.steps.all():
        assert step.signature.subject == "rule:RD-01"
        assert step.signature.content_sha256 == law.content_of_parameter(figure)


def test_a_figure_refused_or_taken_back_never_holds(figure, officer, second):
    request = ApprovalRequest.objects.get(flow=FIGURE)

    answer(request, second, "refuse", comment="不必")

    figure.refresh_from_db()
    assert figure.state == ParameterState.REFUSED
    assert LedgerEntry.objects.filter(event="compliance.parameter_refused", reason="不必").count() == 1
    with pytest.raises(law.ParameterNotChanged):
        law.sign_parameter(parameter_id=figure.pk, proof=proof_of(second, AT), by=second, at=AT)


def draft_text(officer):
    text = (RULEBOOK / "hospitality" / "rd-02-entertainment.yaml").read_text(encoding="utf-8")
    body = text.replace("valid_from: 2023-04-01", "valid_from: 2099-01-01")
    return law.draft_rule(body=body, reason="措辞", by=officer, at=AT)


def test_a_text_returned_for_change_is_asked_for_anew_when_its_author_changed_it(officer, second):
    law.adopt_book(by=officer, at=AT - timedelta(days=30))
    draft = draft_text(officer)
    request = ApprovalRequest.objects.get(flow=TEXT)

    answer(request, second, "return", comment="请补例子")
    with pytest.raises(law.RuleNotChanged):
        law.sign_rule(draft_id=draft.pk, proof=proof_of(second, AT), by=second, at=AT)
    draft.refresh_from_db()
    law.revise_rule(draft_id=draft.pk, body=draft.body + "# 第二稿\n", reason="措辞", by=officer, at=AT)

    assert draft.state == "draft"
    assert ApprovalRequest.objects.filter(flow=TEXT).count() == 2
    assert ApprovalRequest.objects.get(flow=TEXT, state="open").steps.count() == 2


def test_a_changed_text_closes_the_request_about_the_old_one(officer, second):
    law.adopt_book(by=officer, at=AT - timedelta(days=30))
    draft = draft_text(officer)
    law.sign_rule(draft_id=draft.pk, proof=proof_of(second, AT), by=second, at=AT)

    law.revise_rule(draft_id=draft.pk, body=draft.body + "# 第二稿\n", reason="措辞", by=officer, at=AT)

    old, new = ApprovalRequest.objects.filter(flow=TEXT).order_by("pk")
    assert (old.state, new.state, new.stage) == ("withdrawn", "open", 1)
    assert RuleVersion.objects.get(pk=draft.pk).first_signed_by is None


@pytest.mark.parametrize(("verb", "state"), [("return", "returned"), ("withdraw", "withdrawn")])
def test_an_exception_returned_or_taken_back_covers_nothing(rep, officer, verb, state):
    waiver = law.request_waiver(
        rule="RD-07", subject=f"user:{rep.pk}", reason="唯一会场", valid_from=DAY, valid_until=DAY + timedelta(days=3),
        by=rep, at=AT,
    )  # fmt: skip
    request = ApprovalRequest.objects.get(subject=f"waiver:{waiver.pk}")

    answer(request, rep if verb == "withdraw" else officer, verb, comment="再议")

    assert Waiver.objects.get().state == state
    assert LedgerEntry.objects.filter(event=f"compliance.waiver_{state}").count() == 1


def test_what_waited_before_is_put_to_the_engine_once_with_the_signature_it_had(figure, officer, second):
    law.sign_parameter(parameter_id=figure.pk, proof=proof_of(second, AT), by=second, at=AT)
    ApprovalStep.objects.all().delete()
    ApprovalRequest.objects.all().delete()  # as it was before the engine

    made = [put_to_approval(at=AT), put_to_approval(at=AT)]

    request = ApprovalRequest.objects.get(flow=FIGURE)
    first, last = request.steps.order_by("stage")
    assert made == [1, 0]
    assert (first.state, first.approver, first.signature.signer) == ("agreed", second, second)
    assert (last.state, request.stage) == ("open", 2)


def test_a_request_is_due_on_a_working_day():
    assert working_day_after(date(2026, 9, 30), 1) == date(2026, 10, 8)  # National Day
    assert working_day_after(date(2026, 11, 20), 2) == date(2026, 11, 24)  # a weekend between
    assert is_working_day(date(2026, 10, 10))  # a Saturday worked for it
    assert not is_working_day(date(2026, 2, 17))
