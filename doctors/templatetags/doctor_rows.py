"""The rows of the doctor list, written by Python: a template spent 7 of a page's 14 ms on fifty of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from uuid import UUID

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from doctors.selectors.cards import DoctorCard

register = template.Library()

NOBODY = UUID(int=0)
EMPTY = "—"


@register.simple_tag
def doctor_rows(
    cards: Iterable[tuple[DoctorCard, str]], is_search: bool, is_chosen_from: bool = False
) -> SafeString:
    """Write one table row a doctor, linked to the page that shows everything; whoever sees the row may see that.

    With `is_search` a last cell says what the doctor was found by, with `is_chosen_from` a first one takes a tick.
    """
    address = reverse("dashboards:doctor", args=[NOBODY])
    before, after = address.split(str(NOBODY))
    rows = []
    for card, why in cards:
        title, post, level = card.title_label, card.post_label, card.level_label
        rank = (
            f'<br><span class="xs mu">{escape(title)}{" · " if post else ""}{escape(post)}</span>'
            if title
            else ""
        )
        grade = f'<br><span class="xs mu">{escape(level)}</span>' if level else ""
        reason = f'<td class="mu">{escape(why)}</td>' if is_search else ""
        tick = (
            f'<td><label class="tick"><input class="form-check-input" type="checkbox" name="doctor" value="{card.id}"'
            f' form="bulk" aria-label="{escape(card.name)}"></label></td>'
            if is_chosen_from
            else ""
        )
        rows.append(
            f'<tr>{tick}<td><a href="{before}{card.id}{after}">{escape(card.name)}</a>{rank}</td>'
            f'<td class="nw">{_tier(card.tier, card.tier_label)}</td>'
            f"<td>{escape(card.hospital or EMPTY)}{grade}</td><td>{escape(card.department or EMPTY)}</td>"
            f"<td>{escape(card.specialty or EMPTY)}</td>{reason}</tr>"
        )
    return mark_safe("\n".join(rows))  # noqa: S308 - every value is escaped


@lru_cache(maxsize=100)
def _tier(tier: str, label: str) -> str:
    return render_to_string("components/tier.html", {"tier": tier, "label": label}).strip()
