"""The register of impact assessments: written by one person, approved by another, reviewed by its day. Source: PIPL 55, 56."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.answering import answer_approval, put_unasked
from compliance.actions.approvals import Stage, due_after, open_approval, void_approval
from compliance.actions.recording import record
from compliance.choices import ApprovalState, ApprovalVerb, AssessmentKind, AssessmentState, RiskLeft
from compliance.flows import Answer, Decision
from compliance.models import ApprovalRequest, ImpactAssessment
from pharmacrm.common.errors import DomainError

FLOW = "compliance.assessment"  # registered in seconded.py
DAYS_TO_ANSWER = 5
SENT_BACK = (ApprovalState.RETURNED, ApprovalState.WITHDRAWN)  # it waits for its author, who asks again


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
def draft_assessment(
    *, words: AssessmentWords, file: Any = None, review_on: date | None = None, by: Any, at: datetime
) -> ImpactAssessment:
    """Write an assessment and ask a second person to approve it; it counts for nothing yet.

    `review_on` is the day its author proposes for the next look, a year from today where none is given.
    Raises: PermissionDenied; AssessmentNotMoved when it says too little, or for a day that is no review.
    """
    if not permissions.can_write_assessment(by):
        raise PermissionDenied
    said = _said(words)
    day = _review_day(review_on or _year_later(localtime(at).date()), at)
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
        number=f"PIA-{year}-{number:03d}", **said, file=file, author=by, review_on=day
    )
    _written("assessment_drafted", assessment, by, at)
    put_assessment(assessment, at=at)
    return assessment


@transaction.atomic
def change_assessment(
    *,
    assessment_id: UUID,
    words: AssessmentWords,
    file: Any = None,
    review_on: date | None = None,
    by: Any,
    at: datetime,
) -> ImpactAssessment:
    """Write one's own draft anew and ask again; what was asked before is void. Without a new `file` the old one stays.

    Raises: PermissionDenied for anybody but its author; AssessmentNotMoved as `draft_assessment`, or once it is approved.
    """
    subject = f"assessment:{assessment_id}"
    void_approval(flow=FLOW, subject=subject, reason=_("The assessment was changed."), by=by, at=at)
    assessment = ImpactAssessment.objects.select_for_update(of=("self",)).get(pk=assessment_id)
    if assessment.author_id != by.pk or not permissions.can_write_assessment(by):
        raise PermissionDenied
    if assessment.state != AssessmentState.DRAFT:
        raise AssessmentNotMoved(_("The assessment is not in a state that allows this."))
    for name, said in _said(words).items():
        setattr(assessment, name, said)
    assessment.file = file or assessment.file
    assessment.review_on = _review_day(review_on or _year_later(localtime(at).date()), at)
    _written("assessment_changed", assessment, by, at)
    put_assessment(assessment, at=at)
    return assessment


@transaction.atomic
def approve_assessment(*, assessment_id: UUID, review_on: date, by: Any, at: datetime) -> ImpactAssessment:
    """Approve an assessment as a second person, with the day it is looked at again: one answer to its request.

    Raises: PermissionDenied; AssessmentNotMoved for its author, for one that is no draft or went back to its author,
    with a high risk left, or a review day that is past or more than three years away. Nothing has changed.
    """
    assessment = ImpactAssessment.objects.get(pk=assessment_id)
    _may_approve(assessment, by)
    _review_day(review_on, at)
    return _answer(assessment, ApprovalVerb.AGREE, by, at, details={"review_on": review_on.isoformat()})


@transaction.atomic
def return_assessment(*, assessment_id: UUID, reason: str, by: Any, at: datetime) -> ImpactAssessment:
    """Hand an assessment back to its author, who changes it. Raises: PermissionDenied; AssessmentNotMoved without a reason."""
    assessment = ImpactAssessment.objects.get(pk=assessment_id)
    _may_decide(assessment, by)
    if not reason.strip():
        raise AssessmentNotMoved(_("Say why, so that it can be put right."), field="reason")
    return _answer(assessment, ApprovalVerb.RETURN, by, at, comment=reason)


@transaction.atomic
def withdraw_assessment(*, assessment_id: UUID, by: Any, at: datetime) -> ImpactAssessment:
    """Take one's own draft back from approval. Raises: PermissionDenied for anybody but its author; AssessmentNotMoved."""
    assessment = ImpactAssessment.objects.get(pk=assessment_id)
    if assessment.author_id != by.pk:
        raise PermissionDenied
    if assessment.state != AssessmentState.DRAFT:
        raise AssessmentNotMoved(_("The assessment is not in a state that allows this."))
    return _answer(assessment, ApprovalVerb.WITHDRAW, by, at)


def put_assessment(assessment: ImpactAssessment, *, at: datetime) -> ApprovalRequest:
    """Ask an officer to approve an assessment as it stands."""
    return open_approval(
        subject=f"assessment:{assessment.pk}",
        flow=FLOW,
        by=assessment.author,
        at=at,
        steps=[Stage(roles=permissions.OFFICERS)],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={
            "assessment": str(assessment.pk),
            "number": assessment.number,
            "sha256": assessment_fingerprint(assessment),
        },
    )


