"""`make test`: pytest in two parts. Without a browser the second is named as not run, never passed over in silence."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from . import browser
from .home import ROOT

NO_TESTS_COLLECTED = 5


def is_inside() -> bool:
    """Return whether the addresses of both servers are set already."""
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def main(arguments: list[str]) -> int:
    only_browser = "--only-browser" in arguments
    no_browser = "--no-browser" in arguments
    passed_on = [part for part in arguments if part not in {"--only-browser", "--no-browser"}]
    code = 0
    if not only_browser:
        code = _pytest("without the browser", ["-n", "auto", "-m", "not browser", *passed_on])
    if no_browser:
        return code
    found = browser.ensure()
    if found.path is None:
        sys.stdout.write(f"\nbrowser: NOT RUN\n{found.advice}\n")
        required = only_browser or os.environ.get("PHARMACRM_BROWSER") == "required"
        return code or (1 if required else 0)
    os.environ["PHARMACRM_CHROMIUM"] = found.path
    browser_code = _pytest("browser", ["-n", "0", "-m", "browser", *passed_on])
    if (
        browser_code == NO_TESTS_COLLECTED
        and not only_browser
        and os.environ.get("PHARMACRM_BROWSER") != "required"
    ):
        browser_code = 0
    return code or browser_code


def _pytest(part: str, arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", *_database_choice(), *arguments]
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    seconds = time.monotonic() - began
    sys.stdout.write(f"{part}: {seconds:.0f} s\n")
    if code == 0:
        _note(part, seconds)
    return code


def _note(part: str, seconds: float) -> None:
    """Keep the time of a whole green part: `make bench` compares it with what is promised."""
    place = ROOT / "var" / "test" / "latest.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(place.read_text()) if place.exists() else {}
    place.write_text(json.dumps({**known, part: round(seconds, 1)}))


def _database_choice() -> list[str]:
    """Keep the test databases while the migrations stay as they are; make them anew when one changed."""
    whole = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode())
    for path in sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("pharmacrm/*/migrations/*.py")):
        whole.update(path.name.encode() + path.read_bytes())
    stamp = Path(os.environ.get("PHARMACRM_HOME") or ROOT / "var") / "run" / "test-databases"
    fresh = not stamp.exists() or stamp.read_text() != whole.hexdigest()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(whole.hexdigest())
    return ["--reuse-db", *(["--create-db"] if fresh else [])]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
