"""How the law looks on a page: grades, and what of a refusal may be shown as its basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy, pgettext

from compliance.choices import Grade, RuleState, TrainedRole
from compliance.evaluate import Refusal, Source, money
from compliance.subjects import is_named, title_of
from compliance.words import fields as words
from compliance.words.fields import field_words, value_words

from .figures import NAMES, VALUES

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


@register.filter
def value_of(counts: dict[str, int], key: str) -> int:
    """Return a count by key; what nobody counted is 0."""
    return counts.get(key, 0)


@register.filter
def figure_words(value: Any) -> str:
    """Return a figure or fact as a reader sees it."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return gettext(", ").join(figure_words(member) for member in value)
    return str(VALUES.get(str(value), value))


@register.filter
def figure_name(name: str) -> str:
    """Return what a company figure is called."""
    return str(NAMES.get(name) or field_words(name))


@register.filter
def fact_name(name: str) -> str:
    """Return what a fact, a column or a figure of a finding is called."""
    return field_words(str(name))


@register.filter
def guarded_words(name: str) -> str:
    """Return where the guard looked, in words."""
    return words.guarded_words(name)


@register.filter
def fact_words(value: Any, name: str) -> str:
    """Return a fact as a reader sees it: money in yuan, shares in percent, subjects by their titles."""
    if isinstance(value, list | tuple):
        said = [fact_words(member, name) for member in value if not isinstance(member, dict)]
        return pgettext("between the words of a list", ", ").join(said) or "—"
    if value == "":
        return "—"
    if isinstance(value, int) and not isinstance(value, bool):
        if "_fen" in name:
            return gettext("CNY %(yuan)s") % {"yuan": f"{money(value)}"}
        if name.endswith("_bp"):
            return f"{value / 100:g} %"
    if isinstance(value, str) and value not in VALUES:
        return title_of(value) if is_named(value) else value_words(name, value)
    return figure_words(value)


MISSING = {
    "employment": gettext_lazy("No contract for today"),
    "filing": gettext_lazy("No valid filing"),
    "commitment": gettext_lazy("Letter of commitment not signed"),
    "training": gettext_lazy("Training not complete"),
    "degree": gettext_lazy("Degree or title not proven"),
    "bribery_check": gettext_lazy("Bribery record not checked"),
}


@register.filter
def missing_words(key: str) -> str:
    """Return what is missing in words."""
    return str(MISSING[key])


@register.filter
def subject_words(subject: str) -> str:
    """Return the title of a subject."""
    return title_of(subject)


@register.filter
def product_words(code: str) -> str:
    """Return a product's name by its code, or the code where no product has it."""
    title = title_of(f"product:{code}")
    return title if title != f"product:{code}" else code


@register.filter
def standing_words(standing: str) -> str:
    """Return how a version of a rule stands, in words."""
    return gettext("Signed, not yet in force") if standing == "scheduled" else str(RuleState(standing).label)


@register.filter
def role_words(role: str) -> str:
    """Return a role's name as a reader sees it."""
    return str(dict(TrainedRole.choices).get(role, role))
