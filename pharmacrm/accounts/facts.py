"""Facts of the decision points about people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RoleFacts:
    """What granting roles rests on: who gets which, instead of which, from whom."""

    person: str = ""
    granted_by: str = ""
    roles: tuple[str, ...] = ()
    roles_before: tuple[str, ...] = ()
    is_own_account: bool = False
    subjects: tuple[str, ...] = ()
