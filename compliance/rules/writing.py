"""Write a rule's text from the parts of a form, and take a text apart into them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .book import LANGUAGES

PLAIN = re.compile(r"^[\w\u3400-\u9fff][\w\u3400-\u9fff .()/（）〔〕、，。；“”-]*$")
WORD = re.compile(r"^(?:true|false|null|~|[-+.\d][-+.\d_eE:]*)$", re.IGNORECASE)
WORDS = ("title", "text", "message", "instead", "note")


def text_of(parts: Mapping[str, str]) -> str:
    """Return a rule's YAML from the parts of its form.

    `at` is names, one a line; `sources` one a line: instrument | clause | in force | confidence; parameters, conditions,
    show and examples are YAML, one a line. Empty parts are left out.
    """
    lines = [f"{key}: {_scalar(parts[key])}" for key in ("id", "scene", "grade") if parts.get(key)]
    if parts.get("waiver"):
        lines.append(f"waiver: {_scalar(parts['waiver'])}")
    points = parts.get("at", "").split()
    if points:
        lines.append(f"at: {_scalar(points[0])}" if len(points) == 1 else f"at: [{', '.join(points)}]")
    lines += _languages(parts, "title") + _languages(parts, "text")
    if sources := list(_rows(parts.get("sources", ""))):
        lines += ["sources:", *(f"  - {_source(row)}" for row in sources)]
    if covers := parts.get("covers", "").replace(",", " ").split():
        lines.append(f"covers: [{', '.join(covers)}]")
    lines += [f"{key}: {parts[key]}" for key in ("valid_from", "valid_until") if parts.get(key)]
    lines += _block("parameters", parts.get("parameters", "")) + _condition(parts.get("breach_when", ""))
    lines += _block("show", parts.get("show", ""))
    lines += _languages(parts, "message") + _languages(parts, "instead")
    if parts.get("instead_url"):
        lines.append(f"instead_url: {_scalar(parts['instead_url'])}")
    lines += _languages(parts, "note")
    lines.append("examples:")
    for kind in ("allowed", "refused"):
        given = list(_rows(parts.get(kind, "")))
        lines += [f"  {kind}:", *(f"    - {row}" for row in given)] if given else [f"  {kind}: []"]
    return "\n".join(lines) + "\n"


def part_at(text: str, line: int) -> str:
    """Return the part of a rule's text that a line stands in, an example's kind for an example."""
    for row in reversed(text.splitlines()[:line]):
        if found := re.match(r"^(?:  (?=allowed:|refused:))?([a-z_]+):", row):
            return found.group(1)
    return ""


def parts_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of a rule's form from what its YAML says."""
    parts = {
        key: str(content.get(key) or "")
        for key in ("id", "scene", "grade", "waiver", "valid_from", "valid_until", "instead_url")
    }
    at = content.get("at") or []
    parts["at"] = "\n".join([at] if isinstance(at, str) else map(str, at))
    parts["covers"] = " ".join(map(str, content.get("covers") or []))
    for key in WORDS:
        said = content.get(key)
        for language in LANGUAGES:
            parts[f"{key}_{language}"] = str(said.get(language, "")) if isinstance(said, dict) else ""
    parts["sources"] = "\n".join(
        " | ".join(str(source.get(key) or "") for key in ("instrument", "clause", "in_force", "confidence"))
        for source in content.get("sources") or []
        if isinstance(source, dict)
    )
    for key in ("parameters", "show"):
        parts[key] = _fragment(content.get(key))
    breach = content.get("breach_when")
    parts["breach_when"] = _fragment(breach) if isinstance(breach, dict) else str(breach or "")
    examples = content.get("examples")
    for kind in ("allowed", "refused"):
        given = (examples.get(kind) if isinstance(examples, dict) else None) or []
        parts[kind] = "\n".join(map(_flow, given)) if isinstance(given, list) else ""
    return parts


def _rows(text: str) -> Iterable[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _scalar(text: str) -> str:
    text = str(text).strip()
    return text if PLAIN.match(text) and not WORD.match(text) else json.dumps(text, ensure_ascii=False)


def _languages(parts: Mapping[str, str], key: str) -> list[str]:
    if not any(parts.get(f"{key}_{language}") for language in LANGUAGES):
        return []
    said = (" ".join(parts.get(f"{key}_{language}", "").split()) for language in LANGUAGES)
    return [
        f"{key}:",
        *(f"  {language}: {_scalar(words)}" for language, words in zip(LANGUAGES, said, strict=True)),
    ]


def _source(row: str) -> str:
    keys = ("instrument", "clause", "in_force", "confidence")
    given = [*(part.strip() for part in row.split("|")), "", "", ""][:4]
    said = (
        f"{key}: {value if key == 'in_force' and value.count('-') == 2 else json.dumps(value, ensure_ascii=False)}"
        for key, value in zip(keys, given, strict=True)
        if value
    )
    return "{" + ", ".join(said) + "}"


def _block(key: str, text: str) -> list[str]:
    rows = [line.rstrip() for line in text.splitlines() if line.strip()]
    return [f"{key}:", *(f"  {row}" for row in rows)] if rows else []


def _condition(text: str) -> list[str]:
    """One condition stands as text of its own lines; one for each root stands as names with conditions."""
    if re.match(r"^\s*[a-z_]+:\s", text):
        return _block("breach_when", text)
    rows = [line.strip() for line in text.splitlines() if line.strip()]
    return ["breach_when: |", *(f"  {row}" for row in rows)] if rows else []


def _fragment(value: Any) -> str:
    return (
        "\n".join(f"{name}: {_flow(said)}" for name, said in value.items()) if isinstance(value, dict) else ""
    )


def _flow(value: Any) -> str:
    """Return a value in one line: JSON is YAML, with names and plain words bare for the eye."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(said)}" for name, said in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        plain = re.match(r"^[A-Za-z_\u3400-\u9fff][\w.\u3400-\u9fff-]*$", value) and not WORD.match(value)
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, default=str)
