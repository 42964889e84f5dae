"""Writes of the import engine: upload, map, check, correct, commit, undo."""

from .checking import MappingNotComplete, check_rows, correct_cell, set_mapping
from .committing import ImportNotCommitted, commit_import, write_rows
from .deciding import decide_meaning
from .fixing import fix_everywhere
from .undoing import ImportNotUndone, undo_import, undo_rows
from .uploading import FileRefused, UnknownKind, upload_file

__all__ = [
    "FileRefused",
    "ImportNotCommitted",
    "ImportNotUndone",
    "MappingNotComplete",
    "UnknownKind",
    "check_rows",
    "commit_import",
    "correct_cell",
    "decide_meaning",
    "fix_everywhere",
    "set_mapping",
    "undo_import",
    "undo_rows",
    "upload_file",
    "write_rows",
]
