"""Backup and restore: database, files and keys as one whole, each part named with its digest.

    <folder>/manifest.json      what belongs to it: every file's SHA-256, every table's row count and digest
             database.dump      pg_dump, custom format, of one snapshot
             files/…            the stored files (content-addressed, so whatever the snapshot names is there)
             keys/…             the installation's keys, unless they are kept apart (`keys_to`)

A restore builds a second database, compares every table with the manifest, and only then changes the names.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections
from psycopg2 import sql

from pharmacrm.settings import env

from .binaries import matching_tool

FORMAT = 1
CHUNK = 1024 * 1024
OF_THIS_MACHINE = (".password",)  # the embedded server's roles: another installation has its own

# Rows as text depend on these; the sum does not depend on the order of rows.
SESSION = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex'"
DIGEST = """
SELECT count(*), coalesce(sum(('x' || left(md5(one::text), 16))::bit(64)::bigint::numeric), 0)::text FROM {table} AS one
"""
TABLES = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'public' AND relkind = 'r' ORDER BY relname
"""


class BackupFault(Exception):
    """The backup or the restore is not whole; the message says which part."""


@dataclass
class Manifest:
    """What a backup consists of."""

    made_at: str
    database_sha256: str = ""
    keys_inside: bool = True
    tables: dict[str, tuple[int, str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False)
        (folder / "manifest.json").write_text(text)
        (folder / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Return a backup's manifest. Raises: BackupFault."""
        try:
            text = (folder / "manifest.json").read_text()
            told = (folder / "manifest.sha256").read_text().strip()
        except OSError as problem:
            raise BackupFault(f"{folder} holds no backup: {problem}") from problem
        if hashlib.sha256(text.encode()).hexdigest() != told:
            raise BackupFault("manifest.json differs from its digest.")
        found = json.loads(text)
        if found.pop("format") != FORMAT:
            raise BackupFault("This backup was made by another version of the format.")
        found["tables"] = {name: (count, digest) for name, (count, digest) in found["tables"].items()}
        return cls(**found)


# --- backup ---------------------------------------------------------------------------------------------------


def back_up(folder: Path, *, at: datetime, keys_to: Path | None = None) -> Manifest:
    """Write a backup into `folder`, which must not exist. Raises: BackupFault; a faulty backup has no manifest."""
    if folder.exists():
        raise BackupFault(f"{folder} exists already.")
    folder.mkdir(parents=True, mode=0o700)
    manifest = Manifest(made_at=at.isoformat(), keys_inside=keys_to is None)
    address = _address()
    dump = folder / "database.dump"
    with _snapshot(address) as (name, cursor):
        _run_tool(
            "pg_dump", address, ["--format=custom", "--no-owner", f"--snapshot={name}", f"--file={dump}"]
        )
        manifest.tables = digests(cursor)
    manifest.database_sha256 = sha256_of(dump)
    manifest.files = _copy_files(Path(settings.MEDIA_ROOT), folder / "files")
    manifest.keys = _copy_keys(Path(settings.KEYS_DIR), keys_to or folder / "keys")
    manifest.write(folder)
    return manifest


def _copy_files(source: Path, target: Path) -> dict[str, str]:
    found = {}
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        name = path.relative_to(source).as_posix()
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        digest = _copy_with_digest(path, copy)
        if name.startswith("sha256/") and digest != path.name:
            raise BackupFault(f"The stored file {name} differs from its own name: it was altered.")
        found[name] = digest
    return found


def _copy_keys(source: Path, target: Path) -> dict[str, str]:
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = {}
    for path in sorted(source.rglob("*")) if source.exists() else []:
        if not path.is_file() or path.suffix in OF_THIS_MACHINE:
            continue
        name = path.relative_to(source).as_posix()
        (target / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        found[name] = _copy_with_digest(path, target / name)
        (target / name).chmod(0o600)
    return found


# --- check and restore ----------------------------------------------------------------------------------------


def check(folder: Path, *, keys_from: Path | None = None) -> Manifest:
    """Compare every file of a backup with its manifest. Raises: BackupFault naming the first that differs."""
    manifest = Manifest.read(folder)
    keys = keys_from or folder / "keys"
    if not manifest.keys_inside and keys_from is None and manifest.keys:
        raise BackupFault("The keys of this backup are kept apart: say where (--keys-from).")
    parts = {folder / "database.dump": manifest.database_sha256}
    parts |= {folder / "files" / name: digest for name, digest in manifest.files.items()}
    parts |= {keys / name: digest for name, digest in manifest.keys.items()}
    for path, digest in parts.items():
        if not path.is_file():
            raise BackupFault(f"{path} is missing.")
        if sha256_of(path) != digest:
            raise BackupFault(f"{path} differs from the manifest.")
    return manifest


def restore(folder: Path, *, at: datetime, keys_from: Path | None = None) -> Manifest:
    """Put a checked backup in the place of what is there now; what was there keeps another name.

    Raises: BackupFault, and then nothing has changed. Runs as the owner, while web, worker and beat stand still.
    """
    manifest = check(folder, keys_from=keys_from)
    address = _address()
    live = str(address["NAME"])
    fresh, before = f"{live}_restored", f"{live}_before_{at:%Y%m%d%H%M%S}"
    connections["default"].close()
    with closing(_connect({**address, "NAME": "postgres"})) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(fresh)))
            try:
                _fill({**address, "NAME": fresh}, folder / "database.dump", manifest)
                _restore_files(folder / "files", Path(settings.MEDIA_ROOT), manifest.files)
            except BaseException:
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
                raise
            _swap_names(cursor, live=live, fresh=fresh, before=before)
    # Order matters: the present keys are moved aside only when the present database is.
    _restore_keys(keys_from or folder / "keys", Path(settings.KEYS_DIR), manifest.keys, at=at)
    return manifest


def _fill(address: dict[str, Any], dump: Path, manifest: Manifest) -> None:
    _run_tool(
        "pg_restore",
        address,
        ["--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={address['NAME']}", str(dump)],
    )
    with closing(_connect(address)) as connection, connection.cursor() as cursor:
        cursor.execute(SESSION)
        found = digests(cursor)
    wrong = sorted(
        name for name in {*found, *manifest.tables} if found.get(name) != manifest.tables.get(name)
    )
    if wrong:
        raise BackupFault(f"After the restore these tables differ from the manifest: {', '.join(wrong)}")


def _restore_files(source: Path, target: Path, files: dict[str, str]) -> None:
    for name, digest in files.items():
        place = target / name
        if place.is_file() and sha256_of(place) == digest:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(f"{place.name}.restoring")
        if _copy_with_digest(source / name, fresh) != digest:
            raise BackupFault(f"{source / name} changed while it was read.")
        fresh.replace(place)


def _restore_keys(source: Path, target: Path, keys: dict[str, str], *, at: datetime) -> None:
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, digest in keys.items():
        place = target / name
        if place.is_file():
            if sha256_of(place) == digest:
                continue
            place.rename(place.with_name(f"{place.name}.before-{at:%Y%m%d%H%M%S}"))
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _copy_with_digest(source / name, place)
        place.chmod(0o600)


def _swap_names(cursor: Any, *, live: str, fresh: str, before: str) -> None:
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        cursor.execute(rename.format(sql.Identifier(live), sql.Identifier(before)))
    except psycopg2.errors.ObjectInUse as busy:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
        raise BackupFault("Somebody is connected to the database: stop web, worker and beat first.") from busy
    cursor.execute(rename.format(sql.Identifier(fresh), sql.Identifier(live)))


# --- parts ----------------------------------------------------------------------------------------------------


def digests(cursor: Any) -> dict[str, tuple[int, str]]:
    """Return row count and digest of every table. Cost: one full read of the database."""
    cursor.execute(TABLES)
    found = {}
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL(DIGEST).format(table=sql.Identifier("public", name)))
        count, digest = cursor.fetchone()
        found[name] = (count, digest)
    return found


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _copy_with_digest(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


def _address() -> dict[str, Any]:
    """Return the owner's address where it is known, else the application's; the database is the connected one."""
    owner = os.environ.get("DATABASE_OWNER_URL")
    here = dict(connections["default"].settings_dict)
    return {**(env.database(owner) if owner else here), "NAME": here["NAME"]}


def _connect(address: dict[str, Any]) -> Any:
    return psycopg2.connect(
        dbname=address["NAME"],
        user=address["USER"] or None,
        password=address["PASSWORD"] or None,
        host=address["HOST"] or None,
        port=address["PORT"] or None,
    )


@contextmanager
def _snapshot(address: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Hold one moment of the database open, for pg_dump and for the digests alike."""
    with closing(_connect(address)) as connection:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(SESSION)
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0], cursor


def _server_major(address: dict[str, Any]) -> int:
    with closing(_connect(address)) as connection:
        return int(connection.server_version // 10_000)


def _run_tool(name: str, address: dict[str, Any], arguments: list[str]) -> None:
    environment = {
        "PGHOST": address["HOST"],
        "PGPORT": address["PORT"],
        "PGUSER": address["USER"],
        "PGPASSWORD": address["PASSWORD"],  # SECURITY: never on the command line, which everybody can read
        "PGDATABASE": address["NAME"],
    }
    done = subprocess.run(
        [matching_tool(name, _server_major(address)), *arguments],
        env={**os.environ, **{key: str(value) for key, value in environment.items() if value}},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupFault(f"{name} failed: {done.stderr.strip()}")


def remove_old(folder: Path, *, keep: int) -> list[Path]:
    """Remove all but the newest `keep` whole backups of `folder`; what has no manifest is left for a person."""
    whole = (
        sorted(path for path in folder.iterdir() if (path / "manifest.json").exists())
        if folder.exists()
        else []
    )
    gone = whole[: max(len(whole) - keep, 0)]
    for path in gone:
        shutil.rmtree(path)
    return gone
