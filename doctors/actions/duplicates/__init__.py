"""Duplicates: fit the weights, find the pairs, decide them, merge and take apart."""

from .fitting import MatchingNotMoved, ask_fit, carry_out_fit, draw_lines, use_weights
from .merging import MergeNotMade, decide_pair, merge_doctors, undo_merge
from .searching import ask_search, search

__all__ = [
    "MatchingNotMoved",
    "MergeNotMade",
    "ask_fit",
    "ask_search",
    "carry_out_fit",
    "decide_pair",
    "draw_lines",
    "merge_doctors",
    "search",
    "undo_merge",
    "use_weights",
]
