"""The approval of a claim: asked of medical and regulatory, answered by somebody who did not write it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision
from compliance.selectors.approvals import open_request
from content import permissions, rules
from content.choices import ClaimStatus, LabelStatus, ReferenceStanding
from content.facts import ClaimFacts
from content.models import Claim
from content.selectors import label_in_force
from pharmacrm.common.errors import DomainError

from .locking import CLAIM, DAYS_TO_ANSWER, demand

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

WAITS = (ClaimStatus.IN_REVIEW, ClaimStatus.RE_REVIEW)


class ClaimNotSaved(DomainError):
    """The claim is in no state for this; nothing has changed."""

    code = "claim_not_saved"


class ClaimNotApproved(DomainError):
    """The claim cannot be approved as it stands; nothing has changed."""

    code = "claim_not_approved"


@transaction.atomic
def approve_claim(*, claim_id: UUID, by: Any, at: datetime) -> Claim:
    """Approve a claim: its words and its grounds, as hashed now. One answer to its request in the approval engine.

    Raises: PermissionDenied, ClaimNotApproved, Refused. Source: RDPAC 2022 art. 4.
    """
    claim = locked_claim(claim_id)
    _may_approve(claim, by)
    return _answer(claim, ApprovalVerb.AGREE, by=by, at=at)


@transaction.atomic
def return_claim(*, claim_id: UUID, reason: str, by: Any, at: datetime) -> Claim:
    """Send a claim back to its author; the other answer to its request. Raises: PermissionDenied, ClaimNotSaved."""
    claim = locked_claim(claim_id)
    demand(permissions.can_approve_claim(by))
    _may_go_back(claim)
    if not reason.strip():
        raise ClaimNotSaved(_("Say what has to change."), field="reason")
    return _answer(claim, ApprovalVerb.RETURN, by=by, at=at, comment=reason)


@transaction.atomic
def take_back_claim(*, claim_id: UUID, by: Any, at: datetime) -> Claim:
    """The author takes a claim back before it is answered (撤回). Raises: PermissionDenied, ClaimNotSaved."""
    claim = locked_claim(claim_id)
    demand(permissions.can_write_claim(by) and claim.author_id == by.pk)
    _may_go_back(claim)
    return _answer(claim, ApprovalVerb.WITHDRAW, by=by, at=at)


def put_claim(claim: Claim, *, at: datetime) -> ApprovalRequest:
    """Ask those who approve claims for one as it stands. Its author is who asks, so never who answers."""
    return law.open_approval(
        subject=f"claim:{claim.pk}",
        flow=CLAIM,
        by=claim.author,
        at=at,
        steps=[law.Stage(roles=permissions.CLAIM_APPROVERS)],
        due_at=law.due_after(at, DAYS_TO_ANSWER),
        payload={"claim": str(claim.pk), "sha256": content_of(claim)},
    )


def put_claims(at: datetime) -> int:
    """Put every claim that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = Claim.objects.filter(status__in=WAITS).select_related("author").order_by("pk")
    new = [one for one in waiting if open_request(CLAIM, f"claim:{one.pk}") is None]
    for claim in new:
        put_claim(claim, at=at)
    return len(new)


def void_claim(claim: Claim, *, reason: str, by: Any, at: datetime) -> None:
    """End the open request about a locked claim whose words, grounds or life changed."""
    law.void_approval(flow=CLAIM, subject=f"claim:{claim.pk}", reason=reason, by=by, at=at)


def reopen_claim(claim: Claim, why: str, *, by: Any, at: datetime) -> None:
    """Put a locked, approved claim under re-review, because what it rests on moved, and ask for it again."""
    claim.status, claim.reason = ClaimStatus.RE_REVIEW, why
    claim.save()
    law.record("content.claim_reopened", subject=f"claim:{claim.pk}", by=by, at=at, reason=why, rows=[claim])
    put_claim(claim, at=at)


def ask_again(claim: Claim, *, by: Any, at: datetime) -> None:
    """Ask anew for a locked claim under re-review whose grounds changed: what was asked is no longer what stands."""
    if claim.status == ClaimStatus.RE_REVIEW:
        void_claim(claim, reason=_("The grounds changed."), by=by, at=at)
        put_claim(claim, at=at)


def check_claim_approval(answer: Answer) -> None:
    """Raises: PermissionDenied; ClaimNotApproved, also where the claim is no longer the one that was asked for."""
    claim = locked_claim(UUID(answer.payload["claim"]))
    if answer.verb != ApprovalVerb.AGREE:
        demand(permissions.can_approve_claim(answer.by))
        return
    _may_approve(claim, answer.by)
    if content_of(claim) != answer.payload["sha256"]:
        raise ClaimNotApproved(_("The claim changed after approval was asked. Send it again."))


