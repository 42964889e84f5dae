"""What a request of the kernel asks for, in words for its approver."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from compliance import selectors, subjects
from compliance.models import Parameter, RuleVersion, Waiver
from compliance.templatetags.verdicts import figure_name, figure_words

Lines = list[tuple[Any, Any]]


def waiver_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what an exception asks for."""
    waiver = Waiver.objects.get(pk=UUID(payload["waiver"]))
    last = waiver.valid_until - timedelta(days=1)
    return [
        (_("Rule"), waiver.rule),
        (_("For"), subjects.title_of(waiver.subject)),
        (_("Days"), f"{date_format(waiver.valid_from, 'DATE_FORMAT')} – {date_format(last, 'DATE_FORMAT')}"),
        (_("Reason"), waiver.reason),
    ]


def figure_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what a drafted figure would change."""
    draft = Parameter.objects.get(pk=UUID(payload["parameter"]))
    return [
        (_("Rule"), draft.rule),
        (figure_name(draft.name), figure_words(draft.value)),
        (_("Holds from"), date_format(draft.valid_from, "DATE_FORMAT")),
        (_("Reason"), draft.reason),
        *_dry_run(draft.dry_run),
    ]


def text_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what a drafted text would change."""
    draft = RuleVersion.objects.select_related("ends").get(pk=UUID(payload["text"]))
    rule = selectors.rule_of(draft)
    language = "en" if (get_language() or "").startswith("en") else "zh"
    day = draft.valid_until if draft.ends_id else draft.valid_from
    return [
        (_("Rule"), f"{draft.rule} {rule.title[language]}"),
        (_("Ends on") if draft.ends_id else _("Holds from"), date_format(day, "DATE_FORMAT") if day else ""),
        (_("Reason"), draft.reason),
        *_dry_run(draft.dry_run),
    ]


def _dry_run(found: Mapping[str, Any] | None) -> Lines:
    if not found:
        return [(_("Dry run"), _("Not tried yet."))]
    if "job" in found:
        return [(_("Dry run"), _("It can be signed once the dry run is done."))]
    told = _("newly stopped %(stopped)s, newly allowed %(allowed)s, unchanged %(same)s") % {
        name: f"{int(found[name]):,}" for name in ("stopped", "allowed", "same")
    }
    return [(_("Dry run"), told)]
