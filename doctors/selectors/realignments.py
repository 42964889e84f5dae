"""What a realignment would do, worked out by the database; what is shown is what is carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from doctors.choices import RealignmentState
from doctors.models import Doctor, Realignment, RealignmentChange, RealignmentMove
from doctors.selectors.placing import HELD, IN_USE, NAMED, STEM
from doctors.selectors.playbooks import frequency_goals
from doctors.selectors.visibility import assignments_on
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import may_align, reps_working, territories

# Each line of the draft names doctors; of two lines that name one, the later holds.
WANTED = f"""
line_of AS (
    SELECT c.*, place.line FROM doctors_realignmentchange c
      LEFT JOIN accounts_territory place ON place.id = c.to_territory_id
     WHERE c.realignment_id = %(realignment)s AND c.dropped_at IS NULL
), wanted AS (
    SELECT c.id, d.id AS doctor_id, c.line, c.to_territory_id, c.from_territory_id AS only_from
      FROM line_of c JOIN doctors_doctor d ON d.id = c.doctor_id WHERE c.kind = 'doctor'
    UNION ALL
    SELECT c.id, d.id, c.line, c.to_territory_id, c.from_territory_id
      FROM line_of c JOIN doctors_doctor d ON d.hospital_id = c.hospital_id WHERE c.kind = 'hospital'
    UNION ALL
    SELECT c.id, d.id, c.line, c.to_territory_id, c.from_territory_id
      FROM line_of c JOIN doctors_doctor d ON d.division_code >= {STEM.format(code="c.division_id")}
       AND d.division_code < {STEM.format(code="c.division_id")} || ':' WHERE c.kind = 'division'
    UNION ALL
    SELECT c.id, held.doctor_id, c.line, c.to_territory_id, c.from_territory_id
      FROM line_of c JOIN held ON held.territory_id = c.from_territory_id AND held.line = c.line
     WHERE c.kind = 'territory'
    UNION ALL
    SELECT c.id, placed.doctor_id, placed.line, c.to_territory_id, c.from_territory_id
      FROM line_of c JOIN placed ON placed.territory_id = c.to_territory_id WHERE c.kind = 'rules'
    UNION ALL
    SELECT c.id, m.doctor_id, m.line, m.from_territory_id, m.to_territory_id
      FROM line_of c JOIN doctors_realignmentmove m ON m.realignment_id = c.reverses_id AND NOT m.is_blocked
     WHERE c.kind = 'reverse'
), moves AS (
    SELECT DISTINCT ON (wanted.doctor_id, wanted.line)
           wanted.doctor_id, wanted.line, held.territory_id AS from_territory_id, wanted.to_territory_id,
           EXISTS (SELECT 1 FROM doctors_assignment later WHERE later.doctor_id = wanted.doctor_id
                   AND later.line = wanted.line AND later.valid_from >= %(on)s) AS is_blocked
      FROM wanted JOIN doctors_doctor d ON d.id = wanted.doctor_id AND {IN_USE}
      LEFT JOIN held ON held.doctor_id = wanted.doctor_id AND held.line = wanted.line
     WHERE wanted.only_from IS NULL OR wanted.only_from = held.territory_id
     ORDER BY wanted.doctor_id, wanted.line, wanted.id DESC
), changed AS (SELECT * FROM moves WHERE from_territory_id IS DISTINCT FROM to_territory_id)"""  # noqa: S608

# What no change asks for need not be worked out: the rules of the whole company are read only where one names them.
PLACED = f", {NAMED}"
NOBODY_PLACED = (
    """, placed AS (SELECT NULL::uuid AS doctor_id, '' AS line, NULL::uuid AS territory_id WHERE false)"""
)

DIGEST = """SELECT count(*), count(*) FILTER (WHERE NOT is_blocked),
  encode(sha256(coalesce(string_agg(concat_ws('|', doctor_id, line, coalesce(from_territory_id::text, '-'),
         coalesce(to_territory_id::text, '-'), is_blocked), E'\\n' ORDER BY doctor_id, line), '')::bytea), 'hex')"""


@dataclass(frozen=True)
class Moves:
    """How many doctors change hands, and the digest by which two previews are the same or not."""

    found: int
    moving: int
    sha256: str


@dataclass(frozen=True)
class Load:
    """What a territory holds and asks for, before and after."""

    territory_id: UUID
    territory: str
    reps: tuple[str, ...]
    before: dict[str, int]
    after: dict[str, int]
    contacts_before: int
    contacts_after: int

    @property
    def doctors_before(self) -> int:
        return sum(self.before.values())

    @property
    def doctors_after(self) -> int:
        return sum(self.after.values())

    @property
    def each_before(self) -> int:
        return -(-self.contacts_before // max(len(self.reps), 1))

    @property
    def each_after(self) -> int:
        return -(-self.contacts_after // max(len(self.reps), 1))


@dataclass(frozen=True)
class OpenPlans:
    """Planned work of one person with doctors who change hands: what is lost and how, what stays, what comes."""

    person: str
    handed_over: int = 0
    cancelled: int = 0
    kept: int = 0
    received: int = 0

    @property
    def plans(self) -> int:
        """How many plans of the person's own it touches."""
        return self.handed_over + self.cancelled + self.kept


