"""Reads of the kernel."""

from .holds import HeldBy, held_of, holds_in_force, is_held
from .qualification import Qualification, qualified
from .signatures import is_valid, signatures_of

__all__ = [
    "HeldBy",
    "Qualification",
    "held_of",
    "holds_in_force",
    "is_held",
    "is_valid",
    "qualified",
    "signatures_of",
]
