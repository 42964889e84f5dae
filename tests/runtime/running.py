"""One supervisor on a state directory of its own, for tests, drills and measures of the start."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from pharmacrm.runtime.home import ROOT


class Running:
    """One supervisor on a state directory of its own."""

    def __init__(self, home: Path, **more: str) -> None:
        self.home = home
        self.more = more
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.said: list[str] = []
        self.seconds = 0.0
        self.process: subprocess.Popen[str] | None = None

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "PHARMACRM_HOME": str(self.home), "PORT": str(self.port), **self.more}

    def command(self) -> list[str]:
        return [sys.executable, "-m", "pharmacrm.runtime", "run"]

    def start(self) -> None:
        began = time.monotonic()
        self.process = subprocess.Popen(
            self.command(), cwd=ROOT, env=self.environment(), stdout=subprocess.PIPE, text=True
        )
        for line in self.process.stdout:
            self.said.append(line)
            if "Stop: Ctrl-C" in line:
                break
        self.seconds = time.monotonic() - began

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=180)  # it ends; how soon is the machine's affair
        return self.process.returncode

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as problem:
            return 0, repr(problem)
        finally:
            connection.close()

    def children(self) -> dict[str, int]:
        """Return the direct children's process ids by a word of their command."""
        found = {}
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            for word in ("bin/postgres", "valkey", "granian", " worker ", " beat ", "compliance.log.witness"):
                if word in line:
                    found[word.strip()] = int(pid)
        return found

    def descendants(self) -> set[int]:
        return self.below(self.process.pid)

    @staticmethod
    def below(parent: int) -> set[int]:
        """Return the process ids of everything that descends from `parent`."""
        found, looked_at = set(), [parent]
        while looked_at:
            pid = looked_at.pop()
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            except OSError:
                continue
            found.update(int(one) for one in children)
            looked_at.extend(int(one) for one in children)
        return found

    def becomes_ready_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.get("/readyz")[0] == 200:
                return True
            time.sleep(0.1)
        return False
