"""Corrections of submitted visits: kept beside them, never instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from activities import permissions, rules
from activities.choices import VisitState
from activities.models import Visit, VisitAmendment
from activities.selectors import visit_facts
from compliance import actions as law
from compliance.evaluate import Verdict
from compliance.facts import NoteFacts
from doctors import actions as doctors

from .breaches import open_breach_case
from .errors import VisitIncomplete, VisitNotMoved

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def amend_visit(
    *,
    visit_id: UUID,
    reason: str,
    by: User,
    at: datetime,
    changes: dict[str, str] | None = None,
    note: str = "",
) -> VisitAmendment:
    """Correct a submitted visit: the correction stands beside it, the visit keeps what it said.

    `changes` maps the fields purpose, channel, place and late_reason to their right values.
    Raises: Visit.DoesNotExist; PermissionDenied; VisitNotMoved before it is submitted; VisitIncomplete without a
    reason or a change. Source: 21 CFR 11.10(e), "shall not obscure".
    """
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit_id)
    if not permissions.can_write_visit(by, visit):
        raise PermissionDenied
    if not rules.may_move_visit(old=visit.state, new=VisitState.AMENDED):
        raise VisitNotMoved(_("Only a submitted visit is amended."))
    if not reason.strip():
        raise VisitIncomplete(_("Say why the visit is corrected."), field="reason")
    told = _real_changes(visit, changes or {})
    said = [reason, *(changes or {}).values()]
    law.refuse_words("visit.amendment_reason", said, subject=f"visit:{visit.pk}", by=by, at=at)
    if not told and not note.strip():
        raise VisitIncomplete(_("Say what is to be corrected."), field="note")
    return amend(visit, reason=reason, changes=told, note=note, by=by, at=at)


AMENDABLE = ("purpose", "channel", "place", "late_reason")


def _real_changes(visit: Visit, changes: dict[str, str]) -> dict[str, list[str]]:
    unknown = set(changes) - set(AMENDABLE)
    if unknown:
        raise VisitIncomplete(_("This cannot be corrected here."), field=min(unknown))
    return {
        field: [getattr(visit, field), value]
        for field, value in changes.items()
        if value and value != getattr(visit, field)
    }


def amend(
    visit: Visit, *, reason: str, changes: dict[str, list[str]], note: str, by: User, at: datetime
) -> VisitAmendment:
    """Keep a correction beside a locked visit. Call inside the act's transaction."""
    hits = visit_facts.note_hits(note)
    amendment = VisitAmendment.objects.create(
        visit=visit,
        by=by,
        at=at,
        reason=reason,
        changes={**changes, **({"note_hits": [[], list(hits)]} if hits else {})},
        note_sealed=doctors.seal_text(visit.doctor_id, note) if note and not hits else None,
    )
    for field, (_old, new) in changes.items():
        if field in AMENDABLE:
            setattr(visit, field, new)
    visit.state = VisitState.AMENDED
    verdict = _late_words(visit, amendment, note, hits, by=by, at=at) if hits else None
    visit.save()
    law.record(
        "activities.visit_amended",
        subject=f"visit:{visit.pk}",
        by=by,
        at=at,
        verdict=verdict,
        reason=reason,
        rows=[amendment, visit],
    )
    return amendment


def _late_words(
    visit: Visit, amendment: VisitAmendment, note: str, hits: Sequence[str], *, by: User, at: datetime
) -> Verdict:
    """Keep the words of a correction apart as those of a visit are, and hand the breach to compliance."""
    law.keep_apart(
        kind=visit_facts.NOTE_OF_AMENDMENT,
        subject=f"visit_amendment:{amendment.pk}",
        text=note,
        categories=hits,
        by=by,
        at=at,
    )
    facts = NoteFacts(
        place=visit_facts.NOTE_OF_AMENDMENT, categories=tuple(hits), subjects=(f"user:{by.pk}",)
    )
    verdict = law.judge("note.accept", facts, subject=f"visit:{visit.pk}", by=by, at=at)
    if verdict.breached and not visit.in_breach:
        visit.in_breach = True
        open_breach_case(visit, verdict, at=at)
    return verdict
