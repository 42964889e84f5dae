"""A drafted notice is a request: in the inbox of who keeps notices, with deputies, given the same answer everywhere."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from compliance import actions as law
from compliance.actions.carrying import put_to_approval
from compliance.models import ApprovalRequest, ApprovalStep, LedgerEntry
from compliance.selectors.cockpit import inbox_of
from doctors import actions, selectors
from doctors.actions import notice_publication as flow
from doctors.models import ConsentNotice
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Notification, OutboxMessage
from tests.conftest import AT
from tests.factories.doctors import make_notice, make_purpose

pytestmark = pytest.mark.django_db
TODAY = AT.date()
WORDS = {"text_zh": "我们是谁，收集什么。", "text_en": "Who we are and what we keep.", "valid_from": TODAY}


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def regulatory(person):
    return person("regulatory", Role.REGULATORY, name="纪闻")


@pytest.fixture
def draft(officer):
    make_purpose("academic_contact")
    return actions.draft_notice(purpose="academic_contact", **WORDS, by=officer, at=AT)


def step_of(draft):
    return ApprovalStep.objects.get(request__subject=f"notice:{draft.pk}", state="open")


def waits_for(*people):
    return [inbox_of(one, TODAY).filter(request__flow=flow.FLOW).exists() for one in people]


def events(draft):
    rows = LedgerEntry.objects.filter(subject=f"notice:{draft.pk}", event__startswith="doctors.")
    return list(rows.order_by("at", "pk").values_list("event", flat=True))


def test_a_draft_waits_for_who_keeps_notices_but_not_for_its_author_nor_for_others(
    steward, regulatory, officer, rep, reviewer, draft
):
    assert waits_for(steward, regulatory) == [True, True]
    assert waits_for(officer, rep, reviewer) == [False, False, False]
    request = ApprovalRequest.objects.get()
    assert request.due_at == AT + timedelta(days=7)  # five working days over a weekend
    assert request.opened_by == officer
    assert Notification.objects.filter(kind="approval_asked", recipient=steward).count() == 1


def test_a_yes_in_the_inbox_publishes_it_as_the_button_does(draft, steward):
    law.decide(step_id=step_of(draft).pk, verb="agree", by=steward, at=AT)

    draft.refresh_from_db()
    assert (draft.state, draft.published_by, draft.published_at) == ("published", steward, AT)
    assert events(draft) == ["doctors.notice_drafted", "doctors.notice_published"]
    assert selectors.notice_in_force("academic_contact", TODAY) == draft
    assert waits_for(steward) == [False]


def test_what_is_asked_is_said_in_words_of_the_record_and_what_lapses(draft, officer, steward, client):
    actions.publish_notice(notice_id=draft.pk, by=steward, at=AT)
    asked = actions.draft_notice(
        purpose="academic_contact", text_zh="我们收集更多。", text_en="We keep more.", valid_from=TODAY,
        what_changed="新增信息种类", by=officer, at=AT,
    )  # fmt: skip
    steward.language = "zh-hans"
    steward.save()
    client.force_login(steward)
    page = client.get(
        reverse("compliance:step-detail", args=[step_of(asked).pk]), headers={"accept-language": "zh-hans"}
    ).content.decode()

    assert all(words in page for words in ("我们收集更多。", "We keep more.", "新增信息种类"))
    with override("en"):
        assert ApprovalRequest.objects.get(state="open").heading.endswith("version 2")
    assert "我们" not in str(ApprovalRequest.objects.get(state="open").payload)


def test_a_draft_sent_back_waits_for_nobody_until_its_author_changes_it(draft, officer, steward):
    with pytest.raises(law.ApprovalNotDecided):
        actions.return_notice(notice_id=draft.pk, reason=" ", by=steward, at=AT)
    actions.return_notice(notice_id=draft.pk, reason="缺保存期限", by=steward, at=AT)
    assert waits_for(steward) == [False]
    with pytest.raises(flow.NoticeNotPublished):
        actions.publish_notice(notice_id=draft.pk, by=steward, at=AT)
    assert flow.put_notices(AT) == 0

    actions.change_notice(
        notice_id=draft.pk,
        text_zh="我们是谁，保存三年。",
        text_en="Three years.",
        valid_from=TODAY,
        by=officer,
        at=AT,
    )
    actions.publish_notice(notice_id=draft.pk, by=steward, at=AT)

    draft.refresh_from_db()
    assert (draft.state, draft.text_en) == ("published", "Three years.")
    assert [one.state for one in ApprovalRequest.objects.order_by("opened_at", "pk")] == [
        "returned", "approved",
    ]  # fmt: skip


def test_a_change_of_words_voids_what_was_asked_and_asks_anew(draft, officer, steward):
    before = step_of(draft)

    actions.change_notice(
        notice_id=draft.pk, text_zh="别的话。", text_en="Other words.", valid_from=TODAY, by=officer, at=AT
    )

    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=before.pk, verb="agree", by=steward, at=AT)
    draft.refresh_from_db()
    assert step_of(draft).request.payload["sha256"] == draft.sha256 != before.request.payload["sha256"]
    assert events(draft) == ["doctors.notice_drafted", "doctors.notice_changed"]


def test_words_that_changed_behind_the_request_are_not_published(draft, steward):
    ConsentNotice.objects.filter(pk=draft.pk).update(sha256="0" * 64)

    with pytest.raises(flow.NoticeNotPublished):
        law.decide(step_id=step_of(draft).pk, verb="agree", by=steward, at=AT)

    draft.refresh_from_db()
    assert draft.state == "draft"


def test_only_the_author_changes_a_draft_and_no_notice_that_is_out(draft, officer, steward, rep):
    for stranger in (steward, rep):
        with pytest.raises(PermissionDenied):
            actions.change_notice(notice_id=draft.pk, **WORDS, by=stranger, at=AT)
    actions.publish_notice(notice_id=draft.pk, by=steward, at=AT)
    with pytest.raises(flow.NoticeNotPublished):
        actions.change_notice(notice_id=draft.pk, **WORDS, by=officer, at=AT)

    draft.refresh_from_db()
    assert draft.state == "published"


def test_the_author_answers_neither_on_the_page_nor_in_the_inbox(draft, officer):
    with pytest.raises(flow.NoticeNotPublished):
        actions.publish_notice(notice_id=draft.pk, by=officer, at=AT)
    for verb in ("agree", "refuse", "return"):
        with pytest.raises(PermissionDenied):
            law.decide(step_id=step_of(draft).pk, verb=verb, by=officer, at=AT, comment="x")

    draft.refresh_from_db()
    assert draft.state == "draft"


def test_whoever_keeps_no_notices_answers_none_and_gets_none_passed_on(draft, steward, rep, reviewer):
    step = step_of(draft)
    for stranger in (rep, reviewer):
        with pytest.raises(PermissionDenied):
            law.decide(step_id=step.pk, verb="agree", by=stranger, at=AT)
        with pytest.raises(PermissionDenied):
            actions.publish_notice(notice_id=draft.pk, by=stranger, at=AT)
    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=step.pk, verb="pass_on", by=steward, at=AT, to=rep)

    step.refresh_from_db()
    assert (step.state, step.approver) == ("open", None)


def test_a_deputy_answers_for_whom_it_was_passed_to(draft, steward, regulatory, person):
    law.decide(step_id=step_of(draft).pk, verb="pass_on", by=steward, at=AT, to=regulatory)
    deputy = person("deputy", Role.REGULATORY, name="代理")
    with pytest.raises(PermissionDenied):
        actions.publish_notice(notice_id=draft.pk, by=deputy, at=AT)
    law.name_deputy(
        deputy=deputy,
        first_day=TODAY,
        last_day=TODAY + timedelta(days=3),
        reason="休假",
        by=regulatory,
        at=AT,
    )

    actions.publish_notice(notice_id=draft.pk, by=deputy, at=AT)

    draft.refresh_from_db()
    assert (draft.state, draft.published_by) == ("published", deputy)


def test_its_author_withdraws_it_and_anybody_else_refuses_it_with_words(draft, officer, steward):
    with pytest.raises(law.ApprovalNotDecided):
        actions.drop_notice(notice_id=draft.pk, by=steward, at=AT)
    actions.drop_notice(notice_id=draft.pk, by=steward, at=AT, reason="不需要")
    again = actions.draft_notice(purpose="academic_contact", **WORDS, by=officer, at=AT)
    actions.drop_notice(notice_id=again.pk, by=officer, at=AT)
    last = actions.draft_notice(purpose="academic_contact", **WORDS, by=officer, at=AT)
    actions.return_notice(notice_id=last.pk, reason="改期限", by=steward, at=AT)
    actions.drop_notice(notice_id=last.pk, by=officer, at=AT)

    assert set(ConsentNotice.objects.values_list("state", flat=True)) == {"dropped"}
    said = LedgerEntry.objects.filter(event="doctors.notice_dropped").order_by("at", "pk")
    assert {one.reason for one in said} == {"不需要", ""}
    assert [one.state for one in ApprovalRequest.objects.order_by("pk")] == [
        "refused",
        "withdrawn",
        "returned",
    ]


def test_the_inbox_over_rest_publishes_it(draft, steward, client):
    client.force_login(steward)
    waiting = client.get("/api/v1/compliance/inbox/").json()["results"]
    (one,) = [row for row in waiting if row["flow"] == flow.FLOW]

    answer = client.post(
        f"/api/v1/compliance/inbox/{one['id']}/answer/", {"verb": "agree"}, content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )  # fmt: skip

    assert answer.status_code == 200
    draft.refresh_from_db()
    assert (draft.state, draft.published_by) == ("published", steward)


def test_the_page_shows_the_line_of_steps_and_gives_each_answer(draft, officer, steward, client):
    address = reverse("doctors:notice-detail", args=[draft.pk])
    move = {
        verb: reverse("doctors:notice-move", args=[draft.pk, verb]) for verb in ("publish", "return", "drop")
    }
    change = reverse("doctors:notice-change", args=[draft.pk])

    client.force_login(officer)
    own = client.get(address).content.decode()
    assert (move["publish"] in own, change in own, str(officer) in own) == (False, True, True)
    assert client.post(move["publish"]).status_code == 400
    client.force_login(steward)
    page = client.get(address).content.decode()
    assert (move["publish"] in page, change in page) == (True, False)
    assert client.get(change).status_code == 403
    assert client.post(move["return"]).status_code == 400
    assert client.post(move["return"], {"comment": "缺期限"}).status_code == 302
    client.force_login(officer)
    half = client.post(change, {**WORDS, "text_en": " "})
    whole = client.post(change, {**WORDS, "text_en": "Kept for three years."})
    client.force_login(steward)
    done = client.post(move["publish"])

    assert (half.status_code, whole.status_code, done.status_code) == (400, 302, 302)
    draft.refresh_from_db()
    assert (draft.state, draft.text_en, draft.published_by) == ("published", "Kept for three years.", steward)


def test_what_waited_before_is_put_to_the_engine_once(draft, officer, steward):
    ApprovalStep.objects.all().delete()
    ApprovalRequest.objects.all().delete()

    made = [put_to_approval(at=AT + timedelta(days=1)), put_to_approval(at=AT + timedelta(days=1))]

    assert made == [1, 0]
    assert ApprovalRequest.objects.get().opened_by == officer
    actions.publish_notice(notice_id=draft.pk, by=steward, at=timezone.now())
    draft.refresh_from_db()
    assert draft.state == "published"


def test_a_published_notice_of_before_is_put_to_nobody():
    make_notice()

    assert flow.put_notices(AT) == 0
    assert not OutboxMessage.objects.exists()


def test_what_is_decided_is_not_taken_back_by_asking_for_it_anew(draft, officer, steward):
    actions.publish_notice(notice_id=draft.pk, by=steward, at=AT)

    with pytest.raises(law.ApprovalNotDecided):
        law.answer_approval(
            flow=flow.FLOW,
            subject=f"notice:{draft.pk}",
            verb="withdraw",
            by=officer,
            at=AT,
            put=lambda: flow.put_notice(draft, at=AT),
        )

    draft.refresh_from_db()
    assert draft.state == "published"
    assert ApprovalRequest.objects.count() == 1


def test_two_versions_are_compared_by_sentence_and_a_numbered_clause_stays_whole(draft, officer, steward):
    actions.change_notice(
        notice_id=draft.pk, text_zh="一。二。", text_en="We ask you.\n1. Who we are: we. Mail us; or call.\n2. What for: news.",
        valid_from=TODAY, by=officer, at=AT,
    )  # fmt: skip
    draft.refresh_from_db()

    with override("en"):
        changes = [line.text for line in selectors.notice_changes(None, draft)]

    assert changes == ["We ask you.", "1. Who we are: we.", "Mail us;", "or call.", "2. What for: news."]
