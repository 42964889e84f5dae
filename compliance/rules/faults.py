"""What is wrong with a rule's text, where, in words that a page can translate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One fault: file, line, and words with named values. `part` is the part of the rule it stands in."""

    file: str
    line: int
    words: str
    values: Mapping[str, Any] = field(default_factory=dict)
    part: str = ""

    @property
    def message(self) -> str:
        return self.words % self.values if self.values else self.words

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class BookError(ValueError):
    """A rule book that may not be used: every fault, with file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
