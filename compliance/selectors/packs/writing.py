"""Write a pack: pages for people, receipts and texts for the stand-alone verifier, and a manifest over all of them."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import TruncDate
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import localtime

from compliance.log import merkle
from compliance.models import Checkpoint, LedgerEntry
from compliance.selectors.log import StoredTree, key_words, own_keys, published_key, receipts_of
from compliance.selectors.versions import sha256_of
from compliance.verify import verify as program

from .pages import ActLine, RowHistory, Titles, histories, refusals_of
from .rules import RuleText, acts_of_rules, rules_judged
from .scope import Evidence, Scope

FORMAT = "pharmacrm-pack-1"
WHOLE_ACT = 500  # an act that wrote more rows (an import) shows those the pack is about
A_PAGE = 500
NEWEST_CHECKPOINTS = 50
VERDICT, SIGNATURE, RULE = "compliance.storedverdict", "compliance.signature", "compliance.ruleversion"


@dataclass(frozen=True)
class Cover:
    """What the first page says."""

    title: str
    reason: str
    asked_by: str
    made_at: datetime
    language: str


@dataclass(frozen=True)
class Written:
    """How much a pack holds."""

    acts: int
    records: int
    signatures: int
    verdicts: int
    rules: int
    checkpoint_size: int
    persons: frozenset[UUID] = frozenset()  # doctors whom its acts are about


class _Zip:
    """A zip that knows the hash of every file it holds."""

    def __init__(self, target: IO[bytes], made_at: datetime) -> None:
        self._zip = ZipFile(target, "w", ZIP_DEFLATED)
        self._when = localtime(made_at).timetuple()[:6]
        self.hashes: dict[str, str] = {}

    def add(self, name: str, content: bytes | str) -> None:
        raw = content.encode() if isinstance(content, str) else content
        info = ZipInfo(name, date_time=self._when)
        info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
        self._zip.writestr(info, raw)
        self.hashes[name] = hashlib.sha256(raw).hexdigest()

    def close(self) -> None:
        self._zip.close()


def write_pack(
    target: IO[bytes], scope: Scope, evidence: Evidence, checkpoint: Checkpoint, cover: Cover
) -> Written:
    """Write the pack as a zip. Every act in it is sealed under `checkpoint`.

    Raises: NotSealedYet. Cost: a query for each tile, each two hundred acts and each name; memory grows with the acts.
    """
    pack = _Zip(target, cover.made_at)
    bodies = [entry.verdict for entry in evidence.entries if entry.verdict]
    verdicts = [(one.pack, str(one.body.get("on", "")), one.body.get("rules", ())) for one in bodies]
    rules = rules_judged(verdicts)
    of_rules = acts_of_rules(rules)
    keys = evidence.keys | {str(text.version.pk) for text in rules if text.version}
    acts, records = _write_receipts(pack, _together(evidence.entries, of_rules), keys, checkpoint)
    for name, label in (("verdicts", VERDICT), ("signatures", SIGNATURE), ("rules", RULE)):
        pack.add(f"records/{name}.json", _json([text for text, _act in records.get(label, [])]))
    versions = {label: texts for label, texts in records.items() if label not in (VERDICT, SIGNATURE, RULE)}
    pack.add("records/rows.json", _json([text for texts in versions.values() for text, _act in texts]))
    written = Written(
        acts=len(acts),
        records=sum(map(len, records.values())),
        signatures=len(records.get(SIGNATURE, [])),
        verdicts=len(records.get(VERDICT, [])),
        rules=len(rules),
        checkpoint_size=checkpoint.size,
    )
    pack.add("growth.json", _json(_growth(checkpoint)))
    pack.add("checkpoint", checkpoint.note)
    pack.add("key", own_keys()[0][0] + "\n")
    for size, word in key_words().items():
        pack.add(f"keys/{size}", word)
    pack.add("verify.py", Path(program.__file__).read_bytes())
    pack.add("style.css", (Path(__file__).parent / "pack.css").read_bytes())
    with translation.override(cover.language):
        _write_pages(pack, scope, cover, checkpoint, written, acts, records, rules, evidence.walled)
    manifest = {
        "format": FORMAT,
        "about": scope.subject,
        "since": scope.since.isoformat() if scope.since else "",
        "until": scope.until.isoformat() if scope.until else "",
        "made_at": cover.made_at.isoformat(),
        "origin": settings.LEDGER_ORIGIN,
        "checkpoint": checkpoint.size,
        "acts": written.acts,
        "records": written.records,
        "files": pack.hashes.copy(),
    }
    pack.add("manifest.json", _json(manifest))
    pack.close()
    return written


def _together(entries: Sequence[LedgerEntry], more: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    known = {entry.pk for entry in entries}
    return [*entries, *(entry for entry in more if entry.pk not in known)]


def _write_receipts(
    pack: _Zip, entries: Sequence[LedgerEntry], keys: frozenset[str], checkpoint: Checkpoint
) -> tuple[list[ActLine], dict[str, list[tuple[str, ActLine]]]]:
    titles, acts = Titles(), []
    records: dict[str, list[tuple[str, ActLine]]] = defaultdict(list)
    by_id = {str(entry.pk): entry for entry in entries}

    def wanted(entry: LedgerEntry) -> list[dict[str, Any]]:
        if len(entry.rows) <= WHOLE_ACT:
            return list(entry.rows)
        about = [row for row in entry.rows if row["pk"] in keys]
        return about or list(entry.rows[:WHOLE_ACT])

    seen: set[str] = set()
    for receipt in receipts_of(entries, checkpoint, wanted):
        entry = by_id[json.loads(receipt["entry"])["id"]]
        file = f"receipts/{receipt['index']:09d}.json"
        pack.add(file, _json(receipt))
        held = {sha256_of(text): text for text in receipt["records"]}
        left_out = sum(1 for row in entry.rows if row["sha256"]) - len(held)
        act = ActLine(
            receipt["index"], file, entry, titles.of(entry.subject), len(held), max(0, left_out), refusals_of(entry)
        )  # fmt: skip
        acts.append(act)
        for row in entry.rows:
            text = held.get(row["sha256"])
            if text is not None and row["sha256"] not in seen:
                seen.add(row["sha256"])
                records[row["model"]].append((text, act))
    return acts, records


def _growth(checkpoint: Checkpoint) -> dict[str, list[str]]:
    """Return the consistency proofs that join this checkpoint with the last of each day before it, and the newest."""
    earlier = Checkpoint.objects.filter(size__lte=checkpoint.size)
    daily = earlier.annotate(day=TruncDate("signed_at")).values("day").annotate(last=Max("size"))
    sizes = set(daily.values_list("last", flat=True))
    sizes |= set(earlier.order_by("-size").values_list("size", flat=True)[:NEWEST_CHECKPOINTS])
    tree = StoredTree()
    return {
        str(size): [
            b64encode(digest).decode()
            for digest in merkle.consistency_proof(size, checkpoint.size, tree.node)
        ]
        for size in sorted(sizes)
    }


def _write_pages(
    pack: _Zip, scope: Scope, cover: Cover, checkpoint: Checkpoint, written: Written,
    acts: list[ActLine], records: Mapping[str, list[tuple[str, ActLine]]], rules: list[RuleText], walled: int,
) -> None:  # fmt: skip
    history = histories({k: v for k, v in records.items() if k not in (VERDICT, SIGNATURE, RULE)})
    pages = {
        "acts": _pages_of("acts", acts),
        "history": _pages_of("history", _by_size(history)),
    }
    signatures = [(json.loads(text), act) for text, act in records.get(SIGNATURE, [])]
    context = {
        "scope": scope, "cover": cover, "checkpoint": checkpoint, "written": written, "key": published_key(),
        "root": b64encode(bytes(checkpoint.root)).decode(), "pages": pages, "rows": len(history),
        "first": acts[0].entry.at if acts else None, "last": acts[-1].entry.at if acts else None,
        "against": [act for act in acts if act.refusals], "signatures": signatures, "rules": rules, "walled": walled,
    }  # fmt: skip
    for name, lines in [*pages["acts"], *pages["history"]]:
        kind = name.partition("-")[0]
        pack.add(
            name, render_to_string(f"compliance/pack/{kind}.html", context | {"lines": lines, "here": name})
        )
    for name in ("signatures", "verdicts", "rules", "index"):
        pack.add(
            f"{name}.html",
            render_to_string(f"compliance/pack/{name}.html", context | {"here": f"{name}.html"}),
        )


def _pages_of(kind: str, lines: list[Any]) -> list[tuple[str, list[Any]]]:
    starts = range(0, max(1, len(lines)), A_PAGE)
    return [
        (f"{kind}-{number:03d}.html", lines[at : at + A_PAGE]) for number, at in enumerate(starts, start=1)
    ]


def _by_size(history: list[RowHistory]) -> list[RowHistory]:
    """Rows that changed come first; a row with one version says only that it was made."""
    return sorted(history, key=lambda row: (-len(row.versions), row.name, row.key))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
