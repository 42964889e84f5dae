"""The territory tree and the dated membership of people in it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from pharmacrm.accounts import permissions
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory, TerritoryMember, User
from pharmacrm.common.errors import DomainError

from .working import judge_work


class TerritoryNotChanged(DomainError):
    """The change of the tree or its members was refused and nothing has changed."""

    code = "territory_not_changed"


@transaction.atomic
def add_territory(
    *, code: str, name: str, parent_id: UUID | None, by: User, at: datetime, line: str = ""
) -> Territory:
    """Add a territory below another, or at the root. A branch is of one line: what lies below a line is of it.

    Raises: PermissionDenied; TerritoryNotChanged if the code is taken, the parent is closed or of another line.
    """
    if not permissions.can_manage_territories(by):
        raise PermissionDenied
    parent = Territory.objects.select_for_update().get(pk=parent_id) if parent_id else None
    if parent and parent.closes_on:
        raise TerritoryNotChanged(_("The territory above is closed or closes."), field="parent_id")
    if parent and parent.line and line.strip() not in {"", parent.line}:
        raise TerritoryNotChanged(_("The territory above is of another line."), field="line")
    line = line.strip() or (parent.line if parent else "")
    path = f"{parent.path if parent else '/'}{code}/"
    try:
        with transaction.atomic():
            territory = Territory.objects.create(code=code, name=name, parent=parent, path=path, line=line)
    except IntegrityError as taken:
        raise TerritoryNotChanged(_("This code is taken."), field="code") from taken
    law.record(
        "accounts.territory_added", subject=f"territory:{territory.pk}", by=by, at=at, rows=[territory]
    )
    return territory


@transaction.atomic
def rename_territory(*, territory_id: UUID, name: str, by: User, at: datetime) -> Territory:
    """Give a territory another name; its code and place stay. Raises: PermissionDenied."""
    if not permissions.can_manage_territories(by):
        raise PermissionDenied
    territory = Territory.objects.select_for_update().get(pk=territory_id)
    territory.name = name
    territory.save(update_fields=["name", "updated_at"])
    law.record(
        "accounts.territory_renamed", subject=f"territory:{territory.pk}", by=by, at=at, rows=[territory]
    )
    return territory


@transaction.atomic
def add_member(
    *,
    territory_id: UUID,
    user_id: UUID,
    role: str,
    valid_from: date,
    valid_until: date | None,
    by: User,
    at: datetime,
) -> TerritoryMember:
    """Let a person work in a territory from a day until before another. A representative is put to work by it.

    Raises: PermissionDenied; TerritoryNotChanged when the person lacks the role, the days are crossed, or the person
    works there already on some of those days; Refused with the verdict for a representative who may not begin. In
    every case nothing has changed. Source: 医药代表管理办法 (2026), filing before work.
    """
    if not permissions.can_manage_territories(by):
        raise PermissionDenied
    territory = Territory.objects.select_for_update().get(pk=territory_id)
    user = User.objects.get(pk=user_id)
    if role not in {Role.REP, Role.LINE_MANAGER, Role.MEDICAL} or not user.has_role(role):
        raise TerritoryNotChanged(_("This person does not hold that role."), field="role")
    if territory.closes_on is not None:
        if valid_from >= territory.closes_on:
            raise TerritoryNotChanged(_("This territory is closed by then."), field="valid_from")
        valid_until = min(valid_until or territory.closes_on, territory.closes_on)
    if valid_until is not None and valid_until <= valid_from:
        raise TerritoryNotChanged(_("The end has to lie after the start."), field="valid_until")
    verdict = None
    if role == Role.REP:
        verdict = judge_work(user, territory_ids=(territory.pk,), on=valid_from, by=by, at=at)
    try:
        with transaction.atomic():
            member = TerritoryMember.objects.create(
                user=user, territory=territory, role=role, valid_from=valid_from, valid_until=valid_until
            )
    except IntegrityError as overlap:
        raise TerritoryNotChanged(_("This person works there already on some of those days.")) from overlap
    law.record(
        "accounts.member_added",
        subject=f"territory:{territory.pk}",
        by=by,
        at=at,
        verdict=verdict,
        rows=[member],
    )
    return member


@transaction.atomic
def end_member(*, member_id: UUID, valid_until: date, by: User, at: datetime) -> TerritoryMember:
    """End a person's work in a territory; `valid_until` is the first day on which it no longer holds.

    Raises: PermissionDenied; TerritoryNotChanged when it has ended before or the day is not after the start.
    """
    if not permissions.can_manage_territories(by):
        raise PermissionDenied
    member = TerritoryMember.objects.select_for_update().get(pk=member_id)
    if member.valid_until is not None and member.valid_until <= valid_until:
        raise TerritoryNotChanged(_("This membership ends earlier already."), field="valid_until")
    if valid_until <= member.valid_from:
        raise TerritoryNotChanged(_("The end has to lie after the start."), field="valid_until")
    member.valid_until = valid_until
    member.save(update_fields=["valid_until", "updated_at"])
    law.record(
        "accounts.member_ended", subject=f"territory:{member.territory_id}", by=by, at=at, rows=[member]
    )
    return member
