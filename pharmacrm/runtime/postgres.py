"""The embedded PostgreSQL: made once with flags of our own, run in the foreground, recovered after any death."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from .binaries import postgres_folder, version_of
from .children import Account, Child, merged, reap, tail
from .home import Home

DATABASE = "pharmacrm"
SUPERUSER = "postgres"
OWNER = "pharmacrm_owner"
APPLICATION = "pharmacrm_app"
UNPRIVILEGED = ("postgres", "pharmacrm", "nobody")
RELOCATED = Path("/var/lib/pharmacrm")
PORT = 5432  # names the socket; nothing listens on the network
START_SECONDS = 300  # crash recovery of a large log is allowed to take its time
SMALL_SHARED_MEMORY = 256 * 1024 * 1024

# pg_trgm looks at libc's LC_CTYPE, not at the builtin provider: without C.UTF-8 there it silently sees no Chinese.
INITDB_FLAGS = [
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-ctype=C.UTF-8",
    "--lc-collate=C",
    "--encoding=UTF8",
    "--data-checksums",
    "--auth-local=scram-sha-256",
    "--auth-host=scram-sha-256",
    "--no-instructions",
]
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "max_locks_per_transaction": "256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
SETTINGS_THAT_FORGET = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresFailed(Exception):
    """The server did not come up; the message ends with its log."""


@dataclass
class EmbeddedPostgres:
    """One cluster in the state directory. `throwaway` gives up durability for speed: tests only."""

    home: Home
    throwaway: bool = False

    def __post_init__(self) -> None:
        self.account = choose_account(self.home.postgres)
        self.folder = postgres_folder()
        self.data = self.home.postgres
        if self.account:
            self._move_where_the_account_can_reach(self.account)
        owner = self.account.uid if self.account else os.getuid()
        self.socket = self.home.socket_folder("pg", owner)
        self.child = Child(
            name="postgres",
            command=[str(self.folder / "bin" / "postgres"), "-D", str(self.data), *self._flags()],
            log=self.home.logs / "postgres.log",
            environment=self._environment(),
            account=self.account,
            folder=Path("/"),
            stop_signal=signal.SIGINT,  # "fast": roll back, write a checkpoint, end
            grace_seconds=60,
        )

    def start(self) -> None:
        """Start the server and wait until it answers. Raises: PostgresFailed."""
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._refuse_other_version()
        deadline = time.monotonic() + START_SECONDS
        attempt = 0
        while time.monotonic() < deadline:
            self._clear_stale_lock()
            self.child.start()
            if self._answers_before(deadline):
                return
            # After a kill -9 the old backends need a moment to notice and free their memory.
            attempt += 1
            if attempt >= 12:
                break
            time.sleep(min(0.1 * 2**attempt, 2.0))
        raise PostgresFailed(f"PostgreSQL does not start. The end of its log:\n{tail(self.child.log)}")

    def ensure_roles(self) -> None:
        """Make the owner, the application's role and the database, or set their passwords again."""
        with closing(self.connect(SUPERUSER, "postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for role, rights in self._roles().items():
                    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                    verb = "ALTER" if cursor.fetchone() else "CREATE"
                    cursor.execute(
                        sql.SQL("{verb} ROLE {role} LOGIN {rights} PASSWORD {password}").format(
                            verb=sql.SQL(verb),
                            role=sql.Identifier(role),
                            rights=sql.SQL(rights),
                            password=sql.Literal(self.password(role)),
                        )
                    )
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if not cursor.fetchone():
                    cursor.execute(
                        sql.SQL("CREATE DATABASE {} OWNER {}").format(
                            sql.Identifier(DATABASE), sql.Identifier(OWNER)
                        )
                    )

    def put_aside(self) -> str:
        """Give the database another name and make an empty one. Returns: the name that the old one has now."""
        kept = f"{DATABASE}_before_{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
        with closing(self.connect(SUPERUSER, "postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(kept)
                    )
                )
        self.ensure_roles()
        return kept

    def url(self, role: str) -> str:
        return (
            f"postgresql://{role}:{quote(self.password(role), safe='')}@/{DATABASE}"
            f"?host={quote(str(self.socket), safe='/')}&port={PORT}"
        )

    def password(self, role: str) -> str:
        return self.home.secret(f"{role}.password")

    def connect(self, role: str, database: str = DATABASE) -> psycopg2.extensions.connection:
        return psycopg2.connect(
            dbname=database,
            user=role,
            password=self.password(role),
            host=str(self.socket),
            port=PORT,
            connect_timeout=5,
        )

    # --- how ---------------------------------------------------------------------------------------------------

    def _roles(self) -> dict[str, str]:
        # The suite makes databases and roles, and tampers as a superuser could.
        owner = "SUPERUSER CREATEDB CREATEROLE" if self.throwaway else "NOSUPERUSER CREATEDB NOCREATEROLE"
        return {OWNER: owner, APPLICATION: "NOSUPERUSER NOCREATEDB NOCREATEROLE"}

    def _flags(self) -> list[str]:
        settings = {**SETTINGS, **(SETTINGS_THAT_FORGET if self.throwaway else {})}
        settings["unix_socket_directories"] = str(self.socket)
        if (
            sys.platform == "linux"
        ):  # after a crash: one call instead of one fsync a file, seconds on thousands of files
            settings["recovery_init_sync_method"] = "syncfs"
        if _shared_memory() < SMALL_SHARED_MEMORY:  # containers give /dev/shm 64 MB
            settings["dynamic_shared_memory_type"] = "mmap"
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _environment(self) -> dict[str, str]:
        return {"LC_ALL": "", "LANG": "C.UTF-8", "PGDATA": "", "PGPORT": "", "PGOPTIONS": ""}

    def _make_cluster(self) -> None:
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)  # left by a start that was killed
        fresh.mkdir(mode=0o700, parents=True)
        if self.account:
            os.chown(fresh, self.account.uid, self.account.gid)
        with tempfile.NamedTemporaryFile("w", dir="/tmp") as passwords:
            passwords.write(self.password(SUPERUSER))
            passwords.flush()
            if self.account:
                os.chown(passwords.name, self.account.uid, self.account.gid)
            done = self._as_account(
                [
                    str(self.folder / "bin" / "initdb"),
                    *INITDB_FLAGS,
                    f"--username={SUPERUSER}",
                    f"--pwfile={passwords.name}",
                    *(["--no-sync"] if self.throwaway else []),
                    "-D",
                    str(fresh),
                ]
            )
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise PostgresFailed(f"initdb failed:\n{done.stdout.decode(errors='replace')}")
        fresh.rename(self.data)  # a start that is killed before this line leaves no half-made cluster

    def _as_account(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        environment = merged(os.environ, self._environment())
        identity = (
            {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        )
        return subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            check=False,
            **identity,  # type: ignore[call-overload]
        )

    def _refuse_other_version(self) -> None:
        made_by, here = (self.data / "PG_VERSION").read_text().strip(), version_of(self.folder)
        if made_by != here:
            raise PostgresFailed(
                f"{self.data} was made by PostgreSQL {made_by}, this is {here}: take a backup with the old "
                "version (manage.py backup), move the directory away and restore (manage.py restore)."
            )

    def _answers_before(self, deadline: float) -> bool:
        while time.monotonic() < deadline:
            reap()
            if not self.child.is_running:
                return False
            try:
                self.connect(SUPERUSER, "postgres").close()
            except psycopg2.OperationalError:
                time.sleep(0.03)
            else:
                return True
        self.child.kill_group()
        return False

    def _clear_stale_lock(self) -> None:
        """Remove a postmaster.pid whose process is gone or is no PostgreSQL of this directory.

        The caller holds the state directory, so a live one can only be an orphan that is still shutting down.
        """
        lock = self.data / "postmaster.pid"
        deadline = time.monotonic() + 30
        while lock.exists():
            owner = _postmaster_of(lock, self.data)
            if owner is None:
                lock.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                os.kill(owner, signal.SIGQUIT)
                deadline += 10
            time.sleep(0.1)

    def _move_where_the_account_can_reach(self, account: Account) -> None:
        """Run as root: keep binaries and data where `account` may go, without opening anybody's directories."""
        place = RELOCATED / hashlib.sha256(os.fsencode(self.home.path)).hexdigest()[:12]
        if not _may_reach(self.folder / "bin" / "postgres", account):
            self.folder = _copy_of(self.folder, place)
        if self.data.is_symlink():
            self.data = self.data.readlink()
        elif not self.data.exists() and not _may_reach(self.home.path, account):
            place.mkdir(parents=True, exist_ok=True)
            target = Path(tempfile.mkdtemp(prefix="data-", dir=place))
            os.chown(target, account.uid, account.gid)
            self.data.symlink_to(target / "cluster")
            self.data = target / "cluster"


def _copy_of(folder: Path, place: Path) -> Path:
    """Copy the installation with its libraries, which it looks for three folders above its programs."""
    copy = place / f"pg-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}"
    if not copy.exists():
        fresh = copy.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(folder, fresh / folder.parent.name / folder.name, symlinks=True)
        libraries = folder.parent.with_name(f"{folder.parent.name}.libs")
        shutil.copytree(libraries, fresh / libraries.name)
        fresh.rename(copy)
    return copy / folder.parent.name / folder.name


def choose_account(data: Path) -> Account | None:
    """Return whom to run PostgreSQL as: nobody else for a user, an existing unprivileged account for root."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        entry = pwd.getpwuid(owner)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise PostgresFailed("PostgreSQL does not run as root, and no user postgres or nobody exists: make one.")


def _may_reach(path: Path, account: Account) -> bool:
    return (
        subprocess.run(
            ["test", "-x", str(path)],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            check=False,
            cwd="/",
        ).returncode
        == 0
    )


def _postmaster_of(lock: Path, data: Path) -> int | None:
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None  # gone meanwhile, or cut short by a crash
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return None
    except PermissionError:
        return None  # somebody else's process: the number was used again
    reap()
    try:
        return pid if Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve() else None
    except OSError:
        return None  # a zombie, or no /proc here: PostgreSQL itself looks once more


def _shared_memory() -> int:
    try:
        return shutil.disk_usage("/dev/shm").total
    except OSError:
        return SMALL_SHARED_MEMORY
