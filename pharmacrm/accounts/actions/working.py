"""Putting a representative to work: judged when they get a territory, and when they get the role while they hold one."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localtime

from compliance import actions as law
from compliance.selectors.gates import activation_facts
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import TerritoryMember, User

if TYPE_CHECKING:
    from compliance.evaluate import Verdict


def judge_work(user: User, *, territory_ids: tuple[UUID, ...], on: date, by: User, at: datetime) -> Verdict:
    """Judge that a representative begins to work in territories on a day. Raises: Refused with the verdict.

    Source: 医药代表管理办法 (2026), filing, contract, integrity and commitment before work begins.
    """
    facts = activation_facts(
        user, on=on, at=at, subjects=tuple(f"territory:{territory_id}" for territory_id in territory_ids)
    )
    return law.judge("staff.activate", facts, subject=f"user:{user.pk}", by=by, at=at)


def judge_work_with_role(
    user: User, *, before: tuple[str, ...], roles: tuple[str, ...], by: User, at: datetime
) -> None:
    """Judge and record that somebody who holds a territory as a representative gets that role, and so begins to work.

    Whoever gets the role without a territory begins when they are given one. Raises: Refused with the verdict.
    """
    if Role.REP in before or Role.REP not in roles:
        return
    today = localtime(at).date()
    held = list(
        TerritoryMember.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=today), user=user, role=Role.REP
        ).order_by("valid_from", "pk")
    )
    if not held:
        return
    verdict = judge_work(
        user,
        territory_ids=tuple(member.territory_id for member in held),
        on=max(held[0].valid_from, today),
        by=by,
        at=at,
    )
    law.record("accounts.put_to_work", subject=f"user:{user.pk}", by=by, at=at, verdict=verdict, rows=held)
