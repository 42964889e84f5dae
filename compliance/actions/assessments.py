"""The register of impact assessments: written by one person, approved by another, reviewed by its day. Source: PIPL 55, 56."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.recording import record
from compliance.choices import AssessmentKind, AssessmentState, RiskLeft
from compliance.models import ImpactAssessment
from pharmacrm.common.errors import DomainError


class AssessmentNotMoved(DomainError):
    """The assessment is not in a state that allows this, or says too little; nothing has changed."""

    code = "assessment_not_moved"


@dataclass(frozen=True)
class AssessmentWords:
    """What an assessment says: purpose and manner, lawful basis, data, necessity, risks, measures. Source: PIPL 56."""

    title: str
    kind: str
    lawful_basis: str
    data_used: str
    necessity: str
    risks: str
    measures: str
    risk_left: str = RiskLeft.LOW


@transaction.atomic
def draft_assessment(*, words: AssessmentWords, file: Any = None, by: Any, at: datetime) -> ImpactAssessment:
    """Write an assessment; it counts for nothing yet. Raises: PermissionDenied; AssessmentNotMoved when it says too little."""
    if not permissions.can_write_assessment(by):
        raise PermissionDenied
    for name, said in asdict(words).items():
        if not str(said).strip():
            raise AssessmentNotMoved(_("The law asks for each of these."), field=name)
    if words.kind not in AssessmentKind.values or words.risk_left not in RiskLeft.values:
        raise AssessmentNotMoved(_("Choose what is assessed."), field="kind")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('impact_assessment_number'))")
    year = localtime(at).year
    newest = (
        ImpactAssessment.objects.filter(number__regex=rf"^PIA-{year}-\d{{3}}$")
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    number = int(newest[-3:]) + 1 if newest else 1
    assessment = ImpactAssessment.objects.create(
        number=f"PIA-{year}-{number:03d}",
        **{name: str(said).strip() for name, said in asdict(words).items()},
        file=file,
        author=by,
    )
    return _written("assessment_drafted", assessment, by, at)


@transaction.atomic
def approve_assessment(*, assessment_id: UUID, review_on: date, by: Any, at: datetime) -> ImpactAssessment:
    """Approve an assessment as a second person, with the day it is looked at again.

    Raises: PermissionDenied; AssessmentNotMoved for its author, for one that is no draft, with a high risk left, or a
    review day that is past or more than three years away.
    """
    assessment = _assessment_to_move(assessment_id, by, AssessmentState.DRAFT)
    today = localtime(at).date()
    if assessment.author_id == by.pk:
        raise AssessmentNotMoved(_("Whoever wrote an assessment does not approve it."))
    if assessment.risk_left == RiskLeft.HIGH:
        raise AssessmentNotMoved(_("A high risk is left. Add measures before it is approved."))
    if not today < review_on <= today.replace(year=today.year + 3, day=min(today.day, 28)):
        raise AssessmentNotMoved(
            _("The review lies between tomorrow and three years from now."), field="review_on"
        )
    assessment.state, assessment.approved_by = AssessmentState.APPROVED, by
    assessment.approved_on, assessment.review_on = today, review_on
    return _written("assessment_approved", assessment, by, at)


@transaction.atomic
def retire_assessment(*, assessment_id: UUID, by: Any, at: datetime) -> ImpactAssessment:
    """Take an approved assessment out of use; nothing new rests on it. Raises: as `approve_assessment`."""
    assessment = _assessment_to_move(assessment_id, by, AssessmentState.APPROVED)
    assessment.state = AssessmentState.RETIRED
    return _written("assessment_retired", assessment, by, at)


def _assessment_to_move(assessment_id: UUID, by: Any, state: str) -> ImpactAssessment:
    if not permissions.can_approve_assessment(by):
        raise PermissionDenied
    assessment = ImpactAssessment.objects.select_for_update(of=("self",)).get(pk=assessment_id)
    if assessment.state != state:
        raise AssessmentNotMoved(_("The assessment is not in a state that allows this."))
    return assessment


def _written(event: str, assessment: ImpactAssessment, by: Any, at: datetime) -> ImpactAssessment:
    assessment.save()
    record(f"compliance.{event}", subject=f"assessment:{assessment.pk}", by=by, at=at, rows=[assessment])
    return assessment
