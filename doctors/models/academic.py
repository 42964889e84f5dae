"""What a doctor has published and helped to write, and how they wish to be reached.

The names of authors are not kept here: a publication holds its title and its place, and says by key which doctor
wrote it. What a by-line said of somebody stands encrypted under that doctor's key, in the proposal it grounds.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doctors.choices import (
    Channel,
    DatePrecision,
    DoctorLanguage,
    GuidelineRole,
    InterestSource,
    PostLevel,
    ProposalState,
)
from pharmacrm.common.models import Governed

from .doctors import Doctor

USER = settings.AUTH_USER_MODEL


class Publication(Governed):
    """A paper in a journal, kept once by its PMID and its DOI; several doctors may have written it."""

    title = models.CharField(max_length=500)
    journal = models.CharField(max_length=200)
    published_on = models.DateField()  # the first day of the month or year where no more is known
    date_precision = models.CharField(max_length=6, choices=DatePrecision, default=DatePrecision.DAY)
    pmid = models.CharField(max_length=12, blank=True, default="")
    doi = models.CharField(max_length=200, blank=True, default="")
    authors_total = models.PositiveSmallIntegerField(default=0)  # 0: not known
    is_retracted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(journal=""), name="publication_has_title_and_journal"
            ),
            models.UniqueConstraint(
                fields=["pmid"], condition=~Q(pmid=""), name="publication_pmid_is_kept_once"
            ),
            models.UniqueConstraint(
                fields=["doi"], condition=~Q(doi=""), name="publication_doi_is_kept_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Authorship(Governed):
    """A doctor is an author of a publication: a person said so. What proved wrong is withdrawn with its reason."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="authorships")
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="authorships")
    position = models.PositiveSmallIntegerField()
    is_corresponding = models.BooleanField(default=False)
    attached_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(position__gte=1), name="authorship_position_starts_at_one"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(end_reason=""), name="authorship_ends_with_a_reason"
            ),
            models.UniqueConstraint(
                fields=["doctor", "publication"],
                condition=Q(ended_at__isnull=True),
                name="authorship_is_held_once",
            ),
            models.UniqueConstraint(
                fields=["publication", "position"],
                condition=Q(ended_at__isnull=True),
                name="authorship_position_is_one_doctor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.doctor_id}"


class AuthorProposal(Governed):
    """An author of an imported by-line who may be a doctor on record; a steward decides, never the name alone.

    `reasons` are codes of `rules.authors`; `sealed` is what the by-line said, under the doctor's key.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="proposals")
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    is_corresponding = models.BooleanField(default=False)
    reasons = models.JSONField(default=list)
    sealed = models.BinaryField()
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="authorproposal_decided_is_signed",
            ),
            models.UniqueConstraint(
                fields=["publication", "position", "doctor"], name="authorproposal_is_made_once"
            ),
        ]
        indexes = [models.Index(fields=["id"], name="authorproposal_open_idx", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.position}"


class GuidelineWork(Governed):
    """A guideline or consensus paper a doctor helped to write, from a public source."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="guideline_works")
    title = models.CharField(max_length=200)
    issuer = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=16, choices=PostLevel)
    role = models.CharField(max_length=16, choices=GuidelineRole)
    source_url = models.URLField(blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(issuer=""), name="guidelinework_names_its_guideline"
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1950) & Q(year__lte=2200), name="guidelinework_year_is_a_year"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(end_reason=""),
                name="guidelinework_ends_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["doctor", "title", "year"],
                condition=Q(ended_at__isnull=True),
                name="guidelinework_is_kept_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Preference(Governed):
    """Which channel and which language a doctor likes best. It orders what consent allows and allows nothing itself."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="preferences")
    channel = models.CharField(max_length=16, choices=Channel, blank=True, default="")
    language = models.CharField(max_length=8, choices=DoctorLanguage, blank=True, default="")
    source = models.CharField(max_length=16, choices=InterestSource, default=InterestSource.SELF_STATED)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # first day on which it no longer holds
    end_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(channel="") | ~Q(language=""), name="preference_says_something"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="preference_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["doctor"], condition=Q(valid_until__isnull=True), name="preference_is_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.channel} {self.language}"
