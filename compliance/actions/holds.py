"""Holds: one action stops a subject, and everything resting on it, at every door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any


def place_hold(*, subjects: Sequence[str], reason: str, by: Any, at: datetime) -> Any:
    """Stop the subjects everywhere from now on."""
    raise NotImplementedError


def lift_hold(*, hold_id: Any, reason: str, by: Any, at: datetime) -> Any:
    """Lift a hold."""
    raise NotImplementedError
