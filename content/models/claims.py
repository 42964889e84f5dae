"""Claims: sentences the company may say, bound to evidence and label."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from content.choices import ClaimStatus
from pharmacrm.common.models import Governed

from .evidence import Anchor
from .products import LabelSection, Product

USER = settings.AUTH_USER_MODEL


class Claim(Governed):
    """A statement about a product. Approved by somebody else than its author; re-reviewed when its ground moves."""

    code = models.CharField(max_length=32, unique=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="claims")
    text_zh = models.TextField()
    text_en = models.TextField(blank=True, default="")
    topics = models.JSONField(default=list, help_text="Clinical questions it answers, as plain words.")
    status = models.CharField(max_length=12, choices=ClaimStatus, default=ClaimStatus.DRAFT)
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    approver = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    content_sha256 = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField(
        blank=True, default="", help_text="Why it stands under re-review or is retired."
    )

    class Meta:
        indexes = [
            models.Index(fields=["product", "status", "-id"], name="claim_product_status_idx"),
            models.Index(fields=["status", "-id"], name="claim_status_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text_zh=""), name="claim_says_something"),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("author")), name="claim_takes_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(status=ClaimStatus.APPROVED)
                | (Q(approver__isnull=False, approved_at__isnull=False) & ~Q(content_sha256="")),
                name="claim_approved_says_by_whom_and_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text_zh[:40]}"


class ClaimLink(Governed):
    """What a claim rests on: a place in a reference, or a section of a label. Exactly one of the two."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="links")
    anchor = models.ForeignKey(Anchor, models.PROTECT, null=True, related_name="links")
    section = models.ForeignKey(LabelSection, models.PROTECT, null=True, related_name="links")
    note = models.CharField(max_length=240, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(anchor__isnull=True, section__isnull=False)
                | Q(anchor__isnull=False, section__isnull=True),
                name="claimlink_points_to_one_ground",
            ),
            models.UniqueConstraint(
                fields=["claim", "anchor"], condition=Q(anchor__isnull=False), name="claimlink_anchor_once"
            ),
            models.UniqueConstraint(
                fields=["claim", "section"], condition=Q(section__isnull=False), name="claimlink_section_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} → {self.anchor_id or self.section_id}"
