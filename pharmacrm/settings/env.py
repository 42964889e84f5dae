"""Typed reads of the environment: the only place that touches it. Nonsense is refused with the variable's name."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from pharmacrm.runtime.home import Home


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} has to be 1 or 0, not {value!r}.")


def number(name: str, default: int) -> int:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has to be a whole number, not {value!r}.") from error


def template(name: str, default: str) -> str:
    """Return a JSON text with {number} and {text} in it."""
    value = os.environ.get(name) or default
    try:
        json.loads(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has to be JSON, not {value!r}.") from error
    if "{number}" not in value or "{text}" not in value:
        raise ImproperlyConfigured(f"{name} has to say where {{number}} and {{text}} stand.")
    return value


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def service(name: str, home: Path) -> str:
    """Return an address from the environment, else of the servers that `make run` keeps on `home` right now."""
    told = os.environ.get(name)
    if told:
        return told
    return Home(home).announced().get(name, "")


def redis_for_cache(url: str) -> str:
    """Return Celery's spelling of a socket address in the client library's spelling."""
    if not url.startswith("redis+socket://"):
        return url
    return url.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=")


# A line that is cut says nothing: after some seconds of silence it is taken as lost. Units: seconds, but the last.
LOST_LINE = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def database(url: str) -> dict[str, Any]:
    """Turn postgresql://user:password@host:port/name?host=/socket/dir into Django's settings."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL has to start with postgresql:// ; no other database is supported."
        )
    options = dict(parse_qsl(parts.query))
    host = options.get("host") or parts.hostname or ""
    if host and not host.startswith("/"):
        options = {**LOST_LINE, **options}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(options.pop("port", "") or parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).resolve()
