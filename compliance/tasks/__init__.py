"""Work of the kernel that runs by itself."""

from .inspection import forget_pack_file, make_pack, remove_packs, review_trail
from .ledger import anchor_checkpoint, hear_witness, seal_ledger, verify_ledger
from .retention import run_retention
from .rulebook import dry_run, put_to_approval, tell_waivers_of_month
from .training import mind_filings, mind_training

SCHEDULES = {
    "compliance.seal_ledger": 5,
    "compliance.tell_waivers_of_month": "0 7 1 * *",
    "compliance.hear_witness": 60,
    "compliance.verify_ledger": "0 3 * * *",
    "compliance.remove_packs": "30 2 * * *",
    "compliance.review_trail": "0 4 * * *",
    "compliance.mind_training": "15 0 * * *",
    "compliance.mind_filings": "20 0 * * *",
}

__all__ = [
    "SCHEDULES",
    "anchor_checkpoint",
    "dry_run",
    "forget_pack_file",
    "hear_witness",
    "make_pack",
    "mind_filings",
    "mind_training",
    "put_to_approval",
    "remove_packs",
    "review_trail",
    "run_retention",
    "seal_ledger",
    "tell_waivers_of_month",
    "verify_ledger",
]
