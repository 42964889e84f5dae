"""What runs beside the servers: web, worker, beat and the ledger's witness."""

from __future__ import annotations

import signal
import sys

from .children import Child
from .home import ROOT, Home


def programs(home: Home, environment: dict[str, str], *, host: str, port: int) -> list[Child]:
    """Return the programs of one state directory in the order in which they start; none is started yet."""
    celery = [sys.executable, "-m", "celery", "-A", "pharmacrm"]
    return [
        Child(
            "web",
            [
                *[sys.executable, "-m", "granian", "--interface", "wsgi", "pharmacrm.wsgi:application"],
                *["--host", host, "--port", str(port), "--workers", "2"],
                *[
                    "--blocking-threads",
                    "4",
                    "--blocking-threads-idle-timeout",
                    "600",
                    "--backlog",
                    "1024",
                ],
                *["--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "8"],
                *["--no-ws", "--log-level", "warning"],
            ],
            home.logs / "web.log",
            environment,
            folder=ROOT,
        ),
        Child(
            "worker",
            [
                *celery,
                "worker",
                "--concurrency",
                "2",
                "--loglevel",
                "warning",
                "--without-gossip",
                "--without-mingle",
                "--without-heartbeat",  # its last beat waits for a broker that is gone, for ever
            ],
            home.logs / "worker.log",
            environment,
            folder=ROOT,
            orphan_signal=signal.SIGQUIT,  # nobody is left to wait for the running tasks
            grace_seconds=10,
        ),
        Child(
            "beat",
            [*celery, "beat", "--loglevel", "warning", "--pidfile="],
            home.logs / "beat.log",
            environment,
            folder=ROOT,
        ),
        Child(
            "witness",  # knows neither database nor keys: it sees the dropped checkpoints, and its own directory
            [
                *[sys.executable, "-m", "compliance.log.witness"],
                *["--drop", str(home.path / "anchors"), "--home", str(home.path / "witness")],
            ],
            home.logs / "witness.log",
            {"DATABASE_URL": "", "REDIS_URL": "", "DATABASE_OWNER_URL": ""},
            folder=ROOT,
        ),
    ]
