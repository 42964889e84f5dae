"""N8: a full disk, a clock that is days off, a line to the database that is cut."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from bench.measure import Figure, Measure, NotMeasured
from pharmacrm.runtime.home import ROOT
from pharmacrm.runtime.services import Services
from tests.runtime.running import Running

from .servers import FULL, SETTINGS, count, installation
from .warehouse import Warehouse

DISK = 700 * 1024 * 1024
CLEAN = {201, 503}


@contextmanager
def small_disk() -> Iterator[Path]:
    """Give a file system of its own that can be filled. Raises: NotMeasured without the right to mount."""
    place = Path(tempfile.mkdtemp(prefix="pharmacrm-disk-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        place.rmdir()
        raise NotMeasured("a small file system can be mounted by root only")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)
        place.rmdir()


def full_disk() -> dict[str, Figure]:
    """Fill the disk under everything, go on sending, make room again."""
    sent = 200 if FULL else 40
    with small_disk() as place, installation(place) as (running, services):
        client = Warehouse(running.port, services.owner_environment(), SETTINGS)
        client.sign_in()
        answers: dict[str, tuple[int, str]] = {}

        def send(name: str) -> int:
            status, _body, kind = client.upload(name, [f"{name}第{n}医院" for n in range(400)])
            answers[name] = (status, kind)
            return status

        for turn in range(3):
            send(f"before-{turn}.csv")
        filler = place / "filler"
        _fill(filler)
        for turn in range(sent):
            send(f"full-{turn}.csv")
        filler.unlink()
        began = time.monotonic()
        turn = 0
        while send(f"after-{turn}.csv") != 201 and time.monotonic() - began < 120:
            turn += 1
            time.sleep(0.2)
        serves_again = time.monotonic() - began
        is_ready = running.becomes_ready_within(120)
        statuses = sorted({status for status, _kind in answers.values()})
        unclear = [name for name, (status, _kind) in answers.items() if status not in CLEAN]
        refused = [name for name, (status, _kind) in answers.items() if status == 503]
        plain = [name for name in refused if "problem+json" not in answers[name][1]]
        wrong = 0
        for name, (status, _kind) in answers.items():
            stored = count(services, f"SELECT count(*) FROM imports_importjob WHERE file_name = '{name}'")
            wrong += stored != 1 if status == 201 else stored > 0 if status == 503 else stored > 1
        damaged = damaged_files(running.home / "files")
        verified = verify(services)
    return {
        "disk full: answers that are neither 201 nor 503": Figure(
            len(unclear), "answers", len(answers), holds=not unclear, note=f"answered {statuses}"
        ),
        "disk full: 503 without problem+json": Figure(
            len(plain), "answers", len(refused), holds=not plain and bool(refused)
        ),
        "disk full: acknowledged lost, refused stored, files cut short": Figure(
            wrong + damaged,
            "uploads",
            len(answers),
            holds=wrong + damaged == 0 and verified,
            note="ledger verified" if verified else "LEDGER DIFFERS",
        ),
        "disk full: room again to the first write": Figure(
            serves_again, "s", 1, holds=serves_again <= 60 and is_ready
        ),
    }


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096, 1):
            with suppress(OSError):
                while file.write(b"\0" * size):
                    continue


def damaged_files(folder: Path) -> int:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(hashlib.sha256(path.read_bytes()).hexdigest() != path.name for path in files)


def verify(services: Services) -> bool:
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_ledger"],
        cwd=ROOT,
        env={**os.environ, **services.owner_environment(), "DJANGO_SETTINGS_MODULE": SETTINGS},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stdout.write(done.stdout[-1000:] + done.stderr[-1000:])
    return done.returncode == 0


# --- the clock ------------------------------------------------------------------------------------------------

OTHER_DAY = """
import os
days = os.environ.get("PHARMACRM_DRILL_DAYS")
if days:
    import datetime
    import time_machine
    there = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=float(days))
    time_machine.travel(there, tick=True).start()
