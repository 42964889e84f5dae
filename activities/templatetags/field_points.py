"""Scores on the phone: basis points as points."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def as_points(bp: int | None) -> str:
    """Return basis points as points: 7864 as 78.64, 7500 as 75.0."""
    if bp is None:
        return "—"
    sign, whole = ("−" if bp < 0 else ""), abs(int(bp))
    text = f"{whole // 100}.{whole % 100:02d}"
    return sign + (text[:-1] if text.endswith("0") else text)
