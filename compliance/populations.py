"""What can be sampled and searched for signals, told by the app that owns the records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.rules.sampling import Candidate


@dataclass(frozen=True)
class Population:
    """One kind of record to sample: its title, its risk points with words, and how its candidates are read."""

    name: str
    title: Any
    points: dict[str, tuple[Any, int]]
    candidates: Callable[[date, date], Iterable[Candidate]]


@dataclass(frozen=True)
class Detector:
    """One search that runs every night: what it looks for, above which threshold, under which rule."""

    name: str
    title: Any
    threshold: Any
    rule: str
    grade: str


class UnknownPopulation(LookupError):
    """No app offers a population of that name."""


_populations: dict[str, Population] = {}
_detectors: dict[str, Detector] = {}


def register(population: Population) -> None:
    """Offer a population from an app's `ready()`."""
    _populations[population.name] = population


def register_detector(detector: Detector) -> None:
    """Name a detector from an app's `ready()`; the app's own task runs it."""
    _detectors[detector.name] = detector


def population_of(name: str) -> Population:
    """Return a population. Raises: UnknownPopulation."""
    try:
        return _populations[name]
    except KeyError:
        raise UnknownPopulation(name) from None


def populations() -> dict[str, Population]:
    """Return all populations by name."""
    return dict(_populations)


def detectors() -> dict[str, Detector]:
    """Return all detectors by name."""
    return dict(_detectors)
