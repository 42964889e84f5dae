"""A claim about a product is a request: in the inbox, with deputies, the same answer from page, REST and engine."""

import json
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from compliance import actions as law
from compliance.actions.carrying import put_to_approval
from compliance.models import ApprovalRequest, ApprovalStep, LedgerEntry
from compliance.selectors.cockpit import inbox_of
from content import actions
from content.actions import ClaimNotApproved, ClaimNotSaved
from content.models import Claim
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import Notification, OutboxMessage
from tests.content.conftest import AT
from tests.content.test_races import NO, at_once
from tests.factories import content as make

FLOW = "content.claim"
TODAY = AT.date()


def submitted(desk, text="HbA1c 较基线降低 0.78%"):
    claim = actions.write_claim(product_id=desk.product.pk, text_zh=text, by=desk.author, at=AT)
    actions.link_claim(claim_id=claim.pk, anchor_id=make.anchor(make.reference()).pk, by=desk.author, at=AT)
    return actions.submit_claim(claim_id=claim.pk, by=desk.author, at=AT)


def waits_for(user, day=TODAY):
    return inbox_of(user, day).filter(request__flow=FLOW).exists()


def step_of(claim):
    return ApprovalStep.objects.get(request__subject=f"claim:{claim.pk}", state="open")


def requests(claim):
    rows = ApprovalRequest.objects.filter(flow=FLOW, subject=f"claim:{claim.pk}").order_by("opened_at", "pk")
    return list(rows.values_list("state", flat=True))


@pytest.mark.django_db
def test_a_submitted_claim_waits_for_medical_and_regulatory_and_not_for_its_author(desk, rep):
    both = make.content_person(Role.MEDICAL, "苏医")
    desk.author = both
    claim = submitted(desk)

    waiting = {one: waits_for(one) for one in (desk.medical, desk.regulatory, desk.compliance, both, rep)}
    request = ApprovalRequest.objects.get(flow=FLOW)

    assert [one for one, waits in waiting.items() if waits] == [desk.medical, desk.regulatory]
    assert request.due_at.date() == date(2026, 11, 30)
    assert request.payload["sha256"] == actions.claim_approval.content_of(claim)
    told = set(Notification.objects.filter(kind="approval_asked").values_list("recipient", flat=True))
    assert told == {desk.medical.pk, desk.regulatory.pk}


@pytest.mark.django_db
def test_a_yes_in_the_inbox_approves_the_claim_as_its_page_does(desk):
    claim = submitted(desk)

    law.decide(step_id=step_of(claim).pk, verb="agree", by=desk.regulatory, at=AT)

    claim.refresh_from_db()
    assert (claim.status, claim.approver) == ("approved", desk.regulatory)
    assert claim.content_sha256 == actions.claim_approval.content_of(claim)
    entry = LedgerEntry.objects.get(event="content.claim_approved")
    assert entry.verdict.allows
    assert not waits_for(desk.medical)
    assert Notification.objects.filter(recipient=desk.author, kind="approval_decided").count() == 1


@pytest.mark.django_db
def test_the_page_gives_the_answer_of_the_request(desk):
    claim = submitted(desk)

    actions.approve_claim(claim_id=claim.pk, by=desk.medical, at=AT)

    request = ApprovalRequest.objects.get(flow=FLOW)
    assert (request.state, request.steps.get().approver) == ("approved", desk.medical)


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["page", "inbox"])
def test_a_claim_goes_back_with_the_words_of_the_answer(desk, door):
    claim = submitted(desk)
    if door == "page":
        with pytest.raises(ClaimNotSaved):
            actions.return_claim(claim_id=claim.pk, reason=" ", by=desk.medical, at=AT)
        actions.return_claim(claim_id=claim.pk, reason="补充来源", by=desk.medical, at=AT)
    else:
        step = step_of(claim)
        with pytest.raises(law.ApprovalNotDecided):
            law.decide(step_id=step.pk, verb="return", by=desk.medical, at=AT)
        law.decide(step_id=step.pk, verb="return", by=desk.medical, at=AT, comment="补充来源")

    claim.refresh_from_db()
    assert (claim.status, claim.reason, requests(claim)) == ("draft", "补充来源", ["returned"])
    assert LedgerEntry.objects.get(event="content.claim_returned").reason == "补充来源"
    actions.submit_claim(claim_id=claim.pk, by=desk.author, at=AT)
    assert requests(claim) == ["returned", "open"]


