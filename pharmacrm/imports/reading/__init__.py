"""Read spreadsheets of any make into rows of text."""

from .files import formulas_of, open_table, rows_of
from .headers import Header, find_header, guess_mapping
from .tables import FileNotReadable, Table

__all__ = [
    "FileNotReadable",
    "Header",
    "Table",
    "find_header",
    "formulas_of",
    "guess_mapping",
    "open_table",
    "rows_of",
]
