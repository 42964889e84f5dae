"""What a request about events asks for, in words for its approver. The record is read, so that an erasure reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from activities.actions.events.speaker_choice import speaker_of
from activities.selectors.speakers import speaker_lines
from activities.templatetags.money import yuan

Lines = list[tuple[Any, Any]]


def speaker_heading(payload: Mapping[str, Any]) -> str:
    """Return for which event a speaker is chosen; nothing once they are off the plan."""
    speaker = speaker_of(payload)
    return _("Choice of a speaker: %(event)s") % {"event": speaker.event.title} if speaker else ""


def speaker_words(payload: Mapping[str, Any]) -> Lines:
    """Return who is to speak on what and why, and what is paid by whom."""
    speaker = speaker_of(payload)
    if speaker is None:
        return []
    event, starts = speaker.event, localtime(speaker.event.starts_at)
    line = next(one for one in speaker_lines([event.pk])[event.pk] if one.speaker.pk == speaker.pk)
    who = f"{line.card.name} {line.card.title_label}".strip() if line.card else "—"
    fee = f"{yuan(speaker.fee_fen)} · {speaker.get_fee_payer_display()}" if speaker.fee_fen else _("no fee")
    return [
        (_("Event"), _(", ").join([f"{event.code} {event.title}", date_format(starts, "DATETIME_FORMAT")])),
        (_("Speaker"), _(", ").join(part for part in (who, line.place) if part)),
        (_("Topic"), speaker.topic or "—"),
        (_("Why this speaker"), speaker.selection_reason),
        (_("Fee, CNY"), fee),
    ]
