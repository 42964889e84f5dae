"""Words for the ledger's names: events, kinds of findings, acts in a case, meanings of signatures, differences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from compliance.words.cases import CASE_ACTS, NOTE_CHOICES
from compliance.words.events import EVENTS
from compliance.words.kinds import KINDS, SUBJECT_KINDS
from compliance.words.marks import DIFFERENCES, MEANINGS, ROLES
from compliance.words.points import POINTS

register = template.Library()


@register.filter
def event_words(event: str) -> Any:
    """Return words for a ledger event; a refusal names what was refused, an event nobody has worded its own name."""
    if event in EVENTS:
        return EVENTS[event]
    if event.endswith("_refused"):
        point = event.removesuffix("_refused")
        return _("Refused: %(act)s") % {"act": POINTS.get(point, point)}
    return event


@register.filter
def kind_words(kind: str) -> Any:
    """Return words for the kind of a finding or case; a title stays as it is."""
    return KINDS.get(kind, kind)


@register.filter
def point_words(point: str) -> Any:
    """Return words for an act by its decision point."""
    return POINTS.get(point, point)


@register.filter
def subject_kind_words(kind: str) -> Any:
    """Return what several subjects of one kind are called."""
    return SUBJECT_KINDS.get(kind, kind)


@register.filter
def act_words(kind: str) -> Any:
    return CASE_ACTS.get(kind, kind)


@register.filter
def case_note_words(note: Any) -> Any:
    """Return what a note in a case says; a stored value stands there in words."""
    known = NOTE_CHOICES.get(note.kind)
    return dict(known.choices).get(note.text, note.text) if known else note.words


@register.filter
def meaning_words(meaning: str) -> Any:
    return MEANINGS.get(meaning, meaning)


@register.filter
def difference_words(kind: str) -> Any:
    return DIFFERENCES.get(kind, kind)


@register.filter
def moment_of(text: str) -> datetime:
    """Return the moment that ISO 8601 text names, for `date` to show in the reader's zone. Raises: ValueError."""
    return datetime.fromisoformat(text)


@register.filter
def role_words(roles: list[str]) -> str:
    return " · ".join(str(ROLES.get(role, role)) for role in roles)
