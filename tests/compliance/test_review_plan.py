"""The plan of the trail's reviews: twelve months of it, changed by a judged act with its reason, and no day left out."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from compliance import actions as law
from compliance.actions.review_plans import PlanNotChanged, change_review_plan
from compliance.actions.reviews import ReviewNotDone, mark_item, review_last_month, sign_review
from compliance.actions.sealing import seal
from compliance.models import LedgerEntry, TrailReview, TrailReviewPlan
from compliance.rules.trail_review import (
    EVERY_MONTHS,
    Terms,
    closes_a_period,
    first_of_span,
    last_of_month,
    months_from,
    sample_size,
)
from compliance.selectors.review_plan import planned_reviews
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.verdict_case import client_of

pytestmark = pytest.mark.django_db
TODAY = AT.date()  # 23 November 2026
NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)


@pytest.fixture
def second(person):
    return person("officer2", Role.COMPLIANCE, name="吴双")


def change(by, *, since=NOVEMBER, reviewer=None, reason="年度内审建议", **terms):
    return change_review_plan(
        since=since,
        terms=replace(Terms(), **terms),
        reviewer_id=reviewer.pk if reviewer else None,
        reason=reason,
        by=by,
        at=AT,
    )


def acts(by, days_ago, count=80):
    for number in range(count):
        at = AT - timedelta(days=days_ago) + timedelta(minutes=number)
        law.record("test.done", subject=f"x:{number}", by=by, at=at, reason="补资料")
    seal(at=AT, sign_now=True, anchor=False)


@given(st.integers(0, 10**7), st.integers(1, 300), st.integers(0, 1000), st.integers(0, 300))
def test_so_many_of_a_thousand_are_drawn_between_the_least_and_the_most(population, least, share, more):
    found = sample_size(Terms(1, least, share, least + more, 15), population)

    assert (
        found == sorted([least, -(-population * share // 1000), least + more])[1]
        or found == population < least
    )
    assert found <= population


@given(st.sampled_from(EVERY_MONTHS), st.integers(2020, 2030))
def test_the_spans_of_a_year_follow_each_other_without_a_gap(every, year):
    terms = Terms(every_months=every)
    closing = [month for month in months_from(date(year, 1, 1), 12) if closes_a_period(month, terms)]
    spans = [(first_of_span(month, terms), last_of_month(month)) for month in closing]

    assert (spans[0][0], spans[-1][1]) == (date(year, 1, 1), date(year, 12, 31))
    assert all(one[1] + timedelta(days=1) == after[0] for one, after in itertools.pairwise(spans))


def test_as_shipped_each_month_is_planned_for_any_officer():
    planned = planned_reviews(TODAY)

    assert [one.first_day for one in planned] == list(months_from(OCTOBER, 13))
    assert [one.state for one in planned] == ["queued", *["planned"] * 12]
    assert {one.reviewer for one in planned} == {None}
    assert planned[1].due_on == date(2026, 12, 16)


def test_a_change_holds_from_its_month_and_stands_in_the_ledger_with_verdict_and_reason(officer, second):
    plan = change(officer, since=date(2027, 1, 1), every_months=3, least=80, reviewer=second)

    planned = planned_reviews(TODAY)
    assert [(one.first_day.month, one.last_day.month) for one in planned] == [
        (10, 10), (11, 11), (12, 12), (1, 3), (4, 6), (7, 9),
    ]  # fmt: skip
    assert [one.reviewer for one in planned] == [None, None, None, second, second, second]
    assert planned[3].standing.terms.least == 80
    entry = LedgerEntry.objects.get(event="compliance.trail_plan_changed")
    assert (entry.subject, entry.reason, entry.verdict.point) == (
        f"trail_plan:{plan.pk}",
        "年度内审建议",
        "trail.plan",
    )
    assert Notification.objects.filter(recipient=second, kind="trail_review").count() == 1


def test_a_change_for_one_month_is_followed_by_what_held_before(officer, second):
    change(officer, since=date(2027, 2, 1), reviewer=second)
    change(officer, since=date(2027, 3, 1))

    by_month = {one.last_day.month: one.reviewer for one in planned_reviews(TODAY)}
    assert [month for month, reviewer in by_month.items() if reviewer] == [2]


@pytest.mark.parametrize("terms", [{"every_months": 6}, {"least": 24}, {"days": 32}])
def test_the_law_refuses_a_plan_that_reviews_too_little(terms, officer):
    with pytest.raises(Refused) as refusal:
        change(officer, **terms)

    assert refusal.value.verdict.breached == ["ER-16b"]
    assert not TrailReviewPlan.objects.exists()


def test_an_administrator_is_no_reviewer(officer, person):
    both = person("both", Role.COMPLIANCE, Role.ADMINISTRATOR, name="钱明")

    with pytest.raises(Refused):
        change(officer, reviewer=both)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"since": date(2026, 9, 1)}, "since"),
        ({"since": date(2026, 12, 2)}, "since"),
        ({"most": 10}, "most"),
        ({"every_months": 5}, "every_months"),
        ({"days": 0}, "days"),
    ],
)
def test_what_makes_no_plan_is_said_at_its_field(given, field, officer):
    with pytest.raises(PlanNotChanged) as refusal:
        change(officer, **given)

    assert refusal.value.field == field
    assert not TrailReviewPlan.objects.exists()


def test_a_stranger_a_reviewer_who_is_none_and_the_same_again_change_nothing(officer, rep):
    with pytest.raises(PermissionDenied):
        change(rep)
    with pytest.raises(PlanNotChanged):
        change(officer, reviewer=rep)
    change(officer, least=60)
    with pytest.raises(PlanNotChanged):
        change(officer, least=60)

    assert TrailReviewPlan.objects.count() == 1


def test_a_review_is_drawn_and_signed_as_planned(officer, second, rep):
    change(officer, since=OCTOBER, least=25, most=30, per_mille=350, days=9, reviewer=second)
    acts(rep, 30)

    review = review_last_month(on=TODAY, at=AT)

    assert (review.items.count(), review.reviewer) == (28, second)  # 35 % of 80
    assert review.due_on == TODAY + timedelta(days=9)
    assert set(
        Notification.objects.filter(subject=f"trail_review:{review.pk}").values_list("recipient", flat=True)
    ) == {second.pk}
    for item in review.items.all():
        mark_item(item_id=item.pk, mark="fine", note="", by=officer, at=AT)
    with pytest.raises(ReviewNotDone):
        sign_review(review_id=review.pk, conclusion="无异常", by=officer, at=AT, proof=proof_of(officer, AT))
    assert planned_reviews(TODAY)[0].state == "open"
    assert planned_reviews(TODAY + timedelta(days=10))[0].state == "overdue"

    change(second, since=OCTOBER, least=25, most=30, per_mille=350, days=9, reviewer=officer, reason="休假")
    sign_review(review_id=review.pk, conclusion="无异常", by=officer, at=AT, proof=proof_of(officer, AT))

    assert planned_reviews(TODAY)[0].state == "signed"
    assert planned_reviews(TODAY)[0].reviewer == officer


def test_no_day_is_left_out_when_the_months_of_a_review_change(officer, rep):
    acts(rep, 30)
    review_last_month(on=TODAY, at=AT)
    change(officer, every_months=2)
    later = AT + timedelta(days=45)  # 7 January
    law.record("test.done", subject="x:1", by=rep, at=AT)
    seal(at=later, sign_now=True, anchor=False)

    assert review_last_month(on=date(2026, 12, 2), at=later) is None  # November closes no span of two
    second = review_last_month(on=later.date(), at=later)

    assert (second.first_day, second.last_day) == (NOVEMBER, date(2026, 12, 31))
    assert TrailReview.objects.count() == 2


def test_the_database_keeps_a_plan_with_a_reason_and_a_whole_month(officer):
    row = change(officer, least=60)
    for wrong in ({"since": date(2026, 11, 2)}, {"reason": ""}, {"every_months": 4}, {"most": 10}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TrailReviewPlan.objects.filter(pk=row.pk).update(**wrong)


@time_machine.travel(AT, tick=False)
def test_the_page_shows_and_changes_the_plan_and_rest_reads_it(officer, second, rep):
    address, told = reverse("compliance:review-plan"), client_of(officer)
    sent = {
        "since": "2026-12-01", "every_months": "1", "least": "60", "per_mille": "2", "most": "150", "days": "10",
        "reviewer": str(second.pk), "reason": "加大抽样",
    }  # fmt: skip

    assert told.get(address).status_code == 200
    assert told.post(address, sent).status_code == 302
    assert told.post(address, {**sent, "every_months": "12"}).status_code == 409
    assert LedgerEntry.objects.filter(event="trail.plan_refused").count() == 1
    assert told.post(address, {**sent, "most": "5"}).status_code == 400
    page = told.get(address).content.decode()
    assert "吴双" in page
    assert "加大抽样" in page
    assert client_of(rep).get(address).status_code == 403
    rows = told.get("/api/v1/compliance/trail-reviews/plan/").json()
    assert [row["reviewer"] for row in rows][:3] == ["", "", "吴双"]
    assert rows[2]["terms"] == {"every_months": 1, "least": 60, "per_mille": 2, "most": 150, "days": 10}
