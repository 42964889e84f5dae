"""Which communication strategy applies to a doctor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from doctors.models import Doctor, Playbook, StakeholderRole
from doctors.rules.features import BANDS
from doctors.rules.segmentation import BASIC
from pharmacrm.common.kept import kept_for


@dataclass(frozen=True)
class Strategy:
    """What a doctor is offered: goal, content kinds, channels, academic contacts per cycle."""

    playbook_id: UUID
    tier: str
    goal_zh: str
    goal_en: str
    content_kinds: tuple[str, ...]
    channels: tuple[str, ...]
    visits_per_cycle: int
    contacts_per_cycle: int

    @property
    def goal(self) -> str:
        """The goal in the reader's language."""
        return self.goal_en if (get_language() or "").startswith("en") else self.goal_zh


def playbooks() -> QuerySet[Playbook]:
    """Return the cells in use, by tier and how specific they are."""
    return Playbook.objects.filter(is_active=True).order_by("tier", "role", "level_band", "department_code")


def playbook_for(doctor_id: UUID | str) -> Strategy | None:
    """Return the most specific strategy for one doctor, or None while none is kept. Cost: three queries."""
    return playbooks_for([doctor_id]).get(UUID(str(doctor_id)))


def playbooks_for(ids: Iterable[UUID | str]) -> dict[UUID, Strategy]:
    """Return the strategy of each doctor by key; who is not profiled gets that of a basic doctor.

    Of the cells that fit, the one that says most decides; at a tie role, then level, then department. Cost: three
    queries.
    """
    cells = list(playbooks())
    wanted = list(ids)
    roles: dict[UUID, set[str]] = {}
    for doctor_id, role in StakeholderRole.objects.filter(
        Q(valid_until__isnull=True), doctor_id__in=wanted
    ).values_list("doctor_id", "role"):
        roles.setdefault(doctor_id, set()).add(role)
    rows = Doctor.objects.filter(pk__in=wanted).values_list(
        "pk", "tier", "hospital_level", "department__code"
    )
    found = {}
    for pk, tier, level, department in rows:
        band = level[:1] if level[:1] in BANDS else "0"
        cell = _fitting(cells, tier, roles.get(pk, set()), band, department or "")
        if cell is not None:
            found[pk] = strategy_of(cell)
    return found


@kept_for(60)
def kept_playbooks() -> list[Playbook]:
    """Return the cells in use. Cost: one query a minute."""
    return list(playbooks())


def strategy_for(tier: str, roles: Iterable[str], level: str, department_code: str) -> Strategy | None:
    """Return the strategy for a doctor whose facts are at hand, or None. Cost: one query a minute."""
    band = level[:1] if level[:1] in BANDS else "0"
    cell = _fitting(kept_playbooks(), tier, set(roles), band, department_code)
    return strategy_of(cell) if cell else None


def _fitting(
    cells: Iterable[Playbook], tier: str, roles: set[str], band: str, department_code: str
) -> Playbook | None:
    """Return the cell that fits and says most, or None."""
    fitting = [
        cell
        for cell in cells
        if cell.tier == (tier or BASIC)
        and cell.role in {"", *roles}
        and cell.level_band in {"", band}
        and cell.department_code in {"", department_code}
    ]
    return max(fitting, key=_how_specific, default=None)


def frequency_goals() -> dict[str, int]:
    """Return visits per cycle by tier, from the cells that hold for everybody of the tier. Cost: one query."""
    return {
        cell.tier: cell.visits_per_cycle
        for cell in playbooks()
        if not (cell.role or cell.level_band or cell.department_code)
    }


def strategy_of(cell: Playbook) -> Strategy:
    """Return a cell as plain values."""
    return Strategy(
        playbook_id=cell.pk,
        tier=cell.tier,
        goal_zh=cell.goal_zh,
        goal_en=cell.goal_en,
        content_kinds=tuple(cell.content_kinds),
        channels=tuple(cell.channels),
        visits_per_cycle=cell.visits_per_cycle,
        contacts_per_cycle=cell.contacts_per_cycle,
    )


def _how_specific(cell: Playbook) -> tuple[int, bool, bool, bool]:
    said = (bool(cell.role), bool(cell.level_band), bool(cell.department_code))
    return (sum(said), *said)
