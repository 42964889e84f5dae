"""Pure judgements of the kernel: the rule book and what may not be stored."""

from .guard import Finding, categories_of, scan_header, scan_text

__all__ = ["Finding", "categories_of", "scan_header", "scan_text"]
