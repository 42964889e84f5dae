"""Which steps a version and a claim may take."""

from __future__ import annotations

from content.choices import ClaimStatus, MaterialStatus

MATERIAL_MOVES: dict[str, frozenset[str]] = {
    MaterialStatus.DRAFT: frozenset({MaterialStatus.IN_REVIEW, MaterialStatus.WITHDRAWN}),
    MaterialStatus.IN_REVIEW: frozenset(
        {
            MaterialStatus.APPROVED,
            MaterialStatus.CHANGES_REQUESTED,
            MaterialStatus.REFUSED,
            MaterialStatus.DRAFT,
            MaterialStatus.WITHDRAWN,
        }
    ),
    MaterialStatus.CHANGES_REQUESTED: frozenset({MaterialStatus.IN_REVIEW, MaterialStatus.WITHDRAWN}),
    MaterialStatus.APPROVED: frozenset(
        {MaterialStatus.RELEASED, MaterialStatus.DRAFT, MaterialStatus.WITHDRAWN}
    ),
    MaterialStatus.RELEASED: frozenset(
        {
            MaterialStatus.EXPIRED,
            MaterialStatus.WITHDRAWN,
            MaterialStatus.RECALLED,
            MaterialStatus.SUPERSEDED,
        }
    ),
    MaterialStatus.EXPIRED: frozenset(),
    MaterialStatus.WITHDRAWN: frozenset({MaterialStatus.RECALLED}),
    MaterialStatus.RECALLED: frozenset(),
    MaterialStatus.SUPERSEDED: frozenset({MaterialStatus.RECALLED}),
    MaterialStatus.REFUSED: frozenset(),
}
"""A new file takes an approved version back to draft: its signatures stood for other bytes."""

CLAIM_MOVES: dict[str, frozenset[str]] = {
    ClaimStatus.DRAFT: frozenset({ClaimStatus.IN_REVIEW, ClaimStatus.RETIRED}),
    ClaimStatus.IN_REVIEW: frozenset({ClaimStatus.APPROVED, ClaimStatus.DRAFT, ClaimStatus.RETIRED}),
    ClaimStatus.APPROVED: frozenset({ClaimStatus.RE_REVIEW, ClaimStatus.RETIRED}),
    ClaimStatus.RE_REVIEW: frozenset({ClaimStatus.APPROVED, ClaimStatus.DRAFT, ClaimStatus.RETIRED}),
    ClaimStatus.RETIRED: frozenset(),
}


def may_material_move(before: str, after: str) -> bool:
    """Return whether a version may go from one status to another."""
    return after in MATERIAL_MOVES[before]


def may_claim_move(before: str, after: str) -> bool:
    """Return whether a claim may go from one status to another."""
    return after in CLAIM_MOVES[before]
