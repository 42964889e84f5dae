"""Clinical needs and promises: noted, told back, kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from activities import permissions, rules
from activities.choices import NeedState
from activities.models import ClinicalNeed, FollowUp, Visit, VisitNeed
from activities.selectors import visit_facts
from compliance import actions as law
from doctors import actions as doctors

from .errors import NeedNotKept
from .locks import lock_key
from .reports import new_key

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def capture_need(
    *,
    doctor_id: UUID,
    question: str,
    by: User,
    at: datetime,
    product_id: UUID | None = None,
    need_id: UUID | None = None,
) -> ClinicalNeed:
    """Note a question of practice a doctor has, in clinical words.

    Raises: PermissionDenied; NeedNotKept when it is empty; Refused when it holds what may never be stored.
    """
    where = visit_facts.place_of(doctor_id, by=by, at=at)
    if not permissions.can_capture_need(by) or where is None:
        raise PermissionDenied
    words = " ".join(question.split())
    if not words:
        raise NeedNotKept(_("Write the clinical question."), field="question")
    if len(words) > 300:
        raise NeedNotKept(_("Keep the question within 300 characters."), field="question")
    law.refuse_words(visit_facts.NOTE_OF_NEED, [words], subject=f"doctor:{doctor_id}", by=by, at=at)
    need_id = need_id or new_key()
    lock_key(need_id)
    standing = ClinicalNeed.objects.filter(pk=need_id, captured_by=by).first()
    if standing is not None:
        return standing
    need = ClinicalNeed(
        pk=need_id,
        doctor_id=doctor_id,
        hospital_id=where.hospital_id,
        product_id=product_id,
        question=words,
        captured_by=by,
        captured_at=at,
    )
    need.save(force_insert=True)
    law.record("activities.need_captured", subject=f"need:{need.pk}", by=by, at=at, rows=[need])
    doctors.record_interaction(
        doctor_id=doctor_id, kind="need_told", channel="visit", subject=f"need:{need.pk}", by=by, at=at
    )
    return need


def write_need(visit: Visit, question: str, *, by: User) -> list:
    """Return the new rows of a need heard in a visit; none where it stands. Call inside the act's transaction."""
    standing = ClinicalNeed.objects.filter(
        doctor_id=visit.doctor_id, question=question, captured_by=by, visits__visit=visit
    )
    if standing.exists():
        return []
    need = ClinicalNeed.objects.create(
        doctor_id=visit.doctor_id,
        hospital_id=visit.hospital_id,
        question=question,
        captured_by=by,
        captured_at=visit.ended_at,
    )
    return [need, VisitNeed.objects.create(visit=visit, need=need)]


@transaction.atomic
def close_need(*, need_id: UUID, outcome: str, by: User, at: datetime, answered: bool = True) -> ClinicalNeed:
    """Say what was told back to the doctor.

    Raises: ClinicalNeed.DoesNotExist; PermissionDenied; NeedNotKept when it is closed, or without words.
    """
    need = ClinicalNeed.objects.select_for_update(of=("self",)).get(pk=need_id)
    if not permissions.can_close_need(by):
        raise PermissionDenied
    new = NeedState.ANSWERED if answered else NeedState.CLOSED
    if not rules.may_move_need(old=need.state, new=new):
        raise NeedNotKept(_("This need is closed."))
    if not outcome.strip():
        raise NeedNotKept(_("Write what is told back to the doctor."), field="outcome")
    law.refuse_words("need.outcome", [outcome], subject=f"need:{need.pk}", by=by, at=at)
    need.state, need.outcome, need.closed_at = new, outcome.strip()[:300], at
    need.save()
    law.record("activities.need_closed", subject=f"need:{need.pk}", by=by, at=at, rows=[need])
    return need


@transaction.atomic
def add_follow_up(
    *, doctor_id: UUID, text: str, due_on: date, by: User, at: datetime, follow_up_id: UUID | None = None
) -> FollowUp:
    """Keep a promise made to a doctor, with its day.

    Raises: PermissionDenied; NeedNotKept when it is empty; Refused when it holds what may never be stored.
    """
    if not permissions.can_do_field_work(by) or not visit_facts.place_of(doctor_id, by=by, at=at):
        raise PermissionDenied
    if not text.strip():
        raise NeedNotKept(_("Write what you promised, without patients or quantities."), field="text")
    law.refuse_words(visit_facts.NOTE_OF_FOLLOW_UP, [text], subject=f"doctor:{doctor_id}", by=by, at=at)
    key = follow_up_id or new_key()
    lock_key(key)
    standing = FollowUp.objects.filter(pk=key, rep=by).first()
    if standing is not None:
        return standing
    follow_up = FollowUp(
        pk=key,
        rep=by,
        doctor_id=doctor_id,
        text_sealed=doctors.seal_text(doctor_id, text.strip()),
        due_on=due_on,
    )
    follow_up.save(force_insert=True)
    law.record(
        "activities.follow_up_added", subject=f"follow_up:{follow_up.pk}", by=by, at=at, rows=[follow_up]
    )
    return follow_up


@transaction.atomic
def finish_follow_up(*, follow_up_id: UUID, by: User, at: datetime) -> FollowUp:
    """Note that a promise was kept. Raises: FollowUp.DoesNotExist; PermissionDenied. Twice changes nothing."""
    follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
    if not permissions.can_finish_follow_up(by, follow_up):
        raise PermissionDenied
    if follow_up.done_at is None:
        follow_up.done_at = at
        follow_up.save()
        law.record(
            "activities.follow_up_finished",
            subject=f"follow_up:{follow_up.pk}",
            by=by,
            at=at,
            rows=[follow_up],
        )
    return follow_up
