"""What another person releases, destroys or publishes is asked by the one engine and decided from the inbox."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext_lazy, override

from compliance import actions as law
from compliance import flows
from compliance.actions.carrying import put_to_approval
from compliance.choices import AlarmState, CourseState
from compliance.models import ApprovalRequest, ApprovalStep, CourseVersion, GuardAlarm, LedgerEntry, Signature
from compliance.selectors.cockpit import inbox_of
from compliance.views.asked import named
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.training import drafted

pytestmark = pytest.mark.django_db
DAY = AT.date()


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="梁慎")


@pytest.fixture
def flow(monkeypatch):
    def register(**more):
        monkeypatch.setattr(flows, "_flows", {})
        flows.register("test.flow", "Approve", **more)

    return register


@pytest.fixture
def alarm(rep):
    return law.report_false_alarm(
        place="column", kind="doctors", text="处方量规范培训（次）", claim="培训次数", by=rep, at=AT
    )


def asked(*steps, by, **more):
    return law.open_approval(subject="event:1", flow="test.flow", by=by, at=AT, steps=steps, **more)


def test_a_request_is_named_in_the_language_of_its_reader_and_not_of_who_asked(flow, rep, officer):
    flow(heading=named(gettext_lazy("Text of %(rule)s")))
    with override("en"):
        request = asked(law.Stage((officer,)), by=rep, payload={"rule": "RD-01"})

    told = Notification.objects.get(kind="approval_asked")
    with override("zh-hans"):
        zh = request.heading
    with override("en"):
        en = request.heading
    assert request.title == ""
    assert (zh, en) == ("RD-01 的条文", "Text of RD-01")
    assert (told.text["zh-hans"], told.text["en"]) == (f"请审批：{zh}", f"Please approve: {en}")


def test_seats_stand_side_by_side_and_one_person_takes_one_of_them(flow, rep, officer, person):
    both = person("both", Role.MEDICAL, Role.COMPLIANCE, name="何若水")
    flow()
    request = asked(
        (law.Stage(roles=("medical",), name="medical"), law.Stage(roles=("compliance",), name="compliance")),
        law.Stage(roles=("general_manager",)),
        by=rep,
    )
    seats = {step.name: step for step in request.steps.filter(state="open")}

    law.decide(step_id=seats["medical"].pk, verb="agree", by=both, at=AT)
    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=seats["compliance"].pk, verb="agree", by=both, at=AT)
    request.refresh_from_db()
    assert (request.stage, set(seats)) == (1, {"medical", "compliance"})
    law.decide(step_id=seats["compliance"].pk, verb="agree", by=officer, at=AT)

    request.refresh_from_db()
    assert (request.state, request.stage) == ("open", 2)


def test_an_answer_that_a_flow_does_not_know_is_refused(flow, rep, officer):
    flow(verbs=("agree",))
    step = asked(law.Stage((officer,)), by=rep).steps.get()

    for verb, who in (("refuse", officer), ("withdraw", rep)):
        with pytest.raises(law.ApprovalNotDecided):
            law.decide(step_id=step.pk, verb=verb, by=who, at=AT, comment="x")

    step.refresh_from_db()
    assert step.state == "open"


def test_a_refusal_that_is_signed_asks_for_the_signature_and_keeps_it(flow, rep, officer):
    flow(signed=True, meaning="test.yes", meanings={"refuse": "test.no"})
    step = asked(law.Stage((officer,)), by=rep).steps.get()
    no = {"step_id": step.pk, "verb": "refuse", "by": officer, "at": AT, "comment": "另有案件"}

    with pytest.raises(law.ApprovalNotDecided):
        law.decide(**no)
    request = law.decide(**no, proof=proof_of(officer, AT))

    assert request.state == "refused"
    assert request.steps.get().signature == Signature.objects.get(meaning="test.no", signer=officer)


def test_a_false_alarm_is_released_by_two_from_the_inbox(alarm, officer, second, rep, client):
    for who in (officer, second):
        client.force_login(who)
        step = inbox_of(who, DAY).get()
        address = reverse("compliance:step-detail", args=[step.pk])
        page = client.get(address).content.decode()
        wordless = client.post(address, {"verb": "agree"})
        client.post(address, {"verb": "agree", "comment": "培训次数"})

        assert "处方量规范培训" not in page  # the words stand on the alarm's own page alone
        assert 'value="withdraw"' not in page
        assert wordless.status_code == 400

    alarm.refresh_from_db()
    assert (alarm.state, alarm.first_by, alarm.decided_by) == (AlarmState.RELEASED, officer, second)
    assert [inbox_of(one, DAY).count() for one in (officer, second, rep)] == [0, 0, 0]


def test_an_alarm_passes_on_to_nobody_who_may_not_decide_it(alarm, officer, second, manager):
    step = inbox_of(officer, DAY).get()

    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=step.pk, verb="pass_on", by=officer, at=AT, to=manager)
    law.decide(step_id=step.pk, verb="pass_on", by=officer, at=AT, to=second)

    assert inbox_of(second, DAY).get().approver == second


def test_a_course_is_asked_for_by_its_writer_and_published_from_the_inbox_by_signature(
    officer, second, rep, client
):
    version = drafted(officer, at=AT)
    with pytest.raises(PermissionDenied):
        law.ask_publication(version_id=version.pk, by=rep, at=AT)

    request = law.ask_publication(version_id=version.pk, by=officer, at=AT)
    with pytest.raises(law.ApprovalNotOpened):
        law.ask_publication(version_id=version.pk, by=officer, at=AT)
    step = inbox_of(second, DAY).get()
    law.decide(step_id=step.pk, verb="agree", by=second, at=AT, proof=proof_of(second, AT))

    version.refresh_from_db()
    request.refresh_from_db()
    assert (version.state, version.published_by, request.state) == (CourseState.PUBLISHED, second, "approved")
    assert version.signature.content_sha256 == law.version_fingerprint(version)
    assert inbox_of(officer, DAY).count() == 0


def test_a_draft_that_changes_after_it_was_asked_for_is_asked_for_anew(officer, second):
    version = drafted(officer, at=AT)
    law.ask_publication(version_id=version.pk, by=officer, at=AT)

    law.set_terms(version_id=version.pk, pass_mark=90, by=officer, at=AT)

    assert inbox_of(second, DAY).count() == 0
    assert ApprovalRequest.objects.get().state == "withdrawn"
    law.ask_publication(version_id=version.pk, by=officer, at=AT)
    assert inbox_of(second, DAY).count() == 1


def test_who_wrote_in_a_course_publishes_it_neither_on_its_page_nor_from_the_inbox(officer, second):
    version = drafted(officer, at=AT)
    law.set_terms(version_id=version.pk, pass_mark=90, by=second, at=AT)
    law.ask_publication(version_id=version.pk, by=officer, at=AT)
    step = ApprovalStep.objects.get(state="open")

    with pytest.raises(PermissionDenied):
        law.decide(step_id=step.pk, verb="agree", by=second, at=AT, proof=proof_of(second, AT))

    assert CourseVersion.objects.get(pk=version.pk).state == CourseState.DRAFT
    assert not Signature.objects.exists()


def test_what_waited_on_its_own_page_is_put_to_the_engine_once(alarm, officer, second):
    ApprovalStep.objects.all().delete()
    ApprovalRequest.objects.all().delete()
    GuardAlarm.objects.filter(pk=alarm.pk).update(first_by=officer, first_at=AT, first_reason="误报")

    made = [put_to_approval(at=AT + timedelta(days=1)), put_to_approval(at=AT + timedelta(days=1))]

    assert made == [1, 0]
    assert LedgerEntry.objects.filter(event="compliance.approval_opened").count() == 2
    law.release_alarm(alarm_id=alarm.pk, reason="同意", by=second, at=AT)
    alarm.refresh_from_db()
    assert alarm.state == AlarmState.RELEASED
