"""Detectors: what looks wrong in many records together. Facts in, signals out; no record is judged alone here.

A signal is a reason for a person to look, never a verdict. Times are minutes since any fixed moment; money is
whole fen; a note is text that nobody else reads.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

MINUTES_OF_A_DAY = 1440
EARTH_KM = 6371.0


@dataclass(frozen=True)
class Thresholds:
    """The figures above which a signal is given; the company's own stand in the rule book."""

    visits_in_30_days: int = 4
    travel_kmh: int = 120
    travel_grace_minutes: int = 10
    other_city_minutes: int = 40
    round_fen: int = 10_000
    round_least: int = 5
    round_share_bp: int = 6_000
    meal_cap_fen: int = 30_000
    burst_reports: int = 6
    burst_minutes: int = 60
    burst_late_minutes: int = MINUTES_OF_A_DAY
    note_least: int = 16
    note_alike_bp: int = 8_000
    photo_bits: int = 4
    signin_seconds: int = 10
    signin_least: int = 5


@dataclass(frozen=True)
class Contact:
    """One reported visit."""

    visit: str
    rep: str
    doctor: str
    starts: int
    ends: int
    saved: int = 0
    hospital: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None
    in_person: bool = True
    note: str = ""


@dataclass(frozen=True)
class Bill:
    """One receipt."""

    expense: str
    event: str
    person: str
    payee: str
    day: str
    kind: str
    cost_fen: int
    people: int = 0


@dataclass(frozen=True)
class Proof:
    """One photo or sheet that proves an event; `picture` is its 64-bit difference hash, None for no picture."""

    event: str
    kind: str
    sha256: str
    picture: int | None = None


@dataclass(frozen=True)
class SignIn:
    """One sign-in at an event, in seconds."""

    event: str
    doctor: str
    second: int


@dataclass(frozen=True)
class Signal:
    """One reason to look: what kind, about what, which records, which figures. `key` is the same on every run."""

    kind: str
    subject: str
    members: tuple[str, ...]
    key: str
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Return what makes the signal open one finding only."""
        return hashlib.sha256(f"{self.kind}|{self.key}".encode()).hexdigest()


def frequency_beyond_cap(contacts: Iterable[Contact], limits: Thresholds) -> list[Signal]:
    """Return doctors visited more often within 30 days than the cap allows, whoever visited; each visit once."""
    signals = []
    for doctor, visits in _grouped(contacts, lambda one: one.doctor).items():
        window: list[Contact] = []
        for visit in sorted(visits, key=lambda one: (one.starts, one.visit)):
            window = [one for one in window if visit.starts - one.starts < 30 * MINUTES_OF_A_DAY]
            window.append(visit)
            if len(window) > limits.visits_in_30_days:
                signals.append(
                    Signal(
                        "frequency",
                        f"doctor:{doctor}",
                        tuple(one.visit for one in window),
                        window[0].visit,
                        {"n": len(window), "cap": limits.visits_in_30_days},
                    )
                )
                window = []
    return signals


def impossible_travel(contacts: Iterable[Contact], limits: Thresholds) -> list[Signal]:
    """Return pairs of a person's visits in two places that lie too close in time to have been travelled."""
    signals = []
    present = [one for one in contacts if one.in_person]
    for visits in _grouped(present, lambda one: one.rep).values():
        ordered = sorted(visits, key=lambda one: (one.starts, one.visit))
        for before, after in pairwise(ordered):
            if before.hospital == after.hospital:
                continue
            free = after.starts - before.ends
            needed, km = _travel(before, after, limits)
            if free + limits.travel_grace_minutes < needed or free < 0:
                signals.append(
                    Signal(
                        "impossible_travel",
                        f"user:{before.rep}",
                        (before.visit, after.visit),
                        f"{before.visit}|{after.visit}",
                        {"free": free, "needed": needed, "km": km},
                    )
                )
    return signals


def reused_proofs(proofs: Iterable[Proof], limits: Thresholds) -> list[Signal]:
    """Return pairs of events proven by the same bytes, or by pictures that differ in a few bits only."""
    pairs: dict[tuple[str, str], int] = {}
    kept = sorted(set(proofs), key=lambda one: (one.event, one.sha256, one.kind))
    for one, other in combinations(kept, 2):
        if one.event == other.event:
            continue
        bits = 0 if one.sha256 == other.sha256 else _bits_apart(one.picture, other.picture)
        if bits is not None and bits <= limits.photo_bits:
            first, second = sorted((one.event, other.event))
            pairs[first, second] = min(bits, pairs.get((first, second), bits))
    return [
        Signal("reused_proof", f"event:{second}", (first, second), f"{first}|{second}", {"bits": bits})
        for (first, second), bits in sorted(pairs.items())
    ]


def signins_by_one_hand(signins: Iterable[SignIn], limits: Thresholds) -> list[Signal]:
    """Return events where so many sign-ins fall within so few seconds that one hand may have made them."""
    signals = []
    for event, rows in _grouped(signins, lambda one: one.event).items():
        ordered = sorted(rows, key=lambda one: (one.second, one.doctor))
        for place in range(len(ordered) - limits.signin_least + 1):
            span = ordered[place : place + limits.signin_least]
            if span[-1].second - span[0].second <= limits.signin_seconds:
                within = [
                    one.doctor
                    for one in ordered[place:]
                    if one.second - span[0].second <= limits.signin_seconds
                ]
                signals.append(
                    Signal("signin_burst", f"event:{event}", tuple(within), event, {"n": len(within),
                           "seconds": limits.signin_seconds})
                )  # fmt: skip
                break
    return signals


