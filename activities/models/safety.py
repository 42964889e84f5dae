"""The safety vault: suspected adverse events, with everything about the patient encrypted per report (PI-23)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from activities.choices import SafetyKind, SafetyState, Seriousness
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class SafetyReport(Governed):
    """What somebody heard of harm after a medicine, from the first words to the authority.

    The narrative and all about patient and reporter lie in `vault_sealed` under the report's own key. The four flags
    say which of the four elements are given. `visit_key` names the visit it came with, which may arrive later or never.
    """

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(_("Kind"), max_length=16, choices=SafetyKind, default=SafetyKind.ADVERSE_EVENT)
    captured_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, null=True, related_name="+")
    visit_key = models.UUIDField(null=True)
    product = models.ForeignKey("content.Product", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=SafetyState, default=SafetyState.CAPTURED)
    seriousness = models.CharField(
        _("Seriousness"), max_length=12, choices=Seriousness, default=Seriousness.UNKNOWN
    )
    data_key = models.BinaryField(null=True)  # wrapped
    vault_sealed = models.BinaryField(null=True)
    has_patient = models.BooleanField(default=False)
    has_reporter = models.BooleanField(default=False)
    has_product = models.BooleanField(default=False)
    has_event = models.BooleanField(default=False)
    aware_at = models.DateTimeField()
    is_clock_unproven = models.BooleanField(default=False)
    hand_over_due_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True)
    submit_due_on = models.DateField()
    completed_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    authority_reference = models.CharField(max_length=60, blank=True, default="")
    op_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-id"], name="safetyreport_state_idx"),
            models.Index(
                fields=["hand_over_due_at"],
                name="safetyreport_hand_over_idx",
                condition=Q(handed_over_at__isnull=True),
            ),
            models.Index(
                fields=["submit_due_on"],
                name="safetyreport_submit_due_idx",
                condition=Q(submitted_at__isnull=True),
            ),
            models.Index(fields=["captured_by", "-aware_at"], name="safetyreport_captured_by_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["captured_by", "op_id"],
                condition=Q(op_id__isnull=False),
                name="safetyreport_is_written_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=SafetyState.COMPLETE)
                | Q(has_patient=True, has_reporter=True, has_product=True, has_event=True),
                name="safetyreport_complete_has_four_elements",
            ),
            models.CheckConstraint(
                condition=~Q(state=SafetyState.SUBMITTED)
                | Q(submitted_at__isnull=False, handed_over_at__isnull=False),
                name="safetyreport_submitted_was_handed_over",
            ),
        ]

    def __str__(self) -> str:
        return self.number
