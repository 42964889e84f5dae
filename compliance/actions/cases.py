"""Cases: open → held → investigating → correcting → closed, closed by signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.findings import FindingNotOpen
from compliance.actions.holds import place_hold
from compliance.actions.recording import record
from compliance.actions.signing import SignatureProof, sign
from compliance.choices import CaseState, FindingState
from compliance.models import Case, CaseAction, Finding, Hold
from compliance.rules.cases import may_move_case
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify


class CaseNotMoved(DomainError):
    """The case is not in a state that allows this; nothing has changed."""

    code = "case_not_moved"


@transaction.atomic
def open_case(
    *,
    kind: str,
    subject: str,
    title: str,
    by: Any,
    at: datetime,
    finding: Finding | None = None,
    due_at: datetime | None = None,
) -> Case:
    """Open a case about a subject, taking a finding into it. `by` is None when the system opens it.

    Raises: FindingNotOpen when the finding is settled or in a case; nothing has changed.
    """
    rows: list[Any] = []
    if finding is not None:
        finding = Finding.objects.select_for_update().get(pk=finding.pk)
        if finding.state != FindingState.OPEN:
            raise FindingNotOpen(_("This finding was already settled, or is in a case."))
    case = Case.objects.create(
        kind=kind,
        subject=subject,
        title=title[:200],
        opened_by=by if getattr(by, "pk", None) else None,
        opened_at=at,
        due_at=due_at or (finding.due_at if finding else None),
    )
    if finding is not None:
        finding.state, finding.case = FindingState.IN_CASE, case
        finding.save()
        rows.append(finding)
    record("compliance.case_opened", subject=subject, by=by, at=at, rows=[case, *rows])
    return case


@transaction.atomic
def assign_case(*, case_id: UUID, owner: Any, by: Any, at: datetime) -> Case:
    """Hand a case to an officer. Raises: PermissionDenied, CaseNotMoved; nothing has changed."""
    case = _open_case_for(case_id, by)
    if not permissions.can_handle_cases(owner):
        raise DomainError(_("Only a compliance officer can own a case."), field="owner")
    case.owner = owner
    case.save()
    row = _note(case, "assigned", str(owner), by, at)
    record("compliance.case_assigned", subject=_subject(case), by=by, at=at, rows=[case, row])
    notify(
        recipient=owner,
        kind="case_assigned",
        zh=f"案件转到您名下：{case.title}",
        en=f"A case is now yours: {case.title}",
        at=at,
        url=f"/compliance/cases/{case.pk}/",
        subject=f"case:{case.pk}:{row.pk}",
    )
    return case


@transaction.atomic
def comment_case(*, case_id: UUID, text: str, by: Any, at: datetime) -> CaseAction:
    """Add words to a case. Raises: PermissionDenied, DomainError without words; nothing has changed."""
    case = _open_case_for(case_id, by)
    if not text.strip():
        raise DomainError(_("Write what you found or did."), field="text")
    row = _note(case, "comment", text.strip(), by, at)
    record("compliance.case_commented", subject=_subject(case), by=by, at=at, rows=[row])
    return row


@transaction.atomic
def hold_case(*, case_id: UUID, reason: str, by: Any, at: datetime, subjects: Sequence[str] = ()) -> Hold:
    """Stop the case's subject (and more) everywhere while the case runs.

    Raises: PermissionDenied, CaseNotMoved, DomainError without a reason; nothing has changed.
    """
    case = _open_case_for(case_id, by)
    hold = place_hold(subjects=[case.subject, *subjects], reason=reason, by=by, at=at, case=case)
    row = _note(case, "held", reason, by, at)
    if case.state == CaseState.OPEN:
        case.state = CaseState.HELD
        case.save()
    record(
        "compliance.case_held", subject=_subject(case), by=by, at=at, reason=reason, rows=[case, row, hold]
    )
    return hold


@transaction.atomic
def move_case(
    *, case_id: UUID, state: str, by: Any, at: datetime, root_cause: str = "", correction: str = ""
) -> Case:
    """Take a case one step on. To correct, the root cause has to be known.

    Raises: PermissionDenied, CaseNotMoved; nothing has changed.
    """
    case = _open_case_for(case_id, by)
    if state == CaseState.CLOSED or not may_move_case(old=case.state, new=state):
        raise CaseNotMoved(_("A case in this state cannot take that step."))
    case.root_cause = root_cause.strip() or case.root_cause
    case.correction = correction.strip() or case.correction
    if state == CaseState.CORRECTING and not case.root_cause:
        raise DomainError(_("Say what caused it before correcting it."), field="root_cause")
    case.state = state
    case.save()
    row = _note(case, "moved", str(case.state), by, at)
    record("compliance.case_moved", subject=_subject(case), by=by, at=at, rows=[case, row])
    return case


@transaction.atomic
def close_case(
    *, case_id: UUID, root_cause: str, correction: str, by: Any, at: datetime, proof: SignatureProof
) -> Case:
    """Close a case by signature over what was found and done. Its holds stay until they are lifted.

    Raises: PermissionDenied, CaseNotMoved, DomainError, or what `sign` raises; nothing has changed.
    """
    case = _open_case_for(case_id, by)
    if not may_move_case(old=case.state, new=CaseState.CLOSED):
        raise CaseNotMoved(_("Investigate the case before you close it."))
    case.root_cause = root_cause.strip() or case.root_cause
    case.correction = correction.strip() or case.correction
    for name, words in (("root_cause", case.root_cause), ("correction", case.correction)):
        if not words:
            raise DomainError(_("A case closes with its cause and what was done about it."), field=name)
    case.closing_signature = sign(
        subject=_subject(case),
        content_sha256=case_fingerprint(case),
        meaning="case_closed",
        by=by,
        at=at,
        proof=proof,
    )
    case.state, case.closed_at = CaseState.CLOSED, at
    case.save()
    rows: list[Any] = [case, _note(case, "closed", case.correction, by, at)]
    for finding in Finding.objects.select_for_update().filter(case=case).order_by("pk"):
        finding.state, finding.settled_at, finding.settled_by = FindingState.SETTLED, at, by
        finding.settlement = case.correction
        finding.save()
        rows.append(finding)
    record(
        "compliance.case_closed",
        subject=_subject(case),
        by=by,
        at=at,
        reason=case.correction,
        rows=[*rows, case.closing_signature],
    )
    return case


def case_fingerprint(case: Case) -> str:
    """Return the SHA-256 of what a closing signature stands under."""
    said = {
        "case": str(case.pk),
        "kind": case.kind,
        "subject": case.subject,
        "title": case.title,
        "root_cause": case.root_cause,
        "correction": case.correction,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _subject(case: Case) -> str:
    return f"case:{case.pk}"


def _open_case_for(case_id: UUID, by: Any) -> Case:
    case = Case.objects.select_for_update().get(pk=case_id)
    if not permissions.can_handle_cases(by):
        raise PermissionDenied
    if case.state == CaseState.CLOSED:
        raise CaseNotMoved(_("The case is closed. Open a new one."))
    return case


def _note(case: Case, kind: str, text: str, by: Any, at: datetime) -> CaseAction:
    return CaseAction.objects.create(case=case, kind=kind, text=text, by=by, done_at=at)
