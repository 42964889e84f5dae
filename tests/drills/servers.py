"""N2: the database is killed under load. N3: workers are killed, Redis is emptied and restarted. N7: restore."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2
from redis import Redis

from bench.measure import Figure, Measure
from pharmacrm.runtime.home import ROOT, Home
from pharmacrm.runtime.postgres import OWNER
from pharmacrm.runtime.services import Services
from pharmacrm.settings import env
from tests.runtime.running import Running

SETTINGS = "tests.drills.settings"
FULL = os.environ.get("PHARMACRM_DRILL_SIZE") == "full"


@contextmanager
def installation(place: Path | None = None, **more: str) -> Iterator[tuple[Running, Services]]:
    """Run one of its own, in `place` or a new folder, and take it away afterwards."""
    folder = place or Path(tempfile.mkdtemp(prefix="pharmacrm-drill-", dir="/tmp"))
    folder.chmod(0o755)
    running = Running(folder / "var", **{"DJANGO_SETTINGS_MODULE": SETTINGS, **more})
    kept = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_OWNER_URL")}
    try:
        running.start()
        if not running.becomes_ready_within(60):
            raise RuntimeError(running.get("/readyz")[1])
        yield running, Services(Home.at(running.home), say=lambda _line: None)
    finally:
        os.environ.update({name: value for name, value in kept.items() if value})
        running.interrupt()
        if place is None:
            shutil.rmtree(folder, ignore_errors=True)


def connect(services: Services) -> psycopg2.extensions.connection:
    return services.postgres.connect(OWNER)


def database_kills() -> dict[str, Figure]:
    """Four writers insert numbered rows and note each acknowledged one; the postmaster is killed again and again."""
    kills = 100 if FULL else 10
    with installation() as (running, services):
        with closing(connect(services)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE drill_row (id uuid PRIMARY KEY)")
        acknowledged: list[list[str]] = [[] for _writer in range(4)]
        is_over = threading.Event()
        writers = [threading.Thread(target=_write, args=(services, noted, is_over)) for noted in acknowledged]
        for writer in writers:
            writer.start()
        outages = []
        for _kill in range(kills):
            time.sleep(0.3)
            before = running.children().get("bin/postgres")
            os.kill(before, signal.SIGKILL)
            began = time.monotonic()
            while not _serves(services) or running.get("/healthz")[0] != 200:
                time.sleep(0.02)
                if time.monotonic() - began > 60:
                    raise RuntimeError("the database did not come back within a minute")
            outages.append(time.monotonic() - began)
        is_over.set()
        for writer in writers:
            writer.join()
        noted = [one for part in acknowledged for one in part]
        with closing(connect(services)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id::text FROM drill_row")
            stored = {row[0] for row in cursor.fetchall()}
    lost = len(set(noted) - stored)
    return {
        "acknowledged rows lost over postmaster kills": Figure(
            lost, "rows", kills, holds=lost == 0 and bool(noted), note=f"{len(noted)} acknowledged"
        ),
        "longest time until it serves again": Figure(max(outages), "s", kills, holds=max(outages) <= 10),
    }


def _write(services: Services, noted: list[str], is_over: threading.Event) -> None:
    while not is_over.is_set():
        try:
            with closing(connect(services)) as connection:
                while not is_over.is_set():
                    one = str(uuid4())
                    with connection, connection.cursor() as cursor:
                        cursor.execute("INSERT INTO drill_row VALUES (%s)", [one])
                    noted.append(one)
        except psycopg2.Error:
            time.sleep(0.05)


def _serves(services: Services) -> bool:
    try:
        with closing(connect(services)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return True
    except psycopg2.Error:
        return False


ASK = """
import os, django
django.setup()
from django.db import transaction
from pharmacrm.accounts.models import User
from pharmacrm.common import outbox
person, _made = User.objects.get_or_create(username="drill", defaults={"email": "drill@example.com"})
for number in range(int(os.environ["DRILL_COUNT"])):
    with transaction.atomic():
        outbox.enqueue("drills.leave_a_row", recipient_id=person.pk, number=number)
