"""Reads of the kernel."""

from .coverage import coverage, rules_document
from .holds import HeldBy, held_of, holds_in_force, is_held
from .qualification import Qualification, Standing, qualified, standing_of, standings_of
from .rulebook import PackNotFound, book_of, live_book, live_waivers, one_rule_book, phone_pack, waiver_role
from .signatures import is_valid, signatures_of
from .verdicts import verdict_given

__all__ = [
    "HeldBy",
    "PackNotFound",
    "Qualification",
    "Standing",
    "book_of",
    "coverage",
    "held_of",
    "holds_in_force",
    "is_held",
    "is_valid",
    "live_book",
    "live_waivers",
    "one_rule_book",
    "phone_pack",
    "qualified",
    "rules_document",
    "signatures_of",
    "standing_of",
    "standings_of",
    "verdict_given",
    "waiver_role",
]
