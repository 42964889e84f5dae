"""The log against its own checkpoints and against those kept elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from compliance.log.notes import NoteRefused, Stated, open_checkpoint
from compliance.models import Checkpoint
from compliance.selectors.log import published_key

from .check import Check

OUTSIDE_CHECKPOINTS = 5_000


def check_checkpoints(check: Check, kept: list[Stated]) -> None:
    """Compare the log with every checkpoint in the database, and with those kept outside."""
    key = published_key()
    for checkpoint in Checkpoint.objects.order_by("size").iterator():
        said = f"checkpoint {checkpoint.size} differs from the log"
        try:
            stated = open_checkpoint(checkpoint.note, key)
        except NoteRefused:
            check.differs("changed", "compliance_checkpoint", checkpoint.pk, f"{said}: its signature does not fit",
                          fields=["note"])  # fmt: skip
            continue
        if (stated.size, stated.root) != (checkpoint.size, bytes(checkpoint.root)):
            check.differs("changed", "compliance_checkpoint", checkpoint.pk, f"{said}: row and note differ",
                          fields=["size" if stated.size != checkpoint.size else "root"])  # fmt: skip
        elif check.roots.get(checkpoint.size) != stated.root:
            check.differs("rewritten", "compliance_ledgerleaf", checkpoint.size, said)
    good = 0
    for stated in sorted(kept, key=lambda one: one.size):
        if stated.size > check.size:
            check.differs(
                "truncated",
                "compliance_ledgerentry",
                check.size,
                f"the log has {check.size} entries; a checkpoint kept elsewhere has {stated.size}: "
                "entries were removed, or an older backup was restored",
            )
        elif stated.size and check.roots.get(stated.size) != stated.root:
            check.differs(
                "rewritten",
                "compliance_ledgerentry",
                stated.size,
                f"entries {good} to {stated.size - 1} are not those that a checkpoint kept elsewhere was signed for",
            )
        else:
            good = stated.size


def outside_checkpoints(check: Check) -> list[Stated]:
    """Read what was dropped at the configured places, under the key that was left there first."""
    stated: list[Stated] = []
    for place in map(Path, [*settings.LEDGER_ANCHOR_DIRS, settings.LEDGER_WITNESS_DIR]):
        if not (place / "key").exists():
            continue
        key = (place / "key").read_text(encoding="utf-8").strip()
        if key != published_key():
            check.differs("key", "key", place, f"the signing key differs from the one kept at {place}")
        names = sorted(
            path for path in (place / "checkpoints").iterdir() if re.fullmatch(r"\d{12}", path.name)
        )
        stated += opened(
            check, [path.read_text(encoding="utf-8") for path in names[-OUTSIDE_CHECKPOINTS:]], key
        )
    return stated


def opened(check: Check, notes: list[str], key: str = "") -> list[Stated]:
    stated = []
    for note in notes:
        try:
            stated.append(open_checkpoint(note, key or published_key()))
        except NoteRefused as problem:
            check.differs(
                "outside", "checkpoint", note.split("\n")[1:2], f"a checkpoint kept elsewhere: {problem}"
            )
    return stated
