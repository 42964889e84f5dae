"""Reads about the company's people and territories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from pharmacrm.common.models import Notification

from .choices import Role
from .models import Territory, TerritoryMember, TerritoryMove, User

SEES_EVERY_TERRITORY = frozenset(
    {Role.COMPLIANCE, Role.STEWARD, Role.MARKETING, Role.MEDICAL, Role.REGULATORY, Role.PV, Role.INSPECTOR,
     Role.ADMINISTRATOR, Role.SERVICE}
)  # fmt: skip


UNREAD = "SELECT count(*) FROM common_notification WHERE recipient_id = %s AND read_at IS NULL"
TERRITORIES_BELOW = """
    SELECT DISTINCT below.id FROM accounts_territorymember member
      JOIN accounts_territory own ON own.id = member.territory_id
      JOIN accounts_territory below ON below.path ~>=~ own.path AND below.path ~<~ (left(own.path, -1) || '0')
     WHERE member.user_id = %(user)s AND member.valid_from <= %(on)s
       AND (member.valid_until IS NULL OR member.valid_until > %(on)s)"""


def sees_every_territory(user: User) -> bool:
    """Return whether the user's roles reach over the whole tree."""
    return not user.roles.isdisjoint(SEES_EVERY_TERRITORY)


def memberships_on(user: User, on: date) -> QuerySet[TerritoryMember]:
    """Return the user's memberships that hold on a day."""
    return TerritoryMember.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on), user=user, valid_from__lte=on
    )


def territory_ids_of(user: User, on: date) -> list[UUID]:
    """Return the keys of the territories the user works in on a day, with all below them. Cost: one query.

    Asked on nearly every request, so it is said to the database itself: a path begins with that of a territory when
    it lies between "/north/east/" and "/north/east0", the next text in byte order, and one index range answers that.
    """
    with connection.cursor() as cursor:
        cursor.execute(TERRITORIES_BELOW, {"user": user.pk, "on": on})
        return [row[0] for row in cursor.fetchall()]


def territories_by_code_or_name() -> dict[str, UUID]:
    """Return the keys of all territories by code, and by name where it is the only one. Cost: one query."""
    rows = list(Territory.objects.values_list("pk", "code", "name"))
    times = Counter(name for _pk, _code, name in rows)
    by_name = {name: pk for pk, _code, name in rows if times[name] == 1}
    return by_name | {code: pk for pk, code, _name in rows}


def lines_of_territories() -> dict[UUID, str]:
    """Return the line of each territory that has one. Cost: one query."""
    return dict(Territory.objects.exclude(line="").values_list("pk", "line"))


def territory_of(territory_id: UUID | str) -> Territory | None:
    """Return one territory, or None."""
    return Territory.objects.filter(pk=territory_id).first()


def open_territories(on: date) -> QuerySet[Territory]:
    """Return the territories that exist on a day, in reading order."""
    return Territory.objects.filter(Q(closes_on__isnull=True) | Q(closes_on__gt=on)).order_by("path")


def may_align(user: User, territory_ids: Collection[UUID], on: date) -> bool:
    """Return whether a person who aligns territories reaches all of these: stewards and administrators do."""
    return user.has_role(Role.STEWARD, Role.ADMINISTRATOR) or set(territory_ids) <= set(
        territory_ids_of(user, on)
    )


def managers_over(territory_id: UUID, on: date) -> list[User]:
    """Return the active line managers who work on a day in a territory or above it. Cost: two queries."""
    path = Territory.objects.values_list("path", flat=True).get(pk=territory_id)
    codes = path.strip("/").split("/")
    above = ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    rows = TerritoryMember.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on),
        valid_from__lte=on,
        role=Role.LINE_MANAGER,
        territory__path__in=above,
        user__is_active=True,
    )
    people = {member.user_id: member.user for member in rows.select_related("user").order_by("pk")}
    return [person for person in people.values() if person.has_role(Role.LINE_MANAGER)]


