"""Ask for an academic event, and carry out the answer."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from activities import permissions
from activities.choices import EventState
from activities.models import (
    Event,
)
from activities.selectors import events as reads
from compliance import actions as law
from compliance.flows import Decision
from pharmacrm.accounts import selectors as people

from .parts import EventNotMoved, check_move, locked_event, subject_of, terms_of

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


DAYS_TO_ANSWER = 2
FLOW = "activities.event"  # registered in apps.py


@transaction.atomic
def request_event(*, event_id: UUID, by: User, at: datetime) -> Event:
    """Ask for approval: the line manager and compliance both have to agree.

    Raises: PermissionDenied; EventNotMoved; Refused with the verdict. In every case nothing has changed.
    """
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    check_move(event, EventState.REQUESTED)
    verdict = law.judge(
        "event.request", reads.event_facts(event, at=at), subject=subject_of(event), by=by, at=at
    )
    approvers = _approvers(by)
    event.state, event.requested_at = EventState.REQUESTED, at
    event.save()
    law.open_approval(
        subject=subject_of(event),
        flow=FLOW,
        approvers=approvers,
        by=by,
        at=at,
        due_at=law.due_after(at, DAYS_TO_ANSWER),
        title=str(event),
        payload={"terms": terms_of(event), "event": str(event.pk)},
    )
    law.record(
        "activities.event_requested", subject=subject_of(event), by=by, at=at, verdict=verdict, rows=[event]
    )
    return event


@transaction.atomic
def decide_event(*, decision: Decision) -> None:
    """Carry out the answer to an approval: approved on the very terms that were asked for, else back to draft.

    Raises: EventNotMoved when the plan changed meanwhile; Refused with the verdict.
    """
    event = locked_event(UUID(decision.payload["event"]))
    subject = subject_of(event)
    if decision.outcome != "approved":
        event.state = EventState.DRAFT
        event.save()
        law.record(
            "activities.event_returned",
            subject=subject,
            by=decision.by,
            at=decision.at,
            reason=decision.comment or decision.outcome,
            rows=[event],
        )
        return
    check_move(event, EventState.APPROVED)
    if terms_of(event) != decision.payload["terms"]:
        raise EventNotMoved(_("The plan changed after approval was asked. Ask again."))
    facts = reads.event_facts(event, at=decision.at, approver=decision.by)
    verdict = law.judge("event.approve", facts, subject=subject, by=decision.by, at=decision.at)
    event.state, event.approved_at = EventState.APPROVED, decision.at
    event.approved_terms = decision.payload["terms"]
    event.sign_in_key = secrets.token_bytes(32)
    event.save()
    law.record(
        "activities.event_approved",
        subject=subject,
        by=decision.by,
        at=decision.at,
        verdict=verdict,
        reason=decision.comment,
        rows=[event],
    )


def _approvers(by: User) -> list[User]:
    manager = by.line_manager
    officer = people.people_with_role("compliance").exclude(pk=by.pk).first()
    found = [person for person in (manager, officer) if person is not None and person.is_active]
    if len({person.pk for person in found}) < 2:
        raise EventNotMoved(_("An event needs a line manager and a compliance officer to approve it."))
    return found
