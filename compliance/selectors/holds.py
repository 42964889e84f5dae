"""Which subjects are stopped."""

from collections.abc import Iterable
from datetime import datetime


def is_held(subjects: Iterable[str], at: datetime) -> bool:
    """Return whether any of the subjects is on hold at a moment."""
    return False
