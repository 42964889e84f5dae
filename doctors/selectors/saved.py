"""Lists of doctors that people keep, and which doctors a bulk action is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.http import urlencode

from doctors.choices import ListKind
from doctors.models import DoctorList, DoctorListMember
from doctors.selectors.lists import doctors_listed, own_doctors_by_name, read_with_places, rows_before_places
from doctors.selectors.visibility import doctors_visible_to
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import memberships_on, sees_every_territory, territory_ids_of
from pharmacrm.common.listing import beyond

MOST_COUNTED = 10_000
BY_NAME = ("identity__sort_key", "pk")
FEW_TERRITORIES = 20  # of more, the order of names is better walked than made
FILTERS = (
    "tier",
    "level",
    "division",
    "department",
    "specialty",
    "hospital",
    "territory",
    "status",
    "picked",
)


@dataclass(frozen=True)
class KeptList:
    """One list as a reader sees it: `count` are the doctors on it whom this reader may see; -1 for very many."""

    id: UUID
    name: str
    kind: str
    kind_label: str
    owner: str
    shared_with: str
    is_own: bool
    count: int
    query: str


def lists_visible_to(user: User, on: date) -> QuerySet[DoctorList]:
    """Return one's own lists and those shared with a territory one works in or below. Cost: one query when evaluated, one more now."""
    paths = memberships_on(user, on).values_list("territory__path", flat=True)
    codes = {code for path in paths for code in path.strip("/").split("/")}
    return DoctorList.objects.filter(
        Q(owner=user) | Q(shared_with__code__in=codes), dropped_at__isnull=True
    ).select_related("owner", "shared_with")


def members_of_list(list_id: UUID | str, user: User, on: date) -> QuerySet[DoctorListMember]:
    """Return who is on a list of picks that the person may open; nobody for any other."""
    return DoctorListMember.objects.filter(list__in=lists_visible_to(user, on), list_id=list_id)


def kept_lists(user: User, on: date) -> list[KeptList]:
    """Return a person's lists with how many doctors each holds for them. Cost: one query, and one for each list."""
    found = []
    for one in lists_visible_to(user, on).order_by("name", "pk"):
        rows = rows_of_list(one, user, on)
        count = rows.order_by().values("pk")[: MOST_COUNTED + 1].count()
        found.append(
            KeptList(
                one.pk,
                one.name,
                one.kind,
                str(one.get_kind_display()),
                str(one.owner),
                str(one.shared_with or ""),
                one.owner_id == user.pk,
                count if count <= MOST_COUNTED else -1,
                query_of_list(one),
            )
        )
    return found


def query_of_list(one: DoctorList) -> str:
    """Return the query of the doctor list that shows this list."""
    return urlencode({"picked": str(one.pk)} if one.kind == ListKind.PICKS else one.filters)


def rows_of_list(one: DoctorList, user: User, on: date) -> QuerySet[Any]:
    """Return the doctors of a list whom a person may see, as dictionaries."""
    chosen = {"picked": one.pk} if one.kind == ListKind.PICKS else one.filters
    return doctors_filtered(user, on, chosen)


def lists_of_doctors(
    lists: Iterable[DoctorList], doctor_ids: Iterable[UUID], user: User, on: date
) -> dict[UUID, list[UUID]]:
    """Return for each of these doctors the lists that hold them. Cost: two queries a list."""
    wanted = list(doctor_ids)
    found: dict[UUID, list[UUID]] = {}
    for one in lists:
        rows = rows_of_list(one, user, on).order_by().filter(pk__in=wanted)
        for row in rows.values_list("pk", flat=True):
            found.setdefault(row, []).append(one.pk)
    return found


def doctors_filtered(
    user: User, on: date, chosen: dict[str, Any], *, among: QuerySet[Any] | None = None
) -> QuerySet[Any]:
    """Return the doctors a person may see that pass these filters, `picked` (a list's key) among them."""
    known = {name: value for name, value in chosen.items() if name in FILTERS and name != "picked"}
    rows = doctors_listed(user, on, among=among, **known)
    if chosen.get("picked"):
        rows = rows.filter(pk__in=members_of_list(chosen["picked"], user, on).values("doctor_id"))
    return rows


def rows_to_page(user: User, on: date, chosen: dict[str, Any], *, order: Sequence[str]) -> Any:
    """Return `doctors_filtered` as `page_of` takes them: for a person with territories by a quicker way."""
    if sees_every_territory(user):
        return doctors_filtered(user, on, chosen)
    return lambda after, count: own_doctors(user, on, chosen, order=order, after=after, count=count)


def own_doctors(
    user: User,
    on: date,
    chosen: dict[str, Any],
    *,
    order: Sequence[str],
    after: Sequence[Any] | None,
    count: int,
) -> list[dict[str, Any]]:
    """Return the first of `doctors_filtered` of a person with territories in an order, `after` a place in it.

    Raises: ValueError, ValidationError for a place that is none. Cost: two queries; three where nothing is filtered
    and there are more than 20 territories.
    """
    if not chosen and tuple(order) == BY_NAME:
        place = (str(after[0]), UUID(str(after[1]))) if after else None
        territories = territory_ids_of(user, on)
        if len(territories) <= FEW_TERRITORIES:
            return own_doctors_by_name(territories, on, after=place, count=count)
    rows = doctors_filtered(user, on, chosen, among=rows_before_places())
    return read_with_places(rows.filter(beyond(order, after)) if after else rows, order, count)


def visible_ids(user: User, on: date, ids: Iterable[UUID]) -> list[UUID]:
    """Return those of these keys whose doctors a person may see, in order. Cost: one query."""
    wanted = list(ids)
    return sorted(doctors_visible_to(user, on).filter(pk__in=wanted).values_list("pk", flat=True))
