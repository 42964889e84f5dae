"""The quicker migrate gives the schema that Django's own gives."""

import os
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from psycopg2 import sql

from pharmacrm.runtime.backup import _connect
from pharmacrm.runtime.binaries import matching_tool
from pharmacrm.runtime.home import ROOT

DJANGO_S_OWN = """
import django, sys
django.setup()
from django.core.management import call_command
from django.core.management.commands.migrate import Command
call_command(Command(), *sys.argv[1:], verbosity=0)
"""
PART = [
    "common",
    "accounts",
]  # the whole takes a minute of a core; these have users, groups, history and types


@pytest.fixture
def two_databases(db):
    names = [f"{connection.settings_dict['NAME']}_{kind}" for kind in ("ours", "django")]
    with closing(_connect({**connection.settings_dict, "NAME": "postgres"})) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            for name in names:
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            yield names
            for name in names:
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _environment(name: str) -> dict[str, str]:
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.test"}


def _schema(name: str) -> list[str]:
    told = connection.settings_dict
    addresses = {
        "PGHOST": told["HOST"],
        "PGPORT": told["PORT"],
        "PGUSER": told["USER"],
        "PGPASSWORD": told["PASSWORD"],
    }
    major = connection.pg_version // 10_000
    dump = subprocess.run(
        [matching_tool("pg_dump", major), "--schema-only", "--no-owner", name],
        env={**os.environ, **{key: value for key, value in addresses.items() if value}},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # pg_dump writes a random word around its scripts.
    return [line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_both_ways_of_migrating_make_the_same_schema(two_databases):
    ours, djangos = two_databases

    for app in PART:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", app, "-v0"], cwd=ROOT, env=_environment(ours), check=True
        )
        subprocess.run(
            [sys.executable, "-c", DJANGO_S_OWN, app], cwd=ROOT, env=_environment(djangos), check=True
        )

    assert len(_schema(ours)) > 100
    assert _schema(ours) == _schema(djangos)