_open_plans: list[Callable[[Realignment], Iterable[OpenPlans]]] = []


def register_open_plans(find: Callable[[Realignment], Iterable[OpenPlans]]) -> None:
    """Let an app above tell, from its `ready()`, which planned work a realignment touches and what becomes of it."""
    _open_plans.append(find)


def realignments_visible_to(user: User) -> QuerySet[Realignment]:
    """Return the realignments a person may read: their own and those they are asked about; all for who keeps the master."""
    found = Realignment.objects.select_related("author", "approver").order_by("-pk")
    if user.has_role(Role.STEWARD, Role.ADMINISTRATOR, Role.COMPLIANCE, Role.INSPECTOR):
        return found
    return found.filter(Q(author=user) | Q(approver=user))


def may_reach(user: User, realignment: Realignment) -> bool:
    """Return whether a person reaches all that gives or takes; who belongs to nobody is the stewards' to give."""
    moves = RealignmentMove.objects.filter(realignment=realignment)
    pairs = set(moves.values_list("from_territory_id", "to_territory_id").distinct())
    touched = {key for pair in pairs for key in pair if key is not None}
    from_nobody = any(origin is None for origin, _to in pairs)
    is_keeper = user.has_role(Role.STEWARD, Role.ADMINISTRATOR)
    return is_keeper or (not from_nobody and may_align(user, touched, realignment.effective_on))


def changes_of(realignment_id: UUID | str) -> QuerySet[RealignmentChange]:
    """Return the lines of a realignment in order; what they name is joined in."""
    return (
        RealignmentChange.objects.filter(realignment_id=realignment_id, dropped_at__isnull=True)
        .select_related(
            "from_territory", "to_territory", "division", "hospital", "doctor__identity", "reverses"
        )
        .order_by("pk")
    )


def moves_of(realignment_id: UUID | str) -> QuerySet[RealignmentMove]:
    """Return the doctors who change hands, as worked out last; names and territories are joined in."""
    return RealignmentMove.objects.filter(realignment_id=realignment_id).select_related(
        "doctor__identity", "doctor__hospital", "from_territory", "to_territory"
    )


def moves_worked_out(realignment: Realignment) -> tuple[str, dict[str, Any]]:
    """Return the common table expressions that end in `changed`, who changes hands, and the values they take."""
    uses_rules = RealignmentChange.objects.filter(
        realignment=realignment, kind="rules", dropped_at__isnull=True
    ).exists()
    body = f"{HELD}{PLACED if uses_rules else NOBODY_PLACED}, {WANTED}"
    return body, {"realignment": realignment.pk, "on": realignment.effective_on}


def moves_now(realignment: Realignment) -> Moves:
    """Work out who would change hands now, and keep nothing. Cost: two statements."""
    body, values = moves_worked_out(realignment)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM (WITH {body} {DIGEST} FROM changed) AS found", values)  # noqa: S608
        return Moves(*cursor.fetchone())


