"""Read an exported ledger and believe nothing of it: every byte is checked before anything is taken over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.log.canonical import INLINE_CHARACTERS, reason_digest
from compliance.verify import verify as program

OF_RECORDS = {"compliance.storedverdict": "verdicts", "compliance.signature": "signatures"}


class ExportRefused(Exception):
    """The export is not taken over. Says where it is wrong, why, and what to do."""

    def __init__(self, where: object, why: str, instead: str) -> None:
        super().__init__(f"{where}: {why}. {instead}")
        self.where, self.why, self.instead = str(where), why, instead


@dataclass(frozen=True)
class Exported:
    """An export that was checked as a whole: its size and root, its keys, its checkpoints by size."""

    folder: Path
    keys: str
    size: int
    root: bytes
    notes: dict[int, str]

    def entries(self) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
        """Yield (leaf number, canonical bytes, what they say) of each entry, long rows and reasons in their place.

        A reason that the leaf holds as a salted digest comes with `reason_salt` and `reason_sha256`; its words are empty
        where they were destroyed.
        """
        long = {one["number"]: one for one in _lines(self.folder / "more" / "long.jsonl")}
        words = {one["number"]: one for one in self.reasons()}
        for number, raw in enumerate(_bundles(self.folder, self.size)):
            said = json.loads(raw)
            if isinstance(said["reason"], dict) and "salted_sha256" in said["reason"]:
                said |= _spoken(self.folder, number, said["reason"]["salted_sha256"], words.get(number, {}))
            for name in ("rows", "reason"):
                if isinstance(said[name], dict):
                    said[name] = _long(self.folder, number, name, said[name], long.get(number, {}))
            yield number, raw, said

    def records(self, name: str) -> Iterator[str]:
        """Yield the canonical JSON of verdicts or signatures."""
        with (self.folder / "more" / f"{name}.jsonl").open(encoding="utf-8") as handle:
            yield from (line.rstrip("\n") for line in handle)

    def reasons(self) -> Iterator[dict[str, Any]]:
        """Yield the words of reasons with their salts; none in an export of before they stood beside the leaves."""
        place = self.folder / "more" / "reasons.jsonl"
        if place.exists():
            yield from _lines(place)

    def people(self) -> dict[str, str]:
        """Return the names of those who acted, by key."""
        found: dict[str, str] = json.loads((self.folder / "more" / "people.json").read_text(encoding="utf-8"))
        return found


def read_export(folder: Path, trusted: str) -> Exported:
    """Check a whole export under a key that was kept elsewhere. Raises: ExportRefused naming the file that is wrong."""
    again = "Export the ledger again and bring the whole folder"
    try:
        words = {path.name: path.read_text(encoding="utf-8") for path in (folder / "keys").glob("*")}
        keys = program.follow(trusted, words)
        note = (folder / "checkpoint").read_text(encoding="utf-8")
        _origin, size, root = program.open_checkpoint(note, keys)
    except FileNotFoundError as gone:
        raise ExportRefused(gone.filename, "is missing", again) from gone
    except (program.Differs, ValueError) as problem:
        raise ExportRefused(
            folder / "checkpoint", f"is not of the ledger of this key ({problem})",
            "Give the key that its installation published, or the export of that installation",
        ) from problem  # fmt: skip
    try:
        hashes = list(program.entries_of(folder, size))
    except FileNotFoundError as gone:
        raise ExportRefused(gone.filename, "is missing: the export was cut short", again) from gone
    except program.Differs as problem:
        raise ExportRefused(folder / "tile", str(problem), again) from problem
    if program.tree_root(hashes) != root:
        raise ExportRefused(folder / "tile", "the entries do not lead to the signed root", again)
    _check_tiles(folder, hashes, again)
    exported = Exported(folder, keys, size, root, _notes(folder, keys, note, hashes, again))
    _check_more(exported, again)
    return exported


def _check_tiles(folder: Path, hashes: list[bytes], again: str) -> None:
    """Compare the upper tiles with what the entries give."""
    level = 0
    while len(hashes) >= 256:
        hashes = [program.tree_root(hashes[at : at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
        level, found = level + 1, b""
        for _width, name in program.tiles_of(len(hashes)):
            path = folder / "tile" / str(level) / name
            if not path.is_file():
                raise ExportRefused(path, "is missing: the export was cut short", again)
            found += path.read_bytes()
        if found != b"".join(hashes):
            raise ExportRefused(folder / "tile" / str(level), "differs from the entries below it", again)


def _notes(folder: Path, keys: str, newest: str, hashes: list[bytes], again: str) -> dict[int, str]:
    """Return every checkpoint of the export after comparing its root with the log."""
    notes: dict[int, str] = {}
    for path in sorted((folder / "checkpoints").glob("*")):
        note = path.read_text(encoding="utf-8")
        try:
            _origin, size, root = program.open_checkpoint(note, keys)
        except (program.Differs, ValueError) as problem:
            raise ExportRefused(path, str(problem), again) from problem
        if path.name != f"{size:012d}" or size > len(hashes) or program.tree_root(hashes[:size]) != root:
            raise ExportRefused(
                path, "is a checkpoint of another state of the log: the export contradicts itself", again
            )
        notes[size] = note
    if notes.get(len(hashes)) != newest:
        raise ExportRefused(folder / "checkpoints", "the newest checkpoint is not among them", again)
    return notes


def _check_more(exported: Exported, again: str) -> None:
    """Compare verdicts and signatures with what entries commit to: none changed, none missing, none too many."""
    wanted: dict[str, set[str]] = {name: set() for name in OF_RECORDS.values()}
    for _number, _raw, said in exported.entries():
        for row in said["rows"]:
            if (name := OF_RECORDS.get(row["model"])) and row["sha256"]:
                wanted[name].add(row["sha256"])
    for name, digests in wanted.items():
        path = exported.folder / "more" / f"{name}.jsonl"
        try:
            found = {hashlib.sha256(text.encode()).hexdigest() for text in exported.records(name)}
        except (FileNotFoundError, UnicodeDecodeError) as gone:
            raise ExportRefused(path, "is missing or unreadable", again) from gone
        if found != digests:
            why = (
                "holds a line that no entry commits to"
                if found - digests
                else "lacks lines that entries commit to"
            )
            raise ExportRefused(path, why, again)
    try:
        exported.people()
    except (FileNotFoundError, ValueError) as gone:
        raise ExportRefused(
            exported.folder / "more" / "people.json", "is missing or unreadable", again
        ) from gone


def _bundles(folder: Path, size: int) -> Iterator[bytes]:
    for _width, name in program.tiles_of(size):
        bundle, place = (folder / "tile" / "entries" / name).read_bytes(), 0
        while place < len(bundle):
            length = int.from_bytes(bundle[place : place + 2], "big")
            yield bundle[place + 2 : place + 2 + length]
            place += 2 + length


def _spoken(folder: Path, number: int, digest: str, kept: dict[str, Any]) -> dict[str, str]:
    """Return the words of a reason under their digest. Raises: ExportRefused where they are others."""
    salt, words = str(kept.get("salt", "")), str(kept.get("reason", ""))
    if words and reason_digest(salt, words) != digest:
        raise ExportRefused(
            folder / "more" / "reasons.jsonl", f"the reason of entry {number} was changed",
            "Export the ledger again and bring the whole folder",
        )  # fmt: skip
    return {"reason": words, "reason_salt": salt if words else "", "reason_sha256": digest}


def _long(folder: Path, number: int, name: str, said: dict[str, Any], kept: dict[str, Any]) -> Any:
    """Return rows or a reason that a leaf holds only the digest of. Raises: ExportRefused."""
    value = kept.get(name)
    if isinstance(value, str):
        raw = value.encode() if len(value) > INLINE_CHARACTERS else b""
    else:
        raw = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if hashlib.sha256(raw).hexdigest() != said["sha256"]:
        raise ExportRefused(
            folder / "more" / "long.jsonl", f"the {name} of entry {number} are missing or were changed",
            "Export the ledger again and bring the whole folder",
        )  # fmt: skip
    return value


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as handle:
            yield from (json.loads(line) for line in handle)
    except (FileNotFoundError, ValueError) as gone:
        raise ExportRefused(
            path, "is missing or unreadable", "Export the ledger again and bring the whole folder"
        ) from gone
