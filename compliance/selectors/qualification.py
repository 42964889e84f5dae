"""What a person may do for a product on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from compliance.models import (
    Certificate,
    Commitment,
    CourseAssignment,
    Employment,
    FiledProduct,
    HospitalRegistration,
    RepFiling,
)
from compliance.teams import teams_of


@dataclass(frozen=True)
class Qualification:
    """Facts about one person's standing for one product, as the rules read them."""

    employed: bool = False
    filed: bool = False
    filing_number: str = ""
    filing_ends_on: str = ""
    product_in_filing: bool = False
    commitment_signed: bool = False
    training_missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """One person's standing for several products at one hospital, in the words of the facts dataclasses."""

    employed: bool = False
    contract: str = "employment"
    filed: bool = False
    filing_number: str = ""
    filing_ends_on: str = ""
    change_open_days: int = 0
    products_outside_filing: tuple[str, ...] = ()
    products_outside_scope: tuple[str, ...] = ()  # filed, but given to a colleague by the company
    commitment_signed: bool = False
    training_missing: tuple[str, ...] = ()
    registered_at_hospital: bool = False
    degree_proven: bool = False
    bribery_checked: bool = False
    bribery_found: bool = False
    bribery_check_overdue: bool = False


def qualified(user_id: UUID, point: str, product_code: str, at: datetime) -> Qualification:
    """Return a person's qualification for a product at a moment. Cost: as `standing_of`."""
    standing = standing_of(user_id, point, [product_code] if product_code else [], at)
    return Qualification(
        employed=standing.employed,
        filed=standing.filed,
        filing_number=standing.filing_number,
        filing_ends_on=standing.filing_ends_on,
        product_in_filing=standing.filed and not standing.products_outside_filing,
        commitment_signed=standing.commitment_signed,
        training_missing=standing.training_missing,
    )


def standing_of(
    user_id: UUID, point: str, product_codes: Sequence[str], at: datetime, *, hospital: str = ""
) -> Standing:
    """Return a person's standing on the day of `at`, for products and the hospital with that subject string.

    Cost: at most eight queries, however many products.
    """
    return standings_of([user_id], point, product_codes, at, hospital=hospital)[user_id]


def standings_of(
    user_ids: Iterable[UUID],
    point: str,
    product_codes: Sequence[str] | None,
    at: datetime,
    *,
    hospital: str = "",
) -> dict[UUID, Standing]:
    """Return the standing of several people at once; without products, each for those in their own filing.

    Cost: at most eight queries, however many people, and one more where a course is asked of a team.
    """
    people, on = list(user_ids), localtime(at).date()
    roles: dict[UUID, set[str]] = {pk: set() for pk in people}
    for pk, role in (
        get_user_model().objects.filter(pk__in=people, is_active=True).values_list("pk", "groups__name")
    ):
        roles[pk].add(role or "")
    employments = {
        row.user_id: row for row in _on(Employment.objects, on).filter(user__in=people).order_by("valid_from")
    }
    filings = {
        row.user_id: row
        for row in _on(RepFiling.objects, on)
        .filter(user__in=people, withdrawn_on__isnull=True)
        .order_by("valid_from")
    }
    scope: dict[UUID, set[str]] = {}
    given_away: dict[UUID, set[str]] = {}
    for filing_id, code, is_assigned in (
        _on(FiledProduct.objects, on)
        .filter(filing__in=[filing.pk for filing in filings.values()])
        .values_list("filing_id", "product_code", "is_assigned")
    ):
        scope.setdefault(filing_id, set()).add(code)
        if not is_assigned:
            given_away.setdefault(filing_id, set()).add(code)
    committed = set(
        _on(Commitment.objects, on)
        .filter(Q(renew_by__isnull=True) | Q(renew_by__gte=on), user__in=people)
        .values_list("user_id", flat=True)
    )
    assignments = list(
        _on(CourseAssignment.objects, on)
        .filter(course__is_retired=False)
        .filter(Q() if product_codes is None else Q(product_code__in=["", *product_codes]))
        .values_list("course_id", "course__code", "role", "points", "product_code", "team")
    )
    in_teams = teams_of(people, on) if any(row[-1] for row in assignments) else {}
    passed: dict[UUID, set[UUID]] = {}
    for pk, course in certificates_on(on, at).filter(user__in=people).values_list("user_id", "course_id"):
        passed.setdefault(pk, set()).add(course)
    registered = (
        set(
            _on(HospitalRegistration.objects, on)
            .filter(user__in=people, hospital=hospital)
            .values_list("user_id", flat=True)
        )
        if hospital
        else set()
    )
    result = {}
    for pk in people:
        employment, filing = employments.get(pk), filings.get(pk)
        inside = scope.get(filing.pk, set()) if filing else set()
        wanted = sorted(inside) if product_codes is None else product_codes
        needed = {
            code: course
            for course, code, role, at_points, product, team in assignments
            if role in roles[pk]
            and (not team or team in in_teams.get(pk, ()))
            and (not at_points or point in at_points)
            and (not product or product in wanted)
        }
        result[pk] = Standing(
            employed=bool(roles[pk]) and employment is not None,
            contract=employment.kind if employment else "employment",
            filed=filing is not None,
            filing_number=filing.number if filing else "",
            filing_ends_on=filing.valid_until.isoformat() if filing and filing.valid_until else "",
            change_open_days=(on - employment.changed_on).days if employment and employment.changed_on else 0,
            products_outside_filing=tuple(code for code in dict.fromkeys(wanted) if code not in inside),
            products_outside_scope=tuple(
                code
                for code in dict.fromkeys(wanted)
                if filing is not None and code in given_away.get(filing.pk, ())
            ),
            commitment_signed=pk in committed,
            training_missing=tuple(
                sorted(code for code, course in needed.items() if course not in passed.get(pk, set()))
            ),
            registered_at_hospital=pk in registered,
            degree_proven=bool(employment and employment.degree_proven),
            bribery_checked=bool(employment and employment.bribery_checked_on),
            bribery_found=bool(employment and employment.bribery_found),
            bribery_check_overdue=bool(
                employment and employment.bribery_due_on and employment.bribery_due_on < on
            ),
        )
    return result


def certificates_on(on: date, at: datetime) -> QuerySet[Certificate]:
    """Return the certificates that count on a day, as of a moment: within their days, renewed in time, not revoked."""
    held: QuerySet[Certificate] = _on(Certificate.objects, on).filter(
        Q(renew_by__isnull=True) | Q(renew_by__gte=on), Q(revoked_at__isnull=True) | Q(revoked_at__gt=at)
    )
    return held


def _on(rows, day: date):  # type: ignore[no-untyped-def]
    return rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day), valid_from__lte=day)
