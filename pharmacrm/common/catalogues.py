"""The words of the product in two languages: what is extracted, what is missing. Needs xgettext to extract."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polib
from django.conf import settings
from django.core.management import call_command

CODES = ("zh_Hans", "en")
SOURCES = ("activities", "compliance", "content", "doctors", "pharmacrm", "templates")


def catalogue_of(code: str, root: Path | None = None) -> Path:
    """Return the place of a language's catalogue."""
    return (root or settings.BASE_DIR) / "locale" / code / "LC_MESSAGES" / "django.po"


def extracted() -> set[tuple[str, str, str]]:
    """Return every (context, msgid, plural) the code and the templates use now. Writes nothing into the project."""
    with _scratch_project() as place:
        call_command(
            "makemessages", locale=["en"], symlinks=True, no_location=True, no_wrap=True, verbosity=0
        )
        return {(entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in polib.pofile(str(place))}


def merge(code: str, wanted: set[tuple[str, str, str]], words: dict[str, str] | None = None) -> list[str]:
    """Bring one catalogue in line with the wanted strings, sorted, without places or guesses.

    `words` gives Chinese by msgid (of a plural: by its singular). Returns: the msgids that still lack words. English takes its own msgids.
    """
    place = catalogue_of(code)
    kept = {}
    if place.exists():
        for entry in polib.pofile(str(place)):
            if not entry.fuzzy and not entry.obsolete:
                kept[entry.msgctxt or "", entry.msgid] = entry
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": code,
        "MIME-Version": "1.0",
        "Plural-Forms": "nplurals=1; plural=0;" if code == "zh_Hans" else "nplurals=2; plural=(n != 1);",
    }
    missing = []
    for context, msgid, plural in sorted(wanted):
        old = kept.get((context, msgid))
        entry = polib.POEntry(msgid=msgid, msgctxt=context or None)
        said = (words or {}).get(msgid) or ((old.msgstr or old.msgstr_plural.get(0, "")) if old else "")
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = {0: msgid, 1: plural} if code == "en" else {0: said}
        else:
            entry.msgstr = msgid if code == "en" else said
        entry.flags = ["python-format"] if "%(" in msgid else []
        if not is_complete(entry):
            missing.append(msgid)
        fresh.append(entry)
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(place))
    return missing


def is_complete(entry: polib.POEntry) -> bool:
    """Return whether an entry says something in its language."""
    return all(entry.msgstr_plural.values()) if entry.msgid_plural else bool(entry.msgstr)


def compile_all() -> int:
    """Write every .mo that is older than its .po. Returns: how many were written."""
    written = 0
    for place in sorted((settings.BASE_DIR / "locale").rglob("*.po")):
        compiled = place.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime <= place.stat().st_mtime:
            polib.pofile(str(place)).save_as_mofile(str(compiled))
            written += 1
    return written


@contextmanager
def _scratch_project() -> Iterator[Path]:
    """Let makemessages read the sources through links and write beside them, not into the catalogues."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SOURCES:
            (Path(folder) / name).symlink_to(settings.BASE_DIR / name)
        place = Path(folder) / "locale" / "en" / "LC_MESSAGES" / "django.po"
        place.parent.mkdir(parents=True)
        with contextlib.chdir(folder):
            yield place
