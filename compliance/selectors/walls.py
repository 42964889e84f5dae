"""The wall around a case, wherever its acts and its parts are read: ledger, receipts, versions, time lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps

from compliance.models import Case, LedgerEntry
from compliance.subjects import is_key, parts_of

from .casework import cases_visible_to
from .history import model_of

# What stands in a case, with the way to the case.
PARTS = {
    "compliance.case": "pk",
    "compliance.caseaction": "case",
    "compliance.casemember": "case",
    "compliance.caseevidence": "case",
    "compliance.measure": "case",
    "compliance.authorityreport": "case",
    "compliance.caseletter": "case",
    "compliance.hotlinereport": "case",
    "compliance.hotlinemessage": "report__case",
    "compliance.privacyincident": "case",
    "compliance.finding": "case",
}
ALSO_CALLED = {"letter": "compliance.caseletter", "incident": "compliance.privacyincident"}
OF_OFFICERS = ("compliance.finding_", "compliance.case_")  # acts that tell of a suspicion


def may_read_versions(user: Any, subject: str) -> bool:
    """Return whether the wall lets a person read a subject's versions and acts; nobody reads a finding about themselves.

    Cost: three queries at most.
    """
    kind, key = parts_of(subject)
    model = model_of(subject)
    label = ALSO_CALLED.get(kind) or (model._meta.label_lower if model else "")
    if label not in PARTS or not is_key(key):
        return True
    case = _cases_of(label, [key]).get(key)
    if label == "compliance.finding":
        about = apps.get_model(label).objects.filter(pk=key).values_list("subject", flat=True).first()
        if about == f"user:{user.pk}":
            return False
    return case is None or cases_visible_to(user).filter(pk=case).exists()


def behind_the_wall(entries: Iterable[LedgerEntry], user: Any) -> set[UUID]:
    """Return which of some entries a person may not read: acts in cases of other teams, and suspicions about themselves.

    Cost: one query for each kind of part that the entries wrote, and one for the cases.
    """
    wanted: dict[str, set[str]] = {}
    of_entry: dict[UUID, list[tuple[str, str]]] = {}
    hidden = set()
    for entry in entries:
        if entry.subject == f"user:{user.pk}" and entry.event.startswith(OF_OFFICERS):
            hidden.add(entry.pk)
        kind, key = parts_of(entry.subject)
        named = [(row["model"].lower(), str(row["pk"])) for row in entry.rows]
        named.append((ALSO_CALLED.get(kind, f"compliance.{kind}"), key))
        parts = [(label, key) for label, key in named if label in PARTS and is_key(key)]
        of_entry[entry.pk] = parts
        for label, part in parts:
            wanted.setdefault(label, set()).add(part)
    cases = {
        (label, key): case
        for label, keys in wanted.items()
        for key, case in _cases_of(label, sorted(keys)).items()
    }
    seen = {
        str(pk)
        for pk in cases_visible_to(user).filter(pk__in=set(cases.values())).values_list("pk", flat=True)
    }
    return hidden | {
        pk
        for pk, parts in of_entry.items()
        if any(cases.get(part) is not None and cases[part] not in seen for part in parts)
    }


def _cases_of(label: str, keys: list[str]) -> dict[str, str]:
    """Return the case of each part, as keys in text; parts outside any case are left out."""
    if label == "compliance.case":
        found = Case.objects.filter(pk__in=keys).values_list("pk", "pk")
    else:
        found = apps.get_model(label).objects.filter(pk__in=keys).values_list("pk", PARTS[label])
    return {str(pk): str(case) for pk, case in found if case}
