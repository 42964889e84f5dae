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


def source_of_finding(*, kind: str, mark: str, opened_by: bool) -> str:
    """Return who or what a case goes back to that a finding of this kind is taken into."""
    if kind == "sampled":
        return "monitoring"
    return "person" if opened_by and not mark else "detector"
