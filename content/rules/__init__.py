"""Judgements about content. Pure: no database, no clock, no settings."""

from .audience import AudienceSides, mismatches_of
from .label import standing_of
from .lexicon import NUMBERS as LINT_NUMBERS
from .lexicon import RULES as LINT_RULES
from .lexicon import LintRule
from .lint import (
    EDITION,
    Finding,
    LintContext,
    LintPage,
    context_of_claim,
    lint_document,
    lint_text,
    must_fix,
)
from .moves import may_claim_move, may_material_move
from .ranking import Reason, points_of
from .samr_codes import SAMR_CODES

__all__ = [
    "EDITION",
    "LINT_NUMBERS",
    "LINT_RULES",
    "SAMR_CODES",
    "AudienceSides",
    "Finding",
    "LintContext",
    "LintPage",
    "LintRule",
    "Reason",
    "context_of_claim",
    "lint_document",
    "lint_text",
    "may_claim_move",
    "may_material_move",
    "mismatches_of",
    "must_fix",
    "points_of",
    "standing_of",
]
