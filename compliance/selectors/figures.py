"""One figure of the book in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from compliance.selectors.rulebook import live_book


def figure(rule_id: str, name: str, at: datetime, *, default: Any) -> Any:
    """Return a rule's figure on the day of `at`, the company's own before the shipped one. Cost: one query."""
    book, day = live_book(at), localtime(at).date().isoformat()
    for rule in book.rules:
        if rule.id == rule_id and rule.valid_from <= day and (not rule.valid_until or day < rule.valid_until):
            return book.figures_on(rule, day).get(name, default)
    return default
