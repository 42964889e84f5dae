"""Count whom personal data are given to; across the border only on a lawful route. Source: PIPL 38 to 40; PI-17."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.export_approvals import Export, ask_to_export, permission_for
from compliance.actions.judging import judge
from compliance.actions.recording import record
from compliance.choices import ExportRoute
from compliance.facts import ExportFacts
from compliance.models import ExportedPerson, ExportRecipient, ExportTally, ImpactAssessment
from compliance.selectors.exports import GivenAbroad, given_abroad, is_route_valid
from compliance.selectors.people import people_with_role
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.ids import uuid7
from pharmacrm.common.leaving import Door
from pharmacrm.common.notifications import notify

INBOX = "/compliance/inbox/"
WARN_AT_PERCENT = 80
LINES = {"persons": (100_000, 1_000_000), "sensitive": (10_000,)}


class RecipientNotSaved(DomainError):
    """The recipient was not entered."""

    code = "recipient_not_saved"


def count_export(
    *, kind: str, name: str, persons: Iterable[Any], sensitive: Iterable[Any] = (), by: Any, at: datetime
) -> ExportTally:
    """Count the persons of one export before it leaves; an account of a recipient abroad is judged.

    Persons are counted once a year over all recipients abroad; sensitive are those whose sensitive data it holds.
    Raises: Refused with the verdict where the year's numbers ask for a route the recipient does not have; where an
    exemption could be named, people have been asked then. Cost: three queries, and one insert of the persons where
    they go abroad; one such export at a time. No transaction may be open around this.
    """
    export = Export(
        kind,
        name[:80],
        frozenset(UUID(str(person)) for person in persons),
        frozenset(UUID(str(person)) for person in sensitive),
    )
    recipient = (
        ExportRecipient.objects.select_related("assessment").filter(account=by, is_active=True).first()
        if by
        else None
    )
    try:
        return _count(export, recipient, by=by, at=at)
    except Refused as refusal:
        if recipient is not None and _valid_number(recipient.assessment, localtime(at).date()):
            ask_to_export(export, recipient, by=by, at=at)
            refusal.asked_url = INBOX
        raise


@transaction.atomic
def _count(export: Export, recipient: ExportRecipient | None, *, by: Any, at: datetime) -> ExportTally:
    merged = _merged(export, by, at) if recipient is None and export.kind == Door.REST else None
    if merged is not None:
        return merged
    tally = ExportTally(
        recipient=recipient,
        by=by,
        at=at,
        kind=export.kind,
        name=export.name,
        persons=len(export.persons),
        sensitive=len(export.sensitive),
    )
    verdict = None
    if recipient is not None and recipient.is_abroad:
        year = localtime(at).year
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exported_persons'))")
        before = given_abroad(year)
        after = given_abroad(year, export.persons, export.sensitive)
        facts = _facts(recipient, after, at)
        subject = f"export:{tally.pk}"
        try:
            verdict = judge("export.send", facts, subject=subject, by=by, at=at)
        except Refused:
            tally.approval = permission_for(export, by=by, at=at)
            if tally.approval is None:
                raise
            verdict = judge("export.send", replace(facts, is_exempt=True), subject=subject, by=by, at=at)
        _remember(recipient, year, export)
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


def _facts(recipient: ExportRecipient, after: GivenAbroad, at: datetime) -> ExportFacts:
    day = localtime(at).date()
    return ExportFacts(
        recipient=recipient.name,
        region=recipient.region,
        is_abroad=True,
        route=str(recipient.route if is_route_valid(recipient, day) else ExportRoute.NONE),
        assessment=_valid_number(recipient.assessment, day),
        persons_this_year=after.persons,
        sensitive_this_year=after.sensitive,
    )


def _merged(export: Export, by: Any, at: datetime) -> ExportTally | None:
    """Add a page of a list to what the same account had of it today; None at the first, which is recorded."""
    midnight = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    tally = (
        ExportTally.objects.select_for_update(of=("self",))
        .filter(
            by=by, kind=export.kind, name=export.name, recipient__isnull=True, at__gte=midnight, at__lte=at
        )
        .order_by("-at", "-pk")
        .first()
    )
    if tally is not None:
        tally.persons += len(export.persons)
        tally.sensitive += len(export.sensitive)
        tally.save(update_fields=["persons", "sensitive"])
    return tally


def _remember(recipient: ExportRecipient, year: int, export: Export) -> None:
    ExportedPerson.objects.bulk_create(
        [
            ExportedPerson(id=uuid7(), recipient=recipient, year=year, person=person, is_sensitive=flag)
            for flag, group in ((False, export.persons), (True, export.sensitive))
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
