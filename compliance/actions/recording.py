"""Write the ledger: one entry for each act, in the act's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from compliance.actions.reasons import reason_for
from compliance.actions.words import refuse_words
from compliance.choices import Grade, WatchState
from compliance.evaluate import Verdict
from compliance.log.canonical import VERSION, salted
from compliance.models import LedgerEntry, StoredVerdict, WatchedAct
from compliance.selectors.versions import latest_versions, model_of_table
from pharmacrm.common.errors import Refused
from pharmacrm.common.notifications import notify

# Whose reasons are read by the never-store guard: compliance and reviewers have to name what they found in their own.
GUARDED = frozenset({"accounts", "activities", "api", "doctors", "imports", "portal"})
REASON = "reason"  # the place of such words in an alarm
SAMPLE_BP = 2000  # of 10,000: one in five watched acts is reviewed
ANSWER_WITHIN = timedelta(days=3)


def record(
    event: str,
    *,
    subject: str,
    by: Any,
    at: datetime,
    verdict: Verdict | None = None,
    reason: str = "",
    rows: Iterable[Any] = (),
    device_at: datetime | None = None,
    destroyed: Iterable[dict[str, Any]] = (),
    masked: Iterable[dict[str, Any]] = (),
) -> LedgerEntry:
    """Write the one ledger entry of an act, with its verdict and the row versions it wrote. Call inside the act's transaction.

    The entry claims every append-only row (history, verdict, signature) written in the transaction since the
    last entry, whether `rows` names it or not. `destroyed` are versions that a guarded function just removed, with
    the hash each had: the whole check then tells "erased" from "gone". `masked` are versions out of which words
    were taken, each once as destroyed with the hash it had and once with the hash it has. Cost: three queries, plus one for each model in `rows` whose
    table is not guarded or whose row was not written now; no lock is shared with other writers.
    Raises: Refused when a person's reason holds what may never be stored; the act is undone with it.
    Source: 21 CFR 11.10(e).
    """
    if reason and getattr(by, "pk", None) and event.partition(".")[0] in GUARDED:
        refuse_words(REASON, [reason], subject=subject, by=by, at=at)
    stored = store_verdict(verdict, by=by, at=at) if verdict else None
    drawn = _ask_reasons(verdict, stored, subject=subject, by=by, at=at) if verdict and stored else []
    versions = _claim_written()
    claimed = {(version["model"], version["pk"]) for version in versions}
    listed = [*rows, stored] if stored else list(rows)
    missing = [row for row in listed if (row._meta.label_lower, str(row.pk)) not in claimed]
    versions += latest_versions(missing)
    versions += [{**version, "operation": "destroyed"} for version in destroyed]
    versions += masked
    person = by if getattr(by, "pk", None) else None
    entry = LedgerEntry.objects.create(
        version=VERSION,
        event=event,
        subject=subject,
        actor=person,
        actor_name=str(person) if person else "",
        actor_roles=sorted(person.roles) if person else [],
        at=at,
        device_at=device_at,
        verdict=stored,
        rows=versions,
        **salted(reason),
    )
    for watched in drawn:
        from compliance.actions.watching import (
            put_watched,  # asking writes an entry of its own, by this module
        )

        put_watched(watched, at=at)
    return entry


def store_verdict(verdict: Verdict, *, by: Any, at: datetime) -> StoredVerdict:
    """Keep a verdict as it was given. A verdict already kept is left as it stands."""
    kept = StoredVerdict(
        pk=UUID(verdict.id),
        point=verdict.point,
        subject=verdict.subject,
        pack=verdict.pack,
        allows=verdict.allows,
        breached=verdict.breached,
        body=asdict(verdict),
        judged_at=at,
        judged_by=by if getattr(by, "pk", None) else None,
    )
    StoredVerdict.objects.bulk_create([kept], ignore_conflicts=True)
    return kept


@transaction.atomic
def record_refusal(verdict: Verdict, *, subject: str, by: Any, at: datetime) -> LedgerEntry:
    """Write a refusal, after the refused act rolled back: `<app>.<verb>_refused`."""
    noun, _, verb = verdict.point.partition(".")
    return record(f"{noun}.{verb}_refused", subject=subject, by=by, at=at, verdict=verdict)


def record_refused(refusal: Refused, *, by: Any, at: datetime) -> None:
    """Write a refusal at a door, unless what kept the refused thing apart wrote it in its own transaction."""
    if not refusal.is_recorded:
        record_refusal(refusal.verdict, subject=refusal.verdict.subject, by=by, at=at)


def claim(written: Sequence[tuple[str, str, int | None, str]]) -> list[dict[str, Any]]:
    """Turn row versions as the triggers saw them into what an entry's `rows` says."""
    named = {table: model_of_table(table) or table for table in {one[0] for one in written}}
    return [
        {"model": named[table], "pk": row_pk, "history_id": history_id, "sha256": sha256}
        for table, row_pk, history_id, sha256 in written
    ]


def _ask_reasons(
    verdict: Verdict, stored: StoredVerdict, *, subject: str, by: Any, at: datetime
) -> list[WatchedAct]:
    """Ask the author of an act that went on for the reason of each breach of grade 关注. A refused act needs none.

    A reason that came with the act is kept as the answer; whether the act is sampled does not depend on it.

    Returns: what has its reason and is drawn for review. Cost: one query for each such breach; none for any other act.
    """
    drawn: list[WatchedAct] = []
    watched = [one for one in verdict.advice if one.grade == Grade.WATCH and one.adopted and not one.fault]
    if not watched or not getattr(by, "pk", None) or (verdict.kind == "before" and verdict.breached):
        return drawn
    for refusal in watched:
        if WatchedAct.objects.filter(verdict=stored, rule=refusal.rule).exists():
            continue
        reason = reason_for(refusal.rule)
        row = WatchedAct.objects.create(
            verdict=stored,
            rule=refusal.rule,
            subject=subject,
            asked_of=by,
            asked_at=at,
            due_at=at + ANSWER_WITHIN,
            is_sampled=is_sampled(verdict.id, refusal.rule),
            state=WatchState.ANSWERED if reason else WatchState.ASKED,
            reason=reason,
            answered_at=at if reason else None,
        )
        if reason:
            drawn += [row] if row.is_sampled else []
            continue
        notify(
            recipient=by,
            kind="compliance.reason_asked",
            zh=f"请说明原因：{refusal.message['zh']}（{refusal.rule} 关注）",
            en=f"Please give the reason: {refusal.message['en']} ({refusal.rule}, watched)",
            at=at,
            url=f"/compliance/watched/{row.pk}/",
            subject=f"watched:{row.pk}",
        )
    return drawn


def is_sampled(verdict_id: str, rule: str) -> bool:
    """Return whether a watched act is reviewed: the first 32 bits of SHA-256("verdict:rule"), modulo 10,000, below 2,000.

    Nobody chooses: the verdict's id is drawn before anything is known of the act, and anyone can compute it again.
    """
    first = hashlib.sha256(f"{verdict_id}:{rule}".encode()).digest()[:4]
    return int.from_bytes(first) % 10_000 < SAMPLE_BP


def _claim_written() -> list[dict[str, Any]]:
    """Take what this transaction wrote and no entry has claimed. Cost: one DELETE by index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, row_pk, history_id, sha256 FROM compliance_claim_versions()")
        return claim(cursor.fetchall())
