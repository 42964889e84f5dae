"""`make run` itself: everything up, every part killed once, nothing left after Ctrl-C, a quick second start."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pharmacrm.runtime.home import ROOT

from .running import Running

pytestmark = pytest.mark.xdist_group("make run")  # one start for them all, and the stop comes last


def _alive(pids: set[int]) -> set[int]:
    found = set()
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                found.add(pid)
        except OSError:
            continue
    return found


def _seconds_to_load_django() -> float:
    began = time.monotonic()
    command = [sys.executable, "-c", "import django; django.setup()"]
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.test"}, check=True
    )
    return time.monotonic() - began


@pytest.fixture(scope="module")
def running():
    folder = Path(tempfile.mkdtemp(prefix="pharmacrm-test-", dir="/tmp"))
    folder.chmod(0o755)
    one = Running(folder / "运行 here")
    one.start()
    yield one
    if one.process.poll() is None:
        one.interrupt()
    shutil.rmtree(folder, ignore_errors=True)


def test_every_part_is_ready_after_the_start(running):
    assert running.becomes_ready_within(20), running.get("/readyz")

    status, body = running.get("/readyz")

    assert status == 200
    assert {name for name, part in json.loads(body)["parts"].items() if part["ready"]} == {
        "database",
        "language",
        "redis",
        "worker",
        "ledger",
        "outbox",
        "rights",
    }
    assert any(f"http://127.0.0.1:{running.port}/" in line for line in running.said)


@pytest.mark.parametrize(
    "part", ["bin/postgres", "valkey", "granian", "worker", "beat", "compliance.log.witness"]
)
def test_a_killed_part_comes_back(running, part):
    assert running.becomes_ready_within(20)
    before = running.children()[part]

    os.kill(before, signal.SIGKILL)

    deadline = time.monotonic() + 20
    while running.children().get(part, before) == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running.children()[part] != before
    assert running.becomes_ready_within(15), running.get("/readyz")


def test_a_second_start_on_the_same_data_is_refused_in_words(running):
    again = subprocess.run(
        running.command(), cwd=ROOT, env=running.environment(), capture_output=True, text=True, check=False
    )

    assert again.returncode == 1
    assert "already runs" in again.stderr
    assert running.get("/healthz") == (200, "ok")


def test_a_taken_port_is_named_before_anything_starts(running):
    home = running.home.parent / "other"

    other = subprocess.run(
        running.command(),
        cwd=ROOT,
        env={**running.environment(), "PHARMACRM_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert other.returncode == 1
    assert f"Port {running.port} is taken" in other.stderr
    assert not (home / "postgres").exists()


def test_ctrl_c_stops_everything_cleanly_and_the_next_start_takes_seconds(running):
    assert running.becomes_ready_within(20)
    everything = running.descendants()

    code = running.interrupt()

    assert code == 0
    assert _alive(everything) == set()
    log = (running.home / "log" / "postgres.log").read_text().splitlines()
    assert "database system is shut down" in log[-1]

    # The second bound counts on a busy machine only. What else such a machine does comes and goes: a start that is
    # slow by itself is slow three times.
    starts = []
    while not starts or (starts[-1] >= max(15, 8 * _seconds_to_load_django()) and len(starts) < 3):
        if starts:
            running.interrupt()
        running.start()
        starts.append(running.seconds)
    assert starts[-1] < max(15, 8 * _seconds_to_load_django()), starts
    assert running.get("/healthz") == (200, "ok")
    everything = running.descendants()

    running.process.kill()
    running.process.communicate()

    # Nobody hurries the orphans: the web server gives a worker that is still starting 8 s of its own, and more
    # pass where the machine is busy. That nothing stays is the promise, not when.
    deadline = time.monotonic() + 60
    while _alive(everything) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _alive(everything) == set()
