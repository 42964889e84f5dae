"""Field work as monitoring reads it: candidates for sampling with their risk points, and facts for the detectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from PIL import Image, UnidentifiedImageError

from activities.choices import EventState, Lateness
from activities.models import Attendance, Event, EventProof, Expense, Visit
from activities.models.visits import REPORTED
from compliance.populations import Population
from compliance.rules.detectors import Bill, Contact, Proof, SignIn, Thresholds
from compliance.rules.sampling import Candidate
from compliance.selectors.figures import figure
from doctors import selectors as doctors
from pharmacrm.common.files import FileAltered, open_verified

BUSY_DAY = 8
NEAR_CAP_BP = 9_000
FEW_CAME_BP = 5_000
LATE_RECEIPT = timedelta(days=30)
RAN = (EventState.PROOF, EventState.CLOSED)
PICTURES_AT_MOST = 2_000

VISITS = {
    "in_breach": (_("in breach of a rule"), 6),
    "too_late": (_("saved more than 72 hours after"), 4),
    "clock_unproven": (_("times of a wrong clock"), 4),
    "note_kept_out": (_("a note that may not be stored"), 4),
    "busy_day": (_("more than 8 visits of one person on that day"), 3),
    "late": (_("saved more than 24 hours after"), 2),
    "group": (_("several doctors"), 1),
    "offline": (_("written without signal"), 1),
}
EVENTS = {
    "few_came": (_("less than half of those planned came"), 4),
    "meal_near_cap": (_("meal at 90% of the cap and more"), 3),
    "not_in_hospital": (_("held outside a hospital"), 3),
    "repeat": (_("topic repeated within a year"), 2),
    "costly": (_("in the upper fifth of costs"), 2),
    "speakers": (_("with invited speakers"), 1),
}
PAYMENTS = {
    "no_receipt": (_("no receipt attached"), 6),
    "meal_near_cap": (_("meal at 90% of the cap and more"), 4),
    "late_receipt": (_("entered more than 30 days after"), 3),
    "round": (_("a round sum"), 2),
    "costly": (_("in the upper fifth of costs"), 2),
}


def visit_candidates(since: date, until: date) -> Iterable[Candidate]:
    """Return the reported visits of some days with their risk points. Cost: two queries."""
    rows = list(
        _visits(since, until)
        .annotate(others=Count("attendees"))
        .values("pk", "rep_id", "ended_at", "in_breach", "lateness", "is_clock_unproven", "note_hits", "others",
                "was_offline")
    )  # fmt: skip
    days = Counter((row["rep_id"], timezone.localtime(row["ended_at"]).date()) for row in rows)
    for row in rows:
        busy = days[row["rep_id"], timezone.localtime(row["ended_at"]).date()] > BUSY_DAY
        yield _candidate(
            f"visit:{row['pk']}",
            VISITS,
            in_breach=row["in_breach"],
            too_late=row["lateness"] == Lateness.TOO_LATE,
            late=row["lateness"] == Lateness.LATE,
            clock_unproven=row["is_clock_unproven"],
            note_kept_out=bool(row["note_hits"]),
            busy_day=busy,
            group=row["others"] > 0,
            offline=row["was_offline"],
        )


def event_candidates(since: date, until: date) -> Iterable[Candidate]:
    """Return the events of some days that ran, with their risk points. Cost: four queries."""
    events = list(
        Event.objects.filter(state__in=RAN, starts_at__gte=_midnight(since), starts_at__lt=_midnight(until))
        .annotate(came=Count("attendances", distinct=True), talks=Count("speakers", distinct=True))
        .order_by("pk")
    )
    spent: Counter[Any] = Counter()
    for event_id, cost in Expense.objects.filter(event__in=events).values_list("event_id", "cost_fen"):
        spent[event_id] += cost
    line = _upper_fifth(list(spent.values()))
    cap = int(figure("RD-01", "cap_fen", _midnight(until), default=30_000))
    for event in events:
        yield _candidate(
            f"event:{event.pk}",
            EVENTS,
            few_came=bool(event.people_planned) and 10_000 * event.came < FEW_CAME_BP * event.people_planned,
            meal_near_cap=10_000 * event.meal_fen_per_head >= NEAR_CAP_BP * cap,
            not_in_hospital=event.venue_class != "hospital",
            repeat=bool(event.repeat_reason),
            costly=bool(line) and spent[event.pk] >= line,
            speakers=event.talks > 0,
        )


def payment_candidates(since: date, until: date) -> Iterable[Candidate]:
    """Return the receipts of some days with their risk points. Cost: two queries."""
    rows = list(Expense.objects.filter(spent_on__gte=since, spent_on__lt=until).order_by("pk"))
    line = _upper_fifth([row.cost_fen for row in rows])
    cap = int(figure("RD-01", "cap_fen", _midnight(until), default=30_000))
    for row in rows:
        entered = timezone.localtime(row.created_at).date()
        yield _candidate(
            f"expense:{row.pk}",
            PAYMENTS,
            no_receipt=row.receipt_id is None,
            meal_near_cap=row.kind == "meal"
            and 10_000 * row.cost_fen >= NEAR_CAP_BP * cap * max(1, row.people_present),
            late_receipt=entered - row.spent_on > LATE_RECEIPT,
            round=row.cost_fen % 10_000 == 0,
            costly=bool(line) and row.cost_fen >= line,
        )


POPULATIONS = (
    Population("visits", _("Visits"), VISITS, visit_candidates),
    Population("events", _("Academic events"), EVENTS, event_candidates),
    Population("payments", pgettext_lazy("expense", "Receipts"), PAYMENTS, payment_candidates),
)


def thresholds(at: datetime) -> Thresholds:
    """Return the detectors' figures, the company's own from the book in force. Cost: one query."""
    return Thresholds(
        visits_in_30_days=int(figure("SG-01", "visits", at, default=4)),
        meal_cap_fen=int(figure("RD-01", "cap_fen", at, default=30_000)),
    )


def contacts_between(since: date, until: date) -> list[Contact]:
    """Return the reported visits of some days for the detectors; notes are opened and stay in memory.

    Cost: one query, and one more for each doctor whose visit has a note.
    """
    rows = (
        _visits(since, until)
        .annotate(
            city=F("hospital__division_id"),
            latitude=F("hospital__latitude"),
            longitude=F("hospital__longitude"),
        )
        .order_by("pk")
    )
    return [
        Contact(
            visit=str(row.pk),
            rep=str(row.rep_id),
            doctor=str(row.doctor_id),
            starts=_minute(row.started_at),
            ends=_minute(row.ended_at),
            saved=_minute(row.device_saved_at or row.submitted_at),
            hospital=str(row.hospital_id),
            city=(row.city or "")[:4],
            latitude=None if row.latitude is None else float(row.latitude),
            longitude=None if row.longitude is None else float(row.longitude),
            in_person=row.channel == "face_to_face",
            note=doctors.open_text(row.doctor_id, row.note_sealed),
        )
        for row in rows
    ]


def bills_between(since: date, until: date) -> list[Bill]:
    """Return the receipts of some days. Cost: one query."""
    rows = Expense.objects.filter(spent_on__gte=since, spent_on__lt=until).order_by("pk")
    return [
        Bill(
            expense=str(row.pk),
            event=str(row.event_id),
            person=str(row.submitted_by_id),
            payee=row.payee,
            day=row.spent_on.isoformat(),
            kind=row.kind,
            cost_fen=row.cost_fen,
            people=row.people_present,
        )
        for row in rows
    ]


def proofs_between(since: date, until: date) -> list[Proof]:
    """Return the proofs of events of some days, pictures with their difference hash. Cost: one query, one read a picture."""
    rows = (
        EventProof.objects.filter(
            event__starts_at__gte=_midnight(since), event__starts_at__lt=_midnight(until)
        )
        .select_related("file")
        .order_by("pk")
    )
    found, pictures = [], 0
    for row in rows:
        is_picture = row.file.media_type.startswith("image/") and pictures < PICTURES_AT_MOST
        pictures += is_picture
        found.append(
            Proof(
                str(row.event_id),
                row.kind,
                row.file.sha256,
                difference_hash(row.file) if is_picture else None,
            )
        )
    return found


def signins_between(since: date, until: date) -> list[SignIn]:
    """Return the sign-ins by code of some days. Cost: one query."""
    rows = Attendance.objects.filter(
        signed_at__gte=_midnight(since), signed_at__lt=_midnight(until), recorded_by__isnull=True
    ).order_by("pk")
    return [SignIn(str(row.event_id), str(row.doctor_id), int(row.signed_at.timestamp())) for row in rows]


def difference_hash(file: Any) -> int | None:
    """Return 64 bits of how a picture grows lighter from left to right: the same after scaling and recompressing."""
    try:
        with open_verified(file) as stored, Image.open(stored) as picture:
            small = picture.convert("L").resize((9, 8)).tobytes()
    except (FileAltered, UnidentifiedImageError, OSError, ValueError):
        return None
    bits = 0
    for row in range(8):
        for place in range(8):
            bits = bits << 1 | (small[9 * row + place] < small[9 * row + place + 1])
    return bits


def _visits(since: date, until: date) -> QuerySet[Visit]:
    return Visit.objects.filter(
        state__in=REPORTED, ended_at__gte=_midnight(since), ended_at__lt=_midnight(until)
    )


def _candidate(subject: str, table: dict[str, tuple[Any, int]], **holds: bool) -> Candidate:
    return Candidate(
        subject, tuple((reason, points) for reason, (_words, points) in table.items() if holds[reason])
    )


def _upper_fifth(costs: list[int]) -> int:
    ordered = sorted(costs)
    return ordered[len(ordered) * 4 // 5] if len(ordered) >= 5 else 0


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _minute(moment: datetime | None) -> int:
    return int(moment.timestamp() // 60) if moment else 0
