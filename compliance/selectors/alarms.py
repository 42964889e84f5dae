"""Reads of the guard's alarms."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from compliance.choices import AlarmPlace, AlarmState
from compliance.models import GuardAlarm
from compliance.permissions import can_handle_findings
from compliance.rules.guard import folded
from pharmacrm.common.crypto import blind_index, installation_key, unseal


def fingerprint_of(text: str) -> str:
    """Return the keyed hash by which a text is known again, whatever its width, case and spaces."""
    return blind_index(folded(text), purpose="guard")


def is_released(place: str, kind: str, text: str) -> bool:
    """Return whether two people found these words at this place to be a false alarm. Cost: one query by index."""
    return GuardAlarm.objects.filter(
        place=place, kind=kind, fingerprint=fingerprint_of(text), state=AlarmState.RELEASED
    ).exists()


def released_columns(kind: str, headers: list[str]) -> set[str]:
    """Return which of a file's headers were released for a kind of import. Cost: one query."""
    marks = {fingerprint_of(header): header for header in headers}
    found = GuardAlarm.objects.filter(
        place=AlarmPlace.COLUMN, kind=kind, fingerprint__in=list(marks), state=AlarmState.RELEASED
    ).values_list("fingerprint", flat=True)
    return {marks[mark] for mark in found}


def alarms_visible_to(user: Any, *, state: str = "") -> QuerySet[GuardAlarm]:
    """Return alarms: all for compliance and inspectors, one's own for everybody else."""
    rows = GuardAlarm.objects.select_related("raised_by", "first_by", "decided_by").defer("sealed")
    if not (can_handle_findings(user) or user.has_role("inspector")):
        rows = rows.filter(raised_by=user)
    return rows.filter(state=state) if state else rows


def words_of(alarm: GuardAlarm) -> str:
    """Return the words that were kept apart, or nothing where they were destroyed. For those who decide only."""
    if not alarm.sealed:
        return ""
    return unseal(
        bytes(alarm.sealed), key=installation_key("fields"), context=f"alarm:{alarm.pk}".encode()
    ).decode()
