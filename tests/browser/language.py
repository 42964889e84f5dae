"""Is a text on a page in the language of the page? Everything is, but what people wrote down and a few names.

What people wrote is what the database holds: a run of foreign letters on a page has to stand in a row word for word.
Keys and states (`in_review`, `content.released`) are no words although rows hold them, and of a pair of texts in two
languages only the one of the page counts. So a key that was never given a title is found, and so is a sentence that
was never marked for translation, or the Chinese of a rule on an English page.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

LATIN = re.compile(r"[A-Za-z][A-Za-z0-9 ,.;:'’()/&+_@#%≥≤–-]*")
CHINESE = re.compile(r"[\u3400-\u9fff\uff08\uff09\u3001\u3002\uff0c\uff1a\uff1b\u201c\u201d\u300a\u300b]+")
ADDRESS = re.compile(r"https?://\S+")
DIGEST = re.compile(r"sha256 [0-9a-f]{4,64}(?:[ …]+[0-9a-f]{4})*")
KEY = re.compile(r"^[a-z0-9]+([_.:/-][a-z0-9*]+)*$")
CODE = re.compile(r"^[A-Za-z./_-]*\d[\w./:_-]*$")
FILE = re.compile(r"\.(pdf|xlsx|csv|png|jpg|json)$", re.IGNORECASE)
WORD = re.compile(r"[^\s,;:()/&+]+")
EDGES = " ,.;:()/–-'’，、：；（）。“”《》"
SHORT = 3  # Chinese characters, or letters: too few to prove anything as a part of something longer

# Names and units that are the same in both languages.
NAMES = frozenset({
    "API", "CEL", "CMS", "JPEG", "ORCID", "PNG", "CFR", "CI", "CNY", "CSV", "Ctrl", "DOI", "Enter", "Esc", "EudraLex", "Excel", "FDA",
    "GBK", "GCP", "GVP", "HCP", "HR", "ICH", "ID", "IFPMA", "JSON", "JSON-LD", "MAH", "MB", "MEDLINE",
    "MSL", "NBIB", "NMPA", "OAuth", "OpenAPI", "PDF", "PIPL", "PKCE", "PMID", "Part", "PharmaCRM", "PubMed", "Python",
    "RCT", "RDPAC", "REST", "RIS", "SHA", "SMS", "TOTP", "Tab", "URL", "UTC", "UTF", "V-P", "V-S", "WCAG",
    "Web", "Word", "XML", "YAML", "al", "index.html", "zip", "eGFR", "et", "client_id", "client_secret", "kB", "kg", "mL", "max", "mg", "min", "mmHg", "px",
    "verify.py", "vs", "xls", "xlsx",
})  # fmt: skip


class Data:
    """What the database holds, as far as people wrote it in words."""

    def __init__(self, language: str, values: Iterable[str]) -> None:
        self.run = CHINESE if language == "en" else LATIN
        kept = {value for value in values if self.run.search(value)}
        self.whole = "\0".join(kept)
        self.runs = {piece.strip(EDGES) for value in kept for piece in self.run.findall(value)}

    def holds(self, piece: str) -> bool:
        if piece in self.runs:
            return True
        return (len(piece) > SHORT or " " in piece) and piece in self.whole


def foreign(texts: Iterable[str], language: str, data: Data) -> list[str]:
    """Return the texts that are neither in the language of their page nor data nor an address nor a fingerprint."""
    wrong = []
    for text in texts:
        if _is_notation(text) or (text.endswith("…") and text[:-1] in data.whole):
            continue
        runs = data.run.findall(DIGEST.sub(" ", ADDRESS.sub(" ", text)))
        if any(not _is_fine(run, language, data) for run in runs):
            wrong.append(text)
    return wrong


def _is_notation(text: str) -> bool:
    """Return whether a text is a value as the record holds it: an object or a list in JSON."""
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


def _is_fine(run: str, language: str, data: Data) -> bool:
    run = run.strip(EDGES)
    if not run or data.holds(run):
        return True
    words = list(run) if language == "en" else WORD.findall(run)
    between = "" if language == "en" else " "
    return _is_made_of(words, between, lambda piece: data.holds(piece) or (bool(between) and _is_name(piece)))


def _is_made_of(words: list[str], between: str, is_known: Callable[[str], bool]) -> bool:
    """Return whether words are one known value after the other: hospital and department, say, or a code and a name."""
    reached = {0}
    for end in range(1, len(words) + 1):
        pieces = ((start, between.join(words[start:end]).strip(EDGES)) for start in reached)
        if any(not piece or is_known(piece) for _start, piece in pieces):
            reached.add(end)
    return len(words) in reached


def _is_name(word: str) -> bool:
    return " " not in word and (len(word) < SHORT or word in NAMES or bool(CODE.match(word)))


def data_of(language: str, sealed: Iterable[str] = ()) -> Data:
    """Read everything people wrote; `sealed` is what the database holds encrypted only. Cost: a query a table."""
    return Data(language, [*_values(language), *sealed])


def words_of(module: ModuleType) -> list[str]:
    """Return the texts that stand in a module, line by line: what a seed wrote and the database keeps sealed."""
    tree = ast.parse(inspect.getsource(module))
    texts = [
        one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    return [line for text in texts for line in text.splitlines() if line]


def _values(language: str) -> Iterator[str]:
    for model in apps.get_models():
        fields = {
            field.name: field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField | ArrayField)
            and not (getattr(field, "choices", None) or field.primary_key)
        }
        if not fields:
            continue
        for row in model._default_manager.values(*fields).distinct().iterator(chunk_size=2000):
            yield from _words(row, language)


def _words(value: Any, language: str, name: str = "") -> Iterator[str]:
    if isinstance(value, str):
        if name in {"username", "email"} or FILE.search(value) or not KEY.match(value):
            yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not _is_told_better(key, value, language):
                yield from _words(inner, language, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner, language)


def _is_told_better(key: str, row: dict[str, Any], language: str) -> bool:
    """Return whether a row holds the same text in the language of the page."""
    keys = {"zh-hans": "zh", "en": "en"}
    if key in keys:
        return keys[key] != language and language in {keys.get(other) for other in row}
    for own, other in (("zh", "en"), ("en", "zh")):
        if language == other and (key == own or key.endswith(f"_{own}")):
            return bool(row.get(key.removesuffix(own) + other))
    return False
