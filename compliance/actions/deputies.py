"""Name somebody who answers requests while one is away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance.actions.recording import record
from compliance.models import Deputy
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify


class DeputyNotNamed(DomainError):
    """Nobody stands in; nothing has changed."""

    code = "deputy_not_named"


@transaction.atomic
def name_deputy(
    *, deputy: Any, first_day: date, last_day: date, reason: str, by: Any, at: datetime
) -> Deputy:
    """Let somebody of one's own roles answer for one over some days. What the deputy asked for stays closed to them.

    Raises: DeputyNotNamed. Nothing has changed.
    """
    if deputy is None or not deputy.is_active or deputy.pk == by.pk:
        raise DeputyNotNamed(_("Choose a person."), field="deputy")
    if by.roles - deputy.roles:
        raise DeputyNotNamed(_("A deputy holds the same roles as you."), field="deputy")
    if last_day < first_day or last_day < localtime(at).date():
        raise DeputyNotNamed(_("The last day is before the first, or past."), field="last_day")
    row = Deputy(person=by, deputy=deputy, first_day=first_day, last_day=last_day, reason=reason.strip())
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        raise DeputyNotNamed(_("This person stands in from that day already."), field="first_day") from clash
    record("compliance.deputy_named", subject=f"user:{by.pk}", by=by, at=at, reason=row.reason, rows=[row])
    notify(
        recipient=deputy,
        kind="deputy_named",
        zh=f"{by} 请您在 {first_day:%m-%d} 至 {last_day:%m-%d} 代为审批",
        en=f"{by} asks you to answer requests from {first_day:%m-%d} to {last_day:%m-%d}",
        at=at,
        url="/compliance/inbox/",
        subject=f"deputy:{row.pk}",
    )
    return row


@transaction.atomic
def end_deputy(*, deputy_id: UUID, by: Any, at: datetime) -> Deputy:
    """Let nobody stand in any longer. Raises: PermissionDenied for anybody but the person; DeputyNotNamed if it ended."""
    row = Deputy.objects.select_for_update().get(pk=deputy_id)
    if row.person_id != by.pk:
        raise PermissionDenied
    if row.ended_at is not None:
        raise DeputyNotNamed(_("This was ended already."))
    row.ended_at = at
    row.save()
    record("compliance.deputy_ended", subject=f"user:{by.pk}", by=by, at=at, rows=[row])
    return row
