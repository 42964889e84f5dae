"""The notices that come with the product: what a doctor reads before consenting. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "notices"
FRAME = "frame.yaml"
GAP = re.compile(r"\{[a-z_]*\}")


@dataclass(frozen=True)
class Controller:
    """Who answers for the data: the company's name, its address, and whom to reach about personal data."""

    company: str
    address: str
    contact: str


@dataclass(frozen=True)
class ShippedNotice:
    """One purpose and the text of its notice, with gaps for the controller. Source: PIPL 17."""

    code: str
    name_zh: str
    name_en: str
    legal_basis: str
    clause: str
    edition: int
    text_zh: str
    text_en: str


@cache
def shipped_notices() -> tuple[ShippedNotice, ...]:
    """Return the notices that come with the product, by code."""
    frame = _read(FOLDER / FRAME)
    files = sorted(path for path in FOLDER.glob("*.yaml") if path.name != FRAME)
    return tuple(_notice(_read(path), frame) for path in files)


def filled(text: str, controller: Controller) -> str:
    """Return a shipped text with the controller's words in its gaps."""
    return (
        text.replace("{company}", controller.company.strip())
        .replace("{address}", controller.address.strip())
        .replace("{contact}", controller.contact.strip())
    )


def gaps_in(text: str) -> list[str]:
    """Return what still has to be filled in before anybody may be shown a text."""
    return sorted(set(GAP.findall(text)))


def fingerprint(text_zh: str, text_en: str) -> str:
    """Return what identifies the exact words of a notice in both languages."""
    return hashlib.sha256(f"{text_zh}\x1f{text_en}".encode()).hexdigest()


def _read(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _notice(own: dict, frame: dict) -> ShippedNotice:
    return ShippedNotice(
        code=own["code"],
        name_zh=own["name"]["zh"],
        name_en=own["name"]["en"],
        legal_basis=own["legal_basis"],
        clause=own["clause"],
        edition=frame["edition"],
        text_zh=_text(frame["zh"], own["zh"]),
        text_en=_text(frame["en"], own["en"]),
    )


def _text(frame: str, parts: dict[str, str]) -> str:
    for name in ("purpose", "method", "kinds", "kept", "sensitive"):
        frame = frame.replace("{" + name + "}", parts.get(name, ""))
    return frame.strip()
