"""Mask the words that name an erased person wherever free text stands: versions, verdicts, reasons, and plain tables.

Which tables these are is read from the models, so that a new one is reached without being named here. Every version that
changes stands in the act's entry with the hash it had and the hash it has: the whole check then finds nothing it cannot
explain, and takes any other change for what it is. Source: PIPL 47; promise P9.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import orjson
from django.apps import apps
from django.db import connection, models

from compliance.models import LedgerEntry, StoredVerdict
from compliance.rules.naming import names_about, names_everywhere
from compliance.selectors.versions import governed_models, history_model
from compliance.subjects import Leaving, parts_of

# Published or legal text, places and colleagues: what stands there is no record about a doctor.
NOT_ABOUT_DOCTORS = frozenset(
    {
        "accounts.user", "accounts.territory", "compliance.ruleversion", "compliance.rulepack", "compliance.lettertext",
        "compliance.courseversion", "compliance.briberylistentry", "content.reference", "content.label", "content.labelsection",
        "content.materialpage", "doctors.division", "doctors.hospital", "doctors.hospitalalias", "doctors.department",
        "doctors.consentnotice", "doctors.consentpurpose", "imports.importalias", "imports.importmapping",
    }
)  # fmt: skip
OURS = frozenset({"common", "compliance", "imports", "doctors", "content", "activities", "accounts"})
NEVER_MASKED = frozenset(
    {
        "compliance.ledgerentry", "compliance.signature", "compliance.signingfailure", "compliance.checkpoint",
        "compliance.anchor", "compliance.verification", "compliance.tableshape", "compliance.rowintake",
        "compliance.storedverdict", "doctors.doctoridentity", "doctors.doctoridentityversion", "doctors.interaction",
    }
)  # fmt: skip
NO_WORDS = ("sha256", "digest", "subject", "kind", "flow", "signature", "code_hash", "token")
SHORTEST = 40  # a column of fewer characters holds a code
STEPS = 2  # how far a record may stand from the person's own row and still be about the person


def erase_words(leaving: Leaving) -> dict[str, int]:
    """Mask what names the person in all records. Returns: how many versions, reasons and plain rows changed, by place.

    Needs the person's erasure on record. Safe to run twice: what is masked is not found again.
    Cost: one pass over each table with free text; erasures are rare.
    """
    everywhere = names_everywhere(leaving.own_words, leaving.sole_names)
    about = names_about(leaving.own_words, leaving.names)
    if not about:
        return {}
    keys = keys_about(leaving)
    return {
        "record_words": _in_versions(leaving, everywhere, about, keys),
        "reasons": _in_reasons(leaving, everywhere, about, keys),
        "kept_copies": _in_plain_tables(leaving, everywhere, about),
        "reasons_left": _in_leaves(everywhere, about, keys),
    }


def keys_about(leaving: Leaving) -> set[str]:
    """Return the keys of the person's row and of what refers to it by key or by subject. Cost: a query for each relation."""
    key = parts_of(leaving.subject)[1]
    seen, fresh = {key}, {leaving.model.lower(): {key}}
    for _step in range(STEPS):
        fresh = _referring(fresh, seen)
        for keys in fresh.values():
            seen |= keys
    return seen


def _referring(to: dict[str, set[str]], seen: set[str]) -> dict[str, set[str]]:
    """Return by model the rows that refer to given ones and were not seen yet."""
    found: dict[str, set[str]] = defaultdict(set)
    known = sorted({key for keys in to.values() for key in keys})
    for model in governed_models():
        rows = model._default_manager
        label = model._meta.label_lower
        for field in model._meta.concrete_fields:
            wanted = (
                to.get(field.related_model._meta.label_lower)
                if isinstance(field, models.ForeignKey)
                else None
            )
            if wanted:
                found[label] |= {
                    str(pk)
                    for pk in rows.filter(**{f"{field.attname}__in": wanted}).values_list("pk", flat=True)
                }
            elif field.name == "subject" and isinstance(field, models.CharField):
                with connection.cursor() as cursor:
                    cursor.execute(
                        f"SELECT id::text FROM \"{model._meta.db_table}\" WHERE split_part(subject, ':', 2) = ANY(%s)",  # noqa: S608
                        [known],
                    )
                    found[label] |= {row[0] for row in cursor.fetchall()}
    return {label: keys - seen for label, keys in found.items() if keys - seen}


