"""Words of courses: the reader's language, and a small markup that can hold nothing but text."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

register = template.Library()

BOLD = re.compile(r"\*\*(.+?)\*\*")


@register.filter
def told(text: Any) -> str:
    """Return a course's text in the reader's language."""
    return str(text.en if (get_language() or "").startswith("en") else text.zh)


@register.filter
def course_title(course: Any) -> str:
    """Return a course's title in the reader's language."""
    return str(course.title_en if (get_language() or "").startswith("en") else course.title_zh)


@register.filter
def course_text(words: str) -> SafeString:
    """Return markup as HTML: paragraphs, headings, lists, quotations, bold. All else is shown as it was typed."""
    blocks = re.split(r"\n\s*\n", str(words).replace("\r\n", "\n").strip())
    return format_html_join("\n", "{}", ((_block(block),) for block in blocks if block.strip()))


def _block(block: str) -> SafeString:
    lines = [line.rstrip() for line in block.split("\n") if line.strip()]
    if lines[0].startswith("## "):
        rest = "\n".join(lines[1:])
        heading = format_html("<h3>{}</h3>", _inline(lines[0][3:]))
        return format_html("{}{}", heading, _block(rest)) if rest else heading
    if all(line.startswith("- ") for line in lines):
        return format_html(
            "<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((_inline(line[2:]),) for line in lines))
        )
    if all(line.startswith("> ") for line in lines):
        return format_html("<blockquote>{}</blockquote>", _lines(line[2:] for line in lines))
    return format_html("<p>{}</p>", _lines(lines))


def _lines(lines: Any) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((_inline(line),) for line in lines))


def _inline(words: str) -> SafeString:
    escaped = str(conditional_escape(words))
    return mark_safe(BOLD.sub(r"<b>\1</b>", escaped))  # noqa: S308 - escaped before, and only <b> is added


@register.filter
def law_of(rule: Any) -> str:
    """Return a rule's instrument and clause, or nothing where its source in law was never read."""
    read = [source for source in rule.sources if source.confidence != "M"]
    return f"{read[0].instrument} {read[0].clause}".strip() if read else ""


@register.filter
def duty_state(duty: Any, today: Any) -> str:
    """Return how a duty stands on a day: overdue, or its own state."""
    return "overdue" if duty.state == "open" and duty.due_on < today else str(duty.state)


@register.filter
def gap_words(gap: Any) -> str:
    """Return what a version lacks, in the reader's language, with the part it belongs to."""
    words = gettext(gap.words) % gap.values
    return f"{gap.key}: {words}" if gap.key else words