@pytest.mark.django_db
def test_the_author_takes_a_claim_back_and_nobody_else_does(desk):
    claim = submitted(desk)

    with pytest.raises(PermissionDenied):
        actions.take_back_claim(claim_id=claim.pk, by=desk.medical, at=AT)
    actions.take_back_claim(claim_id=claim.pk, by=desk.author, at=AT)

    claim.refresh_from_db()
    assert (claim.status, requests(claim), waits_for(desk.medical)) == ("draft", ["withdrawn"], False)
    assert LedgerEntry.objects.filter(event="content.claim_taken_back").count() == 1


@pytest.mark.django_db
def test_an_author_of_the_right_role_answers_neither_on_the_page_nor_in_the_inbox(desk):
    desk.author = make.content_person(Role.MEDICAL, "苏医")
    claim = submitted(desk)

    with pytest.raises(ClaimNotApproved):
        actions.approve_claim(claim_id=claim.pk, by=desk.author, at=AT)
    with pytest.raises(PermissionDenied):
        law.decide(step_id=step_of(claim).pk, verb="agree", by=desk.author, at=AT)

    claim.refresh_from_db()
    assert (claim.status, requests(claim)) == ("in_review", ["open"])


@pytest.mark.django_db
def test_what_the_page_refuses_the_inbox_refuses_and_the_request_stays(desk):
    claim = submitted(desk, "本品安全可靠")

    with pytest.raises(ClaimNotApproved):
        law.decide(step_id=step_of(claim).pk, verb="agree", by=desk.medical, at=AT)

    claim.refresh_from_db()
    assert (claim.status, requests(claim)) == ("in_review", ["open"])
    assert not LedgerEntry.objects.filter(event="compliance.approval_agreed").exists()


@pytest.mark.django_db
def test_a_hold_on_the_product_stops_the_answer_at_every_door_and_the_refusal_is_recorded_once(
    desk, client, time_machine
):
    time_machine.move_to(AT, tick=True)
    claim = submitted(desk)
    law.place_hold(subjects=[f"product:{desk.product.pk}"], reason="x", by=desk.compliance, at=AT)

    with pytest.raises(Refused) as no:
        actions.approve_claim(claim_id=claim.pk, by=desk.medical, at=AT)
    client.force_login(desk.medical)
    page = client.post(reverse("compliance:step-detail", args=[step_of(claim).pk]), {"verb": "agree"})

    claim.refresh_from_db()
    assert "HOLD-01" in set(no.value.verdict.breached)
    assert page.status_code == 409
    assert "HOLD-01" in page.content.decode()
    assert (claim.status, requests(claim)) == ("in_review", ["open"])
    assert LedgerEntry.objects.filter(subject=f"claim:{claim.pk}", verdict__allows=False).count() == 1


@pytest.mark.django_db
def test_a_step_passes_only_to_who_may_approve_and_a_deputy_answers_for_who_is_away(desk, person):
    colleague, deputy = person("liu", Role.MEDICAL, name="刘敏"), person("dai", Role.MEDICAL, name="代岚")
    claim = submitted(desk)
    step = step_of(claim)
    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=step.pk, verb="pass_on", by=desk.medical, at=AT, to=desk.compliance)
    law.decide(step_id=step.pk, verb="pass_on", by=desk.medical, at=AT, to=colleague)

    with pytest.raises(PermissionDenied):
        actions.approve_claim(claim_id=claim.pk, by=deputy, at=AT)
    law.name_deputy(
        deputy=deputy, first_day=TODAY, last_day=TODAY + timedelta(days=3), reason="休假", by=colleague, at=AT
    )
    actions.approve_claim(claim_id=claim.pk, by=deputy, at=AT)

    claim.refresh_from_db()
    assert (claim.status, claim.approver) == ("approved", deputy)


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["words", "retired"])
def test_new_words_or_an_end_void_what_was_asked(desk, change):
    claim = submitted(desk)
    step = step_of(claim)
    if change == "words":
        actions.change_claim(claim_id=claim.pk, text_zh="另一句", by=desk.author, at=AT)
    else:
        actions.retire_claim(claim_id=claim.pk, reason="旧", by=desk.medical, at=AT)

    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=step.pk, verb="agree", by=desk.medical, at=AT)

    assert (requests(claim), waits_for(desk.medical)) == (["withdrawn"], False)


