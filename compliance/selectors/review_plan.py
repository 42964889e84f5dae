"""By what the audit trail is reviewed, month by month: what holds, what is to come, what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from compliance.choices import TrailReviewState
from compliance.models import TrailReview, TrailReviewPlan
from compliance.rules.trail_review import (
    Terms,
    closes_a_period,
    first_of_span,
    in_force,
    last_of_month,
    months_from,
)

MONTHS_AHEAD = 12


@dataclass(frozen=True)
class Standing:
    """The terms that hold in a month, who signs (None: any officer), and the row that says so (None: as shipped)."""

    terms: Terms
    reviewer: Any = None
    change: TrailReviewPlan | None = None


@dataclass(frozen=True)
class PlannedReview:
    """One review of the plan: which days, by what, due when, and how far it is.

    `state`: planned, queued (its days are over, nothing is drawn yet), open, overdue, signed.
    """

    first_day: date
    last_day: date
    standing: Standing
    due_on: date
    state: str
    review: TrailReview | None = None

    @property
    def reviewer(self) -> Any:
        if self.review is None:
            return self.standing.reviewer
        return self.review.signed_by or self.review.reviewer


def plan_changes() -> QuerySet[TrailReviewPlan]:
    """Return every change of the plan, the one that holds from the latest month first."""
    return TrailReviewPlan.objects.select_related("reviewer", "decided_by").order_by(
        "-since", "-decided_at", "-pk"
    )


def standing_of_month(month: date, changes: list[TrailReviewPlan] | None = None) -> Standing:
    """Return by what a month is reviewed. Cost: one query, none with `changes`."""
    rows = changes if changes is not None else list(plan_changes())
    change = in_force(month, ((one.since, one) for one in reversed(rows)))
    if change is None:
        return Standing(Terms())
    terms = Terms(change.every_months, change.least, change.per_mille, change.most, change.days)
    return Standing(terms, change.reviewer, change)


def span_closed_by(month: date, terms: Terms) -> tuple[date, date]:
    """Return the first and last day of the review that a month closes: from the day after the last one on.

    Cost: one query.
    """
    last = last_of_month(month)
    before = (
        TrailReview.objects.filter(last_day__lt=last).order_by("-last_day").values_list("last_day", flat=True)
    )
    latest = before.first()
    return (latest + timedelta(days=1) if latest else first_of_span(month, terms)), last


def planned_reviews(on: date) -> list[PlannedReview]:
    """Return the reviews of the twelve months that begin with that of a day, after those that are under way or due.

    Cost: two queries.
    """
    changes = list(plan_changes())
    last_month = (on.replace(day=1) - timedelta(days=1)).replace(day=1)
    drawn = TrailReview.objects.filter(last_day__gte=last_month) | TrailReview.objects.filter(
        state=TrailReviewState.OPEN
    )
    reviews = {
        one.last_day: one
        for one in drawn.select_related("reviewer", "signed_by")
        .annotate(drawn=Count("items"))
        .order_by("last_day")
    }
    found = [_drawn(one, standing_of_month(one.last_day, changes), on) for one in reviews.values()]
    after = found[-1].last_day if found else None
    for month in months_from(last_month, MONTHS_AHEAD + 1):
        standing = standing_of_month(month, changes)
        last = last_of_month(month)
        if (after and last <= after) or not closes_a_period(month, standing.terms):
            continue
        first = after + timedelta(days=1) if after else first_of_span(month, standing.terms)
        due_on = last + timedelta(days=1 + standing.terms.days)
        found.append(PlannedReview(first, last, standing, due_on, "queued" if last < on else "planned"))
        after = last
    return found


def _drawn(review: TrailReview, standing: Standing, on: date) -> PlannedReview:
    is_late = review.state == TrailReviewState.OPEN and review.due_on < on
    state = "overdue" if is_late else str(review.state)
    return PlannedReview(review.first_day, review.last_day, standing, review.due_on, state, review)
