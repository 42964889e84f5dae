"""Change the shape of the territory tree from a day on: hang a branch elsewhere, close a territory."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from compliance import actions as law
from pharmacrm.accounts import permissions
from pharmacrm.accounts.actions.territories import TerritoryNotChanged
from pharmacrm.accounts.models import Territory, TerritoryMember, TerritoryMove, User


@transaction.atomic
def move_territory(
    *, territory_id: UUID, parent_id: UUID, effective_on: date, by: User, at: datetime
) -> TerritoryMove:
    """Hang a territory with all below it under another one from a day on: at once today, else when the day comes.

    Raises: PermissionDenied; TerritoryNotChanged for a day gone by, a circle, another line, a closed place, or when a
    move is waiting. Cost: locks the roots, so that two moves of one tree follow each other.
    """
    if not permissions.can_manage_territories(by):
        raise PermissionDenied
    today = localtime(at).date()
    if effective_on < today:
        raise TerritoryNotChanged(_("The day lies in the past."), field="effective_on")
    _lock_tree()
    territory = Territory.objects.select_for_update().get(pk=territory_id)
    parent = Territory.objects.select_for_update().get(pk=parent_id)
    _check_move(territory, parent)
    move = TerritoryMove(territory=territory, parent=parent, effective_on=effective_on, asked_by=by)
    try:
        with transaction.atomic():
            move.save(force_insert=True)
    except IntegrityError as waiting:
        raise TerritoryNotChanged(_("A move of this territory is waiting for its day.")) from waiting
    law.record(
        "accounts.territory_move_planned", subject=f"territory:{territory.pk}", by=by, at=at, rows=[move]
    )
    if effective_on <= today:
        _carry_out(move, territory, parent, by=by, at=at)
    return move


@transaction.atomic
def drop_move(*, move_id: UUID, by: User, at: datetime) -> TerritoryMove:
    """Take back a move whose day has not come. Raises: PermissionDenied; TerritoryNotChanged when it was carried out."""
    if not permissions.can_manage_territories(by):
        raise PermissionDenied
    move = TerritoryMove.objects.select_for_update().get(pk=move_id)
    if move.done_at:
        raise TerritoryNotChanged(_("This move was carried out already."))
    move.done_at, move.failure = at, str(_("Taken back."))
    move.save(update_fields=["done_at", "failure", "updated_at"])
    law.record(
        "accounts.territory_move_dropped", subject=f"territory:{move.territory_id}", by=by, at=at, rows=[move]
    )
    return move


def carry_out_moves(*, on: date, at: datetime) -> int:
    """Carry out the moves whose day has come, each in a transaction of its own. Returns: how many. Safe to run twice."""
    due = TerritoryMove.objects.filter(done_at__isnull=True, effective_on__lte=on)
    return sum(
        _carry_out_due(pk, at=at) for pk in due.order_by("effective_on", "pk").values_list("pk", flat=True)
    )


@transaction.atomic
def close_territory(*, territory_id: UUID, closes_on: date, by: User, at: datetime) -> Territory:
    """Close a territory from a day on; whoever works there ends that day. Who belongs there is its caller's to ask.

    Raises: PermissionDenied; TerritoryNotChanged for a day gone by, one closed already, or while something below is open.
    """
    if not permissions.can_manage_territories(by):
        raise PermissionDenied
    if closes_on < localtime(at).date():
        raise TerritoryNotChanged(_("The day lies in the past."), field="closes_on")
    _lock_tree()
    territory = Territory.objects.select_for_update().get(pk=territory_id)
    if territory.closes_on is not None:
        raise TerritoryNotChanged(_("This territory is closed or closes."))
    below = Territory.objects.filter(Q(closes_on__isnull=True) | Q(closes_on__gt=closes_on), parent=territory)
    if below.exists():
        raise TerritoryNotChanged(_("Close or move first what lies below."))
    territory.closes_on = closes_on
    territory.save(update_fields=["closes_on", "updated_at"])
    working = TerritoryMember.objects.select_for_update().filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=closes_on), territory=territory
    )
    members = list(working.order_by("pk"))
    if any(member.valid_from >= closes_on for member in members):
        raise TerritoryNotChanged(_("Somebody is to start there on that day or later. End that first."))
    for member in members:
        member.valid_until = closes_on
    bulk_update_with_history(members, TerritoryMember, ["valid_until"])
    law.record(
        "accounts.territory_closed",
        subject=f"territory:{territory.pk}",
        by=by,
        at=at,
        rows=[territory, *members],
    )
    return territory


@transaction.atomic
def _carry_out_due(move_id: UUID, *, at: datetime) -> bool:
    _lock_tree()
    move = TerritoryMove.objects.select_for_update().get(pk=move_id)
    if move.done_at:
        return False
    territory = Territory.objects.select_for_update().get(pk=move.territory_id)
    parent = Territory.objects.select_for_update().get(pk=move.parent_id)
    try:
        _check_move(territory, parent)
    except TerritoryNotChanged as changed:  # the tree is another than when it was asked: said, not done
        move.done_at, move.failure = at, changed.message[:200]
        move.save(update_fields=["done_at", "failure", "updated_at"])
        law.record(
            "accounts.territory_move_dropped",
            subject=f"territory:{territory.pk}",
            by=None,
            at=at,
            reason=changed.message,
            rows=[move],
        )
        return False
    _carry_out(move, territory, parent, by=None, at=at)
    return True


def _carry_out(
    move: TerritoryMove, territory: Territory, parent: Territory, *, by: User | None, at: datetime
) -> None:
    before = territory.path
    branch = list(Territory.objects.select_for_update().filter(path__startswith=before).order_by("pk"))
    for one in branch:
        one.path = f"{parent.path}{territory.code}/{one.path.removeprefix(before)}"
        if one.pk == territory.pk:
            one.parent = parent
    bulk_update_with_history(branch, Territory, ["path", "parent"])
    move.done_at = at
    move.save(update_fields=["done_at", "updated_at"])
    law.record(
        "accounts.territory_moved",
        subject=f"territory:{territory.pk}",
        by=by,
        at=at,
        rows=[move, *branch],
    )


def _check_move(territory: Territory, parent: Territory) -> None:
    if parent.path.startswith(territory.path):
        raise TerritoryNotChanged(_("A territory cannot lie below itself."), field="parent_id")
    if territory.parent_id == parent.pk:
        raise TerritoryNotChanged(_("It lies there already."), field="parent_id")
    if parent.line not in {"", territory.line}:
        raise TerritoryNotChanged(_("The territory above is of another line."), field="parent_id")
    if parent.closes_on or territory.closes_on:
        raise TerritoryNotChanged(_("One of the two is closed or closes."), field="parent_id")


def _lock_tree() -> None:
    roots = Territory.objects.select_for_update().filter(parent__isnull=True)
    list(roots.order_by("pk").values_list("pk", flat=True))
