"""Foreground children: each dies with its parent, is stopped by its own signal, and is reaped by one place."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LARGEST_LOG = 10 * 1024 * 1024
KILLED_SECONDS = 15.0
WATCHED = {signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The operating system's user that a child runs as."""

    name: str
    uid: int
    gid: int


@dataclass
class Child:
    """One process under the supervisor."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    folder: Path | None = None
    stop_signal: int = signal.SIGTERM
    orphan_signal: int | None = None
    grace_seconds: float = 15.0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    is_noted: bool = False

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor only and the order is kept."""
        rotate(self.log)
        identity = (
            {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=merged(os.environ, self.environment),
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=tied_to(os.getpid(), self.orphan_signal or self.stop_signal),
                **identity,  # type: ignore[call-overload]
            )
        self.started = time.monotonic()
        self.is_noted = False
        _living[self.process.pid] = self

    def take_note_of_its_end(self) -> bool:
        """Return True once after each end."""
        ended = self.process is not None and not self.is_running and not self.is_noted
        self.is_noted = self.is_noted or ended
        return ended

    def signal(self, number: int) -> None:
        if self.is_running:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def kill_group(self) -> None:
        """Kill it and all it started. Its session id is its pid, which stays taken until the child is reaped."""
        if self.is_running:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


_living: dict[int, Child] = {}


def merged(inherited: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child; an empty value removes the variable."""
    return {name: value for name, value in {**inherited, **own}.items() if value or name not in own}


def tied_to(parent: int, death_signal: int) -> Callable[[], None]:
    """Return what a child does before it becomes its program: take signals again, and die when `parent` dies."""

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if _libc is not None:
            # Order matters: a change of user clears the setting, so it is made after Popen changed the user.
            _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            if os.getppid() != parent:  # the parent died before the line above
                os._exit(1)

    return prepare


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent dies, so that none is left over or a zombie."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap() -> None:
    """Collect every ended process, ours or adopted; a child then knows that it ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        child = _living.pop(pid, None)
        if child is not None and child.process is not None:
            child.process.returncode = os.waitstatus_to_exitcode(status)


def stop(children: Sequence[Child], *, poll_seconds: float = 0.02) -> None:
    """Ask each to stop by its signal, then kill what is left after its grace."""
    started = time.monotonic()
    for child in children:
        child.signal(child.stop_signal)
    while any(child.is_running for child in children):
        reap()
        for child in children:
            if child.is_running and time.monotonic() - started > child.grace_seconds:
                child.kill_group()
        time.sleep(poll_seconds)


def kill_descendants(spared: Collection[int] = ()) -> None:
    """Kill what children left behind (adopted by this process), and wait until it is gone: on a busy machine even a
    killed process needs a while. Linux only; elsewhere nothing is adopted.
    """
    deadline = time.monotonic() + KILLED_SECONDS
    while time.monotonic() < deadline:
        pids = [pid for pid in _children_of_this_process() if pid not in spared]
        if not pids:
            return
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        reap()
        time.sleep(0.02)


def _children_of_this_process() -> list[int]:
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        return [int(pid) for pid in task.read_text().split()]
    except OSError:
        return []


def rotate(log: Path) -> None:
    """Keep one older log: a supervisor that runs for months must not fill the disk."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def tail(log: Path, lines: int = 15) -> str:
    """Return the end of a log, to show why something did not start."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
