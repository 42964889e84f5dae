"""Work of the kernel that runs by itself."""

from .ledger import anchor_checkpoint, seal_ledger, verify_ledger
from .rulebook import dry_run

SCHEDULES = {
    "compliance.seal_ledger": 5,
    "compliance.verify_ledger": "0 3 * * *",
}

__all__ = ["SCHEDULES", "anchor_checkpoint", "dry_run", "seal_ledger", "verify_ledger"]
