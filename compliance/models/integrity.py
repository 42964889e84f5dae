"""Commitment letters as texts that are signed, and checks of people against lists of bribery."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from compliance.choices import CheckResult, LetterTextState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class LetterText(Governed):
    """One text of the letter of commitment. At most one is in force; who signed another signs anew within the time given."""

    number = models.PositiveSmallIntegerField(unique=True)
    state = models.CharField(max_length=12, choices=LetterTextState, default=LetterTextState.DRAFT)
    text_zh = models.TextField()
    text_en = models.TextField()
    months_valid = models.PositiveSmallIntegerField(default=12)
    sha256 = models.CharField(max_length=64)
    drafted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    published_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="published"), name="lettertext_one_is_published"
            ),
            models.CheckConstraint(condition=~Q(published_by=F("drafted_by")), name="lettertext_two_people"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_by__isnull=False, signature__isnull=False),
                name="lettertext_published_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class BriberyListEntry(Governed):
    """One person or company on a public list of bribery, as entered or uploaded."""

    person = models.CharField(max_length=80, blank=True, default="")
    company = models.CharField(max_length=160, blank=True, default="")
    source = models.CharField(max_length=160)
    published_on = models.DateField()
    detail = models.CharField(max_length=400, blank=True, default="")
    added_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(person="") | ~Q(company=""), name="briberylistentry_names_somebody"
            ),
            models.UniqueConstraint(
                fields=["person", "company", "source", "published_on"], name="briberylistentry_is_listed_once"
            ),
        ]
        indexes = [models.Index(fields=["person"], name="briberylistentry_person_idx")]

    def __str__(self) -> str:
        return self.person or self.company


class BriberyCheck(Governed):
    """One check of a person: where it was looked, what came out, the proof; a hit is decided by another officer."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    checked_on = models.DateField()
    due_on = models.DateField()  # the last day on which the next check is in time
    source = models.CharField(max_length=160)
    earlier_company = models.CharField(max_length=160, blank=True, default="")
    result = models.CharField(max_length=12, choices=CheckResult)
    hits = ArrayField(models.UUIDField(), default=list, blank=True)  # keys of list entries with the same name
    note = models.CharField(max_length=400, blank=True, default="")
    evidence = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    checked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reviewed_by=F("checked_by")), name="briberycheck_two_people"),
            models.CheckConstraint(condition=~Q(checked_by=F("user")), name="briberycheck_not_of_oneself"),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("checked_on")), name="briberycheck_is_due_after_it_was_made"
            ),
        ]
        indexes = [models.Index(fields=["user", "checked_on"], name="briberycheck_user_on_idx")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.checked_on}"
