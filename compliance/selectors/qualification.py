"""What a person may do for a product on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from compliance.models import Certificate
from compliance.teams import teams_of

from .standing_rows import standing_rows


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

    Cost: as `standings_of`.
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

    Cost: one query, however many people, and one more where a course is asked of a team.
    """
    people, on = list(user_ids), localtime(at).date()
    held = standing_rows(people, product_codes, on=on, at=at, hospital=hospital)
    in_teams = teams_of(people, on) if any(asked.team for asked in held.courses) else {}
    result = {}
    for pk in people:
        employment, filing = held.employments.get(pk), held.filings.get(pk)
        inside = filing.products if filing else {}
        wanted = sorted(inside) if product_codes is None else list(dict.fromkeys(product_codes))
        needed = {
            asked.code: asked.course_id
            for asked in held.courses
            if asked.role in held.roles.get(pk, ())
            and (not asked.team or asked.team in in_teams.get(pk, ()))
            and (not asked.points or point in asked.points)
            and (not asked.product_code or asked.product_code in wanted)
        }
        passed = held.passed.get(pk, set())
        result[pk] = Standing(
            employed=pk in held.roles and employment is not None,
            contract=employment.kind if employment else "employment",
            filed=filing is not None,
            filing_number=filing.number if filing else "",
            filing_ends_on=filing.ends_on if filing else "",
            change_open_days=(on - employment.changed_on).days if employment and employment.changed_on else 0,
            products_outside_filing=tuple(code for code in wanted if code not in inside),
            products_outside_scope=tuple(code for code in wanted if not inside.get(code, True)),
            commitment_signed=pk in held.committed,
            training_missing=tuple(sorted(code for code, course in needed.items() if course not in passed)),
            registered_at_hospital=pk in held.registered,
            degree_proven=bool(employment and employment.degree_proven),
            bribery_checked=bool(employment and employment.bribery_checked),
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
