"""Scoring of doctors: full runs, daytime updates, and what follows from them."""

from .announcing import announce_tier_changes
from .publishing import forget_old_scores
from .runs import RunNotStarted, carry_out_run, open_nightly_run, open_run
from .touched import rescore_touched, touch_doctors
from .trials import TrialNotStarted, carry_out_trial, open_trial, spec_of

__all__ = [
    "RunNotStarted",
    "TrialNotStarted",
    "announce_tier_changes",
    "carry_out_run",
    "carry_out_trial",
    "forget_old_scores",
    "open_nightly_run",
    "open_run",
    "open_trial",
    "rescore_touched",
    "spec_of",
    "touch_doctors",
]
