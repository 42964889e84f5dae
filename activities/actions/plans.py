"""Goals of a cycle: academic coverage and frequency only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from activities import permissions
from activities.choices import CycleState
from activities.models import Cycle, PlanTarget, TimeOff
from compliance import actions as law

from .errors import CycleNotSet

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@dataclass(frozen=True)
class Goal:
    """Of the doctors of a tier, how many percent are met by a channel, and how often each."""

    tier: str
    channel: str
    coverage_percent: int
    contacts_per_doctor: int


@transaction.atomic
def open_cycle(
    *, code: str, name: str, starts_on: date, ends_on: date, goals: tuple[Goal, ...], by: User, at: datetime
) -> Cycle:
    """Open a cycle with its goals. `ends_on` is the first day after it.

    Raises: PermissionDenied; CycleNotSet for days the wrong way round, a code in use, a goal named twice or none.
    Source: MR-10: no sales task may be set to a representative, so goals know only doctors and contacts.
    """
    if not permissions.can_plan_cycle(by):
        raise PermissionDenied
    if ends_on <= starts_on:
        raise CycleNotSet(_("The last day lies after the first."), field="ends_on")
    if not goals:
        raise CycleNotSet(_("Set at least one goal."), field="goals")
    if len({(goal.tier, goal.channel) for goal in goals}) != len(goals):
        raise CycleNotSet(_("Each tier and channel has one goal."), field="goals")
    cycle = Cycle(code=code.strip(), name=name.strip(), starts_on=starts_on, ends_on=ends_on)
    cycle.state = CycleState.ACTIVE
    try:
        with transaction.atomic():
            cycle.save(force_insert=True)
    except IntegrityError:
        raise CycleNotSet(_("This code is in use."), field="code") from None
    targets = []
    for goal in goals:
        if not (0 <= goal.coverage_percent <= 100 and 1 <= goal.contacts_per_doctor <= 60):
            raise CycleNotSet(_("A goal is 0–100 % of doctors and 1–60 contacts."), field="goals")
        targets.append(
            PlanTarget.objects.create(
                cycle=cycle,
                tier=goal.tier,
                channel=goal.channel,
                coverage_percent=goal.coverage_percent,
                contacts_per_doctor=goal.contacts_per_doctor,
            )
        )
    law.record("activities.cycle_opened", subject=f"cycle:{cycle.pk}", by=by, at=at, rows=[cycle, *targets])
    return cycle


@transaction.atomic
def close_cycle(*, cycle_id: UUID, by: User, at: datetime) -> Cycle:
    """Close a cycle; its goals stay readable. Raises: Cycle.DoesNotExist; PermissionDenied; CycleNotSet when closed."""
    cycle = Cycle.objects.select_for_update().get(pk=cycle_id)
    if not permissions.can_plan_cycle(by):
        raise PermissionDenied
    if cycle.state == CycleState.CLOSED:
        raise CycleNotSet(_("This cycle is closed."))
    cycle.state = CycleState.CLOSED
    cycle.save()
    law.record("activities.cycle_closed", subject=f"cycle:{cycle.pk}", by=by, at=at, rows=[cycle])
    return cycle


@transaction.atomic
def take_time_off(*, starts_on: date, ends_on: date, by: User, at: datetime) -> TimeOff:
    """Note days on which a person does not work. Raises: PermissionDenied; CycleNotSet for days the wrong way round."""
    if not permissions.can_do_field_work(by):
        raise PermissionDenied
    if ends_on <= starts_on:
        raise CycleNotSet(_("The last day lies after the first."), field="ends_on")
    row = TimeOff.objects.create(rep=by, starts_on=starts_on, ends_on=ends_on)
    law.record("activities.time_off_taken", subject=f"user:{by.pk}", by=by, at=at, rows=[row])
    return row
