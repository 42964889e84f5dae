"""What of this app's records is over its term, and what of a doctor the law makes it keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.timezone import get_default_timezone

from activities.models import SafetyReport, Speaker, Visit
from compliance.retention import Disposal
from compliance.subjects import Keeping, parts_of

VISIT_TREE = (
    ("activities.MaterialView", "showing__visit"),
    ("activities.VisitMaterial", "visit"),
    ("activities.PlannedMaterial", "visit"),
    ("activities.VisitProduct", "visit"),
    ("activities.VisitAttendee", "visit"),
    ("activities.VisitNeed", "visit"),
    ("activities.FollowUp", "visit"),
    ("activities.VisitAmendment", "visit"),
    ("activities.Visit", ""),
)


def visits_over(before: date, after: str, most: int) -> list[str]:
    """Return the next visits that ended before a day, in key order. Cost: one query."""
    moment = datetime.combine(before, time.min, tzinfo=get_default_timezone())
    rows = Visit.objects.annotate(ended=Coalesce("ended_at", "planned_at", "created_at")).filter(
        ended__lt=moment
    )
    rows = rows.filter(pk__gt=UUID(after)) if after else rows
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:most]]


def names_of_visits(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return what a hold on a visit may name: the visit, its doctor, hospital, representative. Cost: one query."""
    rows = Visit.objects.filter(pk__in=keys).values_list("pk", "doctor_id", "hospital_id", "rep_id")
    return {
        str(pk): (f"visit:{pk}", f"doctor:{doctor}", f"hospital:{hospital}", f"user:{rep}")
        for pk, doctor, hospital, rep in rows
    }


VISITS = Disposal(due=visits_over, names=names_of_visits, trees=VISIT_TREE)


def kept_of_doctor(subject: str, at: datetime) -> Iterator[Keeping]:
    """Yield what keeps a doctor's name: safety reports that must be followed up, and fees that are vouchers. Cost: two queries."""
    kind, key = parts_of(subject)
    if kind != "doctor":
        return
    reports = SafetyReport.objects.filter(doctor=key).count()
    yield Keeping("pharmacovigilance", "药物警戒质量管理规范 (2021); PV-16", "", reports)
    paid = (
        Speaker.objects.filter(doctor=key, fee_fen__gt=0).annotate(day=F("event__starts_at")).order_by("-day")
    )
    last = paid.values_list("day", flat=True).first()
    until = f"{last.year + 31}-01-01" if last else ""  # thirty whole years after the accounting year
    yield Keeping("accounting_voucher", "会计档案管理办法 (2015)", until, paid.count())
