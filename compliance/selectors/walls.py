"""The wall around a case, wherever its acts and its parts are read: ledger, receipts, versions, time lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from compliance.models import ApprovalRequest, BriberyCheck, Case, LedgerEntry, Measure
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
ALSO_CALLED = {
    "letter": "compliance.caseletter",
    "incident": "compliance.privacyincident",
    "bribery_check": "compliance.briberycheck",
}
OF_OFFICERS = ("compliance.finding_", "compliance.case_")  # acts that tell of a suspicion
OF_HITS = "compliance.bribery_hit_"  # whose name a list holds does not read how that is decided
CHECK = "compliance.briberycheck"
OF_REQUESTS = {
    "compliance.approvalrequest": "pk",
    "compliance.approvalstep": "steps",
    "compliance.approvalcopy": "copies",
}  # read by who may read what is asked about


def may_read_versions(user: Any, subject: str) -> bool:
    """Return whether the wall lets a person read a subject's versions and acts; nobody reads a finding, or a hit, about themselves.

    Cost: four queries at most.
    """
    kind, key = parts_of(subject)
    model = model_of(subject)
    label = ALSO_CALLED.get(kind) or (model._meta.label_lower if model else "")
    if label in OF_REQUESTS and is_key(key):
        about = ApprovalRequest.objects.filter(**{OF_REQUESTS[label]: key}).values_list("subject", flat=True)
        return all(may_read_versions(user, one) for one in about[:1])
    if label == CHECK and is_key(key):
        return not _hits_about(user, [key])
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

    Cost: one query for each kind of part that the entries wrote, one for the cases, and one for checks of people.
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
        parts = [(label, key) for label, key in named if label in (*PARTS, CHECK) and is_key(key)]
        of_entry[entry.pk] = parts
        for label, part in parts:
            wanted.setdefault(label, set()).add(part)
    own = _hits_about(user, wanted.pop(CHECK, ()))
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
        if any(
            (label == CHECK and key in own) or ((label, key) in cases and cases[label, key] not in seen)
            for label, key in parts
        )
    }


def _hits_about(user: Any, checks: Iterable[str]) -> set[str]:
    """Return which of some checks met a list with the reader's own name."""
    keys = list(checks)
    if not keys:
        return set()
    met = BriberyCheck.objects.filter(pk__in=keys, user=user).exclude(hits=[])
    return {str(pk) for pk in met.values_list("pk", flat=True)}


def _cases_of(label: str, keys: list[str]) -> dict[str, str]:
    """Return the case of each part, as keys in text; parts outside any case are left out."""
    if label == "compliance.case":
        found = Case.objects.filter(pk__in=keys).values_list("pk", "pk")
    else:
        found = apps.get_model(label).objects.filter(pk__in=keys).values_list("pk", PARTS[label])
    return {str(pk): str(case) for pk, case in found if case}


def wall_of_hits(user: Any) -> Q:
    """Return which requests to the approval engine a person may not know of: those about hits with their own name."""
    own = BriberyCheck.objects.filter(user=user)
    return Q(subject__in=own.values_list(Concat(Value("bribery_check:"), Cast("pk", CharField()))))


def wall_of_measures(user: Any) -> Q:
    """Return which requests to the approval engine a person may not know of: those about measures of cases closed to them."""
    open_to_them = Measure.objects.filter(case__in=cases_visible_to(user).values("pk"))
    return ~Q(subject__in=open_to_them.values_list(Concat(Value("measure:"), Cast("pk", CharField()))))
