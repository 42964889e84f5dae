"""Clinical needs heard from doctors, and the medical questions that go over the wall to medical."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from activities.choices import InquiryState, NeedState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class ClinicalNeed(Governed):
    """A question of practice a doctor has; clinical words only, no patient, no quantity."""

    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    hospital = models.ForeignKey("doctors.Hospital", models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey("content.Product", models.PROTECT, null=True, related_name="+")
    question = models.CharField(_("Clinical question"), max_length=300)
    keywords = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    state = models.CharField(max_length=12, choices=NeedState, default=NeedState.OPEN)
    captured_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    captured_at = models.DateTimeField()
    outcome = models.CharField(_("What was told back"), max_length=300, blank=True, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["doctor", "-captured_at"], name="clinicalneed_doctor_idx"),
            models.Index(fields=["state", "-id"], name="clinicalneed_state_idx"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(question=""), name="clinicalneed_asks_something")]

    def __str__(self) -> str:
        return self.question


class VisitNeed(Governed):
    """A need was heard, or spoken of again, in a visit."""

    visit = models.ForeignKey("activities.Visit", models.PROTECT, related_name="needs")
    need = models.ForeignKey(ClinicalNeed, models.PROTECT, related_name="visits")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "need"], name="visitneed_is_named_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.need_id}"


class Inquiry(Governed):
    """An unsolicited question for medical. What medical answers is kept apart, behind the wall."""

    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    product = models.ForeignKey("content.Product", models.PROTECT, null=True, related_name="+")
    visit_key = models.UUIDField(null=True)
    question = models.TextField(_("Question, in the doctor's words"))
    is_unsolicited = models.BooleanField(_("The doctor asked without being prompted"), default=True)
    state = models.CharField(max_length=16, choices=InquiryState, default=InquiryState.CAPTURED)
    captured_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    captured_at = models.DateTimeField()
    due_at = models.DateTimeField()
    owner = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    op_id = models.UUIDField(null=True)

    class Meta:
        verbose_name_plural = "inquiries"
        indexes = [
            models.Index(fields=["doctor", "-captured_at"], name="inquiry_doctor_idx"),
            models.Index(fields=["captured_by", "-captured_at"], name="inquiry_captured_by_idx"),
            models.Index(fields=["state", "-id"], name="inquiry_state_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["captured_by", "op_id"],
                condition=Q(op_id__isnull=False),
                name="inquiry_is_written_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=InquiryState.ANSWERED) | Q(answered_at__isnull=False),
                name="inquiry_answered_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class InquiryAnswer(Governed):
    """What medical answered, and on what it rests. No sales role may read it (C9)."""

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="answers")
    text_sealed = models.BinaryField()  # under the doctor's own key
    references = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    answered_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["inquiry", "answered_at"], name="inquiryanswer_inquiry_idx")]

    def __str__(self) -> str:
        return str(self.inquiry_id)
