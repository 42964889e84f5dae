"""N6: an import killed anywhere on its way, from the first byte of its file to the end of its undoing."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bench.measure import Figure, Measure
from pharmacrm.runtime.services import Services
from tests.runtime.running import Running

from .faults import damaged_files, verify
from .servers import FULL, SETTINGS, connect, installation, kill
from .warehouse import Warehouse

POINTS = 100 if FULL else 10
ROWS = 1000
STEPS = ("upload", "check", "commit", "undo")
FOR = {"check": "checked", "commit": "committed", "undo": "undone"}
LANES = 3
PATIENCE = 300


@dataclass
class Import:
    """One import of the drill: its file, its names, and where it is kept."""

    number: int
    key: str = field(default_factory=lambda: str(uuid4()))
    job: str = ""

    @property
    def file(self) -> str:
        return f"kill-{self.number}.csv"

    @property
    def names(self) -> list[str]:
        return [f"演练{self.number}第{n}医院" for n in range(ROWS)]


class Place:
    """The installation that is killed, and what may be seen in it at any moment."""

    def __init__(self, running: Running, services: Services, client: Warehouse) -> None:
        self.running, self.services, self.client = running, services, client
        self.halves: list[str] = []
        self.looks = 0
        self.said: dict[int, Any] = {}  # the last answer to each import, for the words of a fault

    def look(self, one: Import) -> tuple[int, str, int, int]:
        """Return in one snapshot: imports of the file, the state of the last, its staged rows, hospitals that stand."""
        with closing(connect(self.services)) as connection, connection.cursor() as cursor:
            cursor.execute(
                """SELECT count(*), coalesce(max(j.state), ''),
                          coalesce(max((SELECT count(*) FROM imports_importrow r WHERE r.job_id = j.id)), 0),
                          (SELECT count(*) FROM doctors_hospital WHERE name LIKE %s)
                     FROM imports_importjob j WHERE j.file_name = %s""",
                [f"演练{one.number}第%", one.file],
            )
            jobs, state, staged, stand = cursor.fetchone()
        self.looks += 1
        wanted = ROWS if state == "committed" else 0
        if jobs > 1 or stand != wanted or (state in {"checked", "committed", "undone"} and staged != ROWS):
            self.halves.append(f"{one.file}: {jobs} imports, {state}, {staged} staged, {stand} stand")
        return jobs, state, staged, stand

    def kill_web(self) -> None:
        web = self.running.children().get("granian", 0)
        for pid in [*self.running.below(web), web]:
            kill(pid)

    def kill_worker(self, *, whole: bool) -> None:
        worker = self.running.children().get("worker", 0)
        for pid in [*self.running.below(worker), *([worker] if whole else [])]:
            kill(pid)

    def until(self, one: Import, state: str) -> None:
        began = time.monotonic()
        while self.look(one)[1] != state:
            if time.monotonic() - began > PATIENCE:
                raise RuntimeError(f"{one.file} is {self.look(one)}, not {state}")
            time.sleep(0.05)


def import_kills() -> dict[str, Figure]:
    """Kill the web server in an upload, the worker in a check, a commit or an undoing, at chance moments of each step.

    Three imports are on their way at a time, so that a kill meant for one falls on the others as well.
    """
    with installation() as (running, services):
        client = Warehouse(running.port, services.owner_environment(), SETTINGS)
        client.sign_in()
        place = Place(running, services, client)
        for trial in range(2):  # the first one finds everything cold
            lengths = _carry_through(place, Import(10_000 + trial), "", 0.0, whole=False)[0]
        with ThreadPoolExecutor(max_workers=LANES) as lanes:
            told = list(lanes.map(lambda point: _one_point(place, point, lengths), range(POINTS)))
        damaged, verified = damaged_files(running.home / "files"), verify(services)
        faults = [one.fault for one in told if one.fault]
        if faults:
            _show_log(running)
    slowest = max(one.seconds for one in told)
    hits = Counter(one.step for one in told if one.was_hit)
    counted = Counter(one.step for one in told)
    spread = ", ".join(f"{step} {hits[step]} of {counted[step]}" for step in STEPS)
    return {
        "imports killed, then not whole, doubled or not undone": Figure(
            len(faults), "imports", POINTS, holds=not faults, note="; ".join(faults[:3]) or f"killed inside: {spread}"
        ),
        "looks that saw a part of an import": Figure(
            len(place.halves), "looks", place.looks,
            holds=not place.halves and 2 * sum(hits.values()) >= POINTS, note="; ".join(place.halves[:3]),
        ),
        "files cut short; the ledger afterwards": Figure(
            damaged, "files", POINTS, holds=damaged == 0 and verified,
            note="ledger verified" if verified else "LEDGER DIFFERS",
        ),
        "slowest import from upload to undone, killed once": Figure(slowest, "s", POINTS),
    }  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What came of one kill: in which step, whether inside it, how long the import took, and what was wrong."""

    step: str
    was_hit: bool
    seconds: float
    fault: str = ""


