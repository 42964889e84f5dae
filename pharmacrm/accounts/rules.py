"""Pure judgements about roles: who may hold what together."""

from __future__ import annotations

from collections.abc import Iterable

ADMINISTRATOR = "administrator"
INSPECTOR = "inspector"
ALONE = frozenset({ADMINISTRATOR, INSPECTOR})
MUST_PROVE_TWICE = frozenset({"compliance", ADMINISTRATOR})

# A person in the field neither reviews what is shown nor watches over the field.
FIELD = frozenset({"rep", "line_manager"})
CONTROL = frozenset({"compliance", "pv", "medical", "regulatory"})


def check_roles(roles: Iterable[str]) -> str:
    """Return why a set of roles may not be held by one person, or an empty string.

    Returns: "administrator_with_business", "inspector_with_others", "field_with_control" or "".
    Source: 药品记录与数据管理要求（试行）NMPA 2020 No. 74, rights matched to duty (ER-21); 21 CFR 11.10(g).
    """
    held = frozenset(roles)
    if ADMINISTRATOR in held and len(held) > 1:
        return "administrator_with_business"
    if INSPECTOR in held and len(held) > 1:
        return "inspector_with_others"
    if held & FIELD and held & CONTROL:
        return "field_with_control"
    return ""


def needs_second_factor(roles: Iterable[str]) -> bool:
    """Return whether the roles oblige their holder to a second factor at sign-in."""
    return not MUST_PROVE_TWICE.isdisjoint(roles)
