"""What a second person agrees to is asked by the one engine: inbox, REST, deputies, and the buttons of its own page."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance import actions as law
from compliance.actions.carrying import put_to_approval
from compliance.models import (
    ApprovalRequest,
    ApprovalStep,
    Employment,
    ImpactAssessment,
    LedgerEntry,
    LetterText,
    WatchedAct,
)
from compliance.selectors.cockpit import inbox_of
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.compliance.second_opinions import OPINIONS, WORDS, watched_verdict
from tests.conftest import AT
from tests.factories.compliance import PASSWORD, give_totp, proof_of, totp_code

pytestmark = pytest.mark.django_db
DAY = AT.date()


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="梁慎")


@pytest.fixture
def third(person):
    return person("third", Role.COMPLIANCE, name="钱明")


@pytest.fixture(params=OPINIONS.values(), ids=lambda one: one.flow)
def opinion(request):
    return request.param


@pytest.fixture
def row(opinion, officer, rep, second, third):
    return opinion.put_up(officer, about=rep, others=(second, third))


def test_it_waits_in_the_inbox_of_who_may_decide_with_its_day_and_not_for_its_author(
    opinion, row, officer, second, rep, client
):
    request = opinion.request(row)
    client.force_login(second)

    page = client.get(reverse("compliance:inbox")).content.decode()
    step = client.get(reverse("compliance:step-detail", args=[request.steps.get().pk]))

    assert request.due_at > AT + timedelta(days=4)  # five working days
    assert [inbox_of(one, DAY).count() for one in (officer, rep, second)] == [0, 0, 1]
    assert f'data-flow="{opinion.flow}"' in page
    assert str(request.heading) in page
    assert step.context["lines"]
    assert step.context["what_url"]
    assert client.get(step.context["what_url"]).status_code == 200


def test_a_yes_in_the_inbox_carries_it_out_once(opinion, row, officer, second, third):
    request = opinion.answer(row, second)

    row.refresh_from_db()
    assert request.state == "approved"
    assert opinion.is_decided(row)
    assert LedgerEntry.objects.filter(event=opinion.event).count() == 1
    assert LedgerEntry.objects.get(event=opinion.event).actor == second
    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=request.steps.last().pk, verb="agree", by=third, at=AT, comment="x")


def test_its_own_page_gives_the_same_answer(opinion, row, second):
    opinion.yes(row, second)

    row.refresh_from_db()
    assert opinion.is_decided(row)
    request = ApprovalRequest.objects.get(flow=opinion.flow)
    assert (request.state, request.steps.get().approver) == ("approved", second)


def test_its_author_answers_neither_here_nor_there(opinion, row, officer):
    with pytest.raises(PermissionDenied):
        opinion.answer(row, officer)
    with pytest.raises((PermissionDenied, law.AssessmentNotMoved)):
        opinion.yes(row, officer)

    row.refresh_from_db()
    assert not opinion.is_decided(row)
    assert opinion.request(row).steps.get().approver is None


def test_who_is_no_officer_cannot_be_handed_the_answer_nor_give_it(opinion, row, second, rep, person):
    marketing = person("marketing", Role.MARKETING, name="罗曼")

    for who in (rep, marketing):
        with pytest.raises(PermissionDenied):
            opinion.answer(row, who)
        with pytest.raises(law.ApprovalNotDecided):
            opinion.answer(row, second, "pass_on", to=who)

    row.refresh_from_db()
    assert not opinion.is_decided(row)


def test_a_deputy_answers_for_the_person_it_was_passed_to(opinion, row, second, third, person):
    fourth = person("fourth", Role.COMPLIANCE, name="方宁")
    law.name_deputy(deputy=fourth, first_day=DAY, last_day=DAY, reason="休假", by=third, at=AT)
    if opinion.kind == "measure":
        law.add_member(case_id=row.case_id, person=fourth, by=second, at=AT)
    opinion.answer(row, second, "pass_on", to=third, comment="")

    assert inbox_of(fourth, DAY).count() == 1
    opinion.answer(row, fourth)

    row.refresh_from_db()
    assert opinion.is_decided(row)
    assert LedgerEntry.objects.get(event=opinion.event).actor == fourth


def test_it_is_answered_over_rest(opinion, row, second, client):
    client.force_login(second)
    give_totp(second)
    waiting = client.get("/api/v1/compliance/inbox/").json()["results"]
    (mine,) = [one for one in waiting if one["flow"] == opinion.flow]

    said = {"verb": "agree", "comment": "已核对"}
    if opinion.is_signed:
        said |= {"password": PASSWORD, "code": totp_code(second, timezone.now())}
    answer = client.post(
        f"/api/v1/compliance/inbox/{mine['id']}/answer/",
        said,
        content_type="application/json",
        headers={"Idempotency-Key": "yes"},
    )

    row.refresh_from_db()
    assert (answer.status_code, answer.json()["request_state"]) == (200, "approved")
    assert mine["is_signed"] is opinion.is_signed
    assert opinion.is_decided(row)


def test_what_waited_before_is_put_to_the_engine_once(opinion, row, second):
    ApprovalStep.objects.all().delete()
    ApprovalRequest.objects.all().delete()  # as it was before the engine

    made = [put_to_approval(at=AT), put_to_approval(at=AT)]

    assert made == [1, 0]
    opinion.answer(row, second)
    row.refresh_from_db()
    assert opinion.is_decided(row)


def test_an_assessment_handed_back_waits_for_its_author_who_changes_it_and_asks_again(officer, second):
    opinion, row = OPINIONS["compliance.assessment"], law.draft_assessment(words=WORDS, by=officer, at=AT)
    with pytest.raises(law.AssessmentNotMoved):
        law.return_assessment(assessment_id=row.pk, reason=" ", by=second, at=AT)

    law.return_assessment(assessment_id=row.pk, reason="补充保存期限", by=second, at=AT)
    with pytest.raises(law.AssessmentNotMoved):
        opinion.yes(row, second)
    assert put_to_approval(at=AT) == 0
    with pytest.raises(PermissionDenied):
        law.change_assessment(assessment_id=row.pk, words=WORDS, by=second, at=AT)
    changed = law.change_assessment(
        assessment_id=row.pk, words=law.AssessmentWords(**{**vars(WORDS), "data_used": "保存三年"}),
        review_on=DAY + timedelta(days=30), by=officer, at=AT,
    )  # fmt: skip
    opinion.answer(row, second)

    row.refresh_from_db()
    assert (row.state, row.data_used, row.review_on) == ("approved", "保存三年", DAY + timedelta(days=30))
    assert changed.pk == row.pk
    states = ApprovalRequest.objects.filter(flow=opinion.flow).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["returned", "approved"]


def test_a_changed_assessment_makes_what_was_asked_before_void(officer, second):
    opinion, row = OPINIONS["compliance.assessment"], law.draft_assessment(words=WORDS, by=officer, at=AT)
    old = opinion.request(row)

    law.change_assessment(assessment_id=row.pk, words=WORDS, by=officer, at=AT)

    old.refresh_from_db()
    assert (old.state, opinion.request(row).state) == ("withdrawn", "open")
    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=old.steps.get().pk, verb="agree", by=second, at=AT)


def test_words_changed_past_the_act_are_not_approved(officer, second):
    opinion, row = OPINIONS["compliance.assessment"], law.draft_assessment(words=WORDS, by=officer, at=AT)
    ImpactAssessment.objects.update(risks="另一种说法")

    with pytest.raises(law.AssessmentNotMoved):
        opinion.answer(row, second)

    assert opinion.request(row).state == "open"


def test_a_draft_with_a_high_risk_or_a_past_review_is_approved_nowhere(officer, second):
    opinion = OPINIONS["compliance.assessment"]
    risky = law.draft_assessment(
        words=law.AssessmentWords(**{**vars(WORDS), "risk_left": "high"}), by=officer, at=AT
    )
    late = law.draft_assessment(words=WORDS, by=officer, at=AT)
    ImpactAssessment.objects.filter(pk=late.pk).update(review_on=DAY)

    for one in (risky, late):
        with pytest.raises(law.AssessmentNotMoved):
            opinion.answer(one, second)
    with pytest.raises(law.AssessmentNotMoved):
        law.draft_assessment(words=WORDS, review_on=DAY, by=officer, at=AT)

    assert not ImpactAssessment.objects.filter(state="approved").exists()


def test_the_page_of_an_assessment_shows_the_line_of_steps_and_takes_each_answer(officer, second, client):
    row = law.draft_assessment(words=WORDS, by=officer, at=timezone.now())
    page = reverse("compliance:assessment-detail", args=[row.pk])
    move = {verb: reverse("compliance:assessment-move", args=[row.pk, verb]) for verb in ("approve", "return", "withdraw")}  # fmt: skip

    client.force_login(officer)
    own = client.get(page)
    assert (own.context["may_approve"], own.context["may_withdraw"]) == (False, True)
    client.post(move["withdraw"])
    edit = reverse("compliance:assessment-edit", args=[row.pk])
    assert client.get(edit).context["form"].initial["title"] == "写明"
    assert client.post(edit, {**vars(WORDS), "title": "分层评分"}).status_code == 302
    client.force_login(second)
    asked = client.get(page)
    assert asked.context["asked"].state == "open"
    assert (asked.context["may_approve"], asked.context["may_change"]) == (True, False)
    assert client.get(edit).status_code == 403
    assert client.post(move["return"], {"reason": ""}).status_code == 400
    assert client.post(move["approve"], {"review_on": "2020-01-01"}).status_code == 400
    day = timezone.localdate() + timedelta(days=90)
    assert client.post(move["approve"], {"review_on": day.isoformat()}).status_code == 302

    row.refresh_from_db()
    assert (row.state, row.title, row.review_on) == ("approved", "分层评分", day)


def test_a_letter_text_asks_for_the_signature_and_a_changed_one_is_asked_anew(officer, second):
    opinion = OPINIONS["compliance.letter_text"]
    row = opinion.put_up(officer)
    old = opinion.request(row)
    with pytest.raises(law.ApprovalNotDecided):
        opinion.answer(row, second, proof=None)

    law.draft_letter_text(text_zh="我再次承诺", text_en="I commit anew", months_valid=6, by=officer, at=AT)

    old.refresh_from_db()
    assert (old.state, opinion.request(row).payload["months"]) == ("withdrawn", 6)
    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=old.steps.get().pk, verb="agree", by=second, at=AT, proof=proof_of(second, AT))
    for changed in ({"text_zh": "另一种承诺"}, {"text_zh": "我再次承诺", "months_valid": 99}):
        LetterText.objects.update(**changed)
        with pytest.raises(law.IntegrityNotRecorded):
            opinion.answer(row, second)
    assert LetterText.objects.get().state == "draft"


def test_a_letter_text_handed_back_is_put_in_force_by_nobody_until_it_is_asked_again(officer, second, client):
    row = law.draft_letter_text(text_zh="我", text_en="I", months_valid=12, by=officer, at=timezone.now())
    page, back = reverse("compliance:letter-list"), reverse("compliance:letter-return", args=[row.pk])

    client.force_login(second)
    assert client.post(back, {"reason": " "}).status_code == 400
    assert client.get(page).context["may_publish"] is True
    assert client.post(back, {"reason": "补充反贿赂条款"}).status_code == 302
    after = client.get(page)
    assert (after.context["may_publish"], after.context["asked"].state) == (False, "returned")
    with pytest.raises(law.IntegrityNotRecorded):
        law.publish_letter_text(text_id=row.pk, by=second, at=AT, proof=proof_of(second, AT))
    assert put_to_approval(at=AT) == 0
    law.draft_letter_text(text_zh="我", text_en="I", months_valid=12, by=officer, at=timezone.now())
    client.force_login(officer)
    assert client.get(page).context["may_withdraw"] is True
    client.post(reverse("compliance:letter-withdraw", args=[row.pk]))

    states = ApprovalRequest.objects.filter(flow="compliance.letter_text").order_by("pk")
    assert list(states.values_list("state", flat=True)) == ["returned", "withdrawn"]


@pytest.fixture
def checked(person, officer):
    """An officer whose own name stands in a list, checked by another."""
    named = person("named", Role.COMPLIANCE, Role.ADMINISTRATOR, name="方宁")
    return named, OPINIONS["compliance.integrity_hit"].put_up(officer, about=named)


def test_a_hit_is_never_shown_to_the_person_checked(checked, officer, second, client):
    opinion = OPINIONS["compliance.integrity_hit"]
    named, row = checked
    step = opinion.request(row).steps.get()
    pages = [
        reverse("compliance:step-detail", args=[step.pk]),
        f"/api/v1/compliance/inbox/{step.pk}/",
        reverse("compliance:check-proof", args=[row.pk]),
        *(
            reverse("compliance:history", args=[subject])
            for subject in (
                f"bribery_check:{row.pk}", f"briberycheck:{row.pk}", f"approval:{step.request_id}", f"approvalstep:{step.pk}",
            )
        ),
    ]  # fmt: skip
    whole = [reverse("compliance:inbox"), reverse("compliance:staff-detail", args=[named.pk]), reverse("compliance:bribery-list") + "?q=x", "/api/v1/compliance/inbox/"]  # fmt: skip

    client.force_login(named)
    assert [client.get(page).status_code for page in pages] == [404] * len(pages)
    for page in whole:
        answer = client.get(page)
        assert answer.status_code == 200
        assert "命中" not in answer.content.decode(), page
        assert "判决书" not in answer.content.decode(), page
    for entry in LedgerEntry.objects.filter(subject=f"bribery_check:{row.pk}"):
        assert client.get(reverse("compliance:entry-detail", args=[entry.pk])).status_code == 404
    assert not Notification.objects.filter(recipient=named).exists()
    for verb, who in (("pass_on", second), ("copy", second)):
        with pytest.raises(law.ApprovalNotDecided):
            opinion.answer(row, who, verb, to=named)
    with pytest.raises(PermissionDenied):
        opinion.answer(row, named)
    client.force_login(second)
    assert client.get(pages[0]).status_code == 200
    assert "判决书" in client.get(whole[1]).content.decode()


def test_a_refused_hit_is_a_record_found_which_stops_field_work_and_its_ledger_entry_hides_from_the_person(
    checked, officer, second, client
):
    opinion = OPINIONS["compliance.integrity_hit"]
    named, row = checked
    with pytest.raises(law.IntegrityNotRecorded):
        opinion.answer(row, second, comment=" ")

    opinion.answer(row, second, "refuse", comment="身份证号一致")

    row.refresh_from_db()
    assert (row.result, row.reviewed_by) == ("found", second)
    assert Employment.objects.get(user=named).bribery_found
    entry = LedgerEntry.objects.get(event="compliance.bribery_hit_decided")
    assert (entry.subject, entry.reason) == (f"user:{named.pk}", "身份证号一致")
    client.force_login(named)
    assert client.get(reverse("compliance:entry-detail", args=[entry.pk])).status_code == 404
    assert "身份证号一致" not in client.get(reverse("compliance:ledger")).content.decode()
    client.force_login(officer)
    assert client.get(reverse("compliance:entry-detail", args=[entry.pk])).status_code == 200


@pytest.fixture
def measure(officer, rep, second, third):
    return OPINIONS["compliance.measure"].put_up(officer, about=rep, others=(second, third))


def test_the_check_of_a_measure_stays_within_the_wall_of_its_case(measure, person, second, officer, client):
    opinion, outside = OPINIONS["compliance.measure"], person("outside", Role.COMPLIANCE, name="方宁")
    step = opinion.request(measure).steps.get()
    law.name_deputy(deputy=outside, first_day=DAY, last_day=DAY, reason="休假", by=second, at=AT)
    pages = [
        reverse("compliance:step-detail", args=[step.pk]),
        f"/api/v1/compliance/inbox/{step.pk}/",
        *(reverse("compliance:history", args=[one]) for one in (f"measure:{measure.pk}", f"approval:{step.request_id}")),
    ]  # fmt: skip

    for who in (outside, officer):  # the second owns the measure and is not of the team
        client.force_login(who)
        assert [client.get(page).status_code for page in pages] == [404] * len(pages)
        assert client.get("/api/v1/compliance/inbox/").json()["results"] == []
        assert client.get("/api/v1/compliance/inbox/?box=asked").json()["results"] == []
        assert measure.case.number not in client.get(reverse("compliance:inbox")).content.decode()
        for entry in LedgerEntry.objects.filter(subject=f"measure:{measure.pk}"):
            assert client.get(reverse("compliance:entry-detail", args=[entry.pk])).status_code == 404
        with pytest.raises(PermissionDenied):
            opinion.answer(measure, who)
    assert not Notification.objects.filter(kind="approval_asked", recipient__in=[outside, officer]).exists()
    for verb in ("pass_on", "copy"):
        with pytest.raises(law.ApprovalNotDecided):
            opinion.answer(measure, second, verb, to=outside, comment="")
    client.force_login(second)
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)
    opinion.answer(measure, second)
    assert not Notification.objects.filter(kind="approval_decided").exists()


def test_what_was_checked_is_sealed_with_the_case_and_stands_nowhere_in_plain(measure, second, third, client):
    opinion = OPINIONS["compliance.measure"]
    with pytest.raises(law.ApprovalNotDecided):
        opinion.answer(measure, second, "pass_on", to=third, comment="请核对付款")
    for empty in ({"comment": ""}, {"comment": "", "verb": "return"}):
        with pytest.raises((law.MeasureNotMoved, law.ApprovalNotDecided)):
            opinion.answer(measure, second, **empty)

    opinion.answer(measure, second, "return", comment="缺付款凭证")

    measure.refresh_from_db()
    assert (measure.state, measure.check_words) == ("open", "缺付款凭证")
    assert not ApprovalStep.objects.exclude(comment="").exists()
    assert not LedgerEntry.objects.filter(reason__contains="凭证").exists()
    assert Notification.objects.filter(recipient=measure.owner, kind="measure_returned").count() == 1
    law.finish_measure(measure_id=measure.pk, words="已补凭证", by=measure.owner, at=AT)
    client.force_login(second)
    page = client.get(reverse("compliance:case-detail", args=[measure.case_id])).content.decode()
    assert "补交签到表" in page
    opinion.answer(measure, second)
    assert ApprovalRequest.objects.filter(flow=opinion.flow).count() == 2


def test_a_dropped_measure_makes_its_request_void(measure, second):
    old = OPINIONS["compliance.measure"].request(measure)

    law.check_measure(measure_id=measure.pk, verdict="dropped", words="项目取消", by=second, at=AT)

    old.refresh_from_db()
    measure.refresh_from_db()
    assert (old.state, measure.state) == ("withdrawn", "dropped")
    with pytest.raises(law.MeasureNotMoved):
        law.check_measure(measure_id=measure.pk, verdict="verified", words="x", by=second, at=AT)


def test_an_owner_on_the_team_verifies_nothing_of_their_own(officer, second, third, rep):
    opinion = OPINIONS["compliance.measure"]
    row = opinion.put_up(second, about=rep, others=(second, third))

    for give in (opinion.answer, opinion.yes):
        with pytest.raises(PermissionDenied):
            give(row, second)
    opinion.answer(row, third)

    row.refresh_from_db()
    assert (row.state, row.checked_by) == ("verified", third)


def test_a_watched_act_waits_for_its_review_once_its_reason_is_there_and_nobody_is_told_of_each(
    officer, second, client
):
    opinion = OPINIONS["compliance.watched"]
    row = opinion.put_up(officer)
    with pytest.raises(law.WatchedActNotMoved):
        opinion.answer(row, second, comment=" ")

    request = opinion.answer(row, second, comment="属实")

    row.refresh_from_db()
    assert (row.review, row.reviewed_by, request.opened_by) == ("属实", second, officer)
    assert not Notification.objects.filter(kind__startswith="approval").exists()
    client.force_login(officer)
    assert client.get(reverse("compliance:inbox")).context["asked"] == []
    page = client.get(reverse("compliance:watched-detail", args=[row.pk]))
    assert page.context["asked"] == request
    assert "属实" in page.content.decode()


def test_an_act_that_was_not_drawn_waits_in_no_inbox_and_may_be_reviewed_all_the_same(officer, second):
    opinion = OPINIONS["compliance.watched"]
    row = opinion.put_up(officer, is_sampled=False)
    waiting = inbox_of(second, DAY).count() + put_to_approval(at=AT)

    opinion.yes(row, second)

    row.refresh_from_db()
    assert waiting == 0
    assert row.state == "reviewed"
    assert ApprovalRequest.objects.get().state == "approved"


def test_a_reason_that_comes_with_a_drawn_act_asks_for_the_review_with_it(officer, second):
    with law.reasons_given({"MR-01b": "时钟已校对"}):
        entry = law.record("tests.done", subject="visit:1", by=officer, at=AT, verdict=watched_verdict())

    watched = WatchedAct.objects.get(rule="MR-01b")
    assert OPINIONS["compliance.watched"].request(watched).opened_by == officer
    assert "compliance.watchedact" in {row["model"] for row in entry.rows}
    assert "compliance.approvalrequest" not in {row["model"] for row in entry.rows}
    assert inbox_of(second, DAY).count() == 1


def test_many_watched_acts_are_listed_in_as_many_queries_as_few(officer, second, client):
    opinion = OPINIONS["compliance.watched"]
    client.force_login(second)
    pages = (reverse("compliance:inbox"), "/api/v1/compliance/inbox/")

    def queries():
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(page).status_code == 200
            counts.append(len(seen))
        return counts

    opinion.put_up(officer)
    queries()
    few = queries()
    for _more in range(6):
        opinion.put_up(officer)

    assert queries() == few
    assert inbox_of(second, DAY).count() == 7
