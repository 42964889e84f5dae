"""`make run`: servers, preparation, web, worker and beat in one foreground process tree."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import demonstration
from .children import WATCHED, Child, adopt_orphans, kill_descendants, merged, reap, stop, tail, tied_to
from .home import ROOT, Home, HomeInUse
from .postgres import PostgresFailed
from .programs import programs
from .redis import RedisFailed
from .services import Services

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_OF_A_SERVER = 0.5  # everything waits for it; its own start knows how to be patient
HEALTHY_AFTER_SECONDS = 10.0
WEB_SECONDS = 120.0
STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class CannotStart(Exception):
    """A message for the person at the terminal."""


class StopAsked(Exception):
    """Ctrl-C or a termination signal."""


@dataclass
class Restarts:
    """When a died child may start again: at once the first time, then after longer and longer pauses."""

    pause: float = FIRST_PAUSE_SECONDS
    due: dict[str, float] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)

    def note_death(self, child: Child, *, now: float, longest: float = LONGEST_PAUSE_SECONDS) -> float:
        """Return the seconds until it starts again."""
        lived = now - child.started
        pause = 0.0 if lived > HEALTHY_AFTER_SECONDS else self.pauses.get(child.name, 0.0)
        self.pauses[child.name] = min(max(pause * 2, self.pause), longest)
        self.due[child.name] = now + pause
        return pause

    def is_due(self, child: Child, *, now: float) -> bool:
        return child.name in self.due and now >= self.due[child.name]

    def done(self, child: Child) -> None:
        self.due.pop(child.name, None)


def say(line: str) -> None:
    sys.stdout.write(f"· {line}\n")
    sys.stdout.flush()


@contextmanager
def watched_signals() -> Iterator[None]:
    """Hold the signals back so that they are taken one by one, by `next_signal`, and by nothing else."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    try:
        yield
    finally:
        while signal.sigpending() & WATCHED:  # a second Ctrl-C while stopping: it has been obeyed already
            signal.sigtimedwait(WATCHED, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def next_signal(seconds: float) -> int:
    """Wait for a watched signal. Returns: its number, 0 when the time passed. Raises: StopAsked."""
    taken = signal.sigtimedwait(WATCHED, seconds)
    number = taken.si_signo if taken else 0
    if number in STOP_SIGNALS:
        raise StopAsked
    return number


class Supervisor:
    """Holds one state directory and everything that runs on it."""

    def __init__(self, home: Home, *, port: int, host: str = "127.0.0.1") -> None:
        self.home = home
        self.port = port
        self.host = host
        self.services = Services(home, say=say)
        self.restarts = Restarts()
        self.programs: list[Child] = []
        self.writer: Child | None = None

    # --- the whole life ----------------------------------------------------------------------------------------

    def run(self) -> int:
        try:
            lock = self.home.hold()
        except HomeInUse:
            raise CannotStart(
                f"PharmaCRM already runs on {self.home.path}. Stop it with Ctrl-C where it runs."
            ) from None
        began = time.monotonic()
        adopt_orphans()
        with lock, watched_signals():
            try:
                self._refuse_taken_port()
                self.services.start()
                self.prepare()
                self.home.announce(self._announced())
                self.programs = programs(self.home, self._environment(), host=self.host, port=self.port)
                self.programs[0].start()
                self.wait_for_web()
                self.write_demonstration(time.monotonic() - began)
                for program in self.programs[1:]:
                    program.start()
                self._greet(time.monotonic() - began)
                self.watch()
            except StopAsked:
                pass
            finally:
                say("Stopping")
                self.home.withdraw()
                stop([*([self.writer] if self.writer else []), *reversed(self.programs)])
                self.services.stop()
                kill_descendants()
        return 0

    def prepare(self) -> None:
        """Bring the database up to the code, unless it was done for this very code already."""
        stamp = self.home.run / "prepared"
        if demonstration.parts_done(self.home.path) is not None:
            self._begin_again()
            stamp.unlink(missing_ok=True)
        done_for = code_digest(self._cluster())
        if stamp.exists() and stamp.read_text() == done_for:
            return
        self._manage(["prepare", "--without-demonstration"], self._owner_environment())
        stamp.write_text(done_for)

    def write_demonstration(self, seconds: float) -> None:
        """Write the demonstration's data where it is due. The pages are served meanwhile and say so."""
        if demonstration.parts_done(self.home.path) is None:
            return
        sys.stdout.write(
            f"\n  PharmaCRM  http://{self.host}:{self.port}/   (first page in {seconds:.1f} s)\n"
        )
        sys.stdout.write(
            "  The demonstration is being written, about a minute more; then its logins follow.\n\n"
        )
        log = self.home.logs / "demonstration.log"
        log.unlink(missing_ok=True)
        self.writer = Child(
            "demonstration",
            [sys.executable, "manage.py", "seed_demo"],
            log,
            self._owner_environment(),
            folder=ROOT,
        )
        self.writer.start()
        shown = 0
        is_running = True
        while is_running:
            next_signal(0.2)
            self.mind_children()
            is_running = self.writer.is_running
            with log.open("rb") as written:
                written.seek(shown)
                sys.stdout.write(written.read().decode(errors="replace"))
                shown = written.tell()
            sys.stdout.flush()
        if self.writer.process and self.writer.process.returncode:
            raise CannotStart("The demonstration was not written; what it said stands above.")

    def wait_for_web(self) -> None:
        """Wait for the first answer. Raises: CannotStart with the end of the log."""
        web = self.programs[0]
        deadline = time.monotonic() + WEB_SECONDS
        while time.monotonic() < deadline:
            next_signal(0.05)
            self.mind_children()
            if answers(self.host, self.port):
                return
            if not web.is_running and self.restarts.pauses.get("web", 0) > 2:
                break
        raise CannotStart(f"The web server does not answer. The end of {web.log}:\n{tail(web.log)}")

    def watch(self) -> None:
        """Keep everything running until a signal ends it."""
        while True:
            next_signal(0.5)
            self.mind_children()

    def mind_children(self) -> None:
        """Reap what ended and start again what is due: servers first, for the programs need them."""
        everything = [*self.services.children, *self.programs]
        now = time.monotonic()
        reap()
        for child in [child for child in everything if child.take_note_of_its_end()]:
            code = child.process.returncode if child.process else 0
            is_server = child in self.services.children
            longest = LONGEST_PAUSE_OF_A_SERVER if is_server else LONGEST_PAUSE_SECONDS
            pause = self.restarts.note_death(child, now=now, longest=longest)
            say(f"{child.name} ended ({_ending(code)}); it starts again in {pause:.1f} s")
        for child in everything:
            if child.is_running or not self.restarts.is_due(child, now=now):
                continue
            try:
                if child in self.services.children:
                    self.services.restart(child)
                else:
                    child.start()
            except (PostgresFailed, RedisFailed) as failure:
                say(str(failure))
                self.restarts.note_death(child, now=time.monotonic())
                continue
            self.restarts.done(child)
            say(f"{child.name} runs again")

    # --- how ---------------------------------------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "pharmacrm.settings.dev"),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or self.home.secret("django-secret.key"),
            "DATABASE_OWNER_URL": "",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "",
            **self.services.environment(),
        }

    def _owner_environment(self) -> dict[str, str]:
        return {**self._environment(), **self.services.owner_environment()}

    def _announced(self) -> dict[str, str]:
        demo = os.environ.get("PHARMACRM_DEMO", "")
        return {**self.services.environment(), **({"PHARMACRM_DEMO": demo} if demo else {})}

    def _begin_again(self) -> None:
        """Put a half-written demonstration aside. Raises: CannotStart where that is not ours to do."""
        if os.environ.get("PHARMACRM_DEMO") != "1":
            raise CannotStart(
                f"{self.home.path} holds a demonstration that was interrupted while it was written. Start it once with "
                "PHARMACRM_DEMO=1 to have it written anew, or choose another place: PHARMACRM_HOME=var/own make run"
            )
        if self.services.postgres is None:
            raise CannotStart(
                "The demonstration was interrupted while it was written. Empty the database that DATABASE_URL names, "
                f"remove {self.home.run / 'demonstration'}, and run it again."
            )
        kept = self.services.postgres.put_aside()
        say(f"The demonstration was interrupted: it is written anew (what there was is kept as {kept})")

    def _manage(self, command: list[str], environment: dict[str, str]) -> None:
        child = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            env=merged(os.environ, environment),
            cwd=ROOT,
            preexec_fn=tied_to(os.getpid(), signal.SIGTERM),
        )
        while True:
            try:
                next_signal(0.2)
            except StopAsked:
                child.terminate()
                child.wait()
                raise
            if child.poll() is not None:
                break
        if child.returncode:
            raise CannotStart(f"manage.py {command[0]} failed; what it said stands above.")

    def _cluster(self) -> str:
        if self.services.postgres is None:
            return os.environ["DATABASE_URL"]
        with (
            closing(self.services.postgres.connect("postgres", "postgres")) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT system_identifier FROM pg_control_system()")
            return str(cursor.fetchone()[0])

    def _refuse_taken_port(self) -> None:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((self.host, self.port))
            except OSError:
                raise CannotStart(
                    f"Port {self.port} is taken by another program: PORT={self.port + 1} make run"
                ) from None

    def _greet(self, seconds: float) -> None:
        sys.stdout.write(f"\n  PharmaCRM  http://{self.host}:{self.port}/   (ready in {seconds:.1f} s)\n")
        if os.environ.get("PHARMACRM_DEMO") == "1":
            logins = self.home.run / "demo-logins.txt"
            if logins.exists():
                sys.stdout.write("\n" + logins.read_text())
        sys.stdout.write(f"\n  Logs: {self.home.logs}   Stop: Ctrl-C\n\n")
        sys.stdout.flush()


def answers(host: str, port: int) -> bool:
    """Return whether the live check says 200."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def code_digest(*extra: str) -> str:
    """Return a digest of all code's names, sizes and times, for telling whether preparation is still good."""
    whole = hashlib.sha256("\x1f".join([*extra, sys.version, os.environ.get("PHARMACRM_DEMO", "")]).encode())
    for folder in ("pharmacrm", "compliance", "doctors", "content", "activities", "static", "locale"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                state = path.stat()
                whole.update(f"{path}\x1f{state.st_size}\x1f{state.st_mtime_ns}\n".encode())
    lock = ROOT / "requirements-dev.lock"
    whole.update(lock.read_bytes() if lock.exists() else b"")
    return whole.hexdigest()


def _ending(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"signal {-code}"


def port_from_environment() -> int:
    told = os.environ.get("PORT") or "8000"
    if not told.isdigit() or not 0 < int(told) < 65536:
        raise CannotStart(f"PORT has to be a number from 1 to 65535, not {told!r}.")
    return int(told)


def state_directory(path: str | None) -> Home:
    try:
        return Home.at(path)
    except OSError as problem:
        where = Path(path or os.environ.get("PHARMACRM_HOME") or ROOT / "var")
        raise CannotStart(f"The state directory {where} cannot be written: {problem}") from problem
