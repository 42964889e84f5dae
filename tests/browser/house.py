"""The product as it runs: granian, a Celery worker and a Redis of their own, on the suite's PostgreSQL.

    def test_something(house, browser_page, rep):
        page = browser_page(login_as=rep)
        page.goto(f"{house}/field/")

The three start once a session, with the first test that asks. A test leaves them idle and the tables empty.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from redis import Redis

from pharmacrm.runtime.binaries import redis_server
from pharmacrm.runtime.children import tied_to
from pharmacrm.runtime.home import ROOT

START_SECONDS = 60
IDLE_SECONDS = 30
CALM_LOOKS = 3


@pytest.fixture(scope="session")
def installation(django_db_setup, django_db_blocker):
    """Start Redis, web and worker. Returns: the web server's address and the Redis server's socket."""
    folder = Path(tempfile.mkdtemp(prefix="pc-"))
    redis = folder / "redis.sock"
    with django_db_blocker.unblock():
        database = str(connection.settings_dict["NAME"])
    url = urlsplit(os.environ.get("DATABASE_URL", "postgresql:///pharmacrm"))
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"},
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "SECRET_KEY": django_settings.SECRET_KEY,
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{database}")),
        "REDIS_URL": f"redis+socket://{quote(str(redis), safe='/')}?virtual_host=0",
        "PHARMACRM_HOME": str(django_settings.SCRATCH),
        "PHARMACRM_KEYS": str(django_settings.KEYS_DIR),
    }
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)

        def run(name, command):
            running.enter_context(_program(name, command, environment, folder))

        run("redis", [str(redis_server()), "--port", "0", "--unixsocket", str(redis), "--save", ""])
        _wait("redis", folder, lambda: redis.exists() and Redis(unix_socket_path=str(redis)).ping())
        worker = [sys.executable, "-m", "celery", "-A", "pharmacrm", "worker", "--concurrency", "1"]
        run(
            "worker",
            [*worker, "--loglevel", "warning", "--without-gossip", "--without-mingle", "--without-heartbeat"],
        )
        address = running.enter_context(served(folder, environment, free_port()))
        _wait("worker", folder, lambda: _listens(redis))
        yield address, redis


@pytest.fixture
def house(installation, transactional_db):
    """The address of the product as it runs."""
    address, redis = installation
    yield address
    _wait_until_idle(redis)
    with closing(Redis(unix_socket_path=str(redis))) as server:
        server.delete("pharmacrm")  # wake-ups of rows that are about to go
        for key in server.scan_iter("pharmacrm:*"):
            server.delete(key)


@contextmanager
def served(folder, environment, port):
    """Run the web server until the block ends. Returns: its address."""
    command = [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", "pharmacrm.wsgi:application", "--no-ws"],
        *["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "8"],
        *["--log-level", "warning"],
    ]
    with _program("web", command, environment, folder):
        _wait("web", folder, lambda: _answers(f"http://127.0.0.1:{port}/healthz"))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _program(name, command, environment, folder):
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=tied_to(os.getpid(), signal.SIGTERM),
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(name, folder, is_ready):
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if time.monotonic() > deadline:
            said = (folder / f"{name}.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{name} did not start:\n{said}")
        time.sleep(0.05)


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _listens(redis):
    """Return whether a worker waits at the queue: the list is named in the binding that it made."""
    with closing(Redis(unix_socket_path=str(redis))) as server:
        return bool(server.exists("_kombu.binding.pharmacrm")) and any(
            "brpop" in client["cmd"] for client in server.client_list()
        )


def _wait_until_idle(redis):
    """Wait until no task waits and no other connection was amid anything for a while: then the tables can be emptied.

    A request that was under way when its browser closed may begin its next statement between two looks.
    """
    deadline, calm = time.monotonic() + IDLE_SECONDS, 0
    with closing(Redis(unix_socket_path=str(redis))) as server:
        while calm < CALM_LOOKS and time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND (state <> 'idle' OR state_change > now() - interval '0.3 s')"
                )
                busy = cursor.fetchone()[0]
            calm = 0 if busy or server.llen("pharmacrm") or server.hlen("unacked") else calm + 1
            time.sleep(0.05)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