def put_assessments(at: datetime) -> int:
    """Put every draft that nobody was asked about to the engine. Safe to run twice. Returns: how many are new."""
    rows = ImpactAssessment.objects.filter(state=AssessmentState.DRAFT).order_by("pk")
    return put_unasked(FLOW, "assessment", rows, lambda one: put_assessment(one, at=at), besides=SENT_BACK)


def check_assessment_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; AssessmentNotMoved."""
    assessment = _assessment_of(answer.payload)
    if answer.verb != ApprovalVerb.AGREE:
        _may_decide(assessment, answer.by)
        return
    _may_approve(assessment, answer.by)
    if assessment_fingerprint(assessment) != answer.payload["sha256"]:
        raise AssessmentNotMoved(_("The assessment changed after approval was asked. Ask again."))
    _review_day(_day_of(assessment, answer.details, answer.at), answer.at)


@transaction.atomic
def carry_out_assessment(*, decision: Decision) -> None:
    """Put an approved assessment in force until its review; any other answer leaves the draft with its author."""
    if decision.outcome != ApprovalState.APPROVED:
        return
    assessment = _assessment_of(decision.payload)
    assessment.state, assessment.approved_by = AssessmentState.APPROVED, decision.by
    assessment.approved_on = localtime(decision.at).date()
    assessment.review_on = _day_of(assessment, decision.details, decision.at)
    _written("assessment_approved", assessment, decision.by, decision.at)


@transaction.atomic
def retire_assessment(*, assessment_id: UUID, by: Any, at: datetime) -> ImpactAssessment:
    """Take an approved assessment out of use; nothing new rests on it. Raises: PermissionDenied; AssessmentNotMoved."""
    if not permissions.can_approve_assessment(by):
        raise PermissionDenied
    assessment = ImpactAssessment.objects.select_for_update(of=("self",)).get(pk=assessment_id)
    if assessment.state != AssessmentState.APPROVED:
        raise AssessmentNotMoved(_("The assessment is not in a state that allows this."))
    assessment.state = AssessmentState.RETIRED
    return _written("assessment_retired", assessment, by, at)


def assessment_fingerprint(assessment: ImpactAssessment) -> str:
    """Return the SHA-256 of what is approved: an assessment's words and its report."""
    said = [assessment.number, *(getattr(assessment, name) for name in AssessmentWords.__dataclass_fields__)]
    said.append(assessment.file.sha256 if assessment.file else "")
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _answer(
    assessment: ImpactAssessment,
    verb: ApprovalVerb,
    by: Any,
    at: datetime,
    *,
    comment: str = "",
    details: Mapping[str, Any] | None = None,
) -> ImpactAssessment:
    subject = f"assessment:{assessment.pk}"

    def put() -> ApprovalRequest:
        if ApprovalRequest.objects.filter(flow=FLOW, subject=subject, state__in=SENT_BACK).exists():
            raise AssessmentNotMoved(_("It went back to its author, who asks again."))
        return put_assessment(assessment, at=at)

    answer_approval(
        flow=FLOW, subject=subject, verb=verb, by=by, at=at, comment=comment, details=details, put=put
    )
    assessment.refresh_from_db()
    return assessment


def _assessment_of(payload: Mapping[str, Any]) -> ImpactAssessment:
    return ImpactAssessment.objects.select_for_update(of=("self",)).get(pk=UUID(payload["assessment"]))


def _may_decide(assessment: ImpactAssessment, by: Any) -> None:
    if not permissions.can_approve_assessment(by):
        raise PermissionDenied
    if assessment.state != AssessmentState.DRAFT:
        raise AssessmentNotMoved(_("The assessment is not in a state that allows this."))
    if assessment.author_id == by.pk:
        raise AssessmentNotMoved(_("Whoever wrote an assessment does not approve it."))


def _may_approve(assessment: ImpactAssessment, by: Any) -> None:
    _may_decide(assessment, by)
    if assessment.risk_left == RiskLeft.HIGH:
        raise AssessmentNotMoved(_("A high risk is left. Add measures before it is approved."))


def _said(words: AssessmentWords) -> dict[str, str]:
    for name, said in asdict(words).items():
        if not str(said).strip():
            raise AssessmentNotMoved(_("The law asks for each of these."), field=name)
    if words.kind not in AssessmentKind.values or words.risk_left not in RiskLeft.values:
        raise AssessmentNotMoved(_("Choose what is assessed."), field="kind")
    return {name: str(said).strip() for name, said in asdict(words).items()}


def _day_of(assessment: ImpactAssessment, details: Mapping[str, Any], at: datetime) -> date:
    """Return the day that the approver chose, else that of the author; a draft of before named none."""
    if given := details.get("review_on"):
        return date.fromisoformat(str(given))
    return assessment.review_on or _year_later(localtime(at).date())


def _review_day(day: date, at: datetime) -> date:
    today = localtime(at).date()
    if not today < day <= _year_later(today, 3):
        raise AssessmentNotMoved(
            _("The review lies between tomorrow and three years from now."), field="review_on"
        )
    return day


def _year_later(today: date, years: int = 1) -> date:
    return today.replace(year=today.year + years, day=min(today.day, 28))


def _written(event: str, assessment: ImpactAssessment, by: Any, at: datetime) -> ImpactAssessment:
    assessment.save()
    record(f"compliance.{event}", subject=f"assessment:{assessment.pk}", by=by, at=at, rows=[assessment])
    return assessment
