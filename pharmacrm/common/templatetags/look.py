"""Tags every template has without loading: icons, looks of states, words of the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext

register = template.Library()

SVG = (
    '<svg class="i" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>'
)


@register.filter
def fault_count(form: Any) -> int:
    """Return how many things a form says are wrong; one field may have several."""
    return sum(len(faults) for faults in form.errors.values())


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an outline icon of Tabler by its name. It is decoration: the word stands beside it."""
    return _drawn(name)


@cache
def _drawn(name: str) -> SafeString:
    folder = settings.NODE_MODULES / "@tabler" / "icons" / "icons" / "outline"
    if not folder.is_dir():
        raise ImproperlyConfigured(f"The icons are not installed in {settings.NODE_MODULES}: run npm ci.")
    place = folder / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not place.is_file():
        raise template.TemplateSyntaxError(f"Tabler has no icon named {name!r}.")
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", place.read_text("utf-8"), re.DOTALL)
    strokes = re.findall(r"<(?:path|circle|line|rect|polyline)[^>]*/>", drawing.group(1) if drawing else "")
    return format_html(SVG, mark_safe("".join(strokes)))  # noqa: S308 - a file of a pinned package


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> str:
    """Render a block a second time, so that a page states its title once for the tab and the heading."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return block.render(context) if block else ""


@register.simple_tag(takes_context=True)
def came_from(context: template.Context) -> str:
    """Return the page of ours the reader came from, else the home page."""
    request = context.get("request")
    referer = str(request.headers.get("Referer", "")) if request else ""
    if request and url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return referer
    return "/"


@register.filter
def in_language(words: Any) -> str:
    """Choose the reader's language out of {"zh": …, "en": …}; a plain string stays as it is."""
    if not isinstance(words, Mapping):
        return str(words or "")
    wanted = "en" if (get_language() or "").startswith("en") else "zh"
    keys = [key for key in words if str(key).startswith(wanted)] or list(words)
    return str(words[keys[0]]) if keys else ""


@register.filter
def grouped(value: Any) -> str:
    """Write a whole number with commas between its thousands; anything else stays as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@register.filter
def listed(words: Iterable[Any]) -> str:
    """Join words as a list is written in the reader's language: with 、 in Chinese, with commas in English."""
    return pgettext("between the words of a list", ", ").join(map(str, words))


@dataclass(frozen=True)
class Look:
    """Colour class and icon of a value."""

    tone: str
    icon: str


STATES: dict[str, Look] = {
    **dict.fromkeys(["draft", "planned", "new", "captured", "requested", "unscanned"], Look("draft", "pencil")),
    **dict.fromkeys(
        ["review", "in_review", "submitted", "open", "running", "with_medical", "investigating", "under_review",
         "validating", "triage", "correcting", "re_review", "under_re_review", "proof_check", "proof", "started", "mapping",
         "checking", "checked", "committing", "in_case", "drawn", "fitted", "assessed", "proposed"],
        Look("review", "progress"),
    ),
    **dict.fromkeys(
        ["released", "approved", "done", "active", "live", "given", "answered", "complete", "valid", "executed",
         "accepted", "settled", "verified", "clean", "amended", "passed", "current", "published", "committed",
         "signed", "ready", "in_force", "contained",
         "agreed", "granted", "reviewed", "effective", "attached", "same", "good"],
        Look("released", "rosette-discount-check"),
    ),
    **dict.fromkeys(["closed", "archived", "superseded", "retired", "undone", "dropped"], Look("draft", "archive")),
    **dict.fromkeys(
        ["withdrawn", "recalled", "refused", "rejected", "failed", "never", "cancelled", "breach", "in_breach",
         "disputed", "infected"],
        Look("withdrawn", "arrow-back-up"),
    ),
    **dict.fromkeys(["held", "on_hold", "suspended", "blocked"], Look("withdrawn", "hand-stop")),
    **dict.fromkeys(["expired", "lapsed", "ended", "overdue", "inactive", "outdated"], Look("expired", "clock-off")),
    **dict.fromkeys(["changes_requested", "returned"], Look("waiting", "corner-up-left")),
    **dict.fromkeys(["local", "saved"], Look("local", "device-mobile-check")),
    **dict.fromkeys(["queued", "scheduled", "invited"], Look("waiting", "cloud-up")),
    **dict.fromkeys(["sent", "uploaded", "synced", "delivered", "attended"], Look("sent", "cloud-check")),
}  # fmt: skip
OTHER = Look("draft", "point")


@register.filter
def state_look(state: Any) -> Look:
    """Return colour and icon of a state; one nobody has drawn yet is neutral."""
    return STATES.get(str(state), OTHER)


@register.filter
def percent_of(part: Any, whole: Any) -> int:
    """Return the share as a whole percent between 0 and 100."""
    try:
        return max(0, min(100, round(100 * float(part) / float(whole))))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0