@pytest.mark.django_db
def test_a_claim_whose_ground_moved_is_asked_for_again_and_anew_when_its_grounds_change(desk):
    place = make.anchor(make.reference())
    desk.claim.links.create(anchor=place)
    actions.mark_standing(
        reference_id=place.reference_id, standing="retracted", note="撤稿", by=desk.medical, at=AT
    )
    asked = [requests(desk.claim)]

    actions.unlink_claim(link_id=desk.claim.links.get(anchor=place).pk, by=desk.author, at=AT)
    asked.append(requests(desk.claim))
    actions.approve_claim(claim_id=desk.claim.pk, by=desk.regulatory, at=AT)

    desk.claim.refresh_from_db()
    assert asked == [["open"], ["withdrawn", "open"]]
    assert (desk.claim.status, desk.claim.approver) == ("approved", desk.regulatory)


@pytest.mark.django_db
def test_words_changed_past_the_actions_are_not_approved_by_an_answer_to_the_old_ones(desk):
    claim = submitted(desk)
    Claim.objects.filter(pk=claim.pk).update(text_zh="HbA1c 较基线降低 0.79%")

    with pytest.raises(ClaimNotApproved):
        law.decide(step_id=step_of(claim).pk, verb="agree", by=desk.medical, at=AT)


@pytest.mark.django_db
def test_claims_of_before_are_put_to_the_engine_once_and_a_page_that_comes_first_asks_itself(desk):
    waiting = make.claim(desk.product, author=desk.author, status="in_review")
    again = make.claim(desk.product, author=desk.author, approver=desk.medical, status="re_review")
    early = make.claim(desk.product, author=desk.author, status="in_review")
    actions.approve_claim(claim_id=early.pk, by=desk.medical, at=AT)

    made = [put_to_approval(at=AT), put_to_approval(at=AT)]

    assert made == [2, 0]
    assert [requests(one) for one in (waiting, again, early)] == [["open"], ["open"], ["approved"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("migration", "waits"),
    [
        ("0003_put_claims_to_the_engine", "in_review"),
        ("0003_put_claims_to_the_engine", "re_review"),
        ("0004_put_releases_to_the_engine", "approved"),
    ],
)
def test_the_migration_asks_for_the_engine_only_where_something_waits(desk, migration, waits):
    ask = import_module(f"content.migrations.{migration}").ask
    asked = OutboxMessage.objects.filter(task="compliance.put_to_approval")
    ask(apps, None)
    before = asked.count()
    if migration.startswith("0003"):
        make.claim(desk.product, author=desk.author, approver=desk.medical, status=waits)
    else:
        make.material_version(
            make.material(desk.product, owner=desk.author), author=desk.author, status=waits, approved_at=AT
        )

    ask(apps, None)

    assert (before, asked.count()) == (0, 1)


@pytest.mark.django_db
def test_rest_answers_a_claim_and_its_page_shows_the_line(desk, client):
    claim = submitted(desk)
    client.force_login(desk.regulatory, backend=settings.AUTHENTICATION_BACKENDS[-1])
    step = step_of(claim)
    before = client.get(reverse("content:claim-detail", args=[claim.pk])).content.decode()
    asked = client.get(reverse("compliance:step-detail", args=[step.pk])).content.decode()

    answer = client.post(
        reverse("api:compliance-api:step-answer", args=[step.pk]),
        json.dumps({"verb": "agree"}),
        content_type="application/json",
        headers={"Idempotency-Key": "claim-1"},
    )

    claim.refresh_from_db()
    after = client.get(reverse("content:claim-detail", args=[claim.pk])).content.decode()
    assert answer.status_code == 200, answer.json()
    assert (claim.status, claim.approver) == ("approved", desk.regulatory)
    assert claim.text_zh in asked
    assert f"/content/claims/{claim.pk}/approve/" in before
    assert f"/content/claims/{claim.pk}/approve/" not in after
    assert desk.regulatory.display_name in after
    assert timezone.localtime(claim.approved_at).date() == timezone.localdate()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["inbox", "change"])
def test_two_at_once_leave_one_answer(desk, other):
    claim = submitted(desk)
    step = step_of(claim)

    def second():
        if other == "inbox":
            return law.decide(step_id=step.pk, verb="agree", by=desk.regulatory, at=AT)
        return actions.change_claim(claim_id=claim.pk, text_zh="另一句", by=desk.author, at=AT)

    outcomes = at_once(lambda: actions.approve_claim(claim_id=claim.pk, by=desk.medical, at=AT), second)

    claim.refresh_from_db()
    assert all(one is not None for one in outcomes)
    if other == "inbox":
        assert sum(isinstance(one, NO) for one in outcomes) == 1
        assert claim.status == "approved"
    else:  # whoever came second, the new words were approved by nobody
        assert (claim.status, claim.text_zh, claim.approver) == ("draft", "另一句", None)
    assert not ApprovalRequest.objects.filter(flow=FLOW, state="open").exists()
