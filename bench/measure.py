"""The harness of `make bench` and `make drill`: find the measures, run them, print a table, keep the figures."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from django.db import connection


class NotMeasured(Exception):
    """Something that this measure needs is not here; the message says what."""


@dataclass(frozen=True)
class Figure:
    """One measured figure. `floor` is in the same unit and from the same run; `holds` is None where nothing is promised."""

    figure: float
    unit: str
    n: int
    floor: float | None = None
    holds: bool | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return round(self.figure / self.floor, 3) if self.floor else None


@dataclass(frozen=True)
class Measure:
    """A promise's id, what is measured in words, and how."""

    id: str
    title: str
    run: Callable[[], Figure | dict[str, Figure]]


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    id: str
    title: str
    figure: float | None
    unit: str
    floor: float | None
    ratio: float | None
    n: int
    holds: bool | None
    note: str


def median_seconds(act: Callable[[], object], *, n: int = 5) -> float:
    """Return the median wall time of `n` runs. Units: seconds."""
    taken = []
    for _run in range(n):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


@dataclass(frozen=True)
class Spent:
    """What an act took. Units: seconds of the clock, and of the processor in this process and its database backend."""

    wall: float
    cpu: float


def spent(act: Callable[[], object]) -> Spent:
    """Time an act. The backend's processor time is read from /proc, and is nothing where the server is elsewhere.

    Work of parallel workers of the database is on the clock alone.
    """
    before, began = time.process_time() + backend_seconds(), time.perf_counter()
    act()
    wall = time.perf_counter() - began
    return Spent(wall, time.process_time() + backend_seconds() - before)


def backend_seconds() -> float:
    """Return the processor time of this connection's backend so far, nothing where it is elsewhere. Units: seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        place = Path(f"/proc/{cursor.fetchone()[0]}")
    try:
        if not (place / "comm").read_text().startswith("postgres"):
            return 0.0
        return int((place / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def percentile(values: list[float], percent: float) -> float:
    """Return the nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(percent / 100 * len(ordered) + 0.5) - 1))]


def data_folder(*parts: str) -> Path:
    """Return a folder of the measuring data. Raises: NotMeasured when PHARMACRM_DATA does not name one."""
    told = os.environ.get("PHARMACRM_DATA")
    if not told:
        raise NotMeasured("set PHARMACRM_DATA to the folder with the measuring data")
    place = Path(told, *parts)
    if not place.exists():
        raise NotMeasured(f"{place} is not there")
    return place


def collect(package: ModuleType, table: str) -> list[Measure]:
    """Return the measures of all modules of a package, by id."""
    found: list[Measure] = []
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith(("_", "test_")):
            found += getattr(importlib.import_module(f"{package.__name__}.{module.name}"), table, [])
    return sorted(
        found, key=lambda one: (one.id[0], int(one.id[1:].split()[0]) if one.id[1:].isdigit() else 99)
    )


def run_all(measures: list[Measure], wanted: list[str]) -> list[Result]:
    """Run each wanted measure; one that fails is a line of the table, not the end."""
    results: list[Result] = []
    for measure in measures:
        if wanted and measure.id not in wanted:
            continue
        sys.stdout.write(f"… {measure.id} {measure.title}\n")
        sys.stdout.flush()
        try:
            found = measure.run()
        except NotMeasured as missing:
            results.append(_line(measure, None, f"not measured: {missing}"))
        except Exception as problem:  # noqa: BLE001 - a broken measure is reported with its error
            traceback.print_exc()
            results.append(_line(measure, None, f"failed: {type(problem).__name__}: {problem}", holds=False))
        else:
            for name, figure in (found if isinstance(found, dict) else {measure.title: found}).items():
                results.append(_line(Measure(measure.id, name, measure.run), figure, figure.note))
    return results


def _line(measure: Measure, figure: Figure | None, note: str, holds: bool | None = None) -> Result:
    return Result(
        id=measure.id,
        title=measure.title,
        figure=round(figure.figure, 4) if figure else None,
        unit=figure.unit if figure else "",
        floor=round(figure.floor, 4) if figure and figure.floor is not None else None,
        ratio=figure.ratio if figure else None,
        n=figure.n if figure else 0,
        holds=figure.holds if figure else holds,
        note=note,
    )


def show(results: list[Result]) -> None:
    """Print the table."""
    held = {True: "holds", False: "FAILS", None: "-"}
    sys.stdout.write(f"\n{'id':5}{'figure':>12} {'unit':7}{'floor':>11}{'ratio':>8}{'n':>7}  {'':6} what\n")
    for one in results:
        figure = "-" if one.figure is None else f"{one.figure:.4g}"
        floor = "-" if one.floor is None else f"{one.floor:.4g}"
        ratio = "-" if one.ratio is None else f"{one.ratio:.2f}"
        note = f" ({one.note})" if one.note else ""
        sys.stdout.write(
            f"{one.id:5}{figure:>12} {one.unit:7}{floor:>11}{ratio:>8}{one.n:>7}  {held[one.holds]:6} {one.title}{note}\n"
        )


def keep(results: list[Result], place: Path) -> None:
    """Write the figures with the machine they were measured on, beside those of other ids measured before."""
    place.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(place.read_text())["figures"] if place.exists() else []
    fresh_ids = {one.id for one in results}
    figures = [one for one in before if one["id"] not in fresh_ids] + [asdict(one) for one in results]
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    told = {"measured_at": datetime.now(UTC).isoformat(), "machine": machine, "figures": figures}
    place.write_text(json.dumps(told, indent=1, ensure_ascii=False))


def main(package: ModuleType, table: str, place: Path, arguments: list[str]) -> int:
    """Run what was asked for. Returns: 1 when a promise does not hold or a measure broke."""
    results = run_all(collect(package, table), arguments)
    show(results)
    keep(results, place)
    sys.stdout.write(f"\n{place}\n")
    return 1 if any(one.holds is False for one in results) else 0
