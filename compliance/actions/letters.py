"""Letters of a case: drafted by one, approved by others through the one approval engine, then sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from compliance.actions.approvals import due_after, open_approval
from compliance.actions.cases import note, open_case_for, subject_of
from compliance.actions.recording import record
from compliance.choices import ApprovalState, LetterAudience, LetterState
from compliance.flows import Decision, Signed
from compliance.models import CaseLetter
from pharmacrm.common.errors import DomainError

FLOW = "compliance.case_letter"  # registered in apps.py
MEANING = "letter_approved"
DAYS_TO_ANSWER = 1


class LetterNotMoved(DomainError):
    """The letter is not in a state that allows this; nothing has changed."""

    code = "letter_not_moved"


@transaction.atomic
def draft_letter(
    *,
    case_id: UUID,
    audience: str,
    title: str,
    body: str,
    by: Any,
    at: datetime,
    letter_id: UUID | None = None,
) -> CaseLetter:
    """Write a letter, or a draft anew. Raises: PermissionDenied, LetterNotMoved; nothing has changed."""
    case = open_case_for(case_id, by)
    if audience not in LetterAudience.values:
        raise LetterNotMoved(_("Choose who it is for."), field="audience")
    if not title.strip() or not body.strip():
        raise LetterNotMoved(
            _("A letter has a title and a text."), field="body" if title.strip() else "title"
        )
    if letter_id is None:
        letter = CaseLetter(case=case, drafted_by=by, drafted_at=at)
    else:
        letter = CaseLetter.objects.select_for_update(of=("self",)).get(pk=letter_id, case=case)
        if letter.state != LetterState.DRAFT:
            raise LetterNotMoved(_("Only a draft can be changed."))
    letter.audience = audience
    letter.title_sealed, letter.body_sealed = case.sealed(title.strip()), case.sealed(body.strip())
    letter.save()
    row = note(case, "letter_drafted", audience, by, at)
    record("compliance.letter_drafted", subject=subject_of(case), by=by, at=at, rows=[letter, row])
    return letter


@transaction.atomic
def ask_letter(*, letter_id: UUID, approvers: Sequence[Any], by: Any, at: datetime) -> CaseLetter:
    """Ask others to approve a letter; all of them have to agree. Raises: PermissionDenied, LetterNotMoved, ApprovalNotOpened."""
    letter = _locked(letter_id, by)
    if letter.state != LetterState.DRAFT:
        raise LetterNotMoved(_("Only a draft can be put to approval."))
    letter.state = LetterState.ASKED
    letter.save()
    open_approval(
        subject=f"letter:{letter.pk}",
        flow=FLOW,
        by=by,
        at=at,
        approvers=approvers,
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={
            "number": letter.case.number,
            "sha256": letter_fingerprint(letter),
            "letter": str(letter.pk),
        },
    )
    row = note(letter.case, "letter_asked", letter.audience, by, at)
    record("compliance.letter_asked", subject=subject_of(letter.case), by=by, at=at, rows=[letter, row])
    return letter


@transaction.atomic
def decide_letter(*, decision: Decision) -> None:
    """Carry out the answer: approved as it was asked, else a draft again. Raises: LetterNotMoved."""
    letter = CaseLetter.objects.select_for_update(of=("self",)).get(pk=UUID(decision.payload["letter"]))
    if decision.outcome == ApprovalState.APPROVED:
        if letter_fingerprint(letter) != decision.payload["sha256"]:
            raise LetterNotMoved(_("The letter changed after approval was asked. Ask again."))
        letter.state, letter.approved_sha256 = LetterState.APPROVED, decision.payload["sha256"]
    else:
        letter.state = LetterState.DRAFT
    letter.save()
    row = note(letter.case, f"letter_{letter.state}", letter.audience, decision.by, decision.at)
    record(
        "compliance.letter_decided",
        subject=subject_of(letter.case),
        by=decision.by,
        at=decision.at,
        rows=[letter, row],
    )


@transaction.atomic
def send_letter(*, letter_id: UUID, how: str, by: Any, at: datetime) -> CaseLetter:
    """Enter that an approved letter was sent, and on which way. Raises: PermissionDenied, LetterNotMoved."""
    letter = _locked(letter_id, by)
    if letter.state != LetterState.APPROVED:
        raise LetterNotMoved(_("Only an approved letter is sent."))
    if not how.strip():
        raise LetterNotMoved(_("Say how it was sent: post, e-mail, by hand, and to whom."), field="how")
    letter.state, letter.sent_at, letter.sent_by, letter.sent_how = LetterState.SENT, at, by, how.strip()
    letter.save()
    row = note(letter.case, "letter_sent", letter.audience, by, at)
    record("compliance.letter_sent", subject=subject_of(letter.case), by=by, at=at, rows=[letter, row])
    return letter


def letter_signed(payload: dict[str, Any]) -> Signed:
    """Return what an approver signs: the letter's words and who it is for, as they stand."""
    letter = CaseLetter.objects.select_related("case").get(pk=UUID(payload["letter"]))
    return Signed(f"letter:{letter.pk}", letter_fingerprint(letter))


def letter_fingerprint(letter: CaseLetter) -> str:
    """Return the SHA-256 of what an approver agrees to."""
    said = {"letter": str(letter.pk), "audience": letter.audience, "title": letter.title, "body": letter.body}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _locked(letter_id: UUID, by: Any) -> CaseLetter:
    case = open_case_for(CaseLetter.objects.values_list("case_id", flat=True).get(pk=letter_id), by)
    letter = CaseLetter.objects.select_for_update(of=("self",)).get(pk=letter_id)
    letter.case = case
    return letter
