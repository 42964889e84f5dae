"""The sealed log: its tree, its checkpoints, its proofs, its health."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import Max

from compliance.log import merkle
from compliance.log.canonical import FIELDS, canonical_bytes, leaf_reason
from compliance.log.keys import trusted_keys, words_of
from compliance.log.notes import public_of, verifier_key
from compliance.models import Anchor, Checkpoint, LedgerEntry, LedgerLeaf, TreeNode, Verification
from compliance.selectors.versions import canonical_rows, texts_of
from compliance.verify.verify import open_note
from pharmacrm.common.choices import JobState
from pharmacrm.common.crypto import present_key
from pharmacrm.common.models import Job

AS_TEXT = {  # what psycopg would make objects of, as `canonical` writes it
    **dict.fromkeys(("id", "actor_id", "verdict_id", "actor_roles", "rows"), "e.{0}::text"),
    **dict.fromkeys(
        ("at", "device_at"), "to_char(e.{0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    ),
}
ENTRY_COLUMNS = ", ".join(
    f"{AS_TEXT.get(name, 'e.{0}').format(name)} AS {name}" for name in (*FIELDS, "reason_sha256")
)
WITNESS = "witness"
RECEIPT_FORMAT = "pharmacrm-receipt-1"
SHOWN_RECORDS = 100
READ_AT_ONCE = 200


class NotSealedYet(LookupError):
    """The entry waits for its leaf number or for the next checkpoint."""


@dataclass(frozen=True)
class LedgerHealth:
    """How far the log is behind: seconds, None where nothing was ever done."""

    unsealed: int
    unsealed_age_seconds: int
    last_checkpoint_at: datetime | None
    last_checkpoint_size: int
    last_anchor_at: datetime | None
    anchored_places: int
    last_witness_at: datetime | None = None
    witnessed_size: int = 0
    witness_refuses: bool = False


class StoredTree:
    """Reads subtree roots from the leaves and the kept tiles; one query for each tile of 256."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def node(self, level: int, index: int) -> bytes:
        """Return the root of the full subtree of 2^level leaves at `index`."""
        tile_level, above = divmod(level, merkle.TILE_HEIGHT)
        first = index << above
        tile = self._tile(tile_level, first // merkle.TILE_WIDTH)
        start = first % merkle.TILE_WIDTH
        return merkle.full_root(tile[start : start + (1 << above)])

    def _tile(self, level: int, number: int) -> list[bytes]:
        if (level, number) not in self._tiles:
            low, high = number * merkle.TILE_WIDTH, (number + 1) * merkle.TILE_WIDTH
            if level == 0:
                leaves = LedgerLeaf.objects.filter(number__gte=low, number__lt=high).order_by("number")
                hashes = list(leaves.values_list("leaf_hash", flat=True))
            else:
                nodes = TreeNode.objects.filter(level=level, index__gte=low, index__lt=high).order_by("index")
                hashes = list(nodes.values_list("node_hash", flat=True))
            self._tiles[level, number] = [bytes(digest) for digest in hashes]
        return self._tiles[level, number]


def log_size() -> int:
    """Return how many entries are sealed."""
    last = LedgerLeaf.objects.aggregate(last=Max("number"))["last"]
    return 0 if last is None else last + 1


def latest_checkpoint() -> Checkpoint | None:
    """Return the newest checkpoint."""
    return Checkpoint.objects.order_by("-size").first()


def signing_seed() -> bytes:
    """Return the private key that signs checkpoints now."""
    return present_key("ledger-signing")


def published_key() -> str:
    """Return the key that new checkpoints are verified with: name+id+base64."""
    return verifier_key(settings.LEDGER_ORIGIN, public_of(signing_seed()))


def key_folder() -> Path:
    """Return the folder that holds the first key and the signed words of those that followed it."""
    return Path(settings.KEYS_DIR) / "ledger-keys"


def imported_mark() -> Path:
    """Return where the signed word lies that says how much of this log was imported."""
    return key_folder() / "imported"


def imported_log() -> tuple[int, bytes]:
    """Return size and root of the part of this log that was imported; (0, b"") where none was. Raises: Differs."""
    if not imported_mark().exists():
        return 0, b""
    keys = "\n".join(key for key, _last in own_keys())
    lines = open_note(imported_mark().read_text(encoding="utf-8"), keys)[0].split("\n")
    return int(lines[2]), b64decode(lines[3])


def own_keys() -> list[tuple[str, int | None]]:
    """Return every key that this log was signed with, the present one last."""
    return trusted_keys(key_folder()) if (key_folder() / "key").exists() else [(published_key(), None)]


def key_words() -> dict[str, str]:
    """Return the signed words by which each key of this log named the next; none while there was one key."""
    return words_of(key_folder())


def inclusion_of(
    entry_id: UUID, checkpoint: Checkpoint | None = None
) -> tuple[LedgerLeaf, Checkpoint, list[bytes]]:
    """Return an entry's leaf, the newest checkpoint and the path between them.

    Raises: NotSealedYet. Cost: at most one query for each tile on the path.
    """
    leaf = LedgerLeaf.objects.filter(entry_id=entry_id).first()
    checkpoint = checkpoint or latest_checkpoint()
    if leaf is None or checkpoint is None or leaf.number >= checkpoint.size:
        raise NotSealedYet(str(entry_id))
    return leaf, checkpoint, merkle.inclusion_proof(leaf.number, checkpoint.size, StoredTree().node)


def entry_bytes(entry: LedgerEntry) -> bytes:
    """Return the canonical bytes of an entry as it stands now."""
    values = {name: getattr(entry, name) for name in FIELDS}
    return canonical_bytes({**values, "reason": leaf_reason(entry.reason, entry.reason_sha256)})


def receipt_of(entry: LedgerEntry) -> dict[str, Any]:
    """Return a receipt: entry, path, checkpoint, and the canonical JSON of each row version. Raises: NotSealedYet."""
    leaf, checkpoint, proof = inclusion_of(entry.pk)
    return _receipt(entry, leaf.number, proof, checkpoint, canonical_rows(entry.rows[:SHOWN_RECORDS]))


def receipt_of_row(entry: LedgerEntry, model: str, pk: str) -> dict[str, Any]:
    """Return the receipt of one row of an entry, for whoever may read that row: the others are there by their hash alone.

    Raises: NotSealedYet.
    """
    leaf, checkpoint, proof = inclusion_of(entry.pk)
    rows = [row for row in entry.rows if (row["model"], row["pk"]) == (model, pk)]
    return {**_receipt(entry, leaf.number, proof, checkpoint, canonical_rows(rows)), "reason": []}


def receipts_of(
    entries: Sequence[LedgerEntry],
    checkpoint: Checkpoint,
    wanted: Callable[[LedgerEntry], list[dict[str, Any]]],
) -> Iterator[dict[str, Any]]:
    """Yield the receipts of entries under one checkpoint, each with the row versions that `wanted` chooses of it.

    Raises: NotSealedYet. Cost: a query for each tile, not for each entry; two hundred entries at a time.
    """
    tree = StoredTree()
    for start in range(0, len(entries), READ_AT_ONCE):
        some = entries[start : start + READ_AT_ONCE]
        chosen = {entry.pk: wanted(entry) for entry in some}
        texts = texts_of(row for rows in chosen.values() for row in rows)
        leaves = LedgerLeaf.objects.filter(entry_id__in=list(chosen))
        numbers = dict(leaves.values_list("entry_id", "number"))
        for entry in some:
            if numbers.get(entry.pk, checkpoint.size) >= checkpoint.size:
                raise NotSealedYet(str(entry.pk))
            proof = merkle.inclusion_proof(numbers[entry.pk], checkpoint.size, tree.node)
            records = [texts[row["sha256"]] for row in chosen[entry.pk] if row["sha256"] in texts]
            yield _receipt(entry, numbers[entry.pk], proof, checkpoint, records)


def _receipt(
    entry: LedgerEntry, number: int, proof: list[bytes], checkpoint: Checkpoint, records: list[str]
) -> dict[str, Any]:
    return {
        "format": RECEIPT_FORMAT,
        "entry": entry_bytes(entry).decode(),
        "index": number,
        "proof": [b64encode(digest).decode() for digest in proof],
        "checkpoint": checkpoint.note,
        "key": published_key(),
        "keys": key_words(),
        "rows": entry.rows,
        "records": records,
        "reason": [entry.reason_salt, entry.reason] if entry.reason and entry.reason_sha256 else [],
    }


def ledger_health(at: datetime) -> LedgerHealth:
    """Return how far sealing and anchoring are behind. Cost: three queries by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(e.at) FROM compliance_unsealedentry u JOIN compliance_ledgerentry e ON e.id = u.entry_id"
        )
        unsealed, oldest = cursor.fetchone()
    checkpoint = latest_checkpoint()
    good = Anchor.objects.filter(error="")
    last_anchor = good.order_by("-anchored_at").values_list("anchored_at", flat=True).first()
    witnessed = good.filter(place=WITNESS).select_related("checkpoint").order_by("-checkpoint__size").first()
    places = good.filter(checkpoint=checkpoint).count() if checkpoint else 0
    return LedgerHealth(
        unsealed=unsealed,
        unsealed_age_seconds=max(0, int((at - oldest).total_seconds())) if oldest else 0,
        last_checkpoint_at=checkpoint.signed_at if checkpoint else None,
        last_checkpoint_size=checkpoint.size if checkpoint else 0,
        last_anchor_at=last_anchor,
        anchored_places=places,
        last_witness_at=witnessed.anchored_at if witnessed else None,
        witnessed_size=witnessed.checkpoint.size if witnessed else 0,
        witness_refuses=(Path(settings.LEDGER_WITNESS_DIR) / "refused.json").exists(),
    )


def last_verification() -> Verification | None:
    """Return the newest run of the whole check."""
    return Verification.objects.order_by("-started_at").first()


def running_check() -> Job | None:
    """Return the newest job that checks the whole record, while it is not over."""
    open_states = [JobState.WAITING, JobState.RUNNING]
    return Job.objects.filter(kind="verify_ledger", state__in=open_states).order_by("-created_at").first()


def as_values(row: Sequence[Any]) -> dict[str, Any]:
    """Turn a row of ENTRY_COLUMNS into what `canonical_bytes` takes; keys and moments stay the text they already are."""
    *fields, digest = row
    values = dict(zip(FIELDS, fields, strict=True))
    values["reason"] = leaf_reason(values["reason"], digest)
    values["actor_roles"] = orjson.loads(values["actor_roles"])
    values["rows"] = orjson.loads(values["rows"])
    return values
