"""A witness: a process with a directory of its own that signs only a log which grows and never changes.

    python -m compliance.log.witness --drop DIR --home DIR [--every SECONDS | --once]

It needs no database and no setting, so it runs as well on another machine that sees the drop directory. The first key it
meets is the log's key from then on. What it accepted it signs again with its own key (C2SP tlog-cosignature) and keeps;
once it has refused, it accepts nothing more until a person looked: it removes HOME/refused.json only by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compliance.log.keys import numbered, open_trusted, trusted_keys
from compliance.log.notes import COSIGNATURE, cosign, public_of, verifier_key
from compliance.verify import verify as program

NAME = "pharmacrm/witness"
GROWTH = ".growth"


@dataclass(frozen=True)
class Seen:
    """The last checkpoint a witness accepted."""

    size: int = 0
    root: bytes = b""


class Witness:
    """One witness over one drop directory."""

    def __init__(self, drop: Path, home: Path) -> None:
        self.drop, self.home = drop, home
        self.accepted = home / "checkpoints"
        self.accepted.mkdir(parents=True, exist_ok=True)

    def look(self, *, now: int) -> list[int]:
        """Accept what is new, in order. Returns: the sizes signed. A contradiction is written down and ends the work."""
        signed: list[int] = []
        if self.refusal():
            return signed
        self._pin()
        for size, path in self._waiting():
            self._follow_keys(now)
            if self.refusal():
                break
            try:
                note = path.read_text(encoding="utf-8")
                if not self._accept(size, note, path.with_name(path.name + GROWTH)):
                    break
            except (program.Differs, ValueError, OSError, KeyError) as problem:
                self._refuse(size, f"{problem}", now)
                break
            _write(self.accepted / path.name, cosign(note, NAME, self._seed(), now))
            signed.append(size)
        self._follow_keys(now)
        return signed

    def refusal(self) -> dict[str, object]:
        """Return what the witness refused and why, or nothing."""
        path = self.home / "refused.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def last(self) -> Seen:
        """Return the last checkpoint that was accepted."""
        newest = max(_numbered(self.accepted), default=None)
        if newest is None:
            return Seen()
        _origin, size, root = open_trusted(newest[1].read_text(encoding="utf-8"), self._keys())
        return Seen(size, root)

    def _waiting(self) -> list[tuple[int, Path]]:
        last = self.last().size
        changed = [
            one for one in _numbered(self.drop / "checkpoints") if one[0] <= last and self._differs(one[1])
        ]
        return sorted(changed or [one for one in _numbered(self.drop / "checkpoints") if one[0] > last])

    def _differs(self, path: Path) -> bool:
        """Return whether a checkpoint that was accepted now says something else. Only the newest hundred are read again."""
        kept = self.accepted / path.name
        if not kept.exists() or path not in self._newest:
            return False
        kept_note, offered = kept.read_text("utf-8"), path.read_text("utf-8")
        return open_trusted(kept_note, self._keys()) != open_trusted(offered, self._keys())

    @property
    def _newest(self) -> set[Path]:
        return {path for _size, path in sorted(_numbered(self.drop / "checkpoints"))[-100:]}

    def _accept(self, size: int, note: str, growth: Path) -> bool:
        """Return whether the checkpoint continues the last; False where its proof has not arrived. Raises: Differs."""
        _origin, stated, root = open_trusted(note, self._keys())
        last = self.last()
        program.need(stated == size, "the checkpoint states another size than its file's name")
        program.need(size > last.size, f"the checkpoint of {size} says something else than before")
        if last.size == 0:
            return True
        if not growth.exists():
            return False
        old, *proof = growth.read_text(encoding="utf-8").split()
        if int(old) > last.size:
            return False  # one in between has not arrived
        program.need(int(old) == last.size, f"there is no proof from {last.size} to {size}")
        program.check_consistency(last.size, size, last.root, root, [program.decode(line) for line in proof])
        return True

    def _refuse(self, size: int, why: str, now: int) -> None:
        said = {"size": size, "why": why, "at": now, "last_accepted": self.last().size}
        _write(self.home / "refused.json", json.dumps(said, ensure_ascii=False))

    def _follow_keys(self, now: int) -> None:
        """Take over a new key that the old one signed, once everything the old one signed was accepted."""
        for path in sorted(numbered(self.drop / "keys")):
            kept = self.home / "keys" / path.name
            if kept.exists() or self.last().size < int(path.name):
                continue
            try:
                program.need(self.last().size == int(path.name), "a new key was announced for the past")
                kept.parent.mkdir(exist_ok=True)
                _write(kept, path.read_text(encoding="utf-8"))
                self._keys()
            except (program.Differs, ValueError, OSError) as problem:
                kept.unlink(missing_ok=True)
                self._refuse(int(path.name), f"{problem}", now)
                return

    def _pin(self) -> None:
        kept, offered = self.home / "key", self.drop / "key"
        if not kept.exists():
            program.parse_key(offered.read_text(encoding="utf-8"))
            _write(kept, offered.read_text(encoding="utf-8"))

    def _keys(self) -> list[tuple[str, int | None]]:
        return trusted_keys(self.home)

    def _seed(self) -> bytes:
        path = self.home / "witness.key"
        if not path.exists():
            seed = os.urandom(32)
            _write(path, seed.hex(), mode=0o600)
            _write(self.home / "witness.pub", verifier_key(NAME, public_of(seed), COSIGNATURE))
        return bytes.fromhex(path.read_text(encoding="utf-8"))


def _numbered(folder: Path) -> Iterator[tuple[int, Path]]:
    if folder.is_dir():
        yield from ((int(path.name), path) for path in folder.iterdir() if re.fullmatch(r"\d{12}", path.name))


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    partial = path.with_name(path.name + ".part")
    with os.fdopen(
        os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8"
    ) as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(path)


def growth_text(old: int, proof: list[bytes]) -> str:
    """Return the file that carries a consistency proof: the older size, then a hash a line."""
    return "\n".join([str(old), *(b64encode(digest).decode() for digest in proof)]) + "\n"


def read_growth(text: str) -> tuple[int, list[bytes]]:
    """Return the older size and the proof of such a file."""
    old, *proof = text.split()
    return int(old), [b64decode(line, validate=True) for line in proof]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Watch a log grow, and refuse what contradicts it.")
    parser.add_argument("--drop", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--every", type=float, default=5.0)
    parser.add_argument("--once", action="store_true")
    chosen = parser.parse_args(arguments)
    witness = Witness(chosen.drop, chosen.home)
    while True:
        if (chosen.drop / "key").exists():
            for size in witness.look(now=int(time.time())):
                sys.stdout.write(f"accepted {size}\n")
        if refused := witness.refusal():
            sys.stdout.write(f"REFUSED {refused['size']}: {refused['why']}\n")
        sys.stdout.flush()
        if chosen.once:
            return 1 if refused else 0
        time.sleep(60 if refused else chosen.every)


if __name__ == "__main__":
    sys.exit(main())
