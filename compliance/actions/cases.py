"""Cases: open → held → investigating → correcting → closed, closed by signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.findings import FindingNotOpen
from compliance.actions.holds import place_hold
from compliance.actions.recording import record
from compliance.actions.signing import SignatureProof, sign
from compliance.choices import CaseRisk, CaseSource, CaseState, FindingState, MeasureState
from compliance.models import Case, CaseAction, CaseMember, Finding, Hold
from compliance.rules.cases import may_move_case
from compliance.subjects import parts_of
from pharmacrm.common.crypto import new_wrapped_key
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
    source: str = "",
) -> Case:
    """Open a case about a subject, taking a finding into it. `by` is None when the system opens it.

    An officer who opens one by hand is its first member; what the system opens has no team until one takes it.

    Raises: FindingNotOpen when the finding is settled or in a case; nothing has changed.
    """
    rows: list[Any] = []
    if finding is not None:
        finding = Finding.objects.select_for_update().get(pk=finding.pk)
        if finding.state != FindingState.OPEN:
            raise FindingNotOpen(_("This finding was already settled, or is in a case."))
    case = Case.objects.create(
        number=_next_number(at),
        source=source or (CaseSource.PERSON if getattr(by, "pk", None) else CaseSource.DETECTOR),
        data_key=new_wrapped_key(),
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
    if case.opened_by_id and permissions.can_handle_cases(by):
        rows.append(_join(case, by, by, at))
    record("compliance.case_opened", subject=subject, by=by, at=at, rows=[case, *rows])
    return case


@transaction.atomic
def triage_case(
    *,
    case_id: UUID,
    risk: str,
    words: str,
    by: Any,
    at: datetime,
    about: str = "",
    due_at: datetime | None = None,
) -> Case:
    """Say how grave a case is and what happens next; `about` names what it turned out to be about.

    Raises: PermissionDenied, CaseNotMoved, DomainError without words or risk; nothing has changed.
    """
    case = open_case_for(case_id, by)
    if risk not in CaseRisk.values:
        raise DomainError(_("Say how grave it is."), field="risk")
    if not words.strip():
        raise DomainError(_("Say what you judged it by."), field="words")
    kind, key = parts_of(about)
    if about.strip() and not (kind and key):
        raise DomainError(_("A subject is written as kind:key."), field="about")
    case.risk, case.triage_sealed = risk, case.sealed(words.strip())
    case.triaged_by, case.triaged_at = by, at
    case.subject = about.strip() or case.subject
    case.due_at = due_at or case.due_at
    case.save()
    rows: list[Any] = [case, note(case, "triaged", risk, by, at)]
    rows += [_join(case, by, by, at)] if not _team(case).exists() else []
    record("compliance.case_triaged", subject=subject_of(case), by=by, at=at, rows=rows)
    return case


@transaction.atomic
def plan_case(*, case_id: UUID, words: str, by: Any, at: datetime) -> Case:
    """Write down how a case will be investigated; each version is kept. Raises: as `comment_case`."""
    case = open_case_for(case_id, by)
    if not words.strip():
        raise DomainError(_("Write the plan: questions, people, papers, dates."), field="words")
    case.plan_sealed = case.sealed(words.strip())
    case.save()
    record(
        "compliance.case_planned",
        subject=subject_of(case),
        by=by,
        at=at,
        rows=[case, note(case, "planned", "", by, at)],
    )
    return case


@transaction.atomic
def add_member(*, case_id: UUID, person: Any, by: Any, at: datetime) -> CaseMember:
    """Let a person into a case. Raises: PermissionDenied, CaseNotMoved, DomainError; nothing has changed."""
    case = open_case_for(case_id, by)
    if not person.is_active or person.has_role("service"):
        raise DomainError(_("Choose a person who works here."), field="person")
    if case.subject == f"user:{person.pk}":
        raise DomainError(_("The case is about this person."), field="person")
    if _team(case).filter(person=person).exists():
        raise DomainError(_("This person is on the team already."), field="person")
    member = _join(case, person, by, at)
    row = note(case, "member_added", str(person), by, at)
    record("compliance.case_member_added", subject=subject_of(case), by=by, at=at, rows=[member, row])
    notify(
        recipient=person,
        kind="case_member_added",
        zh=f"您已加入案件 {case.number} 的处理组",
        en=f"You are on the team of case {case.number}",
        at=at,
        url=f"/compliance/cases/{case.pk}/",
        subject=f"case:{case.pk}:{member.pk}",
    )
    return member


@transaction.atomic
def remove_member(*, case_id: UUID, person: Any, by: Any, at: datetime) -> CaseMember:
    """Take a person off a case; its officer stays until it is handed over. Raises: as `add_member`."""
    case = open_case_for(case_id, by)
    member = _team(case).select_for_update().filter(person=person).first()
    if member is None:
        raise DomainError(_("This person is not on the team."), field="person")
    if case.owner_id == person.pk or _team(case).count() == 1:
        raise DomainError(
            _("Hand the case over first: it may not be left without its officer."), field="person"
        )
    member.removed_at = at
    member.save()
    row = note(case, "member_removed", str(person), by, at)
    record("compliance.case_member_removed", subject=subject_of(case), by=by, at=at, rows=[member, row])
    return member


@transaction.atomic
def assign_case(*, case_id: UUID, owner: Any, by: Any, at: datetime) -> Case:
    """Hand a case to an officer. Raises: PermissionDenied, CaseNotMoved; nothing has changed."""
    case = open_case_for(case_id, by)
    if not permissions.can_handle_cases(owner):
        raise DomainError(_("Only a compliance officer can own a case."), field="owner")
    if case.subject == f"user:{owner.pk}":
        raise DomainError(_("The case is about this person."), field="owner")
    case.owner = owner
    case.save()
    row = note(case, "assigned", str(owner), by, at)
    joined = [] if _team(case).filter(person=owner).exists() else [_join(case, owner, by, at)]
    record("compliance.case_assigned", subject=subject_of(case), by=by, at=at, rows=[case, row, *joined])
    notify(
        recipient=owner,
        kind="case_assigned",
        zh=f"案件转到您名下：{case}",
        en=f"A case is now yours: {case}",
        at=at,
        url=f"/compliance/cases/{case.pk}/",
        subject=f"case:{case.pk}:{row.pk}",
    )
    return case


@transaction.atomic
def comment_case(*, case_id: UUID, text: str, by: Any, at: datetime) -> CaseAction:
    """Add words to a case. Raises: PermissionDenied, DomainError without words; nothing has changed."""
    case = open_case_of_team(case_id, by)
    if not text.strip():
        raise DomainError(_("Write what you found or did."), field="text")
    row = note(case, "comment", text.strip(), by, at, is_sealed=True)
    record("compliance.case_commented", subject=subject_of(case), by=by, at=at, rows=[row])
    return row


@transaction.atomic
def hold_case(*, case_id: UUID, reason: str, by: Any, at: datetime, subjects: Sequence[str] = ()) -> Hold:
    """Stop the case's subject (and more) everywhere while the case runs.

    Raises: PermissionDenied, CaseNotMoved, DomainError without a reason; nothing has changed.
    """
    case = open_case_for(case_id, by)
    hold = place_hold(subjects=[case.subject, *subjects], reason=reason, by=by, at=at, case=case)
    row = note(case, "held", reason, by, at)
    if case.state == CaseState.OPEN:
        case.state = CaseState.HELD
        case.save()
    record(
        "compliance.case_held", subject=subject_of(case), by=by, at=at, reason=reason, rows=[case, row, hold]
    )
    return hold


@transaction.atomic
def move_case(
    *, case_id: UUID, state: str, by: Any, at: datetime, root_cause: str = "", correction: str = ""
) -> Case:
    """Take a case one step on. To investigate it has to be triaged; to correct, the root cause has to be known.

    Raises: PermissionDenied, CaseNotMoved; nothing has changed.
    """
    case = open_case_for(case_id, by)
    if state == CaseState.CLOSED or not may_move_case(old=case.state, new=state):
        raise CaseNotMoved(_("A case in this state cannot take that step."))
    _write_words(case, root_cause, correction)
    if state == CaseState.INVESTIGATING and case.triaged_at is None:
        raise CaseNotMoved(_("Triage the case first: how grave it is, and what happens next."))
    if state == CaseState.CORRECTING and not case.cause_words:
        raise DomainError(_("Say what caused it before correcting it."), field="root_cause")
    case.state = state
    case.save()
    row = note(case, "moved", str(case.state), by, at)
    record("compliance.case_moved", subject=subject_of(case), by=by, at=at, rows=[case, row])
    return case


@transaction.atomic
def close_case(
    *, case_id: UUID, root_cause: str, correction: str, by: Any, at: datetime, proof: SignatureProof
) -> Case:
    """Close a case by signature over what was found and done. Its holds stay until they are lifted.

    Every finding needs its conclusion, every measure its end, every report to an authority its number.
    Raises: PermissionDenied, CaseNotMoved, DomainError, or what `sign` raises; nothing has changed.
    """
    case = open_case_for(case_id, by)
    if not may_move_case(old=case.state, new=CaseState.CLOSED):
        raise CaseNotMoved(_("Investigate the case before you close it."))
    _write_words(case, root_cause, correction)
    for name, words in (("root_cause", case.cause_words), ("correction", case.correction_words)):
        if not words:
            raise DomainError(_("A case closes with its cause and what was done about it."), field=name)
    if case.findings.filter(conclusion="").exists():
        raise CaseNotMoved(_("Say of every finding whether it is confirmed, then close."))
    if case.measures.filter(state__in=[MeasureState.OPEN, MeasureState.DONE]).exists():
        raise CaseNotMoved(_("A measure is still open or not verified."))
    if case.reports.filter(reported_at__isnull=True).exists():
        raise CaseNotMoved(_("A report to an authority is decided but not made yet."))
    case.closing_signature = sign(
        subject=subject_of(case),
        content_sha256=case_fingerprint(case),
        meaning="case_closed",
        by=by,
        at=at,
        proof=proof,
    )
    case.state, case.closed_at = CaseState.CLOSED, at
    case.save()
    rows: list[Any] = [case, note(case, "closed", case.correction_words, by, at, is_sealed=True)]
    for finding in Finding.objects.select_for_update().filter(case=case).order_by("pk"):
        finding.state, finding.settled_at, finding.settled_by = FindingState.SETTLED, at, by
        finding.settlement = _("Settled in case %(number)s") % {"number": case.number or case.pk}
        finding.save()
        rows.append(finding)
    record(
        "compliance.case_closed",
        subject=subject_of(case),
        by=by,
        at=at,
        reason=_("Closed by signature"),
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
        "root_cause": case.cause_words,
        "correction": case.correction_words,
        "findings": [
            [str(row.pk), row.conclusion, row.concluded_words] for row in case.findings.order_by("pk")
        ],
        "measures": [[str(row.pk), row.state, row.text] for row in case.measures.order_by("pk")],
        "reports": [[row.authority, row.reference] for row in case.reports.order_by("pk")],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def subject_of(case: Case) -> str:
    """Return a case as the ledger names it."""
    return f"case:{case.pk}"


def open_case_for(case_id: UUID, by: Any) -> Case:
    """Lock an open case for an officer of its team. Raises: PermissionDenied, CaseNotMoved."""
    return _locked(case_id, by, permissions.can_lead_case)


def open_case_of_team(case_id: UUID, by: Any) -> Case:
    """Lock an open case for anybody of its team. Raises: PermissionDenied, CaseNotMoved."""
    return _locked(case_id, by, permissions.can_work_case)


def note(case: Case, kind: str, text: str, by: Any, at: datetime, *, is_sealed: bool = False) -> CaseAction:
    """Write a line of a case's time line; what people wrote themselves is sealed."""
    kept = {"text_sealed": case.sealed(text)} if is_sealed else {"text": text}
    return CaseAction.objects.create(case=case, kind=kind, by=by, done_at=at, **kept)


def _locked(case_id: UUID, by: Any, may: Any) -> Case:
    case = Case.objects.select_for_update().get(pk=case_id)
    if not may(by, case):
        raise PermissionDenied
    if case.state == CaseState.CLOSED:
        raise CaseNotMoved(_("The case is closed. Open a new one."))
    if not case.data_key:
        case.data_key = new_wrapped_key()
        case.save()
    return case


def _write_words(case: Case, root_cause: str, correction: str) -> None:
    if root_cause.strip():
        case.cause_sealed = case.sealed(root_cause.strip())
    if correction.strip():
        case.correction_sealed = case.sealed(correction.strip())


def _team(case: Case) -> Any:
    return CaseMember.objects.filter(case=case, removed_at__isnull=True)


def _join(case: Case, person: Any, by: Any, at: datetime) -> CaseMember:
    return CaseMember.objects.create(case=case, person=person, added_by=by, added_at=at)


def _next_number(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('compliance_case_number_seq')")
        return f"C-{localtime(at):%y}{cursor.fetchone()[0]:05d}"
