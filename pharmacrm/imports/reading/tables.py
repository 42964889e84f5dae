"""An open table, and what to say when a file is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pharmacrm.common.errors import DomainError


class FileNotReadable(DomainError):
    """The file is no table that can be read. Nothing was kept."""

    code = "file_not_readable"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, field="file")
        self.code = code


@dataclass
class Table:
    """A table that was opened: its form, sheet, encoding, separator and merged cells."""

    form: str
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    path: Path = field(default_factory=Path)
    opened: Any = field(default=None, repr=False, compare=False)  # the sheet, parsed once
