"""The second check of a filing: what one person entered, another officer compares and agrees to. Source: MR-18."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision
from compliance.models import ApprovalRequest, RepFiling
from compliance.selectors import approvals as reads
from pharmacrm.common.errors import DomainError

from .answering import answer_approval, put_unasked
from .approvals import Stage, due_after, open_approval, void_approval
from .recording import record

FLOW = "compliance.filing_check"  # registered in seconded.py
DAYS_TO_ANSWER = 5
SENT_BACK = (ApprovalState.RETURNED, ApprovalState.WITHDRAWN)  # it waits for who entered it, who asks again
COMPARED = (
    "number", "name", "sex", "mah_name", "mah_code", "photo_sha256", "identity_kind", "major", "degree",
    "therapeutic_area", "drug_category", "contract_from", "contract_until", "is_overseas_mah", "domestic_name",
    "domestic_code", "truth_stated", "evidence_sha256", "valid_from", "valid_until",
)  # fmt: skip


class FilingNotChecked(DomainError):
    """The filing stands as it was."""

    code = "filing_not_checked"


@transaction.atomic
def ask_filing_check(*, filing_id: UUID, by: Any, at: datetime) -> ApprovalRequest:
    """Ask another officer to check a filing as it stands.

    Raises: PermissionDenied; FilingNotChecked for one that is checked or withdrawn; ApprovalNotOpened when it is asked.
    """
    filing = RepFiling.objects.select_for_update(of=("self",)).get(pk=filing_id)
    if not permissions.can_change_staff(by) or by.pk == filing.user_id:
        raise PermissionDenied
    _waits(filing)
    return put_filing_check(filing, by=by, at=at)


@transaction.atomic
def check_filing(*, filing_id: UUID, by: Any, at: datetime) -> RepFiling:
    """Agree that a filing says what its proofs say: one answer to its request.

    Raises: PermissionDenied for whoever entered any of it and for the person filed; FilingNotChecked. Source: MR-18.
    """
    filing = RepFiling.objects.get(pk=filing_id)
    _may_check(filing, by)
    return _answered(filing, ApprovalVerb.AGREE, by, at)


@transaction.atomic
def return_filing(*, filing_id: UUID, reason: str, by: Any, at: datetime) -> RepFiling:
    """Hand a filing back to who entered it. Raises: PermissionDenied; FilingNotChecked without a reason."""
    filing = RepFiling.objects.get(pk=filing_id)
    _may_check(filing, by)
    if not reason.strip():
        raise FilingNotChecked(_("Say why, so that it can be put right."), field="reason")
    return _answered(filing, ApprovalVerb.RETURN, by, at, comment=reason)


def put_filing_check(filing: RepFiling, *, by: Any, at: datetime) -> ApprovalRequest:
    """Ask those who may check a filing."""
    return open_approval(
        subject=f"filing:{filing.pk}",
        flow=FLOW,
        by=by,
        at=at,
        steps=[Stage(roles=permissions.OFFICERS)],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={"filing": str(filing.pk), "number": filing.number, "sha256": filing_fingerprint(filing)},
    )


def put_filing_checks(at: datetime) -> int:
    """Put every filing in use that nobody checked and nobody was asked about to the engine. Safe to run twice."""
    rows = (
        RepFiling.objects.filter(checked_by=None, withdrawn_on=None).select_related("filed_by").order_by("pk")
    )
    return put_unasked(
        FLOW, "filing", rows, lambda one: put_filing_check(one, by=one.filed_by, at=at), besides=SENT_BACK
    )


def note_entered(filing: RepFiling, *, by: Any) -> None:
    """Note who entered something of a filing that is about to be saved: what was checked before counts no more."""
    if filing.checked_by_id is not None:
        filing.checked_by, filing.checked_at, filing.entered_by = None, None, []
        filing.filed_by = by
    filing.entered_by = sorted({*filing.entered_by, by.pk}, key=str)


def ask_anew(filing: RepFiling, *, by: Any, at: datetime) -> None:
    """Let what was asked about an earlier state of a filing be void, and ask about the present one."""
    subject = f"filing:{filing.pk}"
    if reads.requests_about(FLOW, subject).exists():
        void_approval(flow=FLOW, subject=subject, reason=_("The filing was changed."), by=by, at=at)
        put_filing_check(filing, by=by, at=at)


def drop_filing_check(filing: RepFiling, *, by: Any, at: datetime) -> None:
    """Let what was asked about a withdrawn filing be void."""
    void_approval(
        flow=FLOW, subject=f"filing:{filing.pk}", reason=_("The filing was withdrawn."), by=by, at=at
    )


def check_filing_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; FilingNotChecked."""
    filing = _filing_of(answer.payload)
    _may_check(filing, answer.by)
    if answer.verb == ApprovalVerb.AGREE and filing_fingerprint(filing) != answer.payload["sha256"]:
        raise FilingNotChecked(_("The filing changed after the check was asked. Ask again."))


@transaction.atomic
def carry_out_filing_check(*, decision: Decision) -> None:
    """Keep who checked a filing and when; any other answer leaves it unchecked."""
    if decision.outcome != ApprovalState.APPROVED:
        return
    filing = _filing_of(decision.payload)
    filing.checked_by, filing.checked_at = decision.by, decision.at
    filing.save()
    record(
        "compliance.filing_checked",
        subject=f"user:{filing.user_id}",
        by=decision.by,
        at=decision.at,
        reason=decision.comment,
        rows=[filing],
    )


def filing_fingerprint(filing: RepFiling) -> str:
    """Return the SHA-256 of what is compared: every field of MR-05, the proofs, the products, the sealed identity number."""
    said = {name: str(getattr(filing, name)) for name in COMPARED}
    said["identity"] = bytes(filing.identity_sealed or b"").hex()
    products = sorted(filing.products.values_list("product_code", flat=True))
    body = json.dumps([said, products], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


def _answered(filing: RepFiling, verb: str, by: Any, at: datetime, *, comment: str = "") -> RepFiling:
    answer_approval(
        flow=FLOW,
        subject=f"filing:{filing.pk}",
        verb=verb,
        by=by,
        at=at,
        comment=comment,
        put=lambda: put_filing_check(filing, by=filing.filed_by, at=at),
    )
    filing.refresh_from_db()
    return filing


def _filing_of(payload: Mapping[str, Any]) -> RepFiling:
    return RepFiling.objects.select_for_update(of=("self",)).get(pk=UUID(payload["filing"]))


def _waits(filing: RepFiling) -> None:
    if filing.withdrawn_on is not None:
        raise FilingNotChecked(_("This filing was withdrawn already."))
    if filing.checked_by_id is not None:
        raise FilingNotChecked(_("This filing was checked already."))


def _may_check(filing: RepFiling, by: Any) -> None:
    entered = {filing.user_id, filing.filed_by_id, *filing.entered_by}
    if not permissions.can_change_staff(by) or by.pk in entered:
        raise PermissionDenied
    _waits(filing)
