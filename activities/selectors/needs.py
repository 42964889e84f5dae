"""Reads of clinical needs, inquiries and promises. What medical answered stays behind the wall."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from activities import permissions
from activities.models import ClinicalNeed, FollowUp, Inquiry, InquiryAnswer
from doctors import selectors as doctors
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.selectors import people_below

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


def needs_visible_to(user: User, *, on: date) -> QuerySet[ClinicalNeed]:
    """Return the needs a person may read: all for who works on them, a manager's branch, a representative's own."""
    needs = ClinicalNeed.objects.select_related("hospital", "captured_by", "product")
    if user.has_role(Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR):
        return needs
    if user.has_role(Role.LINE_MANAGER):
        return needs.filter(
            Q(captured_by=user) | Q(captured_by__in=people_below(user, on).order_by().values("pk"))
        )
    return needs.filter(captured_by=user)


def needs_of_doctor(doctor_id: UUID, *, limit: int = 20) -> list[ClinicalNeed]:
    """Return a doctor's needs, newest first. The caller may see the doctor. Cost: one query."""
    return list(
        ClinicalNeed.objects.filter(doctor_id__in=doctors.records_of(doctor_id))
        .select_related("captured_by")
        .order_by("-captured_at")[:limit]
    )


def inquiries_visible_to(user: User) -> QuerySet[Inquiry]:
    """Return the inquiries a person may know of: all for medical and compliance, others what they captured."""
    inquiries = Inquiry.objects.select_related("captured_by", "owner", "product")
    if permissions.can_answer_inquiry(user) or user.has_role(Role.COMPLIANCE, Role.INSPECTOR):
        return inquiries
    return inquiries.filter(captured_by=user)


def inquiries_of_doctor(doctor_id: UUID, *, limit: int = 20) -> list[Inquiry]:
    """Return a doctor's questions to medical with their state, never an answer. Cost: one query."""
    return list(
        Inquiry.objects.filter(doctor_id__in=doctors.records_of(doctor_id)).order_by("-captured_at")[:limit]
    )


def answers_behind_the_wall(user: User, inquiry: Inquiry) -> list[tuple[InquiryAnswer, str]] | None:
    """Return what medical answered, opened, or None for whoever stands before the wall (C9)."""
    if not permissions.can_read_inquiry_answer(user, inquiry):
        return None
    rows = inquiry.answers.select_related("answered_by").order_by("answered_at")
    return [(row, doctors.open_text(inquiry.doctor_id, row.text_sealed)) for row in rows]


def open_follow_ups(user: User, *, until: date | None = None) -> list[tuple[FollowUp, str]]:
    """Return the promises a person has not kept yet, soonest first, with their words."""
    rows = FollowUp.objects.filter(rep=user, done_at__isnull=True).order_by("due_on", "pk")
    if until is not None:
        rows = rows.filter(due_on__lte=until)
    return [(row, doctors.open_text(row.doctor_id, row.text_sealed)) for row in rows[:50]]
