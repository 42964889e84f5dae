"""Gather the facts the law reads about a version on its way."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from content.choices import AnnotationKind, ClaimStatus, FindingState, MaterialKind, Purpose, SeatDecision
from content.facts import MaterialFacts
from content.models import MaterialFile, MaterialVersion, Reference, ReviewRound
from content.selectors import subjects_of
from content.selectors.delivery import labels_are_current, stored_bytes_are_right

COUNTED = {
    "absolute_terms": ("ABSOLUTE", "UNSCIENTIFIC"),
    "efficacy_guarantees": ("EFFICACY_GUARANTEE", "CURE_ALL", "PROMISE", "PERFORMANCE"),
    "safety_guarantees": ("SAFETY_GUARANTEE",),
    "rates_without_source": ("RATE",),
    "comparisons": ("COMPARISON",),
    "endorsements": ("ENDORSEMENT", "PUBLIC_AFFAIRS"),
    "off_label": ("OFF_LABEL_DISEASE", "OFF_LABEL_WORDS", "SEXUAL"),
    "disparagements": ("DISPARAGEMENT",),
    "before_after_pictures": ("BEFORE_AFTER",),
    "figures_without_source": ("NUMBER_WITHOUT_SOURCE",),
    "references_missing": ("GUIDELINE_WITHOUT_SOURCE",),
    "links_unreviewed": ("LINK",),
    "seller_links": ("BUY_LINK",),
}
PRINT_FIELDS = {
    "GENERIC_MISSING": "generic_name",
    "COMPANY_MISSING": "company",
    "DATE_MISSING": "made_on",
    "SUMMARY_MISSING": "prescribing_summary",
}


def material_facts(
    version: MaterialVersion,
    file: MaterialFile,
    passage: ReviewRound | None,
    *,
    by: Any,
    at: datetime,
    expires_on: date | None = None,
) -> MaterialFacts:
    """Return the facts of `material.submit`, `.approve` and `.release`. Cost: a dozen queries, one pass over the file."""
    material = version.material
    products = [use.product for use in material.product_uses.select_related("product")]
    open_rules = Counter(file.findings.filter(state=FindingState.OPEN).values_list("rule", flat=True))
    claims = [use.claim for use in version.claim_uses.select_related("claim")]
    evidence = Reference.objects.filter(anchors__links__claim__in=claims).distinct()
    seats = list(passage.seats.all()) if passage else []
    signed = {seat.role for seat in seats if seat.decision == SeatDecision.AGREED}
    reviewers = [seat.reviewer_id for seat in seats if seat.reviewer_id]
    is_education = material.kind == MaterialKind.PATIENT_EDUCATION or material.purpose == Purpose.PATIENT
    day = timezone.localtime(at).date()
    found: dict[str, Any] = {
        name: sum(open_rules[rule] for rule in counted) for name, counted in COUNTED.items()
    }
    return MaterialFacts(
        kind=material.kind,
        audience="patient" if is_education else "hcp",
        channels=(material.purpose, *material.channels),
        product_codes=tuple(product.code for product in products),
        is_prescription=any(product.is_prescription for product in products),
        controlled_class=next((p.controlled_class for p in products if p.controlled_class != "none"), ""),
        is_promotional=material.kind != MaterialKind.REPRINT and not is_education,
        is_advertisement="designated_journal" in material.channels,
        is_disease_education=is_education,
        ad_approval_number=version.ad_approval_number,
        label_current=labels_are_current(version),
        claims_unapproved=sum(claim.status != ClaimStatus.APPROVED for claim in claims),
        evidence_unavailable=evidence.filter(stored__isnull=True, doi="", pmid="").count(),
        print_fields_missing=tuple(
            name for rule, name in PRINT_FIELDS.items() if open_rules[rule] and not is_education
        ),
        shows_sponsor=not open_rules["COMPANY_MISSING"],
        shows_warnings=not open_rules["WARNINGS_MISSING"],
        shows_professional_notice=not open_rules["NOTICE_MISSING"],
        product_terms=open_rules["PRODUCT_IN_EDUCATION"],
        reviewed_as_promotion=True,
        author_is_reviewer=version.author_id in reviewers,
        reviewer_in_sales=any(
            seat.reviewer.has_role("rep", "line_manager") for seat in seats if seat.reviewer_id
        ),
        same_person_twice=len(reviewers) != len(set(reviewers)),
        medical_signed="medical" in signed,
        regulatory_signed="regulatory" in signed,
        compliance_signed="compliance" in signed,
        must_fix_open=open_must_annotations(file),
        file_unchanged=stored_bytes_are_right(file)
        and all(seat.signed_sha256 == file.sha256 for seat in seats if seat.decision == SeatDecision.AGREED),
        act_on=day.isoformat(),
        expires_on=expires_on.isoformat() if expires_on else "",
        months_valid=_months(day, expires_on) if expires_on else 0,
        subjects=subjects_of(version),
        **found,
    )


def open_must_annotations(file: MaterialFile) -> int:
    """Return how many 必改 on the file nobody has resolved."""
    return file.annotations.filter(kind=AnnotationKind.MUST, resolved_at__isnull=True).count()


def _months(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months + 1 if end.day > start.day else months
