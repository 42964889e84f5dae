"""What the kernel's pages show of this app: names of its subjects, and the legal clocks that run."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _

from activities.models import SafetyReport, Visit, VisitAmendment
from activities.selectors.safety_vault import reports_with_running_clocks
from compliance.clocks import Clock

if TYPE_CHECKING:
    from django.db.models import Model

SEES_CLOCKS = ("compliance", "pv", "inspector")


def title_of_visit(key: str) -> str:
    """Return words for a visit that name no doctor: whose it is, and the day."""
    visit = _row(Visit, key, "rep")
    if visit is None:
        return _("Visit that was refused")
    at = visit.started_at or visit.planned_at
    day = date_format(localtime(at), "MONTH_DAY_FORMAT") if at else ""
    return _("Visit %(day)s, %(rep)s") % {"day": day, "rep": visit.rep}


def title_of_amendment(key: str) -> str:
    """Return words for a correction: of which visit."""
    row = _row(VisitAmendment, key)
    return _("Correction of: %(visit)s") % {"visit": title_of_visit(str(row.visit_id))} if row else ""


def url_of_amendment(key: str) -> str:
    """Return the page of the visit that a correction stands beside."""
    row = _row(VisitAmendment, key)
    return f"/activities/visits/{row.visit_id}/" if row else ""


def title_of_safety(key: str) -> str:
    """Return the number of a safety report: all that may leave the wall."""
    report = _row(SafetyReport, key)
    return report.number if report else ""


def safety_clocks(user: Any, at: datetime, most: int) -> list[Clock]:
    """Return the safety clocks that end first, for those who may know of them. Cost: one query."""
    if not user.has_role(*SEES_CLOCKS):
        return []
    clocks = []
    for report in reports_with_running_clocks().order_by("handed_over_at", "hand_over_due_at")[: most * 4]:
        due_at, kind = report.hand_over_due_at, _("24-hour hand-over")
        if report.handed_over_at is not None:
            due_at = make_aware(datetime.combine(report.submit_due_on + timedelta(days=1), time.min))
            kind = _("report to the authority")
        clocks.append(Clock(report.number, kind, report.aware_at, due_at, f"/activities/safety/{report.pk}/"))
    return sorted(clocks, key=lambda clock: clock.due_at)[:most]


def _row(model: type[Model], key: str, *joined: str) -> Any:
    try:
        return model._default_manager.select_related(*joined).filter(pk=key).first()
    except (ValidationError, ValueError):
        return None