def round_amounts(bills: Iterable[Bill], limits: Thresholds) -> list[Signal]:
    """Return people most of whose receipts of a month are round sums."""
    signals = []
    for (person, month), rows in _grouped(bills, lambda one: (one.person, one.day[:7])).items():
        round_ones = [one for one in rows if one.cost_fen % limits.round_fen == 0]
        share = 10_000 * len(round_ones) // len(rows)
        if len(round_ones) >= limits.round_least and share >= limits.round_share_bp:
            signals.append(
                Signal(
                    "round_amounts",
                    f"user:{person}",
                    tuple(sorted(one.expense for one in round_ones)),
                    f"{person}|{month}",
                    {"n": len(round_ones), "all": len(rows)},
                )
            )
    return signals


def split_bills(bills: Iterable[Bill], limits: Thresholds) -> list[Signal]:
    """Return meals paid in parts to one payee on one day: each part within the cap a head, all together above it."""
    signals = []
    meals = [one for one in bills if one.kind == "meal"]
    for (payee, day), rows in _grouped(meals, lambda one: (one.payee.strip(), one.day)).items():
        people = max(one.people for one in rows)
        total, cap = sum(one.cost_fen for one in rows), limits.meal_cap_fen * people
        if (
            len(rows) > 1
            and total > cap
            and all(one.cost_fen <= limits.meal_cap_fen * one.people for one in rows)
        ):
            signals.append(
                Signal(
                    "split_bills",
                    f"event:{min(one.event for one in rows)}",
                    tuple(sorted(one.expense for one in rows)),
                    f"{payee}|{day}",
                    {"n": len(rows), "total_fen": total, "cap_fen": cap},
                )
            )
    return signals


def late_bursts(contacts: Iterable[Contact], limits: Thresholds) -> list[Signal]:
    """Return people who saved many old visits in one sitting: records made together are not made at the time."""
    signals = []
    late = [one for one in contacts if one.saved - one.ends >= limits.burst_late_minutes]
    for rep, visits in _grouped(late, lambda one: one.rep).items():
        sitting: list[Contact] = []
        for visit in sorted(visits, key=lambda one: (one.saved, one.visit)):
            if sitting and visit.saved - sitting[0].saved > limits.burst_minutes:
                signals += _burst(rep, sitting, limits)
                sitting = []
            sitting.append(visit)
        signals += _burst(rep, sitting, limits)
    return signals


def copied_notes(contacts: Iterable[Contact], limits: Thresholds) -> list[Signal]:
    """Return groups of notes about different doctors that one person wrote in nearly the same words."""
    signals = []
    for rep, visits in _grouped(contacts, lambda one: one.rep).items():
        notes = [
            (one, _shingles(one.note))
            for one in sorted(visits, key=lambda one: (one.starts, one.visit))
            if len(_plain(one.note)) >= limits.note_least
        ]
        for group in _alike(notes, limits.note_alike_bp):
            if len({one.doctor for one in group}) > 1:
                signals.append(
                    Signal(
                        "copied_notes",
                        f"user:{rep}",
                        tuple(one.visit for one in group),
                        group[0].visit,
                        {"n": len(group), "doctors": len({one.doctor for one in group})},
                    )
                )
    return signals


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the way between two points over the earth. Units: degrees in, kilometres out. Source: haversine."""
    one, other = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other_longitude - longitude) / 2
    down = (other - one) / 2
    chord = math.sin(down) ** 2 + math.cos(one) * math.cos(other) * math.sin(across) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))


def _travel(before: Contact, after: Contact, limits: Thresholds) -> tuple[int, int]:
    """Return the minutes the way takes at least, and its kilometres (0 where a place is unknown)."""
    places = (before.latitude, before.longitude, after.latitude, after.longitude)
    if None not in places:
        km = distance_km(*places)  # type: ignore[arg-type]
        return math.floor(60 * km / limits.travel_kmh), round(km)
    other_city = before.city and after.city and before.city != after.city
    return (limits.other_city_minutes if other_city else 0), 0


def _burst(rep: str, sitting: Sequence[Contact], limits: Thresholds) -> list[Signal]:
    if len(sitting) < limits.burst_reports:
        return []
    days = {one.ends // MINUTES_OF_A_DAY for one in sitting}
    figures = {"n": len(sitting), "days": len(days)}
    return [
        Signal("late_burst", f"user:{rep}", tuple(one.visit for one in sitting), sitting[0].visit, figures)
    ]


def _alike(notes: Sequence[tuple[Contact, frozenset[str]]], alike_bp: int) -> list[list[Contact]]:
    """Return groups of two and more notes that hang together by likeness."""
    lead = list(range(len(notes)))

    def root(place: int) -> int:
        while lead[place] != place:
            place = lead[place]
        return place

    for one, other in combinations(range(len(notes)), 2):
        both, either = notes[one][1] & notes[other][1], notes[one][1] | notes[other][1]
        if either and 10_000 * len(both) // len(either) >= alike_bp:
            lead[max(root(one), root(other))] = min(root(one), root(other))
    groups: dict[int, list[Contact]] = defaultdict(list)
    for place, (contact, _words) in enumerate(notes):
        groups[root(place)].append(contact)
    return [group for _place, group in sorted(groups.items()) if len(group) > 1]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _shingles(text: str) -> frozenset[str]:
    plain = _plain(text)
    return frozenset(plain[place : place + 3] for place in range(max(0, len(plain) - 2)))


def _bits_apart(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else (one ^ other).bit_count()


def _grouped(rows: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(sorted(groups.items()))
