"""Scoring of doctors: full runs, daytime updates, and what follows from them."""

from .announcing import announce_tier_changes
from .publishing import forget_old_scores
from .runs import RunNotStarted, carry_out_run, open_nightly_run, open_run
from .touched import rescore_touched, touch_doctors

__all__ = [
    "RunNotStarted",
    "announce_tier_changes",
    "carry_out_run",
    "forget_old_scores",
    "open_nightly_run",
    "open_run",
    "rescore_touched",
    "touch_doctors",
]
