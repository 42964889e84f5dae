"""The embedded Redis: a real server (Valkey) on a socket, with its append-only file."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .binaries import redis_server
from .children import Child, reap, tail
from .home import Home

START_SECONDS = 60


class RedisFailed(Exception):
    """The server did not come up; the message ends with its log."""


@dataclass
class EmbeddedRedis:
    """One server in the state directory; `throwaway` keeps nothing."""

    home: Home
    throwaway: bool = False

    def __post_init__(self) -> None:
        self.home.redis.mkdir(mode=0o700, exist_ok=True)
        self.socket = self.home.socket_folder("redis", os.getuid()) / "redis.sock"
        self.settings = self.home.run / "redis.conf"
        self.child = Child(
            name="redis",
            command=[str(redis_server()), str(self.settings)],
            log=self.home.logs / "redis.log",
            folder=Path("/"),
            grace_seconds=20,
        )

    @property
    def url(self) -> str:
        return f"redis+socket://{quote(str(self.socket), safe='/')}?virtual_host=0"

    def start(self) -> None:
        """Start the server and wait until it answers. Raises: RedisFailed."""
        self.settings.write_text(self._written_settings())
        self.socket.unlink(missing_ok=True)
        self.child.start()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            reap()
            if not self.child.is_running:
                break
            if self.answers():
                return
            time.sleep(0.02)
        self.child.kill_group()
        raise RedisFailed(f"Redis does not start. The end of its log:\n{tail(self.child.log)}")

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _written_settings(self) -> str:
        lasting = ["appendonly yes", "appendfsync everysec", "save 3600 1 300 1000"]
        return "\n".join(
            [
                "port 0",
                f"unixsocket {_quoted(self.socket)}",
                "unixsocketperm 700",
                f"dir {_quoted(self.home.redis)}",
                "daemonize no",
                "maxmemory-policy noeviction",
                *(["appendonly no", 'save ""'] if self.throwaway else lasting),
                "",
            ]
        )


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
