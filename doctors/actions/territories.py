"""Rules of territories, and the end of a territory that nobody belongs to any more."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance import actions as law
from doctors import permissions
from doctors.choices import RuleKind
from doctors.models import TerritoryRule
from doctors.selectors.realignments import doctors_in_territory
from pharmacrm.accounts import actions as accounts
from pharmacrm.accounts.models import Territory, User
from pharmacrm.accounts.selectors import may_align
from pharmacrm.common.errors import DomainError

NAMED_BY = {
    RuleKind.DIVISION: "division_id",
    RuleKind.HOSPITAL: "hospital_id",
    RuleKind.NOT_HOSPITAL: "hospital_id",
    RuleKind.DOCTOR: "doctor_id",
    RuleKind.NOT_DOCTOR: "doctor_id",
}


class RuleNotKept(DomainError):
    """The rule of a territory was not written or ended."""

    code = "rule_not_kept"


@transaction.atomic
def add_territory_rule(*, territory_id: UUID, kind: str, named: Any, by: User, at: datetime) -> TerritoryRule:
    """Say what a territory is made of; `named` is the key of a division, hospital or doctor, as the kind asks.

    Nobody changes hands by that: a realignment carries rules out. Raises: PermissionDenied; RuleNotKept when it is
    said already.
    """
    today = localtime(at).date()
    if not permissions.can_align(by) or not may_align(by, [territory_id], today):
        raise PermissionDenied
    rule = TerritoryRule(territory_id=territory_id, kind=kind, **{NAMED_BY[RuleKind(kind)]: named})
    try:
        with transaction.atomic():
            rule.save(force_insert=True)
    except IntegrityError as twice:
        raise RuleNotKept(_("This rule is there already.")) from twice
    law.record("doctors.territory_rule_added", subject=f"territory:{territory_id}", by=by, at=at, rows=[rule])
    return rule


@transaction.atomic
def end_territory_rule(*, rule_id: UUID, by: User, at: datetime) -> TerritoryRule:
    """End a rule; who belongs to the territory stays until a realignment. Raises: PermissionDenied; RuleNotKept."""
    rule = TerritoryRule.objects.select_for_update().get(pk=rule_id)
    if not permissions.can_align(by) or not may_align(by, [rule.territory_id], localtime(at).date()):
        raise PermissionDenied
    if rule.ended_at is not None:
        raise RuleNotKept(_("This rule has ended already."))
    rule.ended_at = at
    rule.save(update_fields=["ended_at", "updated_at"])
    law.record(
        "doctors.territory_rule_ended", subject=f"territory:{rule.territory_id}", by=by, at=at, rows=[rule]
    )
    return rule


@transaction.atomic
def close_territory(*, territory_id: UUID, closes_on: date, by: User, at: datetime) -> Territory:
    """Close a territory from a day on, once nobody belongs to it any more by then.

    Raises: PermissionDenied; accounts' TerritoryNotChanged with how many doctors have to be moved first.
    """
    territory = accounts.close_territory(territory_id=territory_id, closes_on=closes_on, by=by, at=at)
    left = doctors_in_territory(territory_id, closes_on)
    if left:
        raise accounts.TerritoryNotChanged(
            ngettext(
                "%(count)d doctor belongs to it on that day or later. Move them first.",
                "%(count)d doctors belong to it on that day or later. Move them first.",
                left,
            )
            % {"count": left}
        )
    return territory
