"""`make test`: pytest in two parts. Without a browser the second is named as not run, never passed over in silence."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from pharmacrm.settings import env

from . import browser
from .home import ROOT

NO_TESTS_COLLECTED = 5


def is_inside() -> bool:
    """Return whether the addresses of both servers are set already."""
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def main(arguments: list[str]) -> int:
    only_browser = "--only-browser" in arguments
    no_browser = "--no-browser" in arguments
    passed_on = [part for part in arguments if part not in {"--only-browser", "--no-browser"}]
    code = 0
    make_databases()
    if not only_browser:
        code = _pytest(
            "without the browser",
            ["-n", str(workers()), "--dist", "loadgroup", "-m", "not browser", *passed_on],
        )
    if no_browser:
        return code
    found = browser.ensure()
    if found.path is None:
        sys.stdout.write(f"\nbrowser: NOT RUN\n{found.advice}\n")
        required = only_browser or os.environ.get("PHARMACRM_BROWSER") == "required"
        return code or (1 if required else 0)
    os.environ["PHARMACRM_CHROMIUM"] = found.path
    browser_code = _pytest(
        "browser", ["-n", str(min(workers(), 2)), "--dist", "loadfile", "-m", "browser", *passed_on]
    )
    if (
        browser_code == NO_TESTS_COLLECTED
        and not only_browser
        and os.environ.get("PHARMACRM_BROWSER") != "required"
    ):
        browser_code = 0
    return code or browser_code


def _pytest(part: str, arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "--reuse-db", *arguments]
    began = time.monotonic()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.test"}
    code = subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode
    seconds = time.monotonic() - began
    sys.stdout.write(f"{part}: {seconds:.0f} s\n")
    if code == 0:
        _note(part, seconds)
    return code


def _note(part: str, seconds: float) -> None:
    """Keep the time of a whole green part: `make bench` compares it with what is promised."""
    place = ROOT / "var" / "test" / "latest.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(place.read_text()) if place.exists() else {}
    place.write_text(json.dumps({**known, part: round(seconds, 1)}))


def workers() -> int:
    return min(os.cpu_count() or 1, 8)


def make_databases() -> None:
    """Migrate one test database and copy it for each worker, unless the migrations are those of the last time.

    Migrating costs half a minute of a core; a copy costs a tenth of a second.
    """
    address = env.database(os.environ["DATABASE_URL"])
    first = f"test_{address['NAME']}"
    copies = [f"{first}_gw{number}" for number in range(workers())]
    stamp = Path(os.environ.get("PHARMACRM_HOME") or ROOT / "var") / "run" / "test-databases"
    made_for = _migrations_digest()
    with closing(_server(address)) as server, server.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [[first, *copies]])
        present = {row[0] for row in cursor.fetchall()}
        if present == {first, *copies} and stamp.exists() and stamp.read_text() == made_for:
            return
        began = time.monotonic()
        for name in present:
            cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(first)))
        url = urlsplit(os.environ["DATABASE_URL"])
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--noinput", "-v0"],
            cwd=ROOT,
            check=True,
            env={
                **os.environ,
                "DATABASE_URL": urlunsplit(url._replace(path=f"/{first}")),
                "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.test",
            },
        )
        for name in copies:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(first))
            )
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(made_for)
    sys.stdout.write(f"test databases: {time.monotonic() - began:.0f} s\n")
    sys.stdout.flush()


def _server(address: dict[str, Any]) -> Any:
    connection = psycopg2.connect(
        dbname="postgres",
        user=address["USER"] or None,
        password=address["PASSWORD"] or None,
        host=address["HOST"] or None,
        port=address["PORT"] or None,
    )
    connection.autocommit = True
    return connection


def _migrations_digest() -> str:
    whole = hashlib.sha256(os.environ["DATABASE_URL"].encode())
    for path in sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("pharmacrm/*/migrations/*.py")):
        whole.update(path.name.encode() + path.read_bytes())
    whole.update((ROOT / "requirements-dev.lock").read_bytes())
    return whole.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