def moves_kept(realignment: Realignment) -> Moves:
    """Return what the preview keeps, in the same terms as `moves_now`. Cost: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {DIGEST.removeprefix('SELECT ')} FROM doctors_realignmentmove WHERE realignment_id = %s",  # noqa: S608
            [realignment.pk],
        )
        return Moves(*cursor.fetchone())


def load_of(realignment: Realignment) -> list[Load]:
    """Return the load of every territory that gives or takes, before and after. Cost: four queries.

    Contacts are the playbook's visits a cycle for each tier; who has no tier counts as basic.
    """
    on = realignment.effective_on
    moving = RealignmentMove.objects.filter(realignment=realignment, is_blocked=False)
    gained = _by_tier(moving, "to_territory")
    lost = _by_tier(moving, "from_territory")
    touched = sorted(gained.keys() | lost.keys())
    held: dict[UUID, dict[str, int]] = {}
    for territory_id, tier, count in (
        assignments_on(on)
        .filter(territory_id__in=touched, doctor__merged_into__isnull=True)
        .values_list("territory_id", "doctor__tier")
        .annotate(Count("pk"))
    ):
        held.setdefault(territory_id, {})[tier] = count
    reps: dict[UUID, list[str]] = {}
    for member in reps_working(touched, on):
        reps.setdefault(member.territory_id, []).append(str(member.user))
    goals = frequency_goals()
    names = _names(touched)
    loads = []
    for key in touched:
        before = held.get(key, {})
        after = {
            tier: before.get(tier, 0) + gained.get(key, {}).get(tier, 0) - lost.get(key, {}).get(tier, 0)
            for tier in before.keys() | gained.get(key, {}).keys()
        }
        loads.append(
            Load(key, names.get(key, ""), tuple(reps.get(key, ())), before, after, _contacts(before, goals),
                 _contacts(after, goals))
        )  # fmt: skip
    return sorted(loads, key=lambda load: load.territory)


def hospitals_moving(realignment_id: UUID | str, *, most: int = 100) -> list[tuple[str, str, str, int]]:
    """Return (hospital, from, to, doctors) of what changes hands, the most first. Cost: one query."""
    return list(
        RealignmentMove.objects.filter(realignment_id=realignment_id, is_blocked=False)
        .values_list("doctor__hospital__name", "from_territory__name", "to_territory__name")
        .annotate(doctors=Count("pk"))
        .order_by("-doctors", "doctor__hospital__name")[:most]
    )


def open_plans_of(realignment: Realignment) -> list[OpenPlans]:
    """Return whose planned work with doctors who change hands lies on or after the day, and what becomes of it."""
    return [one for find in _open_plans for one in find(realignment)]


def moving_doctors(realignment_id: UUID | str) -> QuerySet[RealignmentMove]:
    """Return the moves that take place, without joins."""
    return RealignmentMove.objects.filter(realignment_id=realignment_id, is_blocked=False)


def territories_after(realignment: Realignment, on: date) -> dict[UUID, dict[str, UUID]]:
    """Return where each doctor who moves belongs by line on a day, as if the realignment held. Cost: two queries.

    Once it is carried out the assignments themselves say so, also what came after it.
    """
    moving = moving_doctors(realignment.pk)
    after: dict[UUID, dict[str, UUID]] = {}
    held = assignments_on(on).filter(doctor_id__in=moving.values("doctor_id"))
    for doctor_id, line, territory_id in held.values_list("doctor_id", "line", "territory_id"):
        after.setdefault(doctor_id, {})[line] = territory_id
    is_done = realignment.state == RealignmentState.DONE
    for doctor_id, line, territory_id in moving.values_list("doctor_id", "line", "to_territory_id"):
        places = after.setdefault(doctor_id, {})
        if not is_done:
            places.pop(line, None)
            if territory_id is not None:
                places[line] = territory_id
    return after


def lines_moved(realignment_id: UUID | str) -> dict[UUID, set[str]]:
    """Return for each doctor who moves in which lines. Cost: one query."""
    found: dict[UUID, set[str]] = {}
    for doctor_id, line in moving_doctors(realignment_id).values_list("doctor_id", "line"):
        found.setdefault(doctor_id, set()).add(line)
    return found


def realignments_begun(since: date, on: date) -> QuerySet[Realignment]:
    """Return the realignments that were carried out and whose first day lies between two days, these included."""
    return Realignment.objects.filter(
        state=RealignmentState.DONE, effective_on__gte=since, effective_on__lte=on
    ).order_by("effective_on", "pk")


def territories_touched(realignment_id: UUID | str) -> set[UUID]:
    """Return the keys of the territories that give or take doctors. Cost: one query."""
    pairs = RealignmentMove.objects.filter(realignment_id=realignment_id).values_list(
        "from_territory_id", "to_territory_id"
    ).distinct()  # fmt: skip
    return {key for pair in pairs for key in pair if key is not None}


def doctors_in_territory(territory_id: UUID | str, on: date) -> int:
    """Return how many doctors belong to a territory on a day or later."""
    return (
        Doctor.objects.filter(merged_into__isnull=True)
        .filter(
            Q(assignments__valid_until__isnull=True) | Q(assignments__valid_until__gt=on),
            assignments__territory_id=territory_id,
        )
        .count()
    )


def _by_tier(moving: QuerySet[RealignmentMove], side: str) -> dict[UUID, dict[str, int]]:
    counts: dict[UUID, dict[str, int]] = {}
    for key, tier, count in (
        moving.filter(**{f"{side}__isnull": False})
        .values_list(f"{side}_id", "doctor__tier")
        .annotate(Count("pk"))
    ):
        counts.setdefault(key, {})[tier] = count
    return counts


def _contacts(counts: dict[str, int], goals: dict[str, int]) -> int:
    return sum(count * goals.get(tier or "basic", 0) for tier, count in counts.items())


def _names(keys: Iterable[UUID]) -> dict[UUID, str]:
    return dict(territories().filter(pk__in=list(keys)).values_list("pk", "name"))
