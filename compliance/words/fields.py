"""What the columns of records, the facts of the law and the company's figures are called by a reader.

A name in the code is already English words; its Chinese stands in `fields.txt`. tests/compliance/test_words.py asks
that no column of a governed row and no fact is without.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils.encoding import force_str
from django.utils.translation import get_language

FILE = Path(__file__).with_name("fields.txt")
ENDINGS = (
    (re.compile(r"_(bp|fen|id|ids)$"), ""),
    (re.compile(r"_sealed$"), " (sealed)"),
    (re.compile(r"_sha256$"), " fingerprint"),
    (re.compile(r"_en$"), " (English)"),
    (re.compile(r"_zh$"), " (Chinese)"),
    (re.compile(r"^is_"), ""),
)
SHORT = {
    "mah": "MAH",
    "ae": "AE",
    "sha256": "SHA-256",
    "doi": "DOI",
    "pmid": "PMID",
    "rx": "Rx",
    "cme": "CME",
}


@cache
def in_chinese() -> dict[str, str]:
    """Return the Chinese words of each name."""
    lines = FILE.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line)


def field_words(name: str) -> str:
    """Return what a column, fact or figure is called; one that nobody has worded keeps its own name."""
    if not (get_language() or "").startswith("en"):
        return in_chinese().get(name, name)
    for ending, words in ENDINGS:
        name = ending.sub(words, name)
    said = " ".join(SHORT.get(part, part) for part in name.split("_"))
    return said[:1].upper() + said[1:]


def guarded_words(name: str) -> str:
    """Return where the guard looked: an import by its kind, a field with its record, such as visit.note."""
    return " · ".join(field_words(part) for part in name.split("."))


def value_words(name: str, value: Any) -> str:
    """Return the words that a stored value has among the choices of a field so called, else of any field; or the value."""
    among, said = _choices(), str(value)
    bare, _line, number = said.rpartition("_")
    if number.isdecimal() and (name, bare) in among:  # the third of several, such as photo_3
        return f"{force_str(among[name, bare])} {number}"
    words = among.get((name, said)) or among.get(("", said))
    return force_str(words) if words else said


@cache
def _choices() -> dict[tuple[str, str], Any]:
    """Return the label of each choice by field and value, and by value alone where every field says the same."""
    found: dict[tuple[str, str], Any] = {}
    alone: dict[str, set[str]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            for value, label in getattr(field, "flatchoices", None) or ():
                if not isinstance(value, str) or not value:
                    continue
                found.setdefault((field.name, value), label)
                alone.setdefault(value, set()).add(force_str(label))
                found.setdefault(("", value), label)
    return {key: label for key, label in found.items() if key[0] or len(alone[key[1]]) == 1}