"""


def wrong_clock() -> dict[str, Figure]:
    """Start everything three days ahead, three days behind, and on time, on one set of data, and write each time."""
    folder = Path(tempfile.mkdtemp(prefix="pharmacrm-clock-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "sitecustomize.py").write_text(OTHER_DAY)
    written, verified, off = {}, True, 0
    try:
        for days in ("0", "3", "-3", "0"):
            more = {"PHARMACRM_DRILL_DAYS": days, "PYTHONPATH": str(folder)}
            with installation(folder, **more) as (running, services):
                client = Warehouse(running.port, services.owner_environment(), SETTINGS)
                client.sign_in()
                name = f"演练钟{len(written)}"
                job = client.checked("clock.csv", [f"{name}第{n}医院" for n in range(20)])
                client.post(f"/api/v1/imports/{job}/commit/", {"only_good": True})
                client.wait_for(job, {"committed"})
                query = f"SELECT count(*) FROM doctors_hospital WHERE name LIKE '{name}第%'"
                written[name] = count(services, query)
                verified = verified and verify(services)
                off = count(
                    services,  # by the database's clock, which is right
                    "SELECT count(*) FROM imports_importjob WHERE abs(extract(epoch FROM asked_at - now())) > 2 * 86400",
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    short = sum(rows != 20 for rows in written.values())
    return {
        "clock 3 days ahead, behind, on time: imports not whole": Figure(
            short,
            "imports",
            len(written),
            holds=short == 0 and len(written) == 4 and off == 2 and verified,
            note="ledger verified each time" if verified else "LEDGER DIFFERS",
        )
    }


# --- the line to the database ---------------------------------------------------------------------------------


class Line:
    """A line over TCP to the database's socket, which can be cut."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.is_cut = False
        self.open: list[socket.socket] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for one in self.open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def mend(self) -> None:
        self.is_cut = False

    def _let_in(self) -> None:
        while True:
            try:
                near, _address = self.door.accept()
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(self.target)
            except OSError:
                near.close()
                continue
            self.open += [near, far]
            for source, drain in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, drain), daemon=True).start()

    def _pass_on(self, source: socket.socket, drain: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                drain.sendall(data)
        for one in (source, drain):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def cut_line() -> dict[str, Figure]:
    """Web, worker and beat reach the database over a line that is cut again and again under load."""
    cuts = 100 if FULL else 6
    with installation() as (_servers, services):
        line = Line(f"{services.postgres.socket}/.s.PGSQL.5432")
        environment = services.owner_environment()
        over_tcp = {
            "DATABASE_URL": _by(line, services.environment()["DATABASE_URL"]),
            "DATABASE_OWNER_URL": _by(line, environment["DATABASE_URL"]),
        }
        place = Path(tempfile.mkdtemp(prefix="pharmacrm-line-", dir="/tmp"))
        place.chmod(0o755)
        web = Running(place / "var", DJANGO_SETTINGS_MODULE=SETTINGS, **over_tcp)
        try:
            web.start()
            if not web.becomes_ready_within(60):
                raise RuntimeError(web.get("/readyz")[1])
            client = Warehouse(web.port, environment, SETTINGS)
            client.sign_in()
            answers: dict[str, tuple[int, str]] = {}
            recoveries = []
            for turn in range(cuts):
                for part in range(4):
                    if part == 1:
                        line.cut()
                    name = f"cut-{turn}-{part}.csv"
                    status, _body, kind = client.upload(name, [f"{name}第{n}医院" for n in range(20)])
                    answers[name] = (status, kind)
                line.mend()
                began = time.monotonic()
                while client.get("/api/v1/imports/")[0] != 200 and time.monotonic() - began < 60:
                    time.sleep(0.1)
                recoveries.append(time.monotonic() - began)
            is_ready = web.becomes_ready_within(60)
            wrong = 0
            for name, (status, _kind) in answers.items():
                stored = count(services, f"SELECT count(*) FROM imports_importjob WHERE file_name = '{name}'")
                wrong += stored != 1 if status == 201 else stored > 0
        finally:
            web.interrupt()
            line.door.close()
            shutil.rmtree(place, ignore_errors=True)
    refused = [kind for status, kind in answers.values() if status == 503]
    unclear = [status for status, _kind in answers.values() if status not in CLEAN]
    plain = [kind for kind in refused if "problem+json" not in kind]
    return {
        "line cut: answers that are neither 201 nor 503 problem+json": Figure(
            len(unclear) + len(plain),
            "answers",
            len(answers),
            holds=not unclear and not plain and bool(refused),
            note=f"{len(refused)} were 503" + (f", others {sorted(set(unclear))}" if unclear else ""),
        ),
        "line cut: acknowledged lost or refused stored": Figure(
            wrong, "uploads", len(answers), holds=wrong == 0
        ),
        "line cut: mended to the next answer": Figure(
            max(recoveries), "s", cuts, holds=max(recoveries) <= 10 and is_ready
        ),
    }


def _by(line: Line, url: str) -> str:
    parts = urlsplit(url)
    assert "host" in parse_qs(parts.query)
    who = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{who}@127.0.0.1:{line.port}", query=""))


DRILLS = [
    Measure("N8", "a full disk", full_disk),
    Measure("N8", "a clock days off", wrong_clock),
    Measure("N8", "a line that is cut", cut_line),
]
