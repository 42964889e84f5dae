"""Check the whole record: entries against the log, the log against checkpoints kept elsewhere, rows against entries."""

from .live_rows import compared_columns
from .running import ask_to_verify, verify, verify_in_job

__all__ = ["ask_to_verify", "compared_columns", "verify", "verify_in_job"]