def _one_point(place: Place, point: int, lengths: dict[str, float]) -> Told:
    chance, step, began = random.Random(point), STEPS[point % len(STEPS)], time.monotonic()
    try:
        moment = chance.random() * lengths[step]
        _taken, was_hit = _carry_through(place, Import(point), step, moment, whole=bool(point // 4 % 2))
    except RuntimeError as problem:
        return Told(
            step,
            was_hit=False,
            seconds=time.monotonic() - began,
            fault=f"{step}: {problem} {place.said.get(point)}"[:400],
        )
    return Told(step, was_hit, time.monotonic() - began)


def _show_log(running: Running) -> None:
    """Print what the servers said of their faults, before their folder goes."""
    for log in sorted(running.home.glob("log/*")):
        lines = log.read_text(errors="replace").splitlines()
        said = [place for place, line in enumerate(lines) if "Error" in line or "Traceback" in line]
        for place in said[-6:]:
            sys.stdout.write(f"  {log.name}: {' | '.join(lines[max(place - 2, 0) : place + 1])[:600]}\n")


def _carry_through(
    place: Place, one: Import, killed: str, moment: float, *, whole: bool
) -> tuple[dict[str, float], bool]:
    """Take an import from its upload to undone, with a kill `moment` seconds into one step.

    Returns: how long each step took; whether the killed step was not over when the kill fell.
    """
    lengths, was_hit = {}, False
    for step in STEPS:
        began = time.monotonic()
        if step != killed:
            _ask(place, one, step)
        elif step == "upload":
            was_hit = _killed_upload(place, one, moment)
        else:
            _ask(place, one, step, wait=False)
            time.sleep(moment)
            was_hit = place.look(one)[1] != FOR[step]
            place.kill_worker(whole=whole)
            place.until(one, FOR[step])
        lengths[step] = time.monotonic() - began
    return lengths, was_hit


def _killed_upload(place: Place, one: Import, moment: float) -> bool:
    answers: list[int] = []
    sender = threading.Thread(target=lambda: answers.append(_send(place, one)))
    sender.start()
    time.sleep(moment)
    place.kill_web()
    sender.join()
    place.look(one)
    _ask(place, one, "upload")  # as a program does that had no answer: again, with the same key
    return answers != [201]


def _send(place: Place, one: Import) -> int:
    status, body, _kind = place.client.upload(one.file, one.names, one.key)
    one.job = str(body["id"]) if status == 201 else ""
    place.said[one.number] = body
    return status


def _ask(place: Place, one: Import, step: str, *, wait: bool = True) -> None:
    if step == "upload":
        _again(lambda: _send(place, one), 201, f"{one.file}: upload")
        return
    address = f"/api/v1/imports/{one.job}/"
    if step == "check":
        told: list[dict[str, Any]] = []
        _again(lambda: _kept(told, *place.client.get(address)), 200, f"{one.file}: its columns")
        mapping = told[-1]["mapping"]
        asked = ("columns/", {"mapping": mapping})
    else:
        asked = (f"{step}/", {"only_good": True} if step == "commit" else {})
    key = str(uuid4())
    _again(lambda: _posted(place, one, address + asked[0], asked[1], key), 202, f"{one.file}: {step}")
    if wait:
        place.until(one, FOR[step])


def _posted(place: Place, one: Import, address: str, body: dict[str, Any], key: str) -> int:
    status, place.said[one.number] = place.client.post(address, body, key)
    return status


def _kept(told: list[dict[str, Any]], status: int, body: Any) -> int:
    told.append(body)
    return status


def _again(act: Callable[[], int], wanted: int, what: str) -> None:
    """Ask until the answer is there: a server just killed, or a key still held by a request that died, says wait."""
    began = time.monotonic()
    while (status := act()) != wanted:
        if status not in {0, 409, 502, 503} or time.monotonic() - began > PATIENCE:
            raise RuntimeError(f"{what} was answered {status}")
        time.sleep(0.2)


DRILLS = [Measure("N6", "an import killed on its way", import_kills)]
