"""Rows of the kernel, one module per noun."""

from .ledger import LedgerEntry, StoredVerdict

__all__ = ["LedgerEntry", "StoredVerdict"]
