"""Goals of a cycle and how far they are reached: doctors met and contacts made, never sales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet
from django.utils import timezone

from activities import rules
from activities.models import Cycle, PlanTarget, Visit
from activities.models.visits import REPORTED
from activities.selectors.visits import visits_visible_to
from doctors import selectors as doctors

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@dataclass(frozen=True)
class Attainment:
    """One goal and what stands against it. Units: `_bp` in basis points; None where there is no doctor to meet.

    `base` doctors of the tier are in sight; `goal_doctors` of them are to be met, `met` were; `contacts` were made
    of `goal_contacts`, counting at most the goal for each doctor.
    """

    target: PlanTarget
    base: int
    goal_doctors: int
    met: int
    goal_contacts: int
    contacts: int

    @property
    def coverage_bp(self) -> int | None:
        return rules.attainment_bp(done=self.met, goal=self.goal_doctors)

    @property
    def frequency_bp(self) -> int | None:
        return rules.attainment_bp(done=self.contacts, goal=self.goal_contacts)


def cycles() -> QuerySet[Cycle]:
    """Return all cycles, the latest first."""
    return Cycle.objects.order_by("-starts_on", "-pk")


def cycle_on(day: date) -> Cycle | None:
    """Return the cycle that runs on a day, or None."""
    return (
        Cycle.objects.filter(state="active", starts_on__lte=day, ends_on__gt=day)
        .order_by("-starts_on")
        .first()
    )


def counted_visits(user: User, cycle: Cycle, *, on: date) -> QuerySet[Visit]:
    """Return the visits that count for a cycle: submitted, not in breach, within its days, in the person's sight."""
    zone = timezone.get_default_timezone()
    start = datetime.combine(cycle.starts_on, time.min, zone)
    end = datetime.combine(cycle.ends_on, time.min, zone)
    return visits_visible_to(user, on=on).filter(
        state__in=REPORTED, in_breach=False, ended_at__gte=start, ended_at__lt=end
    )


def attainment_of(cycle: Cycle, user: User, *, on: date) -> list[Attainment]:
    """Return how far each goal of a cycle is reached within a person's sight.

    Cost: three queries a goal at most, independent of how many doctors or visits there are.
    """
    seen = doctors.doctors_visible_to(user, on)
    visits = counted_visits(user, cycle, on=on)
    lines = []
    for target in cycle.targets.order_by("tier", "channel"):
        base = seen.filter(tier=target.tier).count()
        counts = list(
            visits.filter(channel=target.channel, doctor__in=seen.filter(tier=target.tier).values("pk"))
            .order_by()
            .values("doctor_id")
            .annotate(n=Count("pk"))
            .values_list("n", flat=True)
        )
        goal_doctors = -(-base * target.coverage_percent // 100)
        lines.append(
            Attainment(
                target=target,
                base=base,
                goal_doctors=goal_doctors,
                met=len(counts),
                goal_contacts=goal_doctors * target.contacts_per_doctor,
                contacts=sum(min(n, target.contacts_per_doctor) for n in counts),
            )
        )
    return lines
