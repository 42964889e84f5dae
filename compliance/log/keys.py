"""Keys that follow one another: the old key signs the new one, so whoever kept the first trusts the last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from compliance.log.notes import sign_note
from compliance.verify import verify as program

TITLE = "new key"
Trusted = Sequence[tuple[str, int | None]]  # each key, and the size of the last checkpoint it may sign


def endorsement(origin: str, new_key: str, size: int, seed: bytes) -> str:
    """Return the old key's signed word that checkpoints of more than `size` entries are signed by the new key."""
    return sign_note(f"{origin}\n{TITLE}\n{new_key}\n{size}\n", origin, seed)


def trusted_keys(folder: Path) -> list[tuple[str, int | None]]:
    """Return the keys that the first key of a folder leads to. Raises: Differs where a link does not hold."""
    first = (folder / "key").read_text(encoding="utf-8")
    words = words_of(folder)
    lines = program.follow(first, words).split("\n")
    program.need(len(lines) == len(words) + 1, "a later key was not signed by this key")
    keys = (line.partition(" ") for line in lines)
    return [(key, int(last) if last else None) for key, _space, last in keys]


def words_of(folder: Path) -> dict[str, str]:
    """Return the signed words by which each key of a folder named the next, by the size it ended at."""
    return {path.name: path.read_text(encoding="utf-8") for path in numbered(folder / "keys")}


def open_trusted(note: str, keys: Trusted) -> tuple[str, int, bytes]:
    """Return (origin, size, root) of a checkpoint that a trusted key may have signed. Raises: Differs."""
    program.need(keys, "there is no key")
    lines = "\n".join(key if last is None else f"{key} {last}" for key, last in keys)
    stated: tuple[str, int, bytes] = program.open_checkpoint(note, lines)
    return stated


def numbered(folder: Path) -> list[Path]:
    """Return the files of a folder whose names are sizes."""
    return (
        [path for path in folder.iterdir() if re.fullmatch(r"\d{12}", path.name)] if folder.is_dir() else []
    )
