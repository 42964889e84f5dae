"""The periodic review of the audit trail: a sample nobody chose, marks by somebody else, a signature, an alarm when late."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from compliance import actions as law
from compliance.actions.reviews import (
    SAMPLE,
    ReviewNotDone,
    draw_review,
    mark_item,
    mind_late_reviews,
    review_fingerprint,
    review_last_month,
    sign_review,
)
from compliance.actions.sealing import seal
from compliance.choices import TrailReviewState
from compliance.log.sampling import drawn_places
from compliance.models import Checkpoint, Finding, LedgerEntry, TrailReview, TrailReviewItem
from compliance.selectors.signatures import is_valid
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.compliance import PASSWORD, proof_of, totp_code

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
THEN = AT - timedelta(days=30)  # 24 October


@pytest.fixture
def second_officer(person):
    return person("officer2", Role.COMPLIANCE, name="吴双")


@pytest.fixture
def review(rep, second_officer):
    for number in range(SAMPLE + 20):
        law.record(
            "test.done", subject=f"x:{number}", by=rep, at=THEN + timedelta(minutes=number), reason="补资料"
        )
    law.record("test.later", subject="x:1", by=rep, at=AT)
    seal(at=AT, sign_now=True, anchor=False)
    return review_last_month(on=AT.date(), at=AT)


def _mark_all(review, by):
    for item in review.items.all():
        mark_item(item_id=item.pk, mark="fine", note="", by=by, at=AT)


def test_the_sample_is_drawn_by_the_root_of_the_first_checkpoint_after_the_month(review):
    checkpoint = Checkpoint.objects.get()
    assert (review.first_day, review.seed) == (OCTOBER, bytes(checkpoint.root).hex())
    assert (review.population, review.items.count()) == (SAMPLE + 20, SAMPLE)
    drawn = list(review.items.order_by("pk").values_list("number", flat=True))
    numbers = list(range(SAMPLE + 20))  # the first acts of the log
    assert sorted(drawn) == sorted(numbers[place] for place in drawn_places(review.seed, SAMPLE + 20, SAMPLE))
    acts = LedgerEntry.objects.filter(pk__in=review.items.values("entry_id"))
    assert set(acts.values_list("event", flat=True)) == {"test.done"}


def test_anybody_draws_the_same_places_again():
    assert drawn_places("seed", 1000, 5) == [680, 946, 729, 56, 348]
    assert sorted(drawn_places("seed", 7, 50)) == list(range(7))
    assert drawn_places("seed", 0, 50) == []


def test_a_month_is_drawn_once_and_not_before_a_checkpoint_was_signed_after_it(review, rep):
    assert draw_review(first_day=OCTOBER, last_day=date(2026, 10, 31), at=AT + timedelta(days=1)) == review
    assert review_last_month(on=date(2026, 12, 1), at=AT) is None
    assert review_last_month(on=date(2026, 9, 1), at=AT) is None
    assert LedgerEntry.objects.filter(event="compliance.trail_review_drawn").count() == 1


def test_nobody_reviews_an_own_act_and_nobody_else_reviews(review, rep, officer, second_officer):
    item = review.items.first()
    own = law.record("test.own", subject="x:9", by=officer, at=THEN)
    item.entry_id = own.pk
    item.save()
    before = LedgerEntry.objects.count()

    with pytest.raises(ReviewNotDone):
        mark_item(item_id=item.pk, mark="fine", note="", by=officer, at=AT)
    with pytest.raises(PermissionDenied):
        mark_item(item_id=item.pk, mark="fine", note="", by=rep, at=AT)
    with pytest.raises(ReviewNotDone):
        mark_item(item_id=item.pk, mark="question", note=" ", by=second_officer, at=AT)

    assert LedgerEntry.objects.count() == before


def test_a_question_opens_a_finding_and_is_recorded(review, officer):
    item = review.items.first()

    mark_item(item_id=item.pk, mark="question", note="理由与操作不符", by=officer, at=AT)

    assert Finding.objects.get().kind == "trail_question"
    assert LedgerEntry.objects.get(event="compliance.trail_item_marked").reason == "理由与操作不符"


def test_a_review_is_signed_once_when_all_is_marked_and_a_later_change_voids_it(review, officer):
    proof = proof_of(officer, AT)
    with pytest.raises(ReviewNotDone):
        sign_review(review_id=review.pk, conclusion="无异常", by=officer, at=AT, proof=proof)
    _mark_all(review, officer)

    signed = sign_review(review_id=review.pk, conclusion="无异常", by=officer, at=AT, proof=proof)

    assert signed.state == TrailReviewState.SIGNED
    assert is_valid(signed.signature, review_fingerprint(signed))
    with pytest.raises(ReviewNotDone):
        sign_review(review_id=review.pk, conclusion="无异常", by=officer, at=AT, proof=proof)
    item = signed.items.first()
    with pytest.raises(ReviewNotDone):
        mark_item(item_id=item.pk, mark="question", note="x", by=officer, at=AT)
    TrailReviewItem.objects.filter(pk=item.pk).update(note="后来改的")
    assert not is_valid(signed.signature, review_fingerprint(signed))


def test_a_late_review_raises_one_alarm_that_its_signature_ends(review, officer):
    late = review.due_on + timedelta(days=1)
    assert mind_late_reviews(on=review.due_on, at=AT) == 0

    assert mind_late_reviews(on=late, at=AT) == 1
    assert mind_late_reviews(on=late, at=AT) == 0

    _mark_all(review, officer)
    sign_review(review_id=review.pk, conclusion="无异常", by=officer, at=AT, proof=proof_of(officer, AT))
    assert Finding.objects.get(kind="trail_review_late").state == "settled"


def test_the_database_keeps_a_signature_and_a_finding_with_every_signed_review(review):
    with pytest.raises(IntegrityError), transaction.atomic():
        TrailReview.objects.filter(pk=review.pk).update(state="signed")


def test_the_page_marks_and_signs(review, officer, client):
    client.force_login(officer)
    page = client.get(reverse("compliance:review-detail", args=[review.pk]))
    assert page.content.decode().count('value="fine"') == SAMPLE
    item = review.items.first()

    answer = client.post(
        reverse("compliance:review-mark", args=[review.pk]), {"item": item.pk, "mark": "fine"}
    )

    assert answer["Location"].endswith(f"#i{item.number}")
    item.refresh_from_db()
    assert (item.mark, item.marked_by) == ("fine", officer)
    rest = review.items.exclude(pk=item.pk)
    for one in rest:
        mark_item(item_id=one.pk, mark="fine", note="", by=officer, at=AT)
    proof_of(officer, AT)

    with time_machine.travel(AT, tick=False):
        code = totp_code(officer, AT)
        answer = client.post(
            reverse("compliance:review-sign", args=[review.pk]),
            {"conclusion": "无异常", "password": PASSWORD, "code": code},
        )
    assert answer.status_code == 302
    shown = client.get(reverse("compliance:review-detail", args=[review.pk])).content.decode()
    assert "周正" in shown
    assert "Asia/Shanghai" in shown
