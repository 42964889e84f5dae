"""How the law looks on a page: grades, and what of a refusal may be shown as its basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template

from compliance.choices import Grade
from compliance.evaluate import Refusal, Source

register = template.Library()

LOOKS = {
    Grade.BAN: ("ban", "ban"),
    Grade.AVOID: ("avoid", "alert-triangle"),
    Grade.WATCH: ("watch", "eye"),
    Grade.SHALL: ("shall", "square-check"),
    Grade.ADVISE: ("advise", "bulb"),
    Grade.ADVOCATE: ("advise", "bulb"),
    Grade.MAY: ("may", "circle-check"),
}
SHOWN_AS_LAW = {"V-P", "V-S"}


@dataclass(frozen=True)
class GradeLook:
    """Colour class, icon and word of a grade."""

    tone: str
    icon: str
    label: str


@register.filter
def grade_look(grade: Any) -> GradeLook:
    """Return how a grade is drawn: the heavier the rule, the heavier the mark."""
    known = Grade(str(grade))
    tone, icon = LOOKS[known]
    return GradeLook(tone, icon, str(known.label))


@register.filter
def sources_of_law(refusal: Refusal) -> list[Source]:
    """Return the sources that may be shown as 依据: read in the original, or in a trustworthy copy of it."""
    return [source for source in refusal.sources if source.confidence in SHOWN_AS_LAW]