def people_below(user: User, on: date) -> QuerySet[User]:
    """Return the active people working on a day in the user's territories or below them."""
    return User.objects.filter(
        Q(memberships__valid_until__isnull=True) | Q(memberships__valid_until__gt=on),
        memberships__valid_from__lte=on,
        memberships__territory_id__in=territory_ids_of(user, on),
        is_active=True,
    ).distinct()


def people_with_role(role: str) -> QuerySet[User]:
    """Return the active people holding a role, by name."""
    return User.objects.filter(groups__name=role, is_active=True).order_by("display_name")


def user_of(user_id: UUID | str) -> User | None:
    """Return one person, or None."""
    return User.objects.filter(pk=user_id).first()


def role_names_of(user: User, known: Collection[str] | None = None) -> list[str]:
    """Return the words for the roles a person holds, in the order of the table of roles; `known` saves the query."""
    held = known if known is not None else {group.name for group in user.groups.all()}
    return [str(role.label) for role in Role if role.value in held]


def messages_of(user: User) -> QuerySet[Notification]:
    """Return a person's notifications, newest first."""
    return Notification.objects.filter(recipient=user).order_by("-created_at", "-pk")


def unread_messages(user: User) -> int:
    """Return how many notifications a person has not read. Cost: one query, on every page."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [user.pk])
        return int(cursor.fetchone()[0])


def are_in_one_reporting_line(one: User, other: User) -> bool:
    """Return whether one of the two reports, through any number of steps, to the other."""
    return other.pk in _line_above(one) or one.pk in _line_above(other)


def people() -> QuerySet[User]:
    """Return everybody with an account, by name; roles and line manager come with it. Cost: two queries."""
    return (
        User.objects.select_related("line_manager", "last_sign_in")
        .prefetch_related("groups")
        .order_by("display_name", "pk")
    )


def people_like(*, q: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Return people whose name, user name or address holds `q`, with a role, active or ended."""
    found = people()
    if q:
        found = found.filter(Q(display_name__icontains=q) | Q(username__icontains=q) | Q(email__icontains=q))
    if role:
        found = found.filter(groups__name=role)
    if state:
        found = found.filter(is_active=state == "active")
    return found


def reports_to(one_id: UUID, other_id: UUID) -> bool:
    """Return whether one person is the other or reports to them through any number of steps."""
    one = User.objects.get(pk=one_id)
    return one.pk == other_id or other_id in _line_above(one)


def territories() -> QuerySet[Territory]:
    """Return the tree in reading order: a parent right before what lies below it."""
    return Territory.objects.order_by("path")


@dataclass(frozen=True)
class Branch:
    """One territory in the tree, with its depth and who works there on the day."""

    territory: Territory
    depth: int
    members: list[TerritoryMember]


def tree_on(on: date) -> list[Branch]:
    """Return the whole tree in reading order with the people of a day. Cost: two queries."""
    working = TerritoryMember.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on), valid_from__lte=on
    ).select_related("user")
    by_territory: dict[UUID, list[TerritoryMember]] = {}
    for member in working.order_by("role", "user__display_name"):
        by_territory.setdefault(member.territory_id, []).append(member)
    return [
        Branch(territory, territory.path.count("/") - 2, by_territory.get(territory.pk, []))
        for territory in territories()
    ]


def members_of(territory_id: UUID) -> QuerySet[TerritoryMember]:
    """Return all memberships of a territory, the present and latest first."""
    return (
        TerritoryMember.objects.filter(territory_id=territory_id)
        .select_related("user")
        .order_by(F("valid_until").desc(nulls_first=True), "-valid_from", "pk")
    )


def waiting_moves(territory_id: UUID | None = None) -> QuerySet[TerritoryMove]:
    """Return the moves of the tree whose day has not come, of one territory or of all."""
    waiting = TerritoryMove.objects.filter(done_at__isnull=True).select_related("territory", "parent")
    return (waiting.filter(territory_id=territory_id) if territory_id else waiting).order_by(
        "effective_on", "pk"
    )


def reps_working(territory_ids: Collection[UUID], on: date) -> QuerySet[TerritoryMember]:
    """Return who works as a representative in these territories on a day, person and territory joined in."""
    return (
        TerritoryMember.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=on),
            role=Role.REP,
            territory_id__in=territory_ids,
            valid_from__lte=on,
        )
        .select_related("user", "territory")
        .order_by("user__display_name", "pk")
    )


