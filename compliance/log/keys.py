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
    key = (folder / "key").read_text(encoding="utf-8").strip()
    chain: list[tuple[str, int | None]] = []
    for path in sorted(numbered(folder / "keys")):
        lines = program.open_note(path.read_text(encoding="utf-8"), key).split("\n")
        program.need(
            len(lines) == 5 and lines[1] == TITLE and lines[3] == str(int(path.name)), "not a new key"
        )
        program.parse_key(lines[2])
        chain.append((key, int(path.name)))
        key = lines[2]
    return [*chain, (key, None)]


def open_trusted(note: str, keys: Trusted) -> tuple[str, int, bytes]:
    """Return (origin, size, root) of a checkpoint that a trusted key may have signed. Raises: Differs."""
    problem: Exception | None = None
    for key, last in reversed(keys):
        try:
            stated: tuple[str, int, bytes] = program.open_checkpoint(note, key)
        except program.Differs as other:
            problem = problem or other
            continue
        program.need(
            last is None or stated[1] <= last, "the checkpoint was signed by a key that was retired before"
        )
        return stated
    raise problem or program.Differs("there is no key")


def numbered(folder: Path) -> list[Path]:
    """Return the files of a folder whose names are sizes."""
    return (
        [path for path in folder.iterdir() if re.fullmatch(r"\d{12}", path.name)] if folder.is_dir() else []
    )
