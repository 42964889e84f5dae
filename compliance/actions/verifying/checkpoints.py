"""The log against its own checkpoints and against those kept elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from compliance.log.keys import Trusted, open_trusted, trusted_keys
from compliance.log.notes import Stated
from compliance.models import Checkpoint
from compliance.selectors.log import own_keys, published_key
from compliance.verify.verify import Differs

from .check import Check

OUTSIDE_CHECKPOINTS = 5_000


def check_checkpoints(check: Check, kept: list[Stated]) -> None:
    """Compare the log with every checkpoint in the database, and with those kept outside."""
    keys = own_keys()
    for checkpoint in Checkpoint.objects.order_by("size").iterator():
        said = f"checkpoint {checkpoint.size} differs from the log"
        try:
            stated = Stated(*open_trusted(checkpoint.note, keys))
        except Differs:
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
        try:
            keys = trusted_keys(place)
        except (Differs, ValueError) as problem:
            check.differs(
                "key", "key", place, f"the keys kept at {place} do not follow one another: {problem}"
            )
            continue
        if keys[-1][0] != published_key() and keys[-1][0] not in [key for key, _last in own_keys()]:
            check.differs("key", "key", place, f"the signing key differs from the one kept at {place}")
        names = sorted(
            path for path in (place / "checkpoints").iterdir() if re.fullmatch(r"\d{12}", path.name)
        )
        stated += opened(
            check, [path.read_text(encoding="utf-8") for path in names[-OUTSIDE_CHECKPOINTS:]], keys
        )
    return stated


def opened(check: Check, notes: list[str], keys: Trusted = ()) -> list[Stated]:
    stated = []
    for note in notes:
        try:
            stated.append(Stated(*open_trusted(note, keys or own_keys())))
        except Differs as problem:
            check.differs(
                "outside", "checkpoint", note.split("\n")[1:2], f"a checkpoint kept elsewhere: {problem}"
            )
    return stated
