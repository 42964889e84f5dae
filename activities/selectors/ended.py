"""What of events, safety reports, shown materials and answers to phones is over its term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from activities.models import (
    Attendance,
    Event,
    EventProof,
    Expense,
    SafetyReport,
    Speaker,
    SyncOperation,
    VisitMaterial,
)
from compliance.retention import Disposal
from compliance.selectors.keeping import moment_of, next_keys
from content.selectors.archive import versions_out_of_use
from pharmacrm.common.models import StoredFile

EVENT_TREE = (
    ("activities.EventSession", "event"),
    ("activities.Speaker", "event"),
    ("activities.Invitation", "event"),
    ("activities.Attendance", "event"),
    ("activities.EventProof", "event"),
    ("activities.BudgetLine", "event"),
    ("activities.Expense", "event"),
    ("activities.Event", ""),
)
EXPIRED = {"expired": True}


def _ended(before: date) -> QuerySet[Event]:
    """Return events that ended before a day, each with whether money was spent on it."""
    return Event.objects.annotate(
        ended=Coalesce("closed_at", "cancelled_at"),
        spent=Exists(Expense.objects.filter(event=OuterRef("pk"))),
        paid=Exists(Speaker.objects.filter(event=OuterRef("pk"), fee_fen__gt=0)),
    ).filter(ended__lt=moment_of(before))


def events_over(before: date, after: str, most: int) -> list[str]:
    """Return the next events without expenses and fees that were closed or cancelled before a day. Cost: one query."""
    return next_keys(_ended(before).filter(spent=False, paid=False), after, most)


def vouchers_over(before: date, after: str, most: int) -> list[str]:
    """Return the next events with expenses or fees whose last accounting year ended before a day. Cost: one query."""
    later = Expense.objects.filter(event=OuterRef("pk"), spent_on__year__gte=before.year)
    rows = _ended(date(before.year, 1, 1)).exclude(spent=False, paid=False)
    return next_keys(rows.exclude(Exists(later)), after, most)


def names_of_events(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return what a hold on an event may name: the event, its hospital, its organiser, who spoke or came. Cost: three queries."""
    people: dict[str, set[str]] = defaultdict(set)
    for model in (Speaker, Attendance):
        for event, doctor in model.objects.filter(event__in=keys).values_list("event", "doctor"):
            people[str(event)].add(f"doctor:{doctor}")
    rows = Event.objects.filter(pk__in=keys).values_list("pk", "hospital", "organiser")
    return {
        str(pk): (f"event:{pk}", f"hospital:{hospital}", f"user:{organiser}", *sorted(people[str(pk)]))
        for pk, hospital, organiser in rows
    }


def files_of_events(keys: Iterable[str]) -> list[StoredFile]:
    """Return the proofs, receipts and approvals of events that no other event shows."""
    found: dict[object, set[str]] = defaultdict(set)
    for model, name in ((EventProof, "file"), (Expense, "receipt"), (Speaker, "hospital_approval")):
        own = model.objects.filter(event__in=list(keys), **{f"{name}__isnull": False}).values_list(
            name, flat=True
        )
        for file, event in model.objects.filter(**{f"{name}__in": list(own)}).values_list(name, "event"):
            found[file].add(str(event))
    alone = [file for file, events in found.items() if events <= set(keys)]
    return list(StoredFile.objects.filter(pk__in=alone).order_by("pk"))


def reports_over(before: date, after: str, most: int) -> list[str]:
    """Return the next safety reports of products whose registration ended before a day. Cost: one query."""
    return next_keys(SafetyReport.objects.filter(product__registration_ended_on__lt=before), after, most)


def names_of_reports(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return what a hold on a report may name: the report, its doctor, its product. Cost: one query."""
    rows = SafetyReport.objects.filter(pk__in=keys).values_list("pk", "doctor", "product__code")
    return {str(pk): (f"safety:{pk}", f"doctor:{doctor}", f"product:{code}") for pk, doctor, code in rows}


def materials_over(before: date, after: str, most: int) -> list[str]:
    """Return the next material versions that ended, expired and were last shown before a day. Cost: one query."""
    shown = VisitMaterial.objects.filter(shown_at__gte=moment_of(before)).values("version")
    return versions_out_of_use(before, after, most, shown=shown)


def answers_over(before: date, after: str, most: int) -> list[str]:
    """Return the next answers to phones that came before a day. The operation stays, so that it is never done twice."""
    rows = SyncOperation.objects.filter(received_at__lt=moment_of(before)).exclude(answer=EXPIRED)
    rows = rows.filter(pk__gt=int(after)) if after else rows
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:most]]


def names_of_answers(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the subjects a hold may stop them by: none names a single answer."""
    return dict.fromkeys(keys, ())


EVENTS = Disposal(due=events_over, names=names_of_events, trees=EVENT_TREE, files=files_of_events)
VOUCHERS = Disposal(due=vouchers_over, names=names_of_events, trees=EVENT_TREE, files=files_of_events)
REPORTS = Disposal(due=reports_over, names=names_of_reports, trees=(("activities.SafetyReport", ""),))
