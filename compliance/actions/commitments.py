"""Letters of commitment: the text is put in force by the signature of a second officer, then people sign it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from compliance import permissions
from compliance.choices import ApprovalState, ApprovalVerb, LetterTextState
from compliance.flows import Answer, Decision, Signed
from compliance.models import ApprovalRequest, Commitment, LetterText, Signature
from compliance.rules.courses import months_later
from pharmacrm.common.notifications import notify

from .answering import answer_approval, put_unasked
from .approvals import Stage, due_after, open_approval, void_approval
from .duties import retrain_days
from .integrity import IntegrityNotRecorded
from .recording import record
from .signing import SignatureProof, sign

FLOW = "compliance.letter_text"  # registered in seconded.py
MEANING = "letter_published"
DAYS_TO_ANSWER = 5
SENT_BACK = (ApprovalState.RETURNED, ApprovalState.WITHDRAWN)  # it waits for its author, who asks again


@transaction.atomic
def draft_letter_text(*, text_zh: str, text_en: str, months_valid: int, by: Any, at: datetime) -> LetterText:
    """Draft a text of the letter, or change the draft that stands, and ask a second officer to put it in force.

    What was asked about the words of before is void. Raises: PermissionDenied; IntegrityNotRecorded.
    """
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    if not text_zh.strip() or not text_en.strip():
        raise IntegrityNotRecorded(_("The letter needs its words in both languages."), field="text_zh")
    standing = LetterText.objects.filter(state=LetterTextState.DRAFT).values_list("pk", flat=True).first()
    if standing:
        void_approval(
            flow=FLOW, subject=f"letter_text:{standing}", reason=_("The text was changed."), by=by, at=at
        )
    draft = LetterText.objects.select_for_update().filter(state=LetterTextState.DRAFT).first()
    if draft is None:
        last = LetterText.objects.aggregate(last=Max("number"))["last"] or 0
        draft = LetterText(number=last + 1)
    draft.drafted_by = by
    draft.text_zh, draft.text_en, draft.months_valid = text_zh.strip(), text_en.strip(), months_valid
    draft.sha256 = letter_fingerprint(draft)
    draft.save()
    record("compliance.letter_text_drafted", subject=f"letter_text:{draft.pk}", by=by, at=at, rows=[draft])
    put_letter_text(draft, at=at)
    return draft


@transaction.atomic
def publish_letter_text(*, text_id: UUID, by: Any, at: datetime, proof: SignatureProof) -> LetterText:
    """Put a text in force by the signature of somebody other than its author: one answer to its request.

    Who signed the old one signs anew in time. Raises: PermissionDenied; IntegrityNotRecorded, also for a draft that went
    back to its author; what `sign` raises. Source: MR-06 (承诺书).
    """
    text = LetterText.objects.get(pk=text_id)
    _may_publish(text, by)
    return _answer(text, ApprovalVerb.AGREE, by, at, proof=proof)


@transaction.atomic
def return_letter_text(*, text_id: UUID, reason: str, by: Any, at: datetime) -> LetterText:
    """Hand a draft back to its author. Raises: PermissionDenied; IntegrityNotRecorded without a reason."""
    text = LetterText.objects.get(pk=text_id)
    _may_publish(text, by)
    if not reason.strip():
        raise IntegrityNotRecorded(_("Say why, so that it can be put right."), field="reason")
    return _answer(text, ApprovalVerb.RETURN, by, at, comment=reason)


@transaction.atomic
def withdraw_letter_text(*, text_id: UUID, by: Any, at: datetime) -> LetterText:
    """Take one's own draft back from approval. Raises: PermissionDenied for anybody but its author; IntegrityNotRecorded."""
    text = LetterText.objects.get(pk=text_id)
    if text.drafted_by_id != by.pk:
        raise PermissionDenied
    if text.state != LetterTextState.DRAFT:
        raise IntegrityNotRecorded(_("Only a draft can be published."))
    return _answer(text, ApprovalVerb.WITHDRAW, by, at)


def put_letter_text(text: LetterText, *, at: datetime) -> ApprovalRequest:
    """Ask another officer to put a text in force by signature."""
    return open_approval(
        subject=f"letter_text:{text.pk}",
        flow=FLOW,
        by=text.drafted_by,
        at=at,
        steps=[Stage(roles=permissions.OFFICERS)],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={
            "text": str(text.pk),
            "number": text.number,
            "months": text.months_valid,
            "sha256": letter_fingerprint(text),
        },
    )


def put_letter_texts(at: datetime) -> int:
    """Put a draft that nobody was asked about to the engine. Safe to run twice. Returns: how many are new."""
    rows = LetterText.objects.filter(state=LetterTextState.DRAFT).order_by("pk")
    return put_unasked(FLOW, "letter_text", rows, lambda one: put_letter_text(one, at=at), besides=SENT_BACK)


