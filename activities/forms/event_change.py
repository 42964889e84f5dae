"""The form of an event's plan, filled with what was entered before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.models import Event

from .events import AGENDA_ROWS, EventForm

PLAIN = (
    *("kind", "title", "need", "topic", "venue", "venue_class", "products"),
    *("people_planned", "sponsor_shown", "repeat_reason"),
)


class EventChangeForm(EventForm):
    reason = forms.CharField(label=_("Reason for the change"), max_length=200, required=False)

    def __init__(self, *args: Any, reason_needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = reason_needed


def entered_in(event: Event) -> dict[str, Any]:
    """Return the form's values of an event. Units: yuan."""
    values = {name: getattr(event, name) for name in PLAIN} | {
        "hospital": event.hospital_id,
        "department": event.department_id,
        "consent": event.consent_id,
        "starts_at": timezone.localtime(event.starts_at),
        "ends_at": timezone.localtime(event.ends_at),
        "meal_yuan_per_head": _yuan(event.meal_fen_per_head),
    }
    for row, item in enumerate(event.sessions.order_by("place")[:AGENDA_ROWS], start=1):
        values |= {
            f"agenda_{row}_title": item.title,
            f"agenda_{row}_kind": item.kind,
            f"agenda_{row}_minutes": item.minutes,
            f"agenda_{row}_deck": item.material_version_id,
        }
    return values | {f"budget_{line.kind}": _yuan(line.estimate_fen) for line in event.budget_lines.all()}


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
