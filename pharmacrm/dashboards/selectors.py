"""Figures over several apps, each the count or sum of rows that the reader can open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from activities import selectors as activities
from doctors import selectors as doctors
from doctors.choices import Tier
from pharmacrm.accounts import selectors as people
from pharmacrm.accounts.choices import Role

if TYPE_CHECKING:
    from activities.models import Cycle
    from pharmacrm.accounts.models import Territory, User

TIERS = (Tier.CORE, Tier.POTENTIAL, Tier.BASIC)
NO_TIER = "none"
READERS = (
    Role.LINE_MANAGER,
    Role.MARKETING,
    Role.MEDICAL,
    Role.COMPLIANCE,
    Role.INSPECTOR,
    Role.ADMINISTRATOR,
    Role.SERVICE,
)


@dataclass(frozen=True)
class Scope:
    """Whose sight, on which day, in which cycle, narrowed to a tier, a team or one person's visits."""

    user: User
    on: date
    cycle: Cycle | None
    tier: str = ""
    team: UUID | None = None
    rep: UUID | None = None


@dataclass(frozen=True)
class Line:
    """Coverage and frequency of one group of doctors.

    `base` doctors are in sight, `met` of them had at least one counted visit, `contacts` visits were made to them.
    Goals are None where the cycle sets none. Units: `goal_coverage` in percent, `goal_frequency` in visits a doctor.
    """

    key: str
    label: str
    base: int
    met: int
    contacts: int
    goal_coverage: int | None = None
    goal_frequency: int | None = None

    @property
    def coverage_permille(self) -> int | None:
        return self.met * 1000 // self.base if self.base else None

    @property
    def coverage_text(self) -> str:
        return "—" if self.coverage_permille is None else f"{self.coverage_permille / 10:.1f}"

    @property
    def frequency_text(self) -> str:
        return f"{self.contacts / self.met:.1f}" if self.met else "—"

    @property
    def reaches_coverage(self) -> bool:
        return self.goal_coverage is not None and self.met * 100 >= self.base * self.goal_coverage

    @property
    def reaches_frequency(self) -> bool:
        return self.goal_frequency is not None and self.contacts >= self.met * self.goal_frequency > 0


def can_see_boards(user: User) -> bool:
    """Return whether the person may open boards over teams."""
    return user.has_role(*READERS)


def doctor_rows(scope: Scope) -> QuerySet[Any]:
    """Return the doctors of a scope with `visit_count` and `last_met_at`: the rows behind every figure of the board.

    Cost: one query; one index range of the visits of a doctor each.
    """
    rows = doctors.doctors_visible_to(scope.user, scope.on)
    if scope.team is not None:
        rows = rows.filter(pk__in=doctors.doctors_in_territories(_branch(scope.team), scope.on).values("pk"))
    if scope.tier:
        rows = rows.filter(tier="" if scope.tier == NO_TIER else scope.tier)
    visits = _visits(scope).filter(doctor=OuterRef("pk")).order_by()
    counted = visits.values("doctor").annotate(n=Count("pk")).values("n")
    last = visits.order_by("-ended_at").values("ended_at")[:1]
    return rows.select_related("hospital", "department", "identity").annotate(
        visit_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0), last_met_at=Subquery(last)
    )


def rows_behind(scope: Scope, figure: str) -> QuerySet[Any]:
    """Return the rows one figure counts: base, met, missed or contacts. Raises: ValueError for another word."""
    rows = doctor_rows(scope)
    if figure in {"met", "contacts"}:
        return rows.filter(visit_count__gt=0)
    if figure == "missed":
        return rows.filter(visit_count=0)
    if figure == "base":
        return rows
    raise ValueError(figure)


def lines_by_tier(scope: Scope) -> list[Line]:
    """Return coverage and frequency by tier; doctors without a tier stand last. Cost: two queries."""
    found = {
        row["tier"]: row
        for row in doctor_rows(scope)
        .order_by()
        .values("tier")
        .annotate(base=Count("pk"), met=Count("pk", filter=Q(visit_count__gt=0)), visits=Sum("visit_count"))
    }
    goals = _goals(scope.cycle)
    lines = [
        Line(
            key=str(tier),
            label=str(Tier(tier).label),
            base=found.get(tier, {}).get("base", 0),
            met=found.get(tier, {}).get("met", 0),
            contacts=found.get(tier, {}).get("visits") or 0,
            goal_coverage=goals.get(tier, (None, None))[0],
            goal_frequency=goals.get(tier, (None, None))[1],
        )
        for tier in TIERS
        if not scope.tier or scope.tier == tier
    ]
    if "" in found and scope.tier in {"", NO_TIER}:
        rest = found[""]
        lines.append(Line(NO_TIER, _("No tier"), rest["base"], rest["met"], rest["visits"] or 0))
    return lines


def lines_by_team(scope: Scope) -> list[Line]:
    """Return coverage and frequency by team: the territories right below the reader's own. Cost: four queries."""
    teams = teams_of(scope.user, scope.on)
    if not teams:
        return []
    team_of_doctor = (
        doctors.assignments_on(scope.on)
        .filter(doctor=OuterRef("pk"))
        .annotate(
            team=Case(
                *(When(territory__path__startswith=team.path, then=Value(team.pk)) for team in teams),
                output_field=UUIDField(),
            )
        )
        .filter(team__isnull=False)
        .order_by("valid_from", "pk")
        .values("team")[:1]
    )
    found = {
        row["team"]: row
        for row in doctor_rows(scope)
        .annotate(team=Subquery(team_of_doctor, output_field=UUIDField()))
        .order_by()
        .values("team")
        .annotate(base=Count("pk"), met=Count("pk", filter=Q(visit_count__gt=0)), visits=Sum("visit_count"))
    }
    return [
        Line(
            key=str(team.pk),
            label=team.name,
            base=found.get(team.pk, {}).get("base", 0),
            met=found.get(team.pk, {}).get("met", 0),
            contacts=found.get(team.pk, {}).get("visits") or 0,
        )
        for team in teams
    ]


def total_of(lines: list[Line]) -> Line:
    """Return the sum of lines."""
    return Line(
        key="",
        label=_("All"),
        base=sum(line.base for line in lines),
        met=sum(line.met for line in lines),
        contacts=sum(line.contacts for line in lines),
    )


def teams_of(user: User, on: date) -> list[Territory]:
    """Return the territories right below those a person works in; for company-wide roles those below the root."""
    return list(people.teams_below(user, on))


def cycle_choices() -> Iterator[tuple[str, str]]:
    """Return the cycles for a filter, the latest first."""
    for cycle in activities.cycles()[:24]:
        yield str(cycle.pk), str(cycle)


def _visits(scope: Scope) -> QuerySet[Any]:
    if scope.cycle is None:
        return activities.visits_visible_to(scope.user, on=scope.on).none()
    visits = activities.counted_visits(scope.user, scope.cycle, on=scope.on)
    return visits.filter(rep=scope.rep) if scope.rep else visits


def _branch(team: UUID) -> list[UUID]:
    return people.territory_ids_below(team)


def _goals(cycle: Cycle | None) -> dict[str, tuple[int, int]]:
    if cycle is None:
        return {}
    rows = cycle.targets.order_by("tier", "-coverage_percent").values_list(
        "tier", F("coverage_percent"), F("contacts_per_doctor")
    )
    goals: dict[str, tuple[int, int]] = {}
    for tier, coverage, contacts in rows:
        goals.setdefault(tier, (coverage, contacts))
    return goals
