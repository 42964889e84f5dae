"""Count whom personal data are given to; across the border only on a lawful route. Source: PIPL 38 to 40; PI-17."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.judging import judge
from compliance.actions.recording import record
from compliance.choices import ExportRoute
from compliance.facts import ExportFacts
from compliance.models import ExportedPerson, ExportRecipient, ExportTally, ImpactAssessment
from compliance.selectors.exports import given_abroad, is_route_valid
from compliance.selectors.people import people_with_role
from pharmacrm.common.errors import DomainError
from pharmacrm.common.ids import uuid7
from pharmacrm.common.notifications import notify

WARN_AT_PERCENT = 80
LINES = {"persons": (100_000, 1_000_000), "sensitive": (10_000,)}


class RecipientNotSaved(DomainError):
    """The recipient was not entered."""

    code = "recipient_not_saved"


@transaction.atomic
def count_export(
    *, kind: str, name: str, persons: Iterable[Any], sensitive: Iterable[Any] = (), by: Any, at: datetime
) -> ExportTally:
    """Count the persons of one export before it leaves; an account of a recipient abroad is judged.

    Persons are counted once a year over all recipients abroad; sensitive are those whose sensitive data it holds.
    Raises: Refused with the verdict where the year's numbers ask for a route the recipient does not have.
    Cost: three queries, and one insert of the persons where they go abroad; one such export at a time.
    """
    everyone = {UUID(str(person)) for person in persons}
    special = {UUID(str(person)) for person in sensitive}
    recipient = (
        ExportRecipient.objects.select_related("assessment").filter(account=by, is_active=True).first()
        if by
        else None
    )
    tally = ExportTally(
        recipient=recipient,
        by=by,
        at=at,
        kind=kind,
        name=name[:80],
        persons=len(everyone),
        sensitive=len(special),
    )
    verdict = None
    if recipient is not None and recipient.is_abroad:
        year = localtime(at).year
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exported_persons'))")
        before = given_abroad(year)
        after = given_abroad(year, everyone, special)
        day = localtime(at).date()
        route = recipient.route if is_route_valid(recipient, day) else ExportRoute.NONE
        facts = ExportFacts(
            recipient=recipient.name,
            region=recipient.region,
            is_abroad=True,
            route=str(route),
            assessment=_valid_number(recipient.assessment, day),
            persons_this_year=after.persons,
            sensitive_this_year=after.sensitive,
        )
        verdict = judge("export.send", facts, subject=f"export:{tally.pk}", by=by, at=at)
        _remember(recipient, year, everyone, special)
        _warn(before.persons, after.persons, "persons", year, at)
        _warn(before.sensitive, after.sensitive, "sensitive", year, at)
    tally.save(force_insert=True)
    record("compliance.export_counted", subject=f"export:{tally.pk}", by=by, at=at, verdict=verdict, rows=[])
    return tally


@transaction.atomic
def save_recipient(
    *,
    name: str,
    region: str,
    route: str,
    route_number: str,
    route_until: date | None,
    assessment: str,
    account: str,
    by: Any,
    at: datetime,
    recipient_id: UUID | None = None,
) -> ExportRecipient:
    """Enter a recipient, or change one: where it sits, its route, its assessment, the account it exports with.

    Raises: PermissionDenied; RecipientNotSaved.
    """
    if not permissions.can_keep_recipients(by):
        raise PermissionDenied
    if not name.strip() or len(region.strip()) != 2:
        raise RecipientNotSaved(
            _("Give the name and the two letters of the country or region."), field="region"
        )
    if route not in ExportRoute.values or (route != ExportRoute.NONE and not route_number.strip()):
        raise RecipientNotSaved(_("A route has its number."), field="route_number")
    kept = ImpactAssessment.objects.filter(number=assessment.strip()).first() if assessment.strip() else None
    if assessment.strip() and kept is None:
        raise RecipientNotSaved(
            _("The register has no impact assessment of this number."), field="assessment"
        )
    person = type(by).objects.filter(username=account.strip()).first() if account.strip() else None
    if account.strip() and person is None:
        raise RecipientNotSaved(_("Nobody has this user name."), field="account")
    taken = ExportRecipient.objects.filter(name=name.strip()).exclude(pk=recipient_id)
    used = ExportRecipient.objects.filter(account=person).exclude(pk=recipient_id) if person else taken.none()
    if taken.exists() or used.exists():
        raise RecipientNotSaved(_("This recipient or this account is entered already."), field="name")
    row = (
        ExportRecipient.objects.select_for_update(of=("self",)).get(pk=recipient_id)
        if recipient_id
        else ExportRecipient()
    )
    row.name, row.region, row.route = name.strip(), region.strip().upper(), route
    row.route_number, row.route_until = route_number.strip(), route_until
    row.assessment, row.account = kept, person
    row.save()
    record("compliance.export_recipient_saved", subject=f"recipient:{row.pk}", by=by, at=at, rows=[row])
    return row


def _remember(recipient: ExportRecipient, year: int, everyone: set[UUID], special: set[UUID]) -> None:
    ExportedPerson.objects.bulk_create(
        [
            ExportedPerson(id=uuid7(), recipient=recipient, year=year, person=person, is_sensitive=flag)
            for flag, group in ((False, everyone), (True, special))
            for person in sorted(group)
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )


def _warn(before: int, after: int, kind: str, year: int, at: datetime) -> None:
    for line in LINES[kind]:
        mark = line * WARN_AT_PERCENT // 100
        if before < mark <= after:
            for officer in people_with_role("compliance"):
                notify(
                    recipient=officer,
                    kind="export_near_line",
                    zh=f"{year} 年向境外提供个人信息已达 {after} 人，接近 {line} 人界限",
                    en=f"{after} persons were given abroad in {year}; the line of {line} is near",
                    at=at,
                    url="/compliance/exports/",
                    subject=f"export_line:{year}-{kind}-{line}",
                )


def _valid_number(assessment: ImpactAssessment | None, day: date) -> str:
    return (
        assessment.number
        if assessment
        and assessment.review_on
        and assessment.state == "approved"
        and day < assessment.review_on
        else ""
    )
