"""The two servers under everything: embedded, unless DATABASE_URL or REDIS_URL names others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from .children import Child, stop
from .home import Home
from .postgres import APPLICATION, OWNER, EmbeddedPostgres
from .redis import EmbeddedRedis

Say = Callable[[str], None]


@dataclass
class Services:
    """Start what is embedded, and say in which environment programs find it."""

    home: Home
    throwaway: bool = False
    say: Say = print
    postgres: EmbeddedPostgres | None = field(init=False, default=None)
    redis: EmbeddedRedis | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if not os.environ.get("DATABASE_URL"):
            self.postgres = EmbeddedPostgres(self.home, throwaway=self.throwaway)
        if not os.environ.get("REDIS_URL"):
            self.redis = EmbeddedRedis(self.home, throwaway=self.throwaway)

    @property
    def children(self) -> list[Child]:
        return [server.child for server in (self.redis, self.postgres) if server is not None]

    def start(self) -> None:
        if self.postgres:
            began = time.monotonic()
            self.postgres.start()
            self.postgres.ensure_roles()
            self.say(f"PostgreSQL is ready ({time.monotonic() - began:.1f} s)")
        if self.redis:
            self.redis.start()
            self.say("Redis is ready")

    def restart(self, child: Child) -> None:
        """Bring a died server back, waiting until it answers."""
        for server in (self.postgres, self.redis):
            if server is not None and server.child is child:
                server.start()

    def stop(self) -> None:
        """Stop both and take their socket folders away."""
        stop(self.children)
        for folder in [
            *([self.postgres.socket] if self.postgres else []),
            *([self.redis.socket.parent] if self.redis else []),
        ]:
            with suppress(OSError):
                folder.rmdir()

    def environment(self) -> dict[str, str]:
        """Return what the application needs: its own role, which may not change tables."""
        found = {
            "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
            "REDIS_URL": os.environ.get("REDIS_URL", ""),
        }
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url(APPLICATION)
        if self.redis:
            found["REDIS_URL"] = self.redis.url
        return {"PHARMACRM_HOME": str(self.home.path), **found}

    def owner_environment(self) -> dict[str, str]:
        """Return what migrations need: the owner's role."""
        owner = (
            self.postgres.url(OWNER)
            if self.postgres
            else os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
        )
        return {**self.environment(), "DATABASE_URL": owner, "DATABASE_OWNER_URL": owner}
