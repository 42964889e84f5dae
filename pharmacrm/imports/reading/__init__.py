"""Read spreadsheets of any make into rows of text."""

from .beside import Beside, words_beside
from .files import formulas_of, open_table, other_sheets_of, rows_of
from .headers import Header, find_header, guess_mapping
from .tables import FileNotReadable, Table

__all__ = [
    "Beside",
    "FileNotReadable",
    "Header",
    "Table",
    "find_header",
    "formulas_of",
    "guess_mapping",
    "open_table",
    "other_sheets_of",
    "rows_of",
    "words_beside",
]
