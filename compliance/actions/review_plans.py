"""Change by what the audit trail is reviewed: how often, how many acts, by whom, how soon. Source: EU Annex 11 cl. 9."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.judging import judge
from compliance.actions.recording import record
from compliance.choices import TrailReviewState
from compliance.facts import TrailPlanFacts
from compliance.models import TrailReview, TrailReviewPlan
from compliance.rules.trail_review import EVERY_MONTHS, Terms
from compliance.selectors.people import people_with_role
from compliance.selectors.review_plan import standing_of_month
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

MOST_ACTS = 1000


class PlanNotChanged(DomainError):
    """The reviews go on as planned; nothing has changed."""

    code = "trail_plan_not_changed"


@transaction.atomic
def change_review_plan(
    *, since: date, terms: Terms, reviewer_id: UUID | None, reason: str, by: Any, at: datetime
) -> TrailReviewPlan:
    """Let other terms or another reviewer hold from a month on; `reviewer_id` None is any officer.

    A review of these months that is drawn and not signed changes hands too; what it drew stays drawn.
    Raises: PermissionDenied; PlanNotChanged for a month gone by, terms that draw nothing, a reviewer who is none, no
    reason or no change; Refused with the verdict when the law asks for more. In every case nothing has changed.
    """
    if not permissions.can_review_trail(by):
        raise PermissionDenied
    _check(since, terms, localtime(at).date())
    if not reason.strip():
        raise PlanNotChanged(_("Say why the plan changes."), field="reason")
    reviewer = people_with_role("compliance").filter(pk=reviewer_id).first() if reviewer_id else None
    if reviewer_id and reviewer is None:
        raise PlanNotChanged(_("Choose an officer of compliance."), field="reviewer")
    standing = standing_of_month(since)
    if standing.change is not None and (standing.terms, standing.reviewer) == (terms, reviewer):
        raise PlanNotChanged(_("The plan says so already."))
    plan = TrailReviewPlan(
        since=since, **asdict(terms), reviewer=reviewer, reason=reason.strip(), decided_by=by, decided_at=at
    )
    facts = TrailPlanFacts(
        every_months=terms.every_months,
        least=terms.least,
        days=terms.days,
        reviewer_is_administrator=bool(reviewer and reviewer.has_role("administrator")),
        subjects=(f"user:{reviewer.pk}",) if reviewer else (),
    )
    verdict = judge("trail.plan", facts, subject=plan.subject, by=by, at=at)
    plan.save(force_insert=True)
    record(
        "compliance.trail_plan_changed", subject=plan.subject, by=by, at=at, verdict=verdict, reason=plan.reason,
        rows=[plan, *_handed_over(plan)],
    )  # fmt: skip
    if reviewer is not None and reviewer.pk != by.pk:
        notify(
            recipient=reviewer,
            kind="trail_review",
            zh=f"自 {since:%Y-%m} 起，审计追踪复核由您签名",
            en=f"From {since:%Y-%m} on the reviews of the audit trail are yours to sign",
            at=at,
            url="/compliance/ledger/reviews/plan/",
            subject=plan.subject,
        )
    return plan


def _check(since: date, terms: Terms, today: date) -> None:
    if since.day != 1:
        raise PlanNotChanged(_("A plan holds from the first day of a month."), field="since")
    if since < (today.replace(day=1) - timedelta(days=1)).replace(day=1):
        raise PlanNotChanged(_("Choose last month or a later one."), field="since")
    if terms.every_months not in EVERY_MONTHS:
        raise PlanNotChanged(_("Choose how many months a review covers."), field="every_months")
    if not 0 < terms.least <= terms.most <= MOST_ACTS or not 0 <= terms.per_mille <= 1000:
        raise PlanNotChanged(_("At least 1 act, and the most not below the least."), field="most")
    if not 0 < terms.days <= 92:
        raise PlanNotChanged(_("Between 1 and 92 days."), field="days")


def _handed_over(plan: TrailReviewPlan) -> list[TrailReview]:
    """Give the open reviews of the plan's months to its reviewer. Cost: locks them in order of key."""
    rows = TrailReview.objects.select_for_update().filter(
        state=TrailReviewState.OPEN, last_day__gte=plan.since
    )
    changed = []
    for review in rows.order_by("pk"):
        standing = standing_of_month(review.last_day.replace(day=1))
        if review.reviewer_id != (standing.reviewer.pk if standing.reviewer else None):
            review.reviewer = standing.reviewer
            review.save()
            changed.append(review)
    return changed
