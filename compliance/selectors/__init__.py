"""Reads of the kernel."""

from .holds import is_held
from .qualification import Qualification, qualified

__all__ = ["Qualification", "is_held", "qualified"]
