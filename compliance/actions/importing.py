"""Take an exported ledger over into a database that has none: entries, tree, checkpoints, verdicts, signatures."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, models, transaction

from compliance.actions.recording import record
from compliance.actions.sealing import LOCK, _grow
from compliance.log import merkle
from compliance.log.canonical import leaf_hash, leaf_of, leaf_reason
from compliance.log.exported import OF_RECORDS, Exported, ExportRefused, read_export
from compliance.log.notes import sign_note
from compliance.models import Checkpoint, LedgerEntry, LedgerLeaf, Signature, StoredVerdict, UnsealedEntry
from compliance.selectors.log import StoredTree, imported_mark, published_key, signing_seed
from compliance.selectors.signatures import mac_of

BATCH = 2_000
MODELS: dict[str, type[models.Model]] = {"verdicts": StoredVerdict, "signatures": Signature}


@transaction.atomic
def import_ledger(folder: Path, *, trusted: str, at: datetime, by: Any = None) -> Exported:
    """Take an export over; the log then stands with the same entries, numbers, root and checkpoints, and goes on from there.

    Checks the whole export first, writes it, and compares the root of what stands with the signed one. People unknown
    here are kept as accounts that can never sign in. Row versions are not part of a ledger: the whole check says so by a
    signed mark beside the keys and compares what is there. Raises: ExportRefused, and nothing has changed.
    Source: 21 CFR 11.10 (b), accurate and complete copies.
    """
    exported = read_export(folder, trusted)
    _refuse_unless_empty()
    if exported.keys.split("\n")[-1] != published_key():
        raise ExportRefused(
            Path(settings.KEYS_DIR) / "ledger-signing.key",
            "is another key than the one that signed the export last",
            "Bring back the keys of its installation from the backup first; then import again",
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    for name in OF_RECORDS.values():
        _keep_records(exported, name)
    newcomers = _keep_people(
        exported
    )  # after the records, whose versions need no new entry; constraints wait
    _keep_entries(exported)
    _grow(0, exported.size)
    _keep_checkpoints(exported, at)
    root = merkle.root(exported.size, StoredTree().node)
    if root != exported.root:
        raise ExportRefused(
            folder, "what was written does not lead to the signed root", "Report this as a defect"
        )
    record(
        "compliance.ledger_imported",
        subject=f"checkpoint:{exported.size}",
        by=by,
        at=at,
        reason=f"{exported.size} entries; root {b64encode(root).decode()}",
        rows=newcomers,
    )
    origin = settings.LEDGER_ORIGIN
    word = sign_note(
        f"{origin}\nimported\n{exported.size}\n{b64encode(root).decode()}\n", origin, signing_seed()
    )
    imported_mark().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    imported_mark().write_text(word, encoding="utf-8")
    return exported


def _refuse_unless_empty() -> None:
    if LedgerEntry.objects.exists() or LedgerLeaf.objects.exists() or Checkpoint.objects.exists():
        raise ExportRefused(
            connection.settings_dict["NAME"], "this database has a ledger of its own",
            "Import into a database that was migrated and never used",
        )  # fmt: skip


def _keep_people(exported: Exported) -> list[Any]:
    """Keep an account without password for each person who is not known here."""
    model = get_user_model()
    names = exported.people()
    known = {str(pk) for pk in model.objects.filter(pk__in=list(names)).values_list("pk", flat=True)}
    newcomers = []
    for key, name in sorted(names.items()):
        if key not in known:
            person = model(pk=key, username=f"imported-{key}", display_name=name[:80], is_active=False)
            person.set_unusable_password()
            person.save(force_insert=True)
            newcomers.append(person)
    return newcomers


def _keep_records(exported: Exported, name: str) -> None:
    """Write verdicts or signatures as they stood, and compare each with its digest as this database sees it."""
    table = MODELS[name]._meta.db_table
    for some in _batches(exported.records(name)):
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{table}" SELECT (jsonb_populate_record(NULL::"{table}", one::jsonb)).* '  # noqa: S608
                "FROM unnest(%s) one",
                [some],
            )
            # The entries that come with them claim them, so what the triggers saw needs no other entry.
            cursor.execute("SELECT sha256 FROM compliance_claim_versions() WHERE table_name = %s", [table])
            written = {row[0] for row in cursor.fetchall()}
        if written != {hashlib.sha256(text.encode()).hexdigest() for text in some}:
            raise ExportRefused(
                exported.folder / "more" / f"{name}.jsonl", "is of another version of the product: its columns differ",
                "Import with the version that exported, then upgrade",
            )  # fmt: skip
    if name == "signatures" and any(mac_of(one) != one.mac for one in Signature.objects.iterator()):
        raise ExportRefused(
            Path(settings.KEYS_DIR) / "signatures.key", "does not fit the seal of the signatures",
            "Bring back the keys of the installation that exported from its backup first; then import again",
        )  # fmt: skip


def _keep_entries(exported: Exported) -> None:
    for some in _batches(exported.entries()):
        entries, leaves = [], []
        for number, raw, said in some:
            entry = LedgerEntry(
                **{**said, "at": _moment(said["at"]), "device_at": _moment(said["device_at"])}
            )
            digest, marks = leaf_of({**said, "reason": leaf_reason(entry.reason, entry.reason_sha256)})
            if digest != leaf_hash(raw):
                raise ExportRefused(
                    exported.folder / "tile" / "entries", f"entry {number} is written by other rules than version {said['version']}",
                    "Import with the version that exported, then upgrade",
                )  # fmt: skip
            entries.append(entry)
            leaves.append(LedgerLeaf(number=number, entry_id=entry.pk, leaf_hash=digest, marks=marks))
        LedgerEntry.objects.bulk_create(entries)
        LedgerLeaf.objects.bulk_create(leaves)
    UnsealedEntry.objects.filter(entry_id__in=LedgerLeaf.objects.values("entry_id")).delete()


def _keep_checkpoints(exported: Exported, at: datetime) -> None:
    Checkpoint.objects.bulk_create(
        Checkpoint(size=size, root=root, note=exported.notes[size], signed_at=at)
        for size, root in _roots(exported)
    )


def _roots(exported: Exported) -> Iterator[tuple[int, bytes]]:
    tree = StoredTree()
    for size in sorted(exported.notes):
        yield size, merkle.root(size, tree.node)


def _batches(lines: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(lines)
    while some := list(islice(rest, BATCH)):
        yield some


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