def administrators() -> QuerySet[User]:
    """Return who can grant access, by name."""
    return people_with_role(Role.ADMINISTRATOR)


def title_of_user(key: str) -> str:
    """Return a person's name by the text of their key, or nothing."""
    return User.objects.filter(pk=key).values_list("display_name", flat=True).first() or ""


def url_of_user(key: str) -> str:
    """Return the page of a person."""
    return reverse("accounts:person", args=[key])


def title_of_territory(key: str) -> str:
    """Return a territory's name by the text of its key, or nothing."""
    return Territory.objects.filter(pk=key).values_list("name", flat=True).first() or ""


def url_of_territory(key: str) -> str:
    """Return the page of a territory."""
    return reverse("accounts:territory", args=[key])


def _line_above(user: User) -> set[UUID]:
    above: set[UUID] = set()
    manager_id = user.line_manager_id
    while manager_id and manager_id not in above:
        above.add(manager_id)
        manager_id = User.objects.filter(pk=manager_id).values_list("line_manager_id", flat=True).first()
    return above


def territory_ids_below(territory_id: UUID) -> list[UUID]:
    """Return the keys of a territory and all below it. Cost: two queries."""
    path = Territory.objects.filter(pk=territory_id).values_list("path", flat=True).first()
    return list(Territory.objects.filter(path__startswith=path).values_list("pk", flat=True)) if path else []


def territories_held_with(key: str) -> list[str]:
    """Return the subjects that stop with a territory: itself and all below it today. Raises: ValidationError for no key."""
    return [f"territory:{pk}" for pk in territory_ids_below(UUID(key))]


ABOVE = """
    SELECT DISTINCT above.id FROM accounts_territory own
      JOIN accounts_territory above ON left(own.path, length(above.path)) = above.path
     WHERE own.id = ANY(%s)"""


def territories_rested_on(keys: Iterable[UUID]) -> tuple[str, ...]:
    """Return territories and all above them as subjects, so that a hold on one stops what hangs below it since.

    Cost: one query; none without a key.
    """
    named = list(keys)
    if not named:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, [named])
        return tuple(sorted(f"territory:{key}" for (key,) in cursor.fetchall()))


def teams_below(user: User, on: date) -> QuerySet[Territory]:
    """Return the territories right below those a person works in; for roles that see all, right below the roots."""
    if sees_every_territory(user):
        return Territory.objects.filter(parent__parent__isnull=True, parent__isnull=False).order_by("code")
    own = memberships_on(user, on).values("territory_id")
    return Territory.objects.filter(parent_id__in=own).order_by("code")


def reps_in_sight(user: User, on: date) -> QuerySet[User]:
    """Return the representatives a person may compare: those in their territories, or all for company-wide roles."""
    reps = User.objects.filter(groups__name=Role.REP, is_active=True).order_by("display_name", "pk")
    return reps if sees_every_territory(user) else reps.filter(pk__in=people_below(user, on).values("pk"))


TEAMS = """
    SELECT member.user_id, above.id FROM accounts_territorymember member
      JOIN accounts_territory own ON own.id = member.territory_id
      JOIN accounts_territory above ON left(own.path, length(above.path)) = above.path
     WHERE member.user_id = ANY(%(people)s) AND member.valid_from <= %(on)s
       AND (member.valid_until IS NULL OR member.valid_until > %(on)s)"""


def team_subjects_of(people: list[UUID], on: date) -> dict[UUID, set[str]]:
    """Return the subjects of the territories each person works in on a day, and of all above. Cost: one query."""
    found: dict[UUID, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TEAMS, {"people": people, "on": on})
        for user_id, territory_id in cursor.fetchall():
            found.setdefault(user_id, set()).add(f"territory:{territory_id}")
    return found


def team_subjects(_on: date) -> list[tuple[str, str]]:
    """Return every territory as subject and name, in reading order. Cost: one query."""
    return [(f"territory:{row.pk}", str(row)) for row in territories()]
