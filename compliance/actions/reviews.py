"""Periodic review of the audit trail: drawn, marked, signed; late ones raise an alarm. Source: EU Annex 11 (2011) cl. 9."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from compliance import permissions
from compliance.actions.findings import open_finding
from compliance.actions.recording import record
from compliance.actions.signing import SignatureProof, sign
from compliance.choices import FindingState, Grade, TrailMark, TrailReviewState
from compliance.log.sampling import drawn_places
from compliance.models import Checkpoint, Finding, LedgerEntry, LedgerLeaf, TrailReview, TrailReviewItem
from compliance.rules.trail_review import Terms, closes_a_period, last_of_month, sample_size
from compliance.selectors.people import people_with_role
from compliance.selectors.review_plan import span_closed_by, standing_of_month
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

SAMPLE = Terms().least  # where no plan says otherwise


class ReviewNotDone(DomainError):
    """The review cannot go on like this; nothing has changed."""

    code = "review_not_done"


def review_last_month(*, on: date, at: datetime) -> TrailReview | None:
    """Draw the review that the month before a day closes, from the day after the last review on. Safe to run twice.

    Returns: None while the log has no entry of it, or where the plan closes none with that month.
    """
    month = (on.replace(day=1) - timedelta(days=1)).replace(day=1)
    standing = TrailReview.objects.filter(last_day=last_of_month(month)).first()
    if standing is not None:
        return standing
    terms = standing_of_month(month).terms
    if not closes_a_period(month, terms):
        return None
    first_day, last_day = span_closed_by(month, terms)
    return draw_review(first_day=first_day, last_day=last_day, at=at)


@transaction.atomic
def draw_review(*, first_day: date, last_day: date, at: datetime) -> TrailReview | None:
    """Draw a sample of the sealed acts of some days, as the plan of their last month says. Returns: the review, the standing one where it was drawn before;
    None while no checkpoint was signed after the last day, or nothing happened."""
    standing = TrailReview.objects.filter(first_day=first_day).first()
    if standing is not None:
        return standing
    ends = make_aware(datetime.combine(last_day + timedelta(days=1), time.min))
    checkpoint = Checkpoint.objects.filter(signed_at__gte=ends).order_by("size").first()
    if checkpoint is None:
        return None
    starts = make_aware(datetime.combine(first_day, time.min))
    acts = LedgerEntry.objects.filter(at__gte=starts, at__lt=ends).values("pk")
    leaves = LedgerLeaf.objects.filter(entry_id__in=acts, number__lt=checkpoint.size).order_by("number")
    population = leaves.count()
    if not population:
        return None
    seed = bytes(checkpoint.root).hex()
    planned = standing_of_month(last_day.replace(day=1))
    review = TrailReview.objects.create(
        first_day=first_day,
        last_day=last_day,
        population=population,
        seed=seed,
        checkpoint_size=checkpoint.size,
        drawn_at=at,
        due_on=(at + timedelta(days=planned.terms.days)).date(),
        reviewer=planned.reviewer,
    )
    numbers = list(leaves.values_list("number", "entry_id"))
    items = [
        TrailReviewItem(review=review, number=numbers[place][0], entry_id=numbers[place][1])
        for place in drawn_places(seed, population, sample_size(planned.terms, population))
    ]
    bulk_create_with_history(items, TrailReviewItem)
    record(
        "compliance.trail_review_drawn", subject=f"trail_review:{review.pk}", by=None, at=at, rows=[review]
    )
    for officer in [planned.reviewer] if planned.reviewer else people_with_role("compliance"):
        notify(
            recipient=officer,
            kind="trail_review",
            zh=f"{first_day:%Y-%m} 审计追踪复核：抽取 {len(items)} 条，{review.due_on:%m-%d} 前完成",
            en=f"Audit-trail review of {first_day:%Y-%m}: {len(items)} acts drawn, due {review.due_on:%m-%d}",
            at=at,
            url=f"/compliance/ledger/reviews/{review.pk}/",
            subject=f"trail_review:{review.pk}",
        )
    return review


@transaction.atomic
def mark_item(*, item_id: UUID, mark: str, note: str, by: Any, at: datetime) -> TrailReviewItem:
    """Mark one drawn act. Raises: PermissionDenied; ReviewNotDone for an own act, a question without words, or once signed.

    A question opens a finding. Cost: one row lock.
    """
    if not permissions.can_review_trail(by):
        raise PermissionDenied
    item = TrailReviewItem.objects.select_for_update().select_related("review").get(pk=item_id)
    if item.review.state != TrailReviewState.OPEN:
        raise ReviewNotDone(_("This review is signed."))
    if LedgerEntry.objects.filter(pk=item.entry_id, actor=by).exists():
        raise ReviewNotDone(_("This is your own act. Another officer has to review it."))
    if mark not in (TrailMark.FINE, TrailMark.QUESTION):
        raise ReviewNotDone(_("Choose a mark."), field="mark")
    if mark == TrailMark.QUESTION and not note.strip():
        raise ReviewNotDone(_("Say what is in question."), field="note")
    item.mark, item.note, item.marked_by, item.marked_at = mark, note.strip(), by, at
    item.save()
    record(
        "compliance.trail_item_marked", subject=f"trail_review:{item.review_id}", by=by, at=at, reason=item.note, rows=[item]
    )  # fmt: skip
    if mark == TrailMark.QUESTION:
        open_finding(
            kind="trail_question",
            subject=f"trail_review:{item.review_id}",
            grade=Grade.WATCH,
            evidence={
                "text": {
                    "zh": f"台账 #{item.number}：{item.note}",
                    "en": f"Ledger #{item.number}: {item.note}",
                },
                "url": f"/compliance/ledger/{item.entry_id}/",
            },
            by=by,
            at=at,
            due_at=at + timedelta(days=5),
        )
    return item


@transaction.atomic
def sign_review(
    *, review_id: UUID, conclusion: str, by: Any, at: datetime, proof: SignatureProof
) -> TrailReview:
    """Sign a review whose every act is marked. Raises: PermissionDenied; ReviewNotDone; what `sign` raises."""
    if not permissions.can_review_trail(by):
        raise PermissionDenied
    review = TrailReview.objects.select_for_update().get(pk=review_id)
    if review.state != TrailReviewState.OPEN:
        raise ReviewNotDone(_("This review is signed."))
    if review.reviewer is not None and review.reviewer != by:
        raise ReviewNotDone(
            _("%(name)s signs this review. The plan can give it to somebody else, with a reason.")
            % {"name": review.reviewer}
        )
    if review.items.filter(mark=TrailMark.NONE).exists():
        raise ReviewNotDone(_("Some acts are not marked yet."))
    if not conclusion.strip():
        raise ReviewNotDone(_("Say what was found."), field="conclusion")
    review.conclusion = conclusion.strip()
    review.signature = sign(
        subject=f"trail_review:{review.pk}",
        content_sha256=review_fingerprint(review),
        meaning="trail_reviewed",
        by=by,
        at=at,
        proof=proof,
    )
    review.state, review.signed_by, review.signed_at = TrailReviewState.SIGNED, by, at
    review.save()
    record(
        "compliance.trail_review_signed", subject=f"trail_review:{review.pk}", by=by, at=at,
        reason=review.conclusion, rows=[review, review.signature],
    )  # fmt: skip
    for finding in Finding.objects.filter(
        kind="trail_review_late", subject=f"trail_review:{review.pk}", state=FindingState.OPEN
    ):
        finding.state, finding.settled_at, finding.settled_by = FindingState.SETTLED, at, by
        finding.settlement = _("The review was signed.")
        finding.save()
        record("compliance.finding_settled", subject=finding.subject, by=by, at=at, rows=[finding])
    return review


def review_fingerprint(review: TrailReview) -> str:
    """Return the SHA-256 of what a review's signature stands under: days, seed, every mark, and what was found."""
    marks = list(review.items.order_by("number").values_list("number", "mark", "note"))
    said = [review.first_day.isoformat(), review.last_day.isoformat(), review.seed, marks, review.conclusion]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def mind_late_reviews(*, on: date, at: datetime) -> int:
    """Open a finding for each review that is late, once. Returns: how many are new."""
    new = 0
    for review in TrailReview.objects.filter(state=TrailReviewState.OPEN, due_on__lt=on):
        subject = f"trail_review:{review.pk}"
        if Finding.objects.filter(
            kind="trail_review_late", subject=subject, state=FindingState.OPEN
        ).exists():
            continue
        open_finding(
            kind="trail_review_late",
            subject=subject,
            grade=Grade.SHALL,
            evidence={
                "text": {
                    "zh": f"{review.first_day:%Y-%m} 的审计追踪复核逾期，应于 {review.due_on} 前签名",
                    "en": f"The audit-trail review of {review.first_day:%Y-%m} is late; it was due on {review.due_on}",
                },
                "url": f"/compliance/ledger/reviews/{review.pk}/",
            },
            at=at,
            due_at=at,
        )
        new += 1
    return new
