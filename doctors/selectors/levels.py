"""Spellings of hospital levels: those nobody knows, and those decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from doctors.choices import HospitalLevel
from doctors.rules.levels import UNKNOWN, WRITTEN, read_level
from pharmacrm.imports import selectors as imports
from pharmacrm.imports.selectors import Undecided

KIND, COLUMN, CODE = "hospital", "level", "unknown_level"


@dataclass(frozen=True)
class DecidedLevel:
    """What a spelling was said to mean."""

    said: str
    level: str
    label: str
    by: str
    at: datetime


def level_choices() -> list[tuple[str, str]]:
    """Return what a spelling may mean, the last of it that it is no level."""
    return [
        (code, _("not a level") if code == UNKNOWN else str(HospitalLevel(code).label)) for code in WRITTEN
    ]


def levels_undecided() -> list[Undecided]:
    """Return the spellings that wait, most frequent first. Cost: one query."""
    return imports.undecided_values(KIND, COLUMN, CODE)


def levels_decided(most: int = 200) -> list[DecidedLevel]:
    """Return what was decided, newest first. Cost: one query."""
    words = dict(level_choices())
    return [
        DecidedLevel(row.said, level, words[level], str(row.told_by), row.told_at)
        for row in imports.meanings_decided(KIND, COLUMN)[:most]
        for level in [read_level(row.meant) or UNKNOWN]
    ]
