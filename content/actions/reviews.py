"""The review: three seats side by side, asked by the approval engine, each signed for the exact bytes it read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.actions import SignatureProof
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision, Signed
from compliance.selectors.approvals import open_request, stands_in
from content import permissions
from content.choices import MaterialStatus, RoundOutcome, SeatDecision
from content.models import MaterialFile, MaterialVersion, ReviewRound, ReviewSeat
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

from .judging import material_facts, open_must_annotations
from .locking import REVIEW, demand, locked_version
from .precheck import open_must_findings
from .releases import put_release

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

URGED_AGAIN = timedelta(hours=1)
VERBS = {
    SeatDecision.AGREED: ApprovalVerb.AGREE,
    SeatDecision.CHANGES: ApprovalVerb.RETURN,
    SeatDecision.REFUSED: ApprovalVerb.REFUSE,
}
MEANINGS = {"agree": "approved", "return": "returned", "refuse": "refused"}
SEAT_DECISIONS = {str(verb): decision for decision, verb in VERBS.items()}
OUTCOMES = {
    ApprovalState.APPROVED: (MaterialStatus.APPROVED, RoundOutcome.APPROVED),
    ApprovalState.RETURNED: (MaterialStatus.CHANGES_REQUESTED, RoundOutcome.CHANGES),
    ApprovalState.REFUSED: (MaterialStatus.REFUSED, RoundOutcome.REFUSED),
}
EVENTS = {
    SeatDecision.AGREED: "content.review_agreed",
    SeatDecision.CHANGES: "content.review_returned",
    SeatDecision.REFUSED: "content.review_refused",
}


class NotReviewed(DomainError):
    """The decision cannot be taken here; nothing has changed and nothing was signed."""

    code = "not_reviewed"


def put_review(passage: ReviewRound, seats: Sequence[ReviewSeat], *, at: datetime) -> ApprovalRequest:
    """Ask the seats that have not decided, side by side: the person named for one, or whoever holds its role."""
    asked = tuple(
        law.Stage(approvers=(seat.reviewer,), name=seat.role)
        if seat.reviewer
        else law.Stage(roles=(seat.role,), name=seat.role)
        for seat in seats
        if seat.decision == SeatDecision.WAITING
    )
    return law.open_approval(
        subject=f"material_version:{passage.version_id}",
        flow=REVIEW,
        by=passage.opened_by,
        at=at,
        steps=[asked],
        due_at=passage.due_at,
        payload={"round": str(passage.pk), "version": str(passage.version_id)},
    )


def put_reviews(at: datetime) -> int:
    """Put every open round that has no request to the engine. Safe to run twice. Returns: how many are new."""
    rounds = ReviewRound.objects.filter(outcome=RoundOutcome.OPEN).select_related("opened_by").order_by("pk")
    new = [one for one in rounds if open_request(REVIEW, f"material_version:{one.version_id}") is None]
    for passage in new:
        put_review(passage, list(passage.seats.select_related("reviewer").order_by("pk")), at=at)
    return len(new)


@transaction.atomic
def take_back_version(*, version_id: UUID, by: Any, at: datetime) -> MaterialVersion:
    """The author takes a version back while it is in review (撤回). Raises: PermissionDenied, NotReviewed."""
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version))
    passage = _open_round(version)
    _answer(passage, ApprovalVerb.WITHDRAW, by=by, at=at)
    version.refresh_from_db()
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

    One answer to the review's request in the approval engine: the third agreement approves the version; the first
    return or refusal closes the round.
    Raises: PermissionDenied, NotReviewed, Refused, and what law.sign raises. Source: 21 CFR 11.50, 11.70.
    """
    version = locked_version(version_id)
    demand(permissions.can_take_seat(by, version, role))
    passage = _open_round(version)
    if decision not in VERBS:
        raise NotReviewed(_("Choose a decision."), field="decision")
    _check_decision(version, passage, role, VERBS[SeatDecision(decision)], file_sha256, reason, by, at)
    _answer(
        passage,
        VERBS[SeatDecision(decision)],
        by=by,
        at=at,
        name=role,
        comment=reason,
        proof=proof,
        details={"file_sha256": file_sha256},
    )
    version.refresh_from_db()
    return version


