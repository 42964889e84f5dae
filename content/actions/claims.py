"""Claims: written, bound to evidence and label, approved by somebody else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions, rules
from content.choices import ClaimStatus, LabelStatus, MaterialStatus, ReferenceStanding
from content.facts import ClaimFacts
from content.models import Anchor, Claim, ClaimLink, LabelSection, Product
from content.selectors import label_in_force, materials_rest_on
from pharmacrm.common.errors import DomainError

from .endings import end_versions
from .locking import demand, lock_series


class ClaimNotSaved(DomainError):
    """The claim is in no state for this; nothing has changed."""

    code = "claim_not_saved"


class ClaimNotApproved(DomainError):
    """The claim cannot be approved as it stands; nothing has changed."""

    code = "claim_not_approved"


@transaction.atomic
def write_claim(
    *,
    product_id: UUID,
    text_zh: str,
    by: Any,
    at: datetime,
    text_en: str = "",
    topics: Sequence[str] = (),
) -> Claim:
    """Write a claim as a draft. Raises: PermissionDenied, ClaimNotSaved."""
    demand(permissions.can_write_claim(by))
    if not text_zh.strip():
        raise ClaimNotSaved(_("Write what the claim says."), field="text_zh")
    lock_series("claim")
    claim = Claim.objects.create(
        code=_next_code(),
        product=Product.objects.get(pk=product_id),
        text_zh=text_zh.strip(),
        text_en=text_en.strip(),
        topics=[topic.strip() for topic in topics if topic.strip()],
        author=by,
    )
    law.record("content.claim_written", subject=f"claim:{claim.pk}", by=by, at=at, rows=[claim])
    return claim


@transaction.atomic
def change_claim(
    *, claim_id: UUID, text_zh: str, by: Any, at: datetime, text_en: str = "", topics: Sequence[str] = ()
) -> Claim:
    """Change the words of a claim. An approved claim goes back to draft, and what uses it is withdrawn.

    Raises: PermissionDenied, ClaimNotSaved.
    """
    claim = _locked(claim_id)
    demand(permissions.can_write_claim(by))
    if claim.status == ClaimStatus.RETIRED:
        raise ClaimNotSaved(_("A retired claim stays as it is. Write a new one."))
    if not text_zh.strip():
        raise ClaimNotSaved(_("Write what the claim says."), field="text_zh")
    was_used = claim.status in {ClaimStatus.APPROVED, ClaimStatus.RE_REVIEW}
    claim.text_zh, claim.text_en = text_zh.strip(), text_en.strip()
    claim.topics = [topic.strip() for topic in topics if topic.strip()]
    claim.status, claim.reason, claim.author = ClaimStatus.DRAFT, "", by
    claim.approver, claim.approved_at, claim.content_sha256 = None, None, ""
    claim.save()
    law.record("content.claim_changed", subject=f"claim:{claim.pk}", by=by, at=at, rows=[claim])
    if was_used:
        _stop_users(claim, _("Claim %(code)s was changed.") % {"code": claim.code}, by=by, at=at)
    return claim


@transaction.atomic
def link_claim(
    *,
    claim_id: UUID,
    by: Any,
    at: datetime,
    anchor_id: UUID | None = None,
    section_id: UUID | None = None,
    note: str = "",
) -> ClaimLink:
    """Bind a claim to a place in a reference or to a section of its product's label.

    Raises: PermissionDenied, ClaimNotSaved.
    """
    claim = _locked(claim_id)
    demand(permissions.can_write_claim(by))
    if claim.status not in {ClaimStatus.DRAFT, ClaimStatus.RE_REVIEW}:
        raise ClaimNotSaved(_("Evidence is added while the claim is a draft or under re-review."))
    anchor = Anchor.objects.get(pk=anchor_id) if anchor_id else None
    section = LabelSection.objects.select_related("label").get(pk=section_id) if section_id else None
    if (anchor is None) == (section is None):
        raise ClaimNotSaved(_("Choose one place: in a reference or in the label."))
    if section is not None and section.label.product_id != claim.product_id:
        raise ClaimNotSaved(_("This label belongs to another product."), field="section")
    link, _created = ClaimLink.objects.get_or_create(
        claim=claim, anchor=anchor, section=section, defaults={"note": note}
    )
    law.record("content.claim_linked", subject=f"claim:{claim.pk}", by=by, at=at, rows=[link])
    return link


@transaction.atomic
def unlink_claim(*, link_id: UUID, by: Any, at: datetime) -> None:
    """Take a ground away from a claim that is not approved. Raises: PermissionDenied, ClaimNotSaved."""
    link = ClaimLink.objects.select_related("claim").get(pk=link_id)
    claim = _locked(link.claim_id)
    demand(permissions.can_write_claim(by))
    if claim.status not in {ClaimStatus.DRAFT, ClaimStatus.RE_REVIEW}:
        raise ClaimNotSaved(_("Evidence is changed while the claim is a draft or under re-review."))
    link.delete()
    # Order matters: the entry claims the version that says the row is gone.
    law.record("content.claim_unlinked", subject=f"claim:{claim.pk}", by=by, at=at)


@transaction.atomic
def submit_claim(*, claim_id: UUID, by: Any, at: datetime) -> Claim:
    """Ask for approval. Raises: PermissionDenied, ClaimNotSaved without evidence or from another state."""
    claim = _locked(claim_id)
    demand(permissions.can_write_claim(by))
    if not rules.may_claim_move(claim.status, ClaimStatus.IN_REVIEW):
        raise ClaimNotSaved(_wrong_state(claim))
    if not claim.links.exists():
        raise ClaimNotSaved(_("Bind the claim to evidence first: a place in a reference or in the label."))
    claim.status = ClaimStatus.IN_REVIEW
    claim.save()
    law.record("content.claim_submitted", subject=f"claim:{claim.pk}", by=by, at=at, rows=[claim])
    return claim


@transaction.atomic
def approve_claim(*, claim_id: UUID, by: Any, at: datetime) -> Claim:
    """Approve a claim: its words and its grounds, as hashed now.

    Raises: PermissionDenied, ClaimNotApproved, Refused. Source: RDPAC 2022 art. 4.
    """
    claim = _locked(claim_id)
    demand(permissions.can_approve_claim(by))
    if claim.author_id == by.pk:
        raise ClaimNotApproved(_("You wrote this claim. Somebody else approves it."))
    if not rules.may_claim_move(claim.status, ClaimStatus.APPROVED):
        raise ClaimNotApproved(_wrong_state(claim))
    facts = _facts_of(claim, by=by, at=at)
    if facts.evidence_links + facts.label_links == 0:
        raise ClaimNotApproved(_("The claim rests on nothing: bind it to evidence or label."))
    if facts.references_retracted:
        raise ClaimNotApproved(_("A reference under this claim is retracted. Replace it."))
    if facts.label_links and not facts.label_current:
        raise ClaimNotApproved(_("The claim points to a label that is no longer in force. Renew the link."))
    if facts.must_fix_open:
        raise ClaimNotApproved(_("The pre-check finds words that must change. Reword the claim."))
    verdict = law.judge("claim.approve", facts, subject=f"claim:{claim.pk}", by=by, at=at)
    claim.status, claim.approver, claim.approved_at = ClaimStatus.APPROVED, by, at
    claim.content_sha256, claim.reason = content_of(claim), ""
    claim.save()
    law.record(
        "content.claim_approved", subject=f"claim:{claim.pk}", by=by, at=at, verdict=verdict, rows=[claim]
    )
    return claim


@transaction.atomic
def return_claim(*, claim_id: UUID, reason: str, by: Any, at: datetime) -> Claim:
    """Send a claim back to its author. Raises: PermissionDenied, ClaimNotSaved."""
    claim = _locked(claim_id)
    demand(permissions.can_approve_claim(by))
    if not rules.may_claim_move(claim.status, ClaimStatus.DRAFT):
        raise ClaimNotSaved(_wrong_state(claim))
    if not reason.strip():
        raise ClaimNotSaved(_("Say what has to change."), field="reason")
    claim.status, claim.reason = ClaimStatus.DRAFT, reason.strip()
    claim.save()
    law.record(
        "content.claim_returned", subject=f"claim:{claim.pk}", by=by, at=at, reason=reason, rows=[claim]
    )
    return claim


@transaction.atomic
def retire_claim(*, claim_id: UUID, reason: str, by: Any, at: datetime) -> Claim:
    """End a claim for good; what uses it is withdrawn. Raises: PermissionDenied, ClaimNotSaved."""
    claim = _locked(claim_id)
    demand(permissions.can_approve_claim(by))
    if not rules.may_claim_move(claim.status, ClaimStatus.RETIRED):
        raise ClaimNotSaved(_wrong_state(claim))
    if not reason.strip():
        raise ClaimNotSaved(_("Say why it is retired."), field="reason")
    claim.status, claim.reason = ClaimStatus.RETIRED, reason.strip()
    claim.save()
    law.record(
        "content.claim_retired", subject=f"claim:{claim.pk}", by=by, at=at, reason=reason, rows=[claim]
    )
    _stop_users(claim, _("Claim %(code)s was retired.") % {"code": claim.code}, by=by, at=at)
    return claim


def content_of(claim: Claim) -> str:
    """Return the SHA-256 over what an approval of this claim stands for: its words and its grounds."""
    grounds = sorted(str(link.anchor_id or link.section_id) for link in claim.links.all())
    said = json.dumps([claim.text_zh, claim.text_en, grounds], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


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


def _stop_users(claim: Claim, why: str, *, by: Any, at: datetime) -> None:
    resting = materials_rest_on(
        f"claim:{claim.pk}",
        statuses=(MaterialStatus.IN_REVIEW, MaterialStatus.APPROVED, MaterialStatus.RELEASED),
    )
    end_versions(
        [version.pk for version in resting], status=MaterialStatus.WITHDRAWN, reason=why, by=by, at=at
    )


def _locked(claim_id: UUID) -> Claim:
    return Claim.objects.select_for_update(of=("self",)).select_related("product").get(pk=claim_id)


def _wrong_state(claim: Claim) -> str:
    return _("The claim is %(state)s; this step does not follow from there.") % {
        "state": claim.get_status_display()
    }


def _next_code() -> str:
    last = (
        Claim.objects.filter(code__regex=r"^C-\d{5}$")
        .order_by("-code")
        .values_list("code", flat=True)
        .first()
    )
    return f"C-{int(last[2:]) + 1 if last else 1:05d}"
