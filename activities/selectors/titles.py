"""Words and pages for further subjects of field work. They name no person: the kernel's pages show them to many."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext as _

from activities.models import Booking, ClinicalNeed, Cycle, Expense, FollowUp, Inquiry, Speaker, VisitMaterial
from compliance.subjects import is_key


def need_title(key: str) -> str:
    """Return the clinical question."""
    row = _row(ClinicalNeed, key)
    return row.question if row else ""


def inquiry_title(key: str) -> str:
    """Return the word for an inquiry and its day; the question may say more than a list should."""
    row = _row(Inquiry, key)
    return f"{_('Medical inquiry')} {timezone.localtime(row.captured_at):%Y-%m-%d}" if row else ""


def cycle_title(key: str) -> str:
    """Return a cycle's name."""
    row = _row(Cycle, key)
    return row.name if row else ""


def booking_title(key: str) -> str:
    """Return the word for a booking and its day."""
    row = _row(Booking, key)
    return f"{_('Booking')} {timezone.localtime(row.starts_at):%Y-%m-%d}" if row else ""


def follow_up_title(key: str) -> str:
    """Return the word for a promise and its day."""
    row = _row(FollowUp, key)
    return f"{_('Promise')} {row.due_on:%Y-%m-%d}" if row else ""


def showing_title(key: str) -> str:
    """Return the material that was shown, and when."""
    row = _row(VisitMaterial, key)
    if row is None:
        return _("Showing that was refused")
    return f"{row.version} {timezone.localtime(row.shown_at):%Y-%m-%d %H:%M}"


def _row(model, key: str):  # type: ignore[no-untyped-def]
    return model.objects.filter(pk=key).first() if is_key(key) else None


def expense_title(key: str) -> str:
    """Return a receipt in words: what for, how much, to whom."""
    row = Expense.objects.filter(pk=key).first()
    return f"{row.get_kind_display()} {row.cost_fen / 100:,.2f} {row.payee}" if row else ""


def expense_url(key: str) -> str:
    """Return the page of the event a receipt belongs to."""
    event_id = Expense.objects.filter(pk=key).values_list("event_id", flat=True).first()
    return f"/activities/events/{event_id}/" if event_id else ""


def _page(address: str) -> Callable[[str], str]:
    return lambda key: address.format(key)


def engagement_title(key: str) -> str:
    """Return what a doctor is engaged for, and the event; the doctor's name stands on the event's page."""
    row = Speaker.objects.select_related("event").filter(pk=key).first() if is_key(key) else None
    return f"{_('Talk')}{_(': ')}{row.topic or row.event.title} · {row.event.code}" if row else ""


def engagement_url(key: str) -> str:
    """Return the page of the event at which the doctor speaks."""
    row = Speaker.objects.filter(pk=key).first() if is_key(key) else None
    return f"/activities/events/{row.event_id}/" if row else ""


SUBJECTS: dict[str, tuple[Callable[[str], str], Callable[[str], str] | None]] = {
    "need": (need_title, _page("/activities/needs/{}/")),
    "inquiry": (inquiry_title, _page("/activities/inquiries/{}/")),
    "cycle": (cycle_title, _page("/activities/cycles/{}/")),
    "booking": (booking_title, None),
    "follow_up": (follow_up_title, None),
    "showing": (showing_title, None),
    "expense": (expense_title, expense_url),
    "engagement": (engagement_title, engagement_url),
}