def check_review_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; NotReviewed, also for whoever did not have the pages of exactly this file before them."""
    version = locked_version(UUID(answer.payload["version"]))
    demand(permissions.can_take_seat(answer.by, version, answer.name))
    seen = str(answer.details.get("file_sha256", ""))
    passage = _open_round(version)
    _check_decision(version, passage, answer.name, answer.verb, seen, answer.comment, answer.by, answer.at)


@transaction.atomic
def note_seat(answer: Answer) -> None:
    """Enter one seat's agreement while others are still to come. Raises: NotReviewed; Refused with the verdict."""
    version = locked_version(UUID(answer.payload["version"]))
    _decide_seat(version, _open_round(version), answer, answer.verb)
    _tell_author(version, at=answer.at)


@transaction.atomic
def carry_out_review(*, decision: Decision) -> None:
    """Enter the seat that closed a round, and what became of the version by it, or that its author took it back.

    A version that all three approved is put to those who release it.

    Raises: NotReviewed; Refused with the verdict.
    """
    version = locked_version(UUID(decision.payload["version"]))
    passage, by, at = _open_round(version), decision.by, decision.at
    if decision.outcome == ApprovalState.WITHDRAWN:
        _close(passage, RoundOutcome.RECALLED, at)
        version.status, version.submitted_at = MaterialStatus.DRAFT, None
        version.save()
        law.record(
            "content.material_taken_back",
            subject=f"material_version:{version.pk}",
            by=by,
            at=at,
            reason=decision.comment,
            rows=[version, passage],
        )
        return
    status, outcome = OUTCOMES[ApprovalState(decision.outcome)]
    verb = {ApprovalState.APPROVED: "agree", ApprovalState.RETURNED: "return"}.get(
        ApprovalState(decision.outcome), "refuse"
    )
    _decide_seat(version, passage, decision, verb, closes=(status, outcome))
    if status == MaterialStatus.APPROVED:
        put_release(version, at=at)


@transaction.atomic
def hand_over_seat(*, version_id: UUID, role: str, to: UUID, by: Any, at: datetime) -> ReviewSeat:
    """Give a seat to a colleague of the same role (转交). Raises: PermissionDenied, NotReviewed."""
    version = locked_version(version_id)
    passage = _open_round(version)
    seat = passage.seats.get(role=role)
    demand(permissions.can_take_seat(by, version, role) and seat.reviewer_id in {None, by.pk})
    if seat.decision != SeatDecision.WAITING:
        raise NotReviewed(_("This seat has decided already."))
    person = User.objects.get(pk=to)
    _check_recipient(version, role, person)
    _answer(passage, ApprovalVerb.PASS_ON, by=by, at=at, name=role, to=person)
    seat.refresh_from_db()
    return seat


@transaction.atomic
def hand_seat(answer: Answer, to: User) -> None:
    """Let a seat be its new reviewer's, before its step passes to them. Raises: NotReviewed."""
    version = locked_version(UUID(answer.payload["version"]))
    _check_recipient(version, answer.name, to)
    seat = _open_round(version).seats.select_for_update().get(role=answer.name)
    seat.reviewer = to
    _save_seat(seat)
    law.record(
        "content.review_handed_over",
        subject=f"material_version:{version.pk}",
        by=answer.by,
        at=answer.at,
        reason=str(to),
        rows=[seat],
    )


@transaction.atomic
def urge_reviewers(*, version_id: UUID, by: Any, at: datetime) -> int:
    """Remind those who have not decided (催办), at most once an hour. Returns: how many seats were reminded."""
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version))
    passage = _open_round(version)
    asked = open_request(REVIEW, f"material_version:{version.pk}")
    if asked is not None and asked.urged_at is not None and at - asked.urged_at < URGED_AGAIN:
        return 0
    _answer(passage, ApprovalVerb.URGE, by=by, at=at)
    return passage.seats.filter(decision=SeatDecision.WAITING).count()


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


def _check_recipient(version: MaterialVersion, role: str, person: User) -> None:
    if not permissions.can_take_seat(person, version, role):
        raise NotReviewed(_("%(person)s cannot take this seat.") % {"person": person}, field="to")


