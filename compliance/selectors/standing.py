"""Whether a signature still stands under what it was given for; and which decision took words out of that since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from compliance.models import ApprovalStep, Case, Hold, MonitoringPlan, Signature, TrailReview
from compliance.selectors.signatures import is_untouched, is_valid
from compliance.selectors.versions import latest_versions
from compliance.subjects import parts_of

# Kinds of subjects whose own words are signed, with the rows that belong to them.
PARTS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "case": (Case, ("findings", "measures", "reports")),
    "hold": (Hold, ()),
    "monitoring": (MonitoringPlan, ("items",)),
    "trail_review": (TrailReview, ("items",)),
}


@dataclass(frozen=True)
class ErasedWords:
    """The act that took words out of a record, by its own reason, which names the decision."""

    entry: UUID
    leaf: int | None
    at: datetime
    decision: str


@dataclass(frozen=True)
class Standing:
    """valid: it stands under this content. erased: under words that a decision took out since. changed: neither."""

    state: str
    erased: ErasedWords | None = None


def standing_of(signature: Signature, content_sha256: str, rows: Sequence[models.Model]) -> Standing:
    """Return how a signature stands under content as it is now, kept in `rows`.

    Erased is said only where each row is the version that was there at the signing, or the very one that a recorded
    decision left of it: any other change, also one beside an erasure, voids the signature. Source: 21 CFR 11.70; PIPL 47.
    """
    if not is_untouched(signature):
        return Standing("changed")
    if is_valid(signature, content_sha256):
        return Standing("valid")
    claims = _claims({str(row.pk) for row in rows})
    masks = [one for one in claims if one.is_mask and one.act.at >= signature.signed_at]
    known = {
        (one.pk, one.version, one.sha256)
        for one in claims
        if one in masks or (not one.is_mask and one.act.at <= signature.signed_at)
    }
    if not masks or not all(_is_one_of(row, known) for row in rows):
        return Standing("changed")
    return Standing("erased", masks[0].act)


def signed_rows(record: models.Model) -> list[models.Model]:
    """Return a record whose words are signed, with the rows that belong to it. Cost: a query for each kind of them."""
    names = next(names for model, names in PARTS.values() if isinstance(record, model))
    return [record, *(row for name in names for row in getattr(record, name).all())]


def erased_since(signatures: Iterable[Signature]) -> dict[str, ErasedWords]:
    """Return by signature the first act that took words out of the record it stands under. Cost: a query for each kind."""
    records = _records_of(list(signatures))
    found: dict[str, ErasedWords] = {}
    known = {key for _since, keys in records.values() for key in keys}
    masks = [one for one in _claims(known) if one.is_mask]
    for pk, (since, keys) in records.items():
        later = [one.act for one in masks if one.pk in keys and one.act.at >= since]
        if later:
            found[pk] = later[0]
    return found


def _records_of(signatures: list[Signature]) -> dict[str, tuple[datetime, set[str]]]:
    """Return by signature since when, and the keys of the rows whose words it stands under."""
    found: dict[str, tuple[datetime, set[str]]] = {}
    by_kind: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in signatures:
        kind, key = parts_of(one.subject)
        found[str(one.pk)] = (one.signed_at, {key} if kind in PARTS else set())
        if kind in PARTS:
            by_kind[kind][key].append(str(one.pk))
    for kind, wanted in by_kind.items():
        model, names = PARTS[kind]
        for name in names:
            relation = model._meta.get_field(name)
            column = relation.field.attname  # type: ignore[union-attr]
            rows = relation.related_model._default_manager.filter(**{f"{column}__in": list(wanted)})  # type: ignore[union-attr]
            for pk, of in rows.values_list("pk", column):
                for signature in wanted[str(of)]:
                    found[signature][1].add(str(pk))
    steps = ApprovalStep.objects.filter(signature__in=list(found)).values_list(
        "signature_id", "request_id", "request__payload"
    )
    for (
        signature_id,
        request_id,
        payload,
    ) in steps:  # a figure is signed with its reason, any other by what is asked
        found[str(signature_id)][1].add(str(payload.get("parameter", request_id)))
    return found


@dataclass(frozen=True)
class _Claim:
    """What an act committed to: a version of a row, as it was written or as a mask left it."""

    pk: str
    version: str
    sha256: str
    is_mask: bool
    act: ErasedWords


def _claims(keys: set[str]) -> list[_Claim]:
    """Return what recorded acts say of the versions of rows, oldest first. Cost: one query by index."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r ->> 'pk', r ->> 'history_id', r ->> 'sha256', coalesce(r ->> 'operation', ''), "
            "e.id, l.number, e.at, e.reason FROM compliance_ledgerentry e "
            "CROSS JOIN LATERAL jsonb_array_elements(e.rows) r LEFT JOIN compliance_ledgerleaf l ON l.entry_id = e.id "
            "WHERE jsonb_path_query_array(e.rows, '$[*].pk') ?| %s AND r ->> 'pk' = ANY(%s) "
            "AND coalesce(r ->> 'operation', '') <> 'destroyed' ORDER BY e.at, e.id",
            [sorted(keys), sorted(keys)],
        )
        return [
            _Claim(pk, version, sha256, operation == "masked", ErasedWords(entry, leaf, at, reason))
            for pk, version, sha256, operation, entry, leaf, at, reason in cursor.fetchall()
        ]


def _is_one_of(row: Any, known: set[tuple[str, str, str]]) -> bool:
    """Return whether a row says what its newest version says, and that version is one of the known."""
    newest = row.history.first()
    if newest is None or any(
        getattr(row, field.attname) != getattr(newest, field.attname) for field in newest.tracked_fields
    ):
        return False
    (latest,) = latest_versions([row])
    return (str(row.pk), str(latest["history_id"]), latest["sha256"]) in known