@transaction.atomic
def carry_out_claim_approval(*, decision: Decision) -> None:
    """Approve a claim, or give it back to its author. Raises: ClaimNotApproved, ClaimNotSaved; Refused with the verdict."""
    claim, by, at = locked_claim(UUID(decision.payload["claim"])), decision.by, decision.at
    subject = f"claim:{claim.pk}"
    if decision.outcome == ApprovalState.APPROVED:
        _may_approve(claim, by)
        facts = _sound_facts(claim, by=by, at=at)
        verdict = law.judge("claim.approve", facts, subject=subject, by=by, at=at)
        claim.status, claim.approver, claim.approved_at = ClaimStatus.APPROVED, by, at
        claim.content_sha256, claim.reason = content_of(claim), ""
        claim.save()
        law.record("content.claim_approved", subject=subject, by=by, at=at, verdict=verdict, rows=[claim])
        return
    _may_go_back(claim)
    is_returned = decision.outcome == ApprovalState.RETURNED
    claim.status, claim.reason = ClaimStatus.DRAFT, decision.comment
    claim.save()
    law.record(
        "content.claim_returned" if is_returned else "content.claim_taken_back",
        subject=subject,
        by=by,
        at=at,
        reason=decision.comment,
        rows=[claim],
    )


def content_of(claim: Claim) -> str:
    """Return the SHA-256 over what an approval of this claim stands for: its words and its grounds."""
    grounds = sorted(str(link.anchor_id or link.section_id) for link in claim.links.all())
    said = json.dumps([claim.text_zh, claim.text_en, grounds], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def locked_claim(claim_id: UUID) -> Claim:
    """Lock a claim's open request, then the claim: one order for everybody. Raises: DoesNotExist."""
    law.lock_request(CLAIM, f"claim:{claim_id}")
    rows = Claim.objects.select_for_update(of=("self",)).select_related("product", "author")
    return rows.get(pk=claim_id)


def wrong_state(claim: Claim) -> str:
    """Return the sentence that a step does not follow from the claim's state."""
    return _("The claim is %(state)s; this step does not follow from there.") % {
        "state": claim.get_status_display()
    }


def _answer(claim: Claim, verb: ApprovalVerb, *, by: Any, at: datetime, comment: str = "") -> Claim:
    law.answer_approval(
        flow=CLAIM,
        subject=f"claim:{claim.pk}",
        verb=verb,
        by=by,
        at=at,
        comment=comment,
        put=lambda: put_claim(claim, at=at),
    )
    claim.refresh_from_db()
    return claim


def _may_approve(claim: Claim, by: Any) -> None:
    demand(permissions.can_approve_claim(by))
    if claim.author_id == by.pk:
        raise ClaimNotApproved(_("You wrote this claim. Somebody else approves it."))
    if not rules.may_claim_move(claim.status, ClaimStatus.APPROVED):
        raise ClaimNotApproved(wrong_state(claim))


def _may_go_back(claim: Claim) -> None:
    if not rules.may_claim_move(claim.status, ClaimStatus.DRAFT):
        raise ClaimNotSaved(wrong_state(claim))


def _sound_facts(claim: Claim, *, by: Any, at: datetime) -> ClaimFacts:
    """Return the facts of a claim that can be approved. Raises: ClaimNotApproved."""
    facts = _facts_of(claim, by=by, at=at)
    if facts.evidence_links + facts.label_links == 0:
        raise ClaimNotApproved(_("The claim rests on nothing: bind it to evidence or label."))
    if facts.references_retracted:
        raise ClaimNotApproved(_("A reference under this claim is retracted. Replace it."))
    if facts.label_links and not facts.label_current:
        raise ClaimNotApproved(_("The claim points to a label that is no longer in force. Renew the link."))
    if facts.must_fix_open:
        raise ClaimNotApproved(_("The pre-check finds words that must change. Reword the claim."))
    return facts


def _facts_of(claim: Claim, *, by: Any, at: datetime) -> ClaimFacts:
    links = list(claim.links.select_related("anchor__reference", "section__label"))
    references = [link.anchor.reference for link in links if link.anchor]
    sections = [link.section for link in links if link.section]
    label = label_in_force(claim.product)
    findings = rules.lint_text(claim.text_zh, rules.context_of_claim(_indications(label)))
    return ClaimFacts(
        product_code=claim.product.code,
        evidence_links=len(references),
        label_links=len(sections),
        label_current=all(section.label.status == LabelStatus.EFFECTIVE for section in sections),
        references_retracted=sum(one.standing == ReferenceStanding.RETRACTED for one in references),
        must_fix_open=sum(finding.severity == "must" for finding in findings),
        author_is_reviewer=claim.author_id == by.pk,
        approved_on=timezone.localtime(at).date().isoformat(),
        subjects=(
            f"claim:{claim.pk}",
            f"product:{claim.product_id}",
            f"product:{claim.product.code}",
            *sorted({f"reference:{one.pk}" for one in references}),
            *sorted({f"label:{section.label_id}" for section in sections}),
        ),
    )


def _indications(label: Any) -> str:
    if label is None:
        return ""
    return next((section.text for section in label.sections.all() if section.kind == "indications"), "")