def _in_versions(leaving: Leaving, everywhere: str, about: str, keys: set[str]) -> int:
    count = 0
    tables: list[tuple[type[models.Model], str, type[models.Model]]] = [
        (model, model._meta.db_table, history_model(model)) for model in governed_models()
    ]
    tables.append((StoredVerdict, "", StoredVerdict))
    for model, live, versions in tables:
        columns = sorted({*columns_with_words(model)} & {*columns_with_words(versions)})
        if model._meta.label_lower in NOT_ABOUT_DOCTORS or not columns:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT row_pk, version, before, after, words FROM compliance_erase_words(%s, %s, %s, %s, %s, %s, %s)",
                [leaving.subject, live, versions._meta.db_table, columns, everywhere, about, sorted(keys)],
            )
            changed = cursor.fetchall()
        for pk, version, before, after, words in changed:
            said = {"model": model._meta.label_lower, "pk": pk, "history_id": version}
            leaving.versions.append({**said, "sha256": before, "operation": "destroyed"})
            leaving.versions.append({**said, "sha256": after, "operation": "masked"})
            leaving.away.append({**said, "words": words if isinstance(words, dict) else orjson.loads(words)})
        count += len(changed)
    return count


def _in_reasons(leaving: Leaving, everywhere: str, about: str, keys: set[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id, digest, salt, words FROM compliance_erase_reasons(%s, %s, %s, %s)",
            [leaving.subject, everywhere, about, sorted(keys)],
        )
        gone = cursor.fetchall()
    for entry, digest, salt, words in gone:
        said = {"model": "compliance.ledgerentry", "pk": str(entry), "history_id": None}
        leaving.versions.append({**said, "sha256": digest, "operation": "destroyed"})
        leaving.away.append({**said, "salt": salt, "words": {"reason": words}})
    return len(gone)


def _in_leaves(everywhere: str, about: str, keys: set[str]) -> int:
    """Return how many entries of the first version hold such words in the leaf itself, where nothing can take them out."""
    rows = LedgerEntry.objects.filter(reason_sha256="", reason__iregex=about).values_list("subject", "reason")
    return sum(
        1
        for subject, reason in rows
        if parts_of(subject)[1] in keys or (everywhere and re.search(everywhere, reason, re.IGNORECASE))
    )


def _in_plain_tables(leaving: Leaving, everywhere: str, about: str) -> int:
    """Mask in what is kept beside records and is no record: waiting work, answers, messages, jobs, staged rows."""
    governed = set(governed_models())
    versions = {history_model(model) for model in governed}
    key, count = parts_of(leaving.subject)[1], 0
    for model in apps.get_models():
        label = model._meta.label_lower
        if (
            model in governed | versions
            or label in NEVER_MASKED | NOT_ABOUT_DOCTORS
            or model._meta.app_label not in OURS
        ):
            continue
        columns = columns_with_words(model)
        if columns:
            count += _mask_plain(model, columns, everywhere, about, key)
    return count


def _mask_plain(model: type[models.Model], columns: list[str], everywhere: str, about: str, key: str) -> int:
    said = "concat_ws(chr(1), " + ", ".join(f't."{name}"::text' for name in columns) + ")"
    of_person = f"(t::text LIKE %s AND {said} ~* %s)"
    anyone = f"(%s <> '' AND {said} ~* %s)"
    kinds = {
        field.column: "jsonb" if isinstance(field, models.JSONField) else "text"
        for field in model._meta.concrete_fields
    }
    masks = ", ".join(
        f"\"{name}\" = regexp_replace(t.\"{name}\"::text, CASE WHEN t::text LIKE %s THEN %s ELSE %s END, '□', 'gi')::{kinds[name]}"
        for name in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" t SET {masks} WHERE {anyone} OR {of_person}',  # noqa: S608 - names from models
            [
                *[f"%{key}%", about, everywhere or about] * len(columns),
                everywhere,
                everywhere,
                f"%{key}%",
                about,
            ],
        )
        return int(cursor.rowcount)


def columns_with_words(model: type[models.Model]) -> list[str]:
    """Return the columns in which people may write."""
    return [
        field.column
        for field in model._meta.concrete_fields
        if _may_hold_words(field) and not any(field.column.endswith(end) for end in NO_WORDS)
    ]


def _may_hold_words(field: Any) -> bool:
    if getattr(field, "generated", False):
        return False
    if isinstance(field, (models.TextField, models.JSONField)):
        return True
    long_enough = isinstance(field, models.CharField) and (field.max_length or SHORTEST) >= SHORTEST
    return long_enough and not field.choices and not field.primary_key
