"""What leaves with data about persons: every door is named here, and tells one function before anything goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

_counters: list[Callable[..., Any]] = []


class Door(TextChoices):
    """A way by which data about persons leave the product."""

    XLSX = "xlsx", _("Workbook")
    REST = "rest", _("REST")
    PACK = "pack", _("Inspector's pack")
    COPY = "copy", _("Copy of a person's own data")
    PAPER = "paper", _("Explanation of a tier")


def register_export_counter(count: Callable[..., Any]) -> None:
    """Register what is told of every export about persons before it leaves; it may refuse by raising."""
    if count not in _counters:
        _counters.append(count)


def count_leaving(
    door: Door, *, name: str, persons: Iterable[Any], by: Any, at: datetime, sensitive: Iterable[Any] = ()
) -> None:
    """Tell that data about persons are about to leave by a door. Without persons nothing is told.

    `by` is None where the person takes their own. Raises: whatever a counter refuses; nothing may leave then.
    No transaction may be open around this: what a refusal asks for has to outlive it.
    """
    about, special = set(persons), set(sensitive)
    if about or special:
        for count in _counters:
            count(kind=str(door.value), name=name, persons=about | special, sensitive=special, by=by, at=at)
