"""S15: from `run` to the first page, on nothing and on yesterday's data. S16: the suite's own time."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from bench.measure import Figure, Measure, NotMeasured
from pharmacrm.runtime.home import ROOT
from tests.runtime.running import Running

REPEATS = 3


def start() -> dict[str, Figure]:
    folder = Path(tempfile.mkdtemp(prefix="pharmacrm-bench-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        cold = _seconds_to_the_login_page(folder / "var")
        warm = [_seconds_to_the_login_page(folder / "var") for _again in range(REPEATS)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "the very first start: makes servers, roles and schema": Figure(
            cold, "s", 1, note="part of the set-up"
        ),
        "start to the first page": Figure(statistics.median(warm), "s", REPEATS, holds=max(warm) <= 15),
    }


def _seconds_to_the_login_page(home: Path) -> float:
    running = Running(home)
    running.start()
    try:
        status, _body = running.get("/accounts/login/")
        if status != 200:
            raise RuntimeError(f"the login page answers {status}")
        return running.seconds
    finally:
        running.interrupt()


def suite() -> dict[str, Figure]:
    told = ROOT / "var" / "test" / "latest.json"
    if not told.exists():
        raise NotMeasured("run make test first: it notes its own time")
    parts = json.loads(told.read_text())
    limits = {"without the browser": 120.0, "browser": 480.0}
    return {
        f"suite, {name}": Figure(
            seconds, "s", 1, holds=seconds <= limits[name], note=f"{os.cpu_count()} cores"
        )
        for name, seconds in parts.items()
    }


MEASURES = [
    Measure("S15", "start", start),
    Measure("S16", "suite", suite),
]
