"""Measures of a case: asked of a person, reported done, and verified by somebody else of the case team."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.answering import answer_approval, put_unasked
from compliance.actions.approvals import Stage, due_after, open_approval, void_approval
from compliance.actions.cases import note, open_case_for, subject_of
from compliance.actions.recording import record
from compliance.choices import ApprovalState, ApprovalVerb, MeasureKind, MeasureState
from compliance.flows import Answer, Decision
from compliance.models import ApprovalRequest, Measure
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

FLOW = "compliance.measure"  # registered in seconded.py
DAYS_TO_ANSWER = 5
ANSWERED = {ApprovalState.APPROVED: MeasureState.VERIFIED, ApprovalState.RETURNED: MeasureState.OPEN}
VERBS = {MeasureState.VERIFIED: ApprovalVerb.AGREE, MeasureState.OPEN: ApprovalVerb.RETURN}


class MeasureNotMoved(DomainError):
    """The measure is not in a state that allows this; nothing has changed."""

    code = "measure_not_moved"


@transaction.atomic
def add_measure(
    *, case_id: UUID, kind: str, text: str, owner: Any, due_on: date, by: Any, at: datetime
) -> Measure:
    """Ask a person for a corrective or preventive action by a day. Raises: PermissionDenied, DomainError."""
    case = open_case_for(case_id, by)
    if kind not in MeasureKind.values:
        raise DomainError(_("Choose a kind."), field="kind")
    if not text.strip():
        raise DomainError(_("Write what has to be done."), field="text")
    if not owner.is_active:
        raise DomainError(_("Choose a person who works here."), field="owner")
    if due_on < localtime(at).date():
        raise DomainError(_("Choose a day that has not passed."), field="due_on")
    measure = Measure.objects.create(
        case=case, kind=kind, text_sealed=case.sealed(text.strip()), owner=owner, due_on=due_on
    )
    row = note(case, "measure_added", str(owner), by, at)
    record("compliance.measure_added", subject=subject_of(case), by=by, at=at, rows=[measure, row])
    notify(
        recipient=owner,
        kind="measure_added",
        zh=f"请完成一项整改措施，{due_on:%m月%d日} 前",
        en=f"Please carry out a measure by {due_on:%d %b}",
        at=at,
        url="/compliance/measures/",
        subject=f"measure:{measure.pk}",
    )
    return measure


@transaction.atomic
def finish_measure(*, measure_id: UUID, words: str, by: Any, at: datetime) -> Measure:
    """Report a measure done, which asks the case team whether it works; its owner does. Raises: PermissionDenied, MeasureNotMoved; nothing has changed."""
    measure = Measure.objects.select_for_update(of=("self",)).select_related("case").get(pk=measure_id)
    if measure.owner_id != by.pk:
        raise PermissionDenied
    if measure.state != MeasureState.OPEN:
        raise MeasureNotMoved(_("This measure is not open any more."))
    if not words.strip():
        raise MeasureNotMoved(_("Say what was done, and where it can be seen."), field="words")
    measure.state, measure.done_at = MeasureState.DONE, at
    measure.done_sealed = measure.case.sealed(words.strip())
    measure.save()
    row = note(measure.case, "measure_done", str(by), by, at)
    record("compliance.measure_done", subject=subject_of(measure.case), by=by, at=at, rows=[measure, row])
    put_measure(measure, at=at)
    return measure


@transaction.atomic
def check_measure(*, measure_id: UUID, verdict: str, words: str, by: Any, at: datetime) -> Measure:
    """Verify that a measure works, send it back, or drop it with a reason; `verdict` is verified, open or dropped.

    The first two are an answer to its request in the approval engine; dropping it makes the request void.
    Raises: PermissionDenied, also for the owner; CaseNotMoved; MeasureNotMoved. In every case nothing has changed.
    """
    measure = Measure.objects.select_related("case").get(pk=measure_id)
    allowed = {
        MeasureState.OPEN: {MeasureState.DROPPED},
        MeasureState.DONE: {MeasureState.VERIFIED, MeasureState.OPEN, MeasureState.DROPPED},
    }
    if not permissions.can_lead_case(by, measure.case):
        raise PermissionDenied
    if verdict not in allowed.get(MeasureState(measure.state), set()):
        raise MeasureNotMoved(_("A measure in this state cannot take that step."), field="verdict")
    if measure.owner_id == by.pk:
        raise PermissionDenied
    if not words.strip():
        raise MeasureNotMoved(_("Say what you checked."), field="words")
    if verdict == MeasureState.DROPPED:
        return _drop(measure_id, words, by, at)
    answer_approval(
        flow=FLOW,
        subject=f"measure:{measure.pk}",
        verb=VERBS[MeasureState(verdict)],
        comment=words,
        by=by,
        at=at,
        put=lambda: put_measure(measure, at=at),
    )
    measure.refresh_from_db()
    return measure


def put_measure(measure: Measure, *, at: datetime) -> ApprovalRequest:
    """Ask an officer of the case team whether a measure that was reported done works."""
    return open_approval(
        subject=f"measure:{measure.pk}",
        flow=FLOW,
        by=measure.owner,
        at=at,
        steps=[Stage(roles=permissions.OFFICERS)],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={"measure": str(measure.pk), "number": measure.case.number},
    )


def put_measures(at: datetime) -> int:
    """Put every measure that waits for its check and has no request to the engine. Safe to run twice. Returns: how many are new."""
    rows = Measure.objects.filter(state=MeasureState.DONE).select_related("case", "owner").order_by("pk")
    return put_unasked(FLOW, "measure", rows, lambda one: put_measure(one, at=at))


def check_measure_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; CaseNotMoved; MeasureNotMoved."""
    measure = _locked(UUID(answer.payload["measure"]), answer.by)
    if measure.state != MeasureState.DONE:
        raise MeasureNotMoved(_("A measure in this state cannot take that step."))
    if measure.owner_id == answer.by.pk:
        raise PermissionDenied
    if not answer.comment:
        raise MeasureNotMoved(_("Say what you checked."), field="comment")


