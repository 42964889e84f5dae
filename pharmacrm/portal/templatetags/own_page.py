"""Filters of the doctor's own page."""

from __future__ import annotations

from django import template

from doctors.selectors import OwnPart

register = template.Library()


@register.filter
def named(part: OwnPart, row: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the values of a row with the names of their columns, without the empty ones."""
    return [(label, value) for label, value in zip(part.headings, row, strict=True) if value]