def _answer(passage: ReviewRound, verb: ApprovalVerb, *, by: Any, at: datetime, **more: Any) -> None:
    law.answer_approval(
        flow=REVIEW,
        subject=f"material_version:{passage.version_id}",
        verb=verb,
        by=by,
        at=at,
        put=lambda: put_review(passage, list(passage.seats.select_related("reviewer").order_by("pk")), at=at),
        **more,
    )


def _check_decision(
    version: MaterialVersion,
    passage: ReviewRound,
    role: str,
    verb: str,
    file_sha256: str,
    reason: str,
    by: Any,
    at: datetime,
) -> None:
    seat = passage.seats.select_related("reviewer").get(role=role)
    if seat.decision != SeatDecision.WAITING:
        raise NotReviewed(_("This seat has decided already."))
    if seat.reviewer and seat.reviewer_id != by.pk and not stands_in(by, seat.reviewer, localtime(at).date()):
        raise NotReviewed(_("This seat is %(person)s's.") % {"person": seat.reviewer})
    if passage.seats.filter(reviewer=by).exclude(pk=seat.pk).exists():
        raise NotReviewed(_("You have another seat in this review. One person takes one seat."))
    file = MaterialFile.objects.select_related("stored", "version").get(pk=passage.file_id)
    if not file_sha256:
        raise NotReviewed(_("Open the material and read it; it is decided there."))
    if file_sha256 != file.sha256:
        raise NotReviewed(_("The file changed since you opened it. Look at the new one first."))
    if verb != ApprovalVerb.AGREE and not reason.strip():
        raise NotReviewed(_("Say why."), field="reason")
    if verb == ApprovalVerb.AGREE and (why := why_not_agree(version, file)):
        raise NotReviewed(why)


def _decide_seat(
    version: MaterialVersion,
    passage: ReviewRound,
    said: Answer | Decision,
    verb: str,
    *,
    closes: tuple[str, str] | None = None,
) -> None:
    """Enter what a seat said and signed, with what it closes. Raises: NotReviewed; Refused with the verdict."""
    seat = passage.seats.select_for_update().get(role=said.name)
    file = MaterialFile.objects.select_related("stored").get(pk=passage.file_id)
    decision, subject = SEAT_DECISIONS[verb], f"material_version:{version.pk}"
    seat.reviewer, verdict = said.by, None
    if decision == SeatDecision.AGREED:
        facts = material_facts(version, file, passage, by=said.by, at=said.at)
        verdict = law.judge("material.approve", facts, subject=subject, by=said.by, at=said.at)
    seat.decision, seat.decided_at = decision, said.at
    seat.signature, seat.signed_sha256, seat.reason = said.signature_id, file.sha256, said.comment
    _save_seat(seat)
    rows: list[Any] = [seat]
    if closes:
        version.status, outcome = closes
        if version.status == MaterialStatus.APPROVED:
            version.approved_at = said.at
        _close(passage, outcome, said.at)
        version.save()
        rows += [version, passage]
    law.record(
        EVENTS[decision],
        subject=subject,
        by=said.by,
        at=said.at,
        verdict=verdict,
        reason=said.comment,
        rows=rows,
    )


def review_signed(payload: dict[str, Any]) -> Signed:
    """Return what every seat signs: exactly these bytes."""
    file = MaterialFile.objects.get(rounds__pk=UUID(payload["round"]))
    return Signed(f"material_version:{payload['version']}", file.sha256)


def _close(passage: ReviewRound, outcome: str, at: datetime) -> None:
    passage.outcome, passage.closed_at = outcome, at
    passage.save()


def _save_seat(seat: ReviewSeat) -> None:
    try:
        with transaction.atomic():
            seat.save()
    except IntegrityError as error:
        raise NotReviewed(_("You have another seat in this review. One person takes one seat.")) from error


def _tell_author(version: MaterialVersion, *, at: datetime) -> None:
    notify(
        recipient=version.author,
        kind="review_decided",
        zh=f"一位审核人同意了资料 {version.material.code} v{version.version}",
        en=f"A reviewer agreed to {version.material.code} v{version.version}",
        at=at,
        url=f"/content/versions/{version.pk}/",
        subject=f"material_version:{version.pk}:{at.isoformat()}"[:80],
    )
