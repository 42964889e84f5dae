"""Findings: something that needs a person, with rule, grade, evidence and due time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.recording import record
from compliance.choices import FindingState
from compliance.models import Finding
from pharmacrm.common.errors import DomainError


class FindingNotOpen(DomainError):
    """The finding was settled or taken into a case before; nothing has changed."""

    code = "finding_not_open"


@transaction.atomic
def open_finding(
    *,
    kind: str,
    subject: str,
    rule: str = "",
    grade: str,
    evidence: dict[str, Any] | None = None,
    by: Any = None,
    at: datetime,
    due_at: datetime | None = None,
    mark: str = "",
) -> Finding:
    """Put something into the officer's queue. `by` is None when the system found it.

    A finding with a `mark` is opened once; again, the one that stands is returned and nothing is written.

    `evidence` holds plain values; {"text": {"zh": …, "en": …}, "url": …} is shown as it stands.
    """
    if mark:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"finding:{mark}"])
        standing = Finding.objects.filter(mark=mark).first()
        if standing:
            return standing
    finding = Finding.objects.create(
        mark=mark,
        kind=kind,
        subject=subject,
        rule=rule,
        grade=str(grade),
        evidence=evidence or {},
        opened_by=by if getattr(by, "pk", None) else None,
        opened_at=at,
        due_at=due_at,
    )
    record("compliance.finding_opened", subject=subject, by=by, at=at, rows=[finding])
    return finding


@transaction.atomic
def settle_finding(*, finding_id: UUID, settlement: str, by: Any, at: datetime) -> Finding:
    """Close a finding that needs no case, saying why.

    Raises: PermissionDenied; FindingNotOpen, or DomainError without words. In every case nothing has changed.
    """
    finding = Finding.objects.select_for_update().get(pk=finding_id)
    if not permissions.can_handle_findings(by):
        raise PermissionDenied
    if finding.state != FindingState.OPEN:
        raise FindingNotOpen(_("This finding was already settled, or is in a case."))
    if not settlement.strip():
        raise DomainError(_("Say why nothing more has to be done."), field="settlement")
    finding.state, finding.settled_at, finding.settled_by = FindingState.SETTLED, at, by
    finding.settlement = settlement.strip()
    finding.save()
    record(
        "compliance.finding_settled",
        subject=finding.subject,
        by=by,
        at=at,
        reason=finding.settlement,
        rows=[finding],
    )
    return finding
