"""`make lint`: every static check, each named, all run even when one fails."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from .home import ROOT


def checks() -> list[tuple[str, list[str]]]:
    """Return name and command of each check, the quick ones first."""
    programs = Path(sys.executable).parent
    templates = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
    return [
        ("style", [str(programs / "ruff"), "check", "."]),
        ("format", [str(programs / "ruff"), "format", "--check", "."]),
        ("templates", [str(programs / "djade"), "--check", "--target-version", "5.2", *templates]),
        ("import graph", [str(programs / "lint-imports")]),
        ("translations", [sys.executable, "-m", "pharmacrm.runtime.translations"]),
        ("types", [str(programs / "mypy"), "pharmacrm", "compliance", "doctors", "content", "activities"]),
    ]


def run() -> int:
    failed = []
    for name, command in checks():
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        sys.stdout.write(
            f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - began:.1f} s)\n"
        )
        if done.returncode:
            failed.append(name)
            sys.stdout.write(f"{done.stdout}{done.stderr}\n")
        sys.stdout.flush()
    if failed:
        sys.stdout.write(f"lint: {', '.join(failed)} failed\n")
    return 1 if failed else 0
