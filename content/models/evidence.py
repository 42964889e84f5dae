"""References and the places in them that claims point to."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from content.choices import EvidenceLevel, ReferenceKind, ReferenceStanding
from pharmacrm.common.models import Governed


class Reference(Governed):
    """One publication or document that supports claims; known once by PMID and once by DOI."""

    kind = models.CharField(max_length=16, choices=ReferenceKind, default=ReferenceKind.OTHER)
    title = models.TextField()
    title_local = models.TextField(blank=True, default="")
    authors = models.TextField(blank=True, default="")
    journal = models.CharField(max_length=300, blank=True, default="")
    year = models.PositiveSmallIntegerField(null=True)
    volume = models.CharField(max_length=40, blank=True, default="")
    issue = models.CharField(max_length=40, blank=True, default="")
    pages = models.CharField(max_length=60, blank=True, default="")
    doi = models.CharField(max_length=200, blank=True, default="")
    pmid = models.CharField(max_length=12, blank=True, default="")
    abstract = models.TextField(blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")
    design = models.CharField(max_length=200, blank=True, default="")
    sample_size = models.PositiveIntegerField(null=True)
    endpoints = models.TextField(blank=True, default="")
    evidence_level = models.CharField(max_length=8, choices=EvidenceLevel, default=EvidenceLevel.UNRATED)
    standing = models.CharField(max_length=12, choices=ReferenceStanding, default=ReferenceStanding.SOUND)
    standing_note = models.TextField(blank=True, default="")
    stored = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            GinIndex(
                SearchVector("title", "title_local", "abstract", config="english"), name="reference_words_idx"
            ),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="reference_title_trgm_idx"),
            models.Index(fields=["kind", "-id"], name="reference_kind_idx"),
            models.Index(fields=["standing", "-id"], name="reference_standing_idx"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["pmid"], condition=~Q(pmid=""), name="reference_pmid_is_unique"),
            models.UniqueConstraint(fields=["doi"], condition=~Q(doi=""), name="reference_doi_is_unique"),
            models.CheckConstraint(condition=~Q(title=""), name="reference_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.citation

    @property
    def citation(self) -> str:
        """Author et al. Title. Journal year;volume(issue):pages."""
        first = self.authors.split("; ")[0]
        people = f"{first} et al. " if "; " in self.authors else f"{first}. " if first else ""
        place = f"{self.volume}" + (f"({self.issue})" if self.issue else "")
        where = (
            f"{self.year or ''}" + (f";{place}" if place else "") + (f":{self.pages}" if self.pages else "")
        )
        return f"{people}{self.title.rstrip('.')}. {self.journal} {where}".strip()


class Anchor(Governed):
    """A place in a reference: page, table or quotation, with an optional region (0–1 of the page)."""

    reference = models.ForeignKey(Reference, models.PROTECT, related_name="anchors")
    name = models.CharField(max_length=120)
    page = models.PositiveSmallIntegerField(null=True)
    quote = models.TextField(blank=True, default="")
    left = models.FloatField(null=True)
    top = models.FloatField(null=True)
    right = models.FloatField(null=True)
    bottom = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "name"], name="anchor_name_is_unique_for_reference"),
            models.CheckConstraint(
                condition=Q(left__isnull=True, top__isnull=True, right__isnull=True, bottom__isnull=True)
                | Q(left__gte=0, top__gte=0, right__lte=1, bottom__lte=1, page__isnull=False),
                name="anchor_region_is_inside_its_page",
            ),
        ]

    def __str__(self) -> str:
        return self.name
