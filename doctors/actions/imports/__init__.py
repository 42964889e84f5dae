"""What is imported into the customer master: divisions, hospitals, departments, doctors."""

from .kinds import register_kinds

__all__ = ["register_kinds"]