def check_letter_text_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; IntegrityNotRecorded."""
    text = _text_of(answer.payload)
    _may_publish(text, answer.by)
    asked = (answer.payload["sha256"], answer.payload["months"])
    if answer.verb == ApprovalVerb.AGREE and asked != (letter_fingerprint(text), text.months_valid):
        raise IntegrityNotRecorded(_("The text changed after approval was asked. Ask again."))


def letter_text_signed(payload: dict[str, Any]) -> Signed:
    """Return what an officer signs: a text's words in both languages."""
    text = LetterText.objects.get(pk=UUID(payload["text"]))
    return Signed(f"letter_text:{text.pk}", letter_fingerprint(text))


@transaction.atomic
def carry_out_letter_text(*, decision: Decision) -> None:
    """Put a signed text in force; any other answer leaves the draft with its author."""
    if decision.outcome != ApprovalState.APPROVED:
        return
    text, by, at = _text_of(decision.payload), decision.by, decision.at
    rows: list[Any] = []
    for old in LetterText.objects.select_for_update().filter(state=LetterTextState.PUBLISHED):
        old.state = LetterTextState.SUPERSEDED
        old.save()
        rows.append(old)
    text.signature = Signature.objects.get(pk=decision.signature_id)
    text.state, text.published_by, text.published_at = LetterTextState.PUBLISHED, by, at
    text.save()
    on = localtime(at).date()
    due = on + timedelta(days=retrain_days(at))
    standing = list(
        Commitment.objects.select_for_update(of=("self",))
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on))
        .exclude(text_sha256=text.sha256)
        .select_related("user")
        .order_by("pk")
    )
    for commitment in standing:
        commitment.renew_by = min(commitment.renew_by or due, due)
    if standing:
        bulk_update_with_history(standing, Commitment, ["renew_by"])
    record(
        "compliance.letter_text_published", subject=f"letter_text:{text.pk}", by=by, at=at,
        rows=[*rows, text, text.signature, *standing],
    )  # fmt: skip
    for person in {one.user_id: one.user for one in standing if one.user.is_active}.values():
        notify(
            recipient=person,
            kind="letter_changed",
            zh=f"合规承诺书已更新，请在 {due} 前重新签署",
            en=f"The letter of commitment has changed; sign it anew by {due}",
            at=at,
            url="/compliance/training/letter/",
            subject=f"letter_text:{text.pk}",
        )


@transaction.atomic
def sign_commitment(*, text_id: UUID, by: Any, at: datetime, proof: SignatureProof) -> Commitment:
    """Sign the letter in force for oneself. Raises: PermissionDenied; IntegrityNotRecorded; what `sign` raises.

    Source: MR-06 (signs commitment letter); 电子签名法 (2019) 13.
    """
    if not permissions.can_learn(by):
        raise PermissionDenied
    text = LetterText.objects.select_for_update(of=("self",)).get(pk=text_id)
    if text.state != LetterTextState.PUBLISHED:
        raise IntegrityNotRecorded(_("This text is no longer in force. Read the new one."))
    on = localtime(at).date()
    signature = sign(
        subject=f"user:{by.pk}",
        content_sha256=letter_fingerprint(text),
        meaning="commitment_signed",
        by=by,
        at=at,
        proof=proof,
    )
    row = Commitment.objects.create(
        user=by,
        text=text,
        signature=signature,
        text_sha256=text.sha256,
        valid_from=on,
        valid_until=months_later(on, text.months_valid),
    )
    record("compliance.commitment_signed", subject=f"user:{by.pk}", by=by, at=at, rows=[row, signature])
    return row


def letter_fingerprint(text: LetterText) -> str:
    """Return the SHA-256 of a letter's words in both languages: what its signers sign."""
    return hashlib.sha256(f"{text.number}\n{text.text_zh}\n{text.text_en}".encode()).hexdigest()


def _answer(
    text: LetterText,
    verb: ApprovalVerb,
    by: Any,
    at: datetime,
    *,
    comment: str = "",
    proof: SignatureProof | None = None,
) -> LetterText:
    subject = f"letter_text:{text.pk}"

    def put() -> ApprovalRequest:
        if ApprovalRequest.objects.filter(flow=FLOW, subject=subject, state__in=SENT_BACK).exists():
            raise IntegrityNotRecorded(_("It went back to its author, who asks again."))
        return put_letter_text(text, at=at)

    answer_approval(
        flow=FLOW, subject=subject, verb=verb, by=by, at=at, comment=comment, proof=proof, put=put
    )
    text.refresh_from_db()
    return text


def _text_of(payload: Mapping[str, Any]) -> LetterText:
    return LetterText.objects.select_for_update(of=("self",)).get(pk=UUID(payload["text"]))


def _may_publish(text: LetterText, by: Any) -> None:
    if not permissions.can_change_staff(by) or by.pk == text.drafted_by_id:
        raise PermissionDenied
    if text.state != LetterTextState.DRAFT:
        raise IntegrityNotRecorded(_("Only a draft can be published."))
