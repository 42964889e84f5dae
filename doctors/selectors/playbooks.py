"""Which communication strategy applies to a doctor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from doctors.choices import StakeholderKind, Tier
from doctors.models import Department, Doctor, Playbook, StakeholderRole
from doctors.rules.features import BANDS
from doctors.rules.segmentation import BASIC
from pharmacrm.common.kept import kept_for

BAND_LABELS = (
    ("3", _("Grade 3 hospitals")),
    ("2", _("Grade 2 hospitals")),
    ("1", _("Grade 1 hospitals")),
    ("0", _("Hospitals without a grade")),
)


@dataclass(frozen=True)
class Strategy:
    """What a doctor is offered: goal, content kinds, channels, academic contacts per cycle.

    `whom` names the line of the playbook that decides, `version` how often it was changed.
    """

    playbook_id: UUID
    tier: str
    goal_zh: str
    goal_en: str
    content_kinds: tuple[str, ...]
    channels: tuple[str, ...]
    visits_per_cycle: int
    contacts_per_cycle: int
    whom: str = ""
    version: int = 1

    @property
    def line(self) -> str:
        """The line of the playbook in words, with its version."""
        return gettext("%(whom)s, version %(version)d") % {"whom": self.whom, "version": self.version}

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
        whom=whom_of(cell),
        version=cell.version,
    )


def whom_of(cell: Playbook) -> str:
    """Return for whom a line of the playbook is, in words."""
    bands = dict(BAND_LABELS)
    said = [
        str(Tier(cell.tier).label),
        str(StakeholderKind(cell.role).label) if cell.role else "",
        str(bands.get(cell.level_band, "")),
        department_names().get(cell.department_code, cell.department_code),
    ]
    return " · ".join(word for word in said if word)


@kept_for(60)
def department_names() -> dict[str, str]:
    """Return the names of the clinical departments by code. Cost: one query a minute."""
    return dict(Department.objects.order_by("code").values_list("code", "name"))


def playbook(playbook_id: UUID) -> Playbook | None:
    """Return one line in use, or None."""
    return playbooks().filter(pk=playbook_id).first()


def versions_of(cell: Playbook) -> list[Any]:
    """Return the earlier versions of a line, newest first, from its row history. Cost: one query."""
    return list(cell.history.select_related("history_user").order_by("-history_date", "-history_id")[:30])


def _how_specific(cell: Playbook) -> tuple[int, bool, bool, bool]:
    said = (bool(cell.role), bool(cell.level_band), bool(cell.department_code))
    return (sum(said), *said)
