"""Words of the kernel's pages that Python has to choose."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def span(length: timedelta) -> str:
    """Return a length of time in its largest unit."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if minutes < 48 * 60:
        return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)d day", "%(count)d days", minutes // 1440) % {"count": minutes // 1440}


def due(due_at: datetime | None, at: datetime) -> tuple[str, bool]:
    """Return words for a due time, and whether it presses: overdue or today."""
    if due_at is None:
        return "—", False
    if due_at <= at:
        return _("Overdue by %(span)s") % {"span": span(at - due_at)}, True
    local, today = timezone.localtime(due_at), timezone.localtime(at).date()
    if local.date() == today:
        return _("Today %(time)s") % {"time": f"{local:%H:%M}"}, True
    if local.date() == today + timedelta(days=1):
        return _("Tomorrow %(time)s") % {"time": f"{local:%H:%M}"}, False
    return date_format(local, "MONTH_DAY_FORMAT"), False


def moment(at: datetime | None) -> str:
    """Return the day and minute of a moment, today's as the time alone."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return f"{local:%H:%M}" if is_today else f"{date_format(local, 'MONTH_DAY_FORMAT')} {local:%H:%M}"
