"""The review: submitted once the pre-check is met, three seats in parallel, each signed for the exact bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.actions import SignatureProof
from content import permissions, rules
from content.choices import MaterialStatus, RoundOutcome, SeatDecision, SeatRole
from content.models import MaterialFile, MaterialVersion, ReviewRound, ReviewSeat
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import people_with_role
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

from .judging import material_facts, open_must_annotations
from .locking import demand, locked_version
from .precheck import open_must_findings

REVIEW_TIME = timedelta(days=5)
MEANINGS = {
    SeatDecision.AGREED: "approved",
    SeatDecision.CHANGES: "returned",
    SeatDecision.REFUSED: "refused",
}
EVENTS = {
    SeatDecision.AGREED: "content.review_agreed",
    SeatDecision.CHANGES: "content.review_returned",
    SeatDecision.REFUSED: "content.review_refused",
}


class NotSubmitted(DomainError):
    """The version cannot go to review as it stands; nothing has changed."""

    code = "not_submitted"


class NotReviewed(DomainError):
    """The decision cannot be taken here; nothing has changed and nothing was signed."""

    code = "not_reviewed"


@transaction.atomic
def submit_version(
    *, version_id: UUID, by: Any, at: datetime, reviewers: Mapping[str, UUID] | None = None
) -> ReviewRound:
    """Send a version to medical, regulatory and compliance review. Reviewers may be named or left open.

    Raises: PermissionDenied; NotSubmitted without a file, with open pre-check findings, an old label, unapproved
    claims, from another state, or with the author among the reviewers; Refused.
    """
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version))
    file = _ready_file(version)
    facts = material_facts(version, file, None, by=by, at=at)
    if not facts.label_current:
        raise NotSubmitted(_("The label changed since this was written. Renew the label and check the text."))
    if facts.claims_unapproved:
        raise NotSubmitted(
            _("%(count)d claims used here are not approved.") % {"count": facts.claims_unapproved}
        )
    verdict = law.judge("material.submit", facts, subject=f"material_version:{version.pk}", by=by, at=at)
    last = version.rounds.order_by("-number").values_list("number", flat=True).first() or 0
    passage = ReviewRound.objects.create(
        version=version, file=file, number=last + 1, opened_by=by, opened_at=at, due_at=at + REVIEW_TIME
    )
    seats = [_seat(passage, version, role, (reviewers or {}).get(role)) for role in SeatRole.values]
    version.status, version.submitted_at = MaterialStatus.IN_REVIEW, at
    version.save()
    law.record(
        "content.material_submitted",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        verdict=verdict,
        rows=[version, passage, *seats],
    )
    for seat in seats:
        _call(seat, version, at=at, kind="review_asked")
    return passage


@transaction.atomic
def take_back_version(*, version_id: UUID, by: Any, at: datetime) -> MaterialVersion:
    """The author takes a version back while it is in review (撤回). Raises: PermissionDenied, NotReviewed."""
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version))
    passage = _open_round(version)
    _close(passage, RoundOutcome.RECALLED, at)
    version.status, version.submitted_at = MaterialStatus.DRAFT, None
    version.save()
    law.record(
        "content.material_taken_back",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        rows=[version, passage],
    )
    return version


@transaction.atomic
def decide_review(
    *,
    version_id: UUID,
    role: str,
    decision: str,
    file_sha256: str,
    by: Any,
    at: datetime,
    proof: SignatureProof,
    reason: str = "",
) -> MaterialVersion:
    """Sign one seat's decision on exactly the bytes seen: agree, return for changes, or refuse.

    The third agreement approves the version; the first return or refusal closes the round.
    Raises: PermissionDenied, NotReviewed, Refused, and what law.sign raises. Source: 21 CFR 11.50, 11.70.
    """
    version = locked_version(version_id)
    demand(permissions.can_take_seat(by, version, role))
    passage = _open_round(version)
    seat = _my_seat(passage, role, by)
    file = MaterialFile.objects.select_related("stored").get(pk=passage.file_id)
    _check_decision(file, decision, file_sha256, reason)
    verdict = None
    if decision == SeatDecision.AGREED:
        seat.reviewer = by
        facts = material_facts(version, file, passage, by=by, at=at)
        verdict = law.judge("material.approve", facts, subject=f"material_version:{version.pk}", by=by, at=at)
    signature = law.sign(
        subject=f"material_version:{version.pk}",
        content_sha256=file.sha256,
        meaning=MEANINGS[SeatDecision(decision)],
        by=by,
        at=at,
        proof=proof,
    )
    seat.reviewer, seat.decision, seat.decided_at = by, decision, at
    seat.signature, seat.signed_sha256, seat.reason = signature.pk, file.sha256, reason.strip()
    _save_seat(seat)
    rows = [seat, signature, *_after_decision(version, passage, decision, at=at)]
    law.record(
        EVENTS[SeatDecision(decision)],
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        verdict=verdict,
        reason=reason,
        rows=rows,
    )
    _tell_author(version, decision, at=at)
    return version


@transaction.atomic
def hand_over_seat(*, version_id: UUID, role: str, to: UUID, by: Any, at: datetime) -> ReviewSeat:
    """Give a seat to a colleague of the same role (转交). Raises: PermissionDenied, NotReviewed."""
    version = locked_version(version_id)
    passage = _open_round(version)
    seat = passage.seats.select_for_update().get(role=role)
    demand(permissions.can_take_seat(by, version, role) and seat.reviewer_id in {None, by.pk})
    if seat.decision != SeatDecision.WAITING:
        raise NotReviewed(_("This seat has decided already."))
    person = User.objects.get(pk=to)
    if not permissions.can_take_seat(person, version, role):
        raise NotReviewed(_("%(person)s cannot take this seat.") % {"person": person}, field="to")
    seat.reviewer = person
    _save_seat(seat)
    law.record(
        "content.review_handed_over",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        reason=str(person),
        rows=[seat],
    )
    _call(seat, version, at=at, kind="review_handed_over")
    return seat


@transaction.atomic
def urge_reviewers(*, version_id: UUID, by: Any, at: datetime) -> int:
    """Remind those who have not decided (催办), at most once an hour each. Returns: how many were reminded."""
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version) or permissions.can_annotate(by, version))
    passage = _open_round(version)
    urged = []
    for seat in passage.seats.select_for_update().filter(decision=SeatDecision.WAITING).order_by("pk"):
        if seat.reminded_at is not None and at - seat.reminded_at < timedelta(hours=1):
            continue
        seat.reminded_at = at
        seat.save()
        urged.append(seat)
        _call(seat, version, at=at, kind=f"review_urged_{at:%Y%m%d%H}")
    if urged:
        law.record("content.review_urged", subject=f"material_version:{version.pk}", by=by, at=at, rows=urged)
    return len(urged)


@transaction.atomic
def see_page(*, version_id: UUID, page: int, by: Any, at: datetime) -> None:
    """Note that a reviewer has had a page in front of them; others leave no trace."""
    seat = (
        ReviewSeat.objects.select_for_update(of=("self",))
        .filter(
            round__version_id=version_id,
            round__outcome=RoundOutcome.OPEN,
            reviewer=by,
            decision=SeatDecision.WAITING,
        )
        .first()
    )
    if seat is None or page in seat.pages_seen:
        return
    seat.pages_seen = sorted({*seat.pages_seen, page})
    seat.save()
    law.record(
        "content.page_seen",
        subject=f"material_version:{version_id}",
        by=by,
        at=at,
        reason=str(page),
        rows=[seat],
    )


def why_not_agree(version: MaterialVersion, file: MaterialFile) -> str:
    """Return the sentence that stands above a disabled 同意, or an empty string."""
    open_must = open_must_annotations(file)
    if open_must:
        return _("%(count)d required changes are open; you cannot agree yet.") % {"count": open_must}
    findings = open_must_findings(file)
    if findings:
        return _("%(count)d pre-check findings are neither fixed nor answered.") % {"count": findings}
    return ""


def _ready_file(version: MaterialVersion) -> MaterialFile:
    if not rules.may_material_move(version.status, MaterialStatus.IN_REVIEW):
        raise NotSubmitted(
            _("Version %(version)s is %(state)s and cannot be submitted.")
            % {"version": version, "state": version.get_status_display()}
        )
    file = MaterialFile.objects.select_related("stored").filter(version=version, is_current=True).first()
    if file is None:
        raise NotSubmitted(_("Attach a file first."), field="file")
    if file.prechecked_at is None or file.precheck_edition != rules.EDITION:
        raise NotSubmitted(_("Run the pre-check first."))
    if count := open_must_findings(file):
        raise NotSubmitted(
            _("%(count)d findings of the pre-check must be fixed or answered first.") % {"count": count}
        )
    return file


def _seat(passage: ReviewRound, version: MaterialVersion, role: str, reviewer: UUID | None) -> ReviewSeat:
    person = User.objects.get(pk=reviewer) if reviewer else None
    if person is not None and not permissions.can_take_seat(person, version, role):
        raise NotSubmitted(_("%(person)s cannot take this seat.") % {"person": person}, field=role)
    seat = ReviewSeat(round=passage, role=role, author=version.author, reviewer=person)
    try:
        with transaction.atomic():
            seat.save()
    except IntegrityError as error:
        raise NotSubmitted(_("One person takes one seat."), field=role) from error
    return seat


def _open_round(version: MaterialVersion) -> ReviewRound:
    passage = (
        ReviewRound.objects.select_for_update().filter(version=version, outcome=RoundOutcome.OPEN).first()
    )
    if version.status != MaterialStatus.IN_REVIEW or passage is None:
        raise NotReviewed(
            _("Version %(version)s is %(state)s, not in review.")
            % {"version": version, "state": version.get_status_display()}
        )
    return passage


def _my_seat(passage: ReviewRound, role: str, by: Any) -> ReviewSeat:
    seat = passage.seats.select_for_update().get(role=role)
    if seat.decision != SeatDecision.WAITING:
        raise NotReviewed(_("This seat has decided already."))
    if seat.reviewer_id not in {None, by.pk}:
        raise NotReviewed(_("This seat is %(person)s's.") % {"person": seat.reviewer})
    if passage.seats.filter(reviewer=by).exclude(pk=seat.pk).exists():
        raise NotReviewed(_("You have another seat in this review. One person takes one seat."))
    return seat


def _check_decision(file: MaterialFile, decision: str, file_sha256: str, reason: str) -> None:
    if decision not in MEANINGS:
        raise NotReviewed(_("Choose a decision."), field="decision")
    if file_sha256 != file.sha256:
        raise NotReviewed(_("The file changed since you opened it. Look at the new one first."))
    if decision != SeatDecision.AGREED and not reason.strip():
        raise NotReviewed(_("Say why."), field="reason")
    if decision == SeatDecision.AGREED and (why := why_not_agree(file.version, file)):
        raise NotReviewed(why)


def _after_decision(
    version: MaterialVersion, passage: ReviewRound, decision: str, *, at: datetime
) -> list[Any]:
    if decision == SeatDecision.AGREED:
        if passage.seats.exclude(decision=SeatDecision.AGREED).exists():
            return []
        version.status, version.approved_at = MaterialStatus.APPROVED, at
        _close(passage, RoundOutcome.APPROVED, at)
    elif decision == SeatDecision.CHANGES:
        version.status = MaterialStatus.CHANGES_REQUESTED
        _close(passage, RoundOutcome.CHANGES, at)
    else:
        version.status = MaterialStatus.REFUSED
        _close(passage, RoundOutcome.REFUSED, at)
    version.save()
    return [version, passage]


def _close(passage: ReviewRound, outcome: str, at: datetime) -> None:
    passage.outcome, passage.closed_at = outcome, at
    passage.save()


def _save_seat(seat: ReviewSeat) -> None:
    try:
        with transaction.atomic():
            seat.save()
    except IntegrityError as error:
        raise NotReviewed(_("You have another seat in this review. One person takes one seat.")) from error


def _call(seat: ReviewSeat, version: MaterialVersion, *, at: datetime, kind: str) -> None:
    people = [seat.reviewer] if seat.reviewer_id else list(people_with_role(seat.role))
    for person in people:
        if person.pk == version.author_id:
            continue
        notify(
            recipient=person,
            kind=kind,
            zh=f"请审核资料 {version.material.code}《{version.material.title_zh}》v{version.version}",
            en=f"Please review {version.material.code} “{version.material.title_en or version.material.title_zh}” v{version.version}",
            at=at,
            url=f"/content/versions/{version.pk}/review/",
            subject=f"review_seat:{seat.pk}",
        )


def _tell_author(version: MaterialVersion, decision: str, *, at: datetime) -> None:
    said = {
        SeatDecision.AGREED: ("同意了", "agreed to"),
        SeatDecision.CHANGES: ("退回修改了", "returned"),
        SeatDecision.REFUSED: ("拒绝了", "refused"),
    }[SeatDecision(decision)]
    notify(
        recipient=version.author,
        kind="review_decided",
        zh=f"审核人{said[0]}资料 {version.material.code} v{version.version}",
        en=f"A reviewer {said[1]} {version.material.code} v{version.version}",
        at=at,
        url=f"/content/versions/{version.pk}/",
        subject=f"material_version:{version.pk}:{at.isoformat()}"[:80],
    )
