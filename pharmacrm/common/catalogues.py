"""The words of the product in two languages: what is extracted, what is missing. Needs no tool of the machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

Message = tuple[str, str, str]  # context, msgid, plural

CODES = ("zh_Hans", "en")
SOURCES = ("activities", "compliance", "content", "doctors", "pharmacrm", "templates")
# Which argument is what: c a context, m the message, p its plural.
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), "m"),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), "mp"),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), "cm"),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), "cmp"),
}
TEXT = r"""u?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
CALL_OF_A_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\(\s*({TEXT}(?:\s*,\s*{TEXT})*)")


def catalogue_of(code: str, root: Path | None = None) -> Path:
    """Return the place of a language's catalogue."""
    return (root or settings.BASE_DIR) / "locale" / code / "LC_MESSAGES" / "django.po"


def extracted() -> set[Message]:
    """Return every message the code and the templates use now."""
    found: set[Message] = set()
    for source in SOURCES:
        for path in sorted((settings.BASE_DIR / source).rglob("*")):
            if path.suffix == ".py":
                found.update(_of_code(path.read_text("utf-8")))
            elif path.suffix in {".html", ".txt"}:
                found.update(_of_template(path.read_text("utf-8"), path))
    return found


def _of_code(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            told = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
            yield from _message(name, told)


def _of_template(source: str, path: Path) -> Iterator[Message]:
    """Django turns a template into calls between letters that stand for everything else; the calls are read."""
    for name, arguments in CALL_OF_A_TEMPLATE.findall(templatize(source, origin=str(path))):
        told = ast.literal_eval(f"({arguments},)")
        yield from _message(name, told)


def _message(name: str, told: Sequence[object]) -> Iterator[Message]:
    parts = CALLS.get(name, "")
    texts = dict(zip(parts, told, strict=False))
    if parts and len(texts) == len(parts) and all(isinstance(text, str) for text in texts.values()):
        yield str(texts.get("c", "")), str(texts["m"]), str(texts.get("p", ""))


def merge(code: str, wanted: set[Message], words: dict[str, str] | None = None) -> list[str]:
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
