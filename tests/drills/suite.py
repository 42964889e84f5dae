"""Promises that tests hold at their full number: the same tests, counted as a drill. P1, P4, P5 races, P8, N4, C8."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from bench.measure import Figure, Measure, NotMeasured
from pharmacrm.runtime.home import ROOT

FULL = os.environ.get("PHARMACRM_DRILL_SIZE") == "full"
RACES = os.environ.get("DRILL_RACES", "1000" if FULL else "20")


def needs_superuser() -> None:
    """An intruder with the whole database. Raises: NotMeasured on a server where this connection is not one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if not cursor.fetchone()[0]:
            raise NotMeasured("an intruder with the whole database needs a superuser's connection")


def held_by(
    *files: str, counted: str, only: str = "", makes_roles: bool = False, **environment: str
) -> Callable[[], Figure]:
    """Return a measure that runs tests and counts them, or what they say they counted (`record_property("counted")`)."""

    def run() -> Figure:
        if makes_roles:
            needs_superuser()
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.xml")
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-n",
                "0",
                "-p",
                "no:cacheprovider",
                "-o",
                "junit_family=xunit1",  # keeps what a test says it counted
                f"--junitxml={report}",
            ]
            command += ["-k", only] if only else []
            done = subprocess.run(
                [*command, *files],
                cwd=ROOT,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.test", **environment},
                capture_output=True,
                text=True,
                check=False,
            )
            if not report.exists():
                raise RuntimeError(done.stdout[-1500:] + done.stderr[-500:])
            root = ElementTree.parse(report).getroot()
        cases = root.findall(".//testcase")
        failed = [
            f"{one.get('name')} ({(fault.get('message') or '')[:200]})"
            for one in cases
            for fault in (one.find("failure"), one.find("error"))
            if fault is not None
        ]
        said = [one for one in root.findall(".//property") if one.get("name") == "counted"]
        n = sum(int(one.get("value") or 0) for one in said) or len(cases)
        note = f"{counted}; {len(cases)} tests, failed: {', '.join(failed[:5]) or 'none'}"
        return Figure(
            100 * (len(cases) - len(failed)) / max(1, len(cases)),
            "% of tests",
            n,
            holds=done.returncode == 0 and bool(cases),
            note=note,
        )

    return run


DRILLS = [
    Measure(
        "P1",
        "every change is in the ledger",
        held_by(
            "tests/architecture/test_every_act_is_recorded.py",
            "tests/architecture/test_every_endpoint_is_recorded.py",
            counted="every action, every changing address × method",
        ),
    ),
    Measure(
        "P4",
        "what the application's role may not do",
        held_by(
            "tests/compliance/test_database_role.py",
            counted="statements over every protected table",
            makes_roles=True,
        ),
    ),
    Measure(
        "P5",
        "races release no unsigned bytes",
        held_by("tests/content/test_races.py", only="no_race", counted="races", DRILL_RACES=RACES),
    ),
    Measure(
        "P6",
        "no door without its row",
        held_by("tests/architecture/test_same_verdict_at_every_door.py", counted="doors that the code has"),
    ),
    Measure(
        "P8",
        "every rule whole, on both engines",
        held_by(
            "tests/compliance/test_book.py",
            "tests/compliance/test_phone_engine.py",
            "tests/architecture/test_rules_document.py",
            counted="checks of every rule and all its examples",
        ),
    ),
    Measure(
        "C8",
        "disguises of what may not be stored",
        held_by(
            "tests/compliance/test_guard.py",
            "tests/compliance/test_disguises.py",
            "tests/compliance/test_alarms.py",
            counted="disguised columns and notes, caught to 95 of 100 and more",
        ),
    ),
    Measure(
        "N4",
        "every task run twice",
        held_by("tests/architecture/test_tasks_twice.py", counted="registered tasks"),
    ),
]
