"""The state directory: what lies where, who holds it, and the short directory for sockets."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SOCKET_FOLDER = 60  # sun_path takes 107 bytes, the file names need about 30


class HomeInUse(Exception):
    """Another supervisor holds this state directory."""


@dataclass(frozen=True)
class Home:
    """One state directory, by default var/ ; nothing of it is in version control."""

    path: Path

    @classmethod
    def at(cls, path: str | os.PathLike[str] | None = None) -> Home:
        chosen = path or os.environ.get("PHARMACRM_HOME") or ROOT / "var"
        home = cls((ROOT / chosen).resolve())
        home.path.mkdir(parents=True, exist_ok=True)
        for private in (home.keys, home.run):
            private.mkdir(mode=0o700, exist_ok=True)
        for public in (home.logs, home.path / "static"):
            public.mkdir(exist_ok=True)
        return home

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "log"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def redis(self) -> Path:
        return self.path / "redis"

    @property
    def services_file(self) -> Path:
        return self.run / "services.json"

    def hold(self) -> IO[str]:
        """Take the directory for this process. Raises: HomeInUse. The lock ends with the process, however it ends."""
        handle = (self.run / "lock").open("a+")
        for attempt in range(3):  # whoever asks `announced` holds it for an instant
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as taken:
                if attempt == 2:
                    handle.close()
                    raise HomeInUse(str(self.path)) from taken
                time.sleep(0.05)
            else:
                break
        return handle

    def secret(self, name: str) -> str:
        """Return a secret kept in keys/, made on first use."""
        path = self.keys / name
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        value = secrets.token_urlsafe(32)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(value)
        return value

    def announce(self, services: dict[str, str]) -> None:
        """Tell other processes of this machine's user where the services are."""
        fresh = self.services_file.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            json.dump({"pid": os.getpid(), "environment": services}, handle)
        fresh.replace(self.services_file)

    def announced(self) -> dict[str, str]:
        """Return the environment of the services that run now, or nothing."""
        try:
            told: dict[str, Any] = json.loads(self.services_file.read_text())
        except (OSError, ValueError):
            return {}
        with (self.run / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return dict(told["environment"])
        return {}  # its supervisor is gone

    def withdraw(self) -> None:
        self.services_file.unlink(missing_ok=True)

    def socket_folder(self, service: str, owner: int) -> Path:
        """Return a short directory that only user id `owner` can enter: the path of a socket has 107 bytes."""
        name = f"pharmacrm-{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:10]}-{service}"
        for parent in _short_parents():
            folder = parent / name
            try:
                folder.mkdir(mode=0o700, exist_ok=True)
                if os.geteuid() == 0:
                    os.chown(folder, owner, -1, follow_symlinks=False)
            except OSError:
                continue
            # SECURITY: /tmp is everybody's; a folder somebody else put there first is not ours to use.
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == owner and stat.S_IMODE(found.st_mode) == 0o700:
                return folder
        folder = Path(tempfile.mkdtemp(prefix="pharmacrm-", dir="/tmp"))
        os.chown(folder, owner, -1)
        return folder


def _short_parents() -> list[Path]:
    candidates = ["/run"] if os.geteuid() == 0 else [os.environ.get("XDG_RUNTIME_DIR", "")]
    return [
        Path(parent)
        for parent in [*candidates, "/tmp"]
        if parent and len(os.fsencode(parent)) <= LONGEST_SOCKET_FOLDER and os.access(parent, os.W_OK)
    ]
