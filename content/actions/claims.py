"""Claims: written, bound to evidence and label, sent for approval, retired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions, rules
from content.choices import ClaimStatus, MaterialStatus
from content.models import Anchor, Claim, ClaimLink, LabelSection, Product
from content.selectors import materials_rest_on

from .claim_approval import ClaimNotSaved, ask_again, locked_claim, put_claim, void_claim, wrong_state
from .endings import end_versions
from .locking import demand, lock_series


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
    claim = locked_claim(claim_id)
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
    void_claim(claim, reason=_("The claim was changed."), by=by, at=at)
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
    claim = locked_claim(claim_id)
    demand(permissions.can_write_claim(by))
    if claim.status not in {ClaimStatus.DRAFT, ClaimStatus.RE_REVIEW}:
        raise ClaimNotSaved(_("Evidence is added while the claim is a draft or under re-review."))
    anchor = Anchor.objects.get(pk=anchor_id) if anchor_id else None
    section = LabelSection.objects.select_related("label").get(pk=section_id) if section_id else None
    if (anchor is None) == (section is None):
        raise ClaimNotSaved(_("Choose one place: in a reference or in the label."))
    if section is not None and section.label.product_id != claim.product_id:
        raise ClaimNotSaved(_("This label belongs to another product."), field="section")
    link, is_new = ClaimLink.objects.get_or_create(
        claim=claim, anchor=anchor, section=section, defaults={"note": note}
    )
    law.record("content.claim_linked", subject=f"claim:{claim.pk}", by=by, at=at, rows=[link])
    if is_new:
        ask_again(claim, by=by, at=at)
    return link


@transaction.atomic
def unlink_claim(*, link_id: UUID, by: Any, at: datetime) -> None:
    """Take a ground away from a claim that is not approved. Raises: PermissionDenied, ClaimNotSaved."""
    link = ClaimLink.objects.select_related("claim").get(pk=link_id)
    claim = locked_claim(link.claim_id)
    demand(permissions.can_write_claim(by))
    if claim.status not in {ClaimStatus.DRAFT, ClaimStatus.RE_REVIEW}:
        raise ClaimNotSaved(_("Evidence is changed while the claim is a draft or under re-review."))
    link.delete()
    # Order matters: the entry claims the version that says the row is gone.
    law.record("content.claim_unlinked", subject=f"claim:{claim.pk}", by=by, at=at)
    ask_again(claim, by=by, at=at)


@transaction.atomic
def submit_claim(*, claim_id: UUID, by: Any, at: datetime) -> Claim:
    """Ask medical and regulatory for approval. Raises: PermissionDenied, ClaimNotSaved without evidence or from another state."""
    claim = locked_claim(claim_id)
    demand(permissions.can_write_claim(by))
    if not rules.may_claim_move(claim.status, ClaimStatus.IN_REVIEW):
        raise ClaimNotSaved(wrong_state(claim))
    if not claim.links.exists():
        raise ClaimNotSaved(_("Bind the claim to evidence first: a place in a reference or in the label."))
    claim.status = ClaimStatus.IN_REVIEW
    claim.save()
    law.record("content.claim_submitted", subject=f"claim:{claim.pk}", by=by, at=at, rows=[claim])
    put_claim(claim, at=at)
    return claim


@transaction.atomic
def retire_claim(*, claim_id: UUID, reason: str, by: Any, at: datetime) -> Claim:
    """End a claim for good; what uses it is withdrawn. Raises: PermissionDenied, ClaimNotSaved."""
    claim = locked_claim(claim_id)
    demand(permissions.can_approve_claim(by))
    if not rules.may_claim_move(claim.status, ClaimStatus.RETIRED):
        raise ClaimNotSaved(wrong_state(claim))
    if not reason.strip():
        raise ClaimNotSaved(_("Say why it is retired."), field="reason")
    claim.status, claim.reason = ClaimStatus.RETIRED, reason.strip()
    claim.save()
    void_claim(claim, reason=reason.strip(), by=by, at=at)
    law.record(
        "content.claim_retired", subject=f"claim:{claim.pk}", by=by, at=at, reason=reason, rows=[claim]
    )
    _stop_users(claim, _("Claim %(code)s was retired.") % {"code": claim.code}, by=by, at=at)
    return claim


def _stop_users(claim: Claim, why: str, *, by: Any, at: datetime) -> None:
    resting = materials_rest_on(
        f"claim:{claim.pk}",
        statuses=(MaterialStatus.IN_REVIEW, MaterialStatus.APPROVED, MaterialStatus.RELEASED),
    )
    end_versions(
        [version.pk for version in resting], status=MaterialStatus.WITHDRAWN, reason=why, by=by, at=at
    )


def _next_code() -> str:
    last = (
        Claim.objects.filter(code__regex=r"^C-\d{5}$")
        .order_by("-code")
        .values_list("code", flat=True)
        .first()
    )
    return f"C-{int(last[2:]) + 1 if last else 1:05d}"
