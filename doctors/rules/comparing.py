"""Two records of a doctor held side by side: how closely does each feature agree? Pure.

Every comparison is symmetric. What a side does not say is `MISSING` and speaks neither for nor against.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from rapidfuzz import fuzz

from doctors.rules.name_shares import NameShares, rarity_level, shipped_shares
from doctors.rules.same_names import compare_names
from doctors.rules.weights import MISSING, Weights

DOCTOR_LADDERS = (
    ("assistant_physician", "resident_physician", "attending_physician", "associate_chief_physician", "chief_physician"),
    ("pharmacist", "pharmacist_in_charge", "associate_chief_pharmacist", "chief_pharmacist"),
    ("nurse", "nurse_in_charge", "associate_chief_nurse", "chief_nurse"),
    ("technician", "technician_in_charge", "associate_chief_technician", "chief_technician"),
)  # fmt: skip
STEPS = {
    title: (ladder, step) for ladder, titles in enumerate(DOCTOR_LADDERS) for step, title in enumerate(titles)
}
CAMPUS = re.compile(r"[（(][^）)]*[）)]|(东|西|南|北|新|老|本部|总)院区?$|分院$|院区$")
HOLLOW = re.compile(r"医学院|医科大学|大学|附属|人民医院|医院|中心|省|市|县|区|第|中医院|中医|[·\s]")
ALIKE_NAMES = 88


@dataclass(frozen=True)
class Workplace:
    """A hospital as a record names it: key, leading hospital, every name, GB/T 2260 code."""

    key: str
    root: str = ""
    names: frozenset[str] = frozenset()
    division: str = ""


@dataclass(frozen=True)
class Person:
    """What one record says of a doctor, as far as it is compared."""

    name: str
    workplaces: tuple[Workplace, ...] = ()
    department: str = ""  # code of the national list, or the words on the record
    title: str = "unknown"
    specialty: str = ""
    phones: frozenset[str] = field(default_factory=frozenset)  # keyed hashes, never numbers


def compare_workplaces(one: Iterable[Workplace], other: Iterable[Workplace]) -> int:
    """Return 0 elsewhere, 1 same province, 2 same city, 3 same hospital by another name or campus, 4 same hospital."""
    levels = [_compare_places(a, b) for a, b in product(tuple(one), tuple(other))]
    return max(levels, default=MISSING)


def compare_departments(one: str, other: str) -> int:
    """Return 0 different, 1 within the same clinical subject, 2 the same."""
    if not one or not other:
        return MISSING
    if one == other:
        return 2
    if one[:1].isdigit() and other[:1].isdigit():
        return 1 if one.split(".")[0] == other.split(".")[0] else 0
    return 1 if fuzz.ratio(one, other) >= 60 else 0


def compare_titles(one: str, other: str) -> int:
    """Return 0 another profession, 1 two steps or more apart, 2 one step apart, 3 the same."""
    if one not in STEPS or other not in STEPS:
        return MISSING
    (ladder, step), (other_ladder, other_step) = STEPS[one], STEPS[other]
    if ladder != other_ladder:
        return 0
    return 3 - min(abs(step - other_step), 2)


def compare_specialties(one: str, other: str) -> int:
    """Return 0 different, 1 alike, 2 the same."""
    if not one or not other:
        return MISSING
    if one == other:
        return 2
    return 1 if fuzz.token_set_ratio(one, other) >= 60 else 0


def compare_phones(one: frozenset[str], other: frozenset[str]) -> int:
    """Return 0 when both leave a number and none is shared, 1 when one is."""
    if not one or not other:
        return MISSING
    return 1 if one & other else 0


FEATURES: tuple[tuple[str, int, Callable[[Person, Person], int]], ...] = (
    ("name", 4, lambda a, b: compare_names(a.name, b.name)),
    ("hospital", 5, lambda a, b: compare_workplaces(a.workplaces, b.workplaces)),
    ("department", 3, lambda a, b: compare_departments(a.department, b.department)),
    ("title", 4, lambda a, b: compare_titles(a.title, b.title)),
    ("specialty", 3, lambda a, b: compare_specialties(a.specialty, b.specialty)),
    ("phone", 2, lambda a, b: compare_phones(a.phones, b.phones)),
)
READ_ALIKE, PHONE = 2, 5
NO_CANDIDATE = -10_000
FEATURE_NAMES = (*(name for name, _levels, _compare in FEATURES), "rarity")
FEATURE_LEVELS = (*(levels for _name, levels, _compare in FEATURES), 4)


def compare(one: Person, other: Person, shares: NameShares | None = None) -> tuple[int, ...]:
    """Return the level each feature reaches, in the order of `FEATURE_NAMES`; rarity counts where names agree."""
    levels = [function(one, other) for _name, _levels, function in FEATURES]
    known = shares or shipped_shares()
    rare = min(rarity_level(one.name, known), rarity_level(other.name, known))
    return (*levels, rare if levels[0] >= READ_ALIKE else MISSING)


def is_candidate(levels: tuple[int, ...]) -> bool:
    """Return whether a pair is worth a question at all: names that agree somehow, or one number on both records."""
    return levels[0] > 0 or levels[PHONE] == 1


def score_of(weights: Weights, levels: tuple[int, ...]) -> int:
    """Return the score of a pair in hundredths of a bit; a pair that is no candidate lies below every line."""
    return round(100 * weights.score(levels)) if is_candidate(levels) else NO_CANDIDATE


def _compare_places(one: Workplace, other: Workplace) -> int:
    if one.key and one.key == other.key:
        return 4
    same_city = bool(one.division) and one.division[:4] == other.division[:4]
    if {one.root or one.key, one.key} & {other.root or other.key, other.key} - {""}:
        return 3
    if (same_city or not (one.division and other.division)) and _named_alike(one.names, other.names):
        return 3
    if same_city:
        return 2
    return 1 if one.division and one.division[:2] == other.division[:2] else 0


@lru_cache(maxsize=65536)
def _named_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether any two names are one but for brackets, campus and the words every hospital has."""
    if one & other:
        return True
    a = {CAMPUS.sub("", name) for name in one}
    b = {CAMPUS.sub("", name) for name in other}
    if a & b:
        return True
    return any(
        HOLLOW.sub("", x) == HOLLOW.sub("", y) != "" and fuzz.ratio(x, y) >= ALIKE_NAMES
        for x, y in product(a, b)
    )
