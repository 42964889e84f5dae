"""What a page says of holds: whether its record is stopped, why, and the way to stop it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from compliance import permissions
from compliance.evaluate import Verdict
from compliance.selectors.holds import HeldBy, held_of
from compliance.subjects import also_named

register = template.Library()


@register.inclusion_tag("components/hold_mark.html", takes_context=True)
def hold_mark(context: dict[str, Any], kind: str, key: Any) -> dict[str, Any]:
    """Show that a record is stopped and why; else, to whoever may stop it, the way to do so. Cost: one query or two."""
    user = context["request"].user
    subject = f"{kind}:{key}"
    return {
        "held": held_of(also_named(subject), timezone.now())[:1],  # noqa: TID251 - a page reads the clock
        "subject": subject,
        "may_place": user.is_authenticated and permissions.can_place_hold(user),
        "may_see": user.is_authenticated
        and (permissions.can_place_hold(user) or permissions.can_see_cockpit(user)),
    }


@register.filter
def holds_of(verdict: Verdict) -> list[HeldBy]:
    """Return the holds in force that a refusal met, for their reasons. Cost: one query, none without a hold."""
    held = getattr(verdict, "held", ())
    return held_of(held, timezone.now()) if held else []  # noqa: TID251 - a page reads the clock
