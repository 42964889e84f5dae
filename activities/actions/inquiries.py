"""Medical questions: captured without an answer from sales, handed over, answered by medical behind the wall."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from activities import permissions, rules
from activities.choices import InquiryState
from activities.models import Inquiry, InquiryAnswer
from activities.selectors import visit_facts
from compliance import actions as law
from doctors import actions as doctors
from pharmacrm.common.outbox import enqueue

from .errors import InquiryNotMoved
from .locks import lock_key
from .reports import Question, new_key

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def ask_medical(*, question: Question, by: User, at: datetime) -> Inquiry:
    """Hand a doctor's own question over to medical. The same operation gives the same inquiry.

    Raises: PermissionDenied; InquiryNotMoved without a question; Refused when it names a patient or a quantity.
    Source: MR-14: an off-label question is answered by medical only.
    """
    if not permissions.can_ask_medical(by) or not visit_facts.place_of(question.doctor_id, by=by, at=at):
        raise PermissionDenied
    text = question.text.strip()
    if not text:
        raise InquiryNotMoved(_("Write the doctor's question."), field="text")
    law.refuse_words("inquiry.question", [text], subject=f"doctor:{question.doctor_id}", by=by, at=at)
    if question.op_id is not None:
        lock_key(question.op_id)
        standing = Inquiry.objects.filter(captured_by=by, op_id=question.op_id).first()
        if standing is not None:
            return standing
    inquiry = Inquiry(
        pk=new_key(),
        doctor_id=question.doctor_id,
        product_id=question.product_id,
        visit_key=question.visit_id,
        question=text,
        is_unsolicited=question.is_unsolicited,
        captured_by=by,
        captured_at=at,
        due_at=at + rules.INQUIRY_WITHIN,
        op_id=question.op_id,
    )
    inquiry.save(force_insert=True)
    law.record("activities.inquiry_asked", subject=f"inquiry:{inquiry.pk}", by=by, at=at, rows=[inquiry])
    doctors.record_interaction(
        doctor_id=question.doctor_id,
        kind="question_asked",
        channel="visit",
        subject=f"inquiry:{inquiry.pk}",
        by=by,
        at=at,
    )
    enqueue("activities.announce_inquiry", inquiry_id=inquiry.pk)
    return inquiry


@transaction.atomic
def take_inquiry(*, inquiry_id: UUID, by: User, at: datetime) -> Inquiry:
    """Take an inquiry over as the one who answers it.

    Raises: Inquiry.DoesNotExist; PermissionDenied; InquiryNotMoved when somebody has it or it is answered.
    """
    inquiry = _locked(inquiry_id)
    if not permissions.can_answer_inquiry(by):
        raise PermissionDenied
    if not rules.may_move_inquiry(old=inquiry.state, new=InquiryState.WITH_MEDICAL):
        raise InquiryNotMoved(_("Somebody works on this inquiry, or it is answered."))
    inquiry.state, inquiry.owner = InquiryState.WITH_MEDICAL, by
    inquiry.save()
    law.record("activities.inquiry_taken", subject=f"inquiry:{inquiry.pk}", by=by, at=at, rows=[inquiry])
    return inquiry


@transaction.atomic
def answer_inquiry(
    *, inquiry_id: UUID, text: str, by: User, at: datetime, references: tuple[str, ...] = ()
) -> InquiryAnswer:
    """Answer a doctor's question. Who asked for the doctor learns that it is answered, never what.

    Raises: Inquiry.DoesNotExist; PermissionDenied; InquiryNotMoved when it is answered, or without words.
    Source: C9, the wall between medical and sales.
    """
    inquiry = _locked(inquiry_id)
    if not permissions.can_answer_inquiry(by):
        raise PermissionDenied
    if not rules.may_move_inquiry(old=inquiry.state, new=InquiryState.ANSWERED):
        raise InquiryNotMoved(_("This inquiry is answered."))
    if not text.strip():
        raise InquiryNotMoved(_("Write the answer."), field="text")
    law.refuse_words("inquiry.answer", [text], subject=f"inquiry:{inquiry.pk}", by=by, at=at)
    answer = InquiryAnswer.objects.create(
        inquiry=inquiry,
        text_sealed=doctors.seal_text(inquiry.doctor_id, text.strip()),
        references=[reference.strip()[:200] for reference in references if reference.strip()],
        answered_by=by,
        answered_at=at,
    )
    inquiry.state, inquiry.answered_at = InquiryState.ANSWERED, at
    inquiry.owner = inquiry.owner or by
    inquiry.save()
    law.record(
        "activities.inquiry_answered", subject=f"inquiry:{inquiry.pk}", by=by, at=at, rows=[inquiry, answer]
    )
    enqueue("activities.announce_inquiry_answer", inquiry_id=inquiry.pk)
    return answer


@transaction.atomic
def close_inquiry(*, inquiry_id: UUID, by: User, at: datetime) -> Inquiry:
    """Close an answered inquiry. Raises: Inquiry.DoesNotExist; PermissionDenied; InquiryNotMoved before its answer."""
    inquiry = _locked(inquiry_id)
    if not permissions.can_answer_inquiry(by):
        raise PermissionDenied
    if not rules.may_move_inquiry(old=inquiry.state, new=InquiryState.CLOSED):
        raise InquiryNotMoved(_("Answer the inquiry before closing it."))
    inquiry.state = InquiryState.CLOSED
    inquiry.save()
    law.record("activities.inquiry_closed", subject=f"inquiry:{inquiry.pk}", by=by, at=at, rows=[inquiry])
    return inquiry


def _locked(inquiry_id: UUID) -> Inquiry:
    return Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry_id)