"""


def worker_kills() -> dict[str, Figure]:
    """Messages are written while workers are killed, Redis is emptied and killed; then effects are counted."""
    kills, messages = (1000, 10_000) if FULL else (20, 400)
    with installation() as (running, services):
        environment = {**os.environ, **services.owner_environment(), "DRILL_COUNT": str(messages)}
        environment["DJANGO_SETTINGS_MODULE"] = SETTINGS
        asking = subprocess.Popen([sys.executable, "-c", ASK], cwd=ROOT, env=environment)
        redis_url = env.redis_for_cache(services.redis.url)
        for turn in range(kills):
            time.sleep(0.2)
            pids = running.children()
            victims = sorted(running.below(pids["worker"])) or [pids["worker"]] if "worker" in pids else []
            if victims:
                kill(victims[turn % len(victims)] if turn % 4 else pids["worker"])
            if turn % 10 == 5:
                _quietly(lambda: Redis.from_url(redis_url).flushall())
            if turn % 10 == 9:
                kill(running.children().get("valkey", 0))
        asking.wait()
        began = time.monotonic()
        while (
            left := count(services, "SELECT count(*) FROM common_outboxmessage WHERE state <> 'done'")
        ) and (time.monotonic() - began < 180):
            time.sleep(0.5)
        seconds = time.monotonic() - began
        effects = count(services, "SELECT count(*) FROM common_notification WHERE kind LIKE 'drill-%'")
        asked = count(services, "SELECT count(*) FROM common_outboxmessage WHERE task = 'drills.leave_a_row'")
    return {
        "tasks lost over worker kills, flushes and restarts": Figure(
            left, "tasks", kills, holds=left == 0 and asked == messages, note=f"{asked} asked for"
        ),
        "effects missing or doubled": Figure(
            abs(effects - messages), "effects", kills, holds=effects == messages
        ),
        "everything done after the last kill": Figure(
            seconds, "s", 1, note="from when the last was asked for"
        ),
    }


def kill(pid: int) -> None:
    if pid:
        _quietly(lambda: os.kill(pid, signal.SIGKILL))


def _quietly(act) -> None:
    try:
        act()
    except (OSError, ConnectionError, ProcessLookupError):
        return
    except Exception as problem:  # noqa: BLE001 - a dead Redis is what is drilled
        sys.stdout.write(f"  ({type(problem).__name__})\n")


def count(services: Services, query: str) -> int:
    with closing(connect(services)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def destroy_and_restore() -> dict[str, Figure]:
    """Back up, drop every table, restore, compare digests and let the ledger verify itself."""
    folder = Path(tempfile.mkdtemp(prefix="pharmacrm-drill-", dir="/tmp"))
    folder.chmod(0o755)
    home = folder / "var"
    kept = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_OWNER_URL")}

    def manage(*command: str) -> str:
        done = subprocess.run(
            [
                *[sys.executable, "-m", "pharmacrm.runtime", "exec", "--owner", "--home", str(home), "--"],
                *[sys.executable, "manage.py", *command],
            ],
            cwd=ROOT,
            env={**os.environ, "PHARMACRM_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")
        return done.stdout

    try:
        manage("prepare")
        manage(
            "shell",
            "-c",
            "from pharmacrm.accounts.models import User; User.objects.create_user('a', 'a@example.com', 'x'*20)",
        )
        manage("backup", "--to", str(folder / "backups"))
        made = next((folder / "backups").iterdir())
        tables = json.loads((made / "manifest.json").read_text())["tables"]
        began = time.monotonic()
        manage(
            "shell",
            "-c",
            "from django.db import connection; c = connection.cursor(); c.execute('DROP SCHEMA public CASCADE'); c.execute('CREATE SCHEMA public')",
        )
        shutil.rmtree(home / "files", ignore_errors=True)
        manage("restore", str(made), "--replace")
        seconds = time.monotonic() - began
        manage("backup", "--to", str(folder / "again"))
        after = json.loads((next((folder / "again").iterdir()) / "manifest.json").read_text())["tables"]
    finally:
        os.environ.update({name: value for name, value in kept.items() if value})
        shutil.rmtree(folder, ignore_errors=True)
    wrong = [name for name in {*tables, *after} if tables.get(name) != after.get(name)]
    return {
        "tables that differ after destroy and restore": Figure(
            len(wrong), "tables", len(tables), holds=not wrong, note=", ".join(sorted(wrong)[:3])
        ),
        "destroyed to restored": Figure(seconds, "s", 1),
    }


DRILLS = [
    Measure("N2", "database kills", database_kills),
    Measure("N3", "worker and Redis kills", worker_kills),
    Measure("N7", "backup, destroy, restore", destroy_and_restore),
]
