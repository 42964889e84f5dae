"""What a visit or an event on the plan is called once its day is over."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import rules

register = template.Library()
STATE = "components/state.html"


@register.inclusion_tag(STATE)
def visit_state(visit: Any) -> dict[str, str]:
    """Show a visit's state; one that was only planned and whose day is over did not take place."""
    planned_on = timezone.localtime(visit.planned_at).date() if visit.planned_at else None
    if rules.was_left(visit.state, planned_on, _today()):
        return {"state": "lapsed", "label": _("Did not take place")}
    return {"state": visit.state, "label": visit.get_state_display()}


@register.inclusion_tag(STATE)
def event_state(event: Any) -> dict[str, str]:
    """Show an event's state; one that never began and whose day is over was not held."""
    if rules.was_left(event.state, timezone.localtime(event.ends_at).date(), _today()):
        return {"state": "lapsed", "label": _("Not held")}
    return {"state": event.state, "label": event.get_state_display()}


def _today() -> date:
    return timezone.localdate()  # noqa: TID251 - what a page shows is as of the moment it is shown
