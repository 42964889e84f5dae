"""Judgements about content. Pure: no database, no clock, no settings."""

from .audience import AudienceSides, mismatches_of
from .moves import may_claim_move, may_material_move
from .ranking import Reason, points_of

__all__ = [
    "AudienceSides",
    "Reason",
    "may_claim_move",
    "may_material_move",
    "mismatches_of",
    "points_of",
]