@transaction.atomic
def carry_out_measure(*, decision: Decision) -> None:
    """Enter that a measure works, or hand it back to its owner; what was checked is sealed with the case."""
    measure = _locked(UUID(decision.payload["measure"]), decision.by)
    verdict = ANSWERED[ApprovalState(decision.outcome)]
    _checked(measure, verdict, decision.comment, decision.by, decision.at)
    if verdict == MeasureState.OPEN:
        notify(
            recipient=measure.owner,
            kind="measure_returned",
            zh="整改措施被退回，请补充后重新报告完成",
            en="A measure came back to you; add what is missing and report it done again",
            at=decision.at,
            url="/compliance/measures/",
            subject=f"measure:{measure.pk}:{decision.at:%Y%m%d%H%M}",
        )


def _drop(measure_id: UUID, words: str, by: Any, at: datetime) -> Measure:
    void_approval(
        flow=FLOW, subject=f"measure:{measure_id}", reason=_("The measure was dropped."), by=by, at=at
    )
    measure = _locked(measure_id, by)
    if measure.state not in {MeasureState.OPEN, MeasureState.DONE}:
        raise MeasureNotMoved(_("A measure in this state cannot take that step."), field="verdict")
    return _checked(measure, MeasureState.DROPPED, words, by, at)


def _checked(measure: Measure, verdict: MeasureState, words: str, by: Any, at: datetime) -> Measure:
    case = measure.case
    measure.state, measure.checked_by, measure.checked_at = verdict, by, at
    measure.check_sealed = case.sealed(words.strip())
    measure.save()
    row = note(case, f"measure_{verdict}", str(measure.owner), by, at)
    record("compliance.measure_checked", subject=subject_of(case), by=by, at=at, rows=[measure, row])
    return measure


def _locked(measure_id: UUID, by: Any) -> Measure:
    """Return a measure with its case, both locked, for an officer of the case team. Raises: PermissionDenied, CaseNotMoved."""
    case = open_case_for(Measure.objects.values_list("case_id", flat=True).get(pk=measure_id), by)
    measure = Measure.objects.select_for_update(of=("self",)).select_related("owner").get(pk=measure_id)
    measure.case = case
    return measure
