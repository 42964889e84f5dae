"""`make pictures`: take the pictures of both READMEs from a fresh demonstration. One login and one page a picture.

The demonstration's dice are fixed, so the same people and figures come out each time; the dates are those of the day.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from pharmacrm.runtime import browser
from pharmacrm.runtime.home import ROOT
from pharmacrm.settings import env

FOLDER = ROOT / "docs" / "img"
DATABASE = "pictures"
SATURDAY = 5
DESK, PHONE = (1440, 900), (360, 780)
ALL_IMAGES = """
() => Promise.all(Array.from(document.images, image => {
  image.loading = 'eager';
  return image.decode().catch(() => {});
})).then(() => document.fonts.ready).then(() => true)
"""
LANGUAGES = {"zh": ("zh-CN", "zh-hans"), "en": ("en", "en")}


@dataclass(frozen=True)
class Picture:
    """What is taken: who looks, at which address, how large, and what has to stand there first."""

    name: str
    login: str
    path: str
    size: tuple[int, int]
    awaited: str


def main() -> int:
    """Make the demonstration, serve it, take the pictures. Returns: an exit code."""
    found = browser.ensure()
    if found.path is None:
        sys.stderr.write(f"{found.advice}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="pc-pictures-") as place, ExitStack() as running:
        _set_up(Path(place))
        _make_demonstration()
        address = running.enter_context(_served(Path(place)))
        take(found.path, address)
    return 0


def take(chromium: str, address: str) -> None:
    """Write every picture in both languages."""
    from playwright.sync_api import sync_playwright

    from pharmacrm.accounts.models import User
    from tests.browser.conftest import ARGUMENTS, sign_in

    pictures = _pictures()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        chosen = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for short, (locale, code) in LANGUAGES.items():
            for picture in pictures:
                person = User.objects.get(username=picture.login)
                User.objects.filter(pk=person.pk).update(language=code)
                context = chosen.new_context(
                    viewport={"width": picture.size[0], "height": picture.size[1]},
                    locale=locale,
                    timezone_id="Asia/Shanghai",
                    reduced_motion="reduce",
                )
                sign_in(context, address, person)
                page = context.new_page()
                page.goto(f"{address}{picture.path}")
                page.wait_for_selector(picture.awaited)
                page.evaluate(ALL_IMAGES)
                page.screenshot(path=FOLDER / f"{picture.name}.{short}.png")
                sys.stdout.write(f"docs/img/{picture.name}.{short}.png\n")
                context.close()
        chosen.close()


def _pictures() -> list[Picture]:
    from django.utils import timezone

    from content.models import ReviewRound
    from doctors.models import DoctorScore

    core = (
        DoctorScore.objects.filter(tier="core", doctor__tier="core")
        .order_by("-run__as_of", "-score_bp", "doctor__code")
        .first()
    )
    passage = (
        ReviewRound.objects.filter(outcome="open", version__status="in_review")
        .order_by("version__material__code")
        .first()
    )
    if core is None or passage is None:
        raise RuntimeError("the demonstration has no scored doctor or no open review")
    taken = [
        Picture("board", "manager", "/boards/", DESK, "main .tb"),
        Picture("review", "medical", f"/content/versions/{passage.version_id}/review/", DESK, "[data-sheet]"),
        Picture("tier", "marketing", f"/doctors/{core.doctor_id}/tier/", DESK, "#every"),
    ]
    if timezone.localdate().weekday() >= SATURDAY:
        sys.stdout.write("Nobody visits on a weekend: docs/img/field-today.*.png stay as they were.\n")
        return taken
    return [Picture("field-today", "rep", "/field/", PHONE, "html[data-ready] .vis"), *taken]


def _set_up(place: Path) -> None:
    """Point this process and its children at a fresh database."""
    url = urlsplit(os.environ["DATABASE_URL"])
    address = env.database(os.environ["DATABASE_URL"])
    connection = psycopg2.connect(
        dbname="postgres",
        user=address["USER"] or None,
        password=address["PASSWORD"] or None,
        host=address["HOST"] or None,
        port=address["PORT"] or None,
    )
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    os.environ |= {
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{DATABASE}")),
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "PHARMACRM_DEMO": "1",
        "PHARMACRM_HOME": str(place / "home"),
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # the driver of the browser keeps a loop in this thread
    }
    os.environ.pop("DATABASE_OWNER_URL", None)


def _make_demonstration() -> None:
    import django

    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True)
    django.setup()


def _served(place: Path):
    from tests.browser.house import free_port, served

    return served(place, dict(os.environ), free_port())


if __name__ == "__main__":
    began = time.monotonic()
    code = main()
    sys.stdout.write(f"pictures: {time.monotonic() - began:.0f} s\n")
    sys.exit(code)
