"""The order of a case's steps."""

MOVES = {
    "open": frozenset({"held", "investigating"}),
    "held": frozenset({"investigating"}),
    "investigating": frozenset({"held", "correcting", "closed"}),
    "correcting": frozenset({"investigating", "closed"}),
    "closed": frozenset(),
}


def may_move_case(*, old: str, new: str) -> bool:
    """Return whether a case may go from one state to another."""
    return str(new) in MOVES.get(str(old), frozenset())
