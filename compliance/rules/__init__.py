"""Pure judgements of the kernel: the rule book, what may not be stored, and what names a person."""

from .guard import CellScan, Finding, categories_of, scan_header, scan_text
from .naming import masked, names_about, names_everywhere

__all__ = [
    "CellScan",
    "Finding",
    "categories_of",
    "masked",
    "names_about",
    "names_everywhere",
    "scan_header",
    "scan_text",
]
