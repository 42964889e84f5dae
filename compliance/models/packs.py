"""Packs that were made for inspectors."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from compliance.choices import PackState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class InspectorPack(Governed):
    """One pack: what it is about, why it was asked for, and the file, which is kept for some days only."""

    subject = models.CharField(_("Subject"), max_length=80, blank=True, default="")
    since = models.DateField(_("First day"), null=True, blank=True)
    until = models.DateField(_("Last day"), null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=300)
    language = models.CharField(max_length=10)
    state = models.CharField(_("State"), max_length=12, choices=PackState, default=PackState.ASKED)
    asked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    job = models.ForeignKey("common.Job", models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(null=True)
    checkpoint_size = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)  # acts, records, signatures, verdicts
    persons = ArrayField(models.UUIDField(), default=list)  # doctors it is about, counted when it leaves
    keep_until = models.DateField(null=True)  # first day on which the file is gone

    class Meta:
        indexes = [models.Index(fields=["-asked_at", "-id"], name="inspectorpack_asked_at_idx")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(subject="") | Q(since__isnull=False, until__isnull=False),
                name="inspectorpack_is_about_something",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="inspectorpack_says_why"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="inspectorpack_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(file__isnull=False, made_at__isnull=False),
                name="inspectorpack_ready_has_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.asked_at:%Y-%m-%d %H:%M}"
