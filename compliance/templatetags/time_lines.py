"""The time line that every page of one record ends with."""

from __future__ import annotations

from typing import Any

from django import template

from compliance import permissions
from compliance.selectors.timeline import subject_of_page, time_line_of
from compliance.templatetags.ledger_words import event_words

register = template.Library()


@register.inclusion_tag("components/record_time_line.html", takes_context=True)
def record_time_line(context: dict[str, Any]) -> dict[str, Any]:
    """Show the newest acts on the record this page is about; nothing on any other page. Cost: one query on a detail page."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return {"entries": []}
    subject = subject_of_page(request.resolver_match)
    steps = time_line_of(subject, user) if subject else []
    return {
        "subject": subject if permissions.can_read_ledger(user) else "",
        "entries": [
            {"act": event_words(step.event), "detail": step.detail, "meta": step.meta, "url": step.url}
            for step in steps
        ],
    }
