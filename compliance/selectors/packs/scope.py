"""Which acts belong to a record, a person or a span of days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection, models
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _

from compliance import subjects
from compliance.models import BriberyCheck, Case, Finding, InspectorPack, LedgerEntry
from compliance.selectors.casework import cases_visible_to
from compliance.selectors.history import model_of
from compliance.selectors.versions import governed_models
from pharmacrm.common.errors import DomainError

MOST_ACTS = 10_000
MOST_ROWS = 20_000
STEPS = 2  # a doctor's visit, and the products talked about in it
OF_A_PERSON = ("compliance", "accounts")  # what somebody did is found by who did it; these are about them


class TooMuchForAPack(DomainError):
    """The choice holds more acts than one pack takes; nothing was written."""

    code = "too_much_for_a_pack"


@dataclass(frozen=True)
class Scope:
    """What a pack is about: a subject, days, or both. `until` is the last day."""

    subject: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Evidence:
    """The acts in a scope, oldest first, and the keys of the rows that belong to its subject; none for days alone."""

    entries: list[LedgerEntry]
    keys: frozenset[str]
    walled: int = 0  # acts of cases that the person who asks may not open


def persons_in(scope: Scope, evidence: Evidence) -> frozenset[UUID]:
    """Return the doctors whom a pack's acts are about: by what was done, and by what their verdicts rested on."""
    named = {scope.subject, *(entry.subject for entry in evidence.entries)}
    for entry in evidence.entries:
        if entry.verdict is not None:
            named.update((entry.verdict.body.get("facts") or {}).get("subjects") or ())
    return frozenset(
        UUID(key) for kind, key in map(subjects.parts_of, named) if kind == "doctor" and subjects.is_key(key)
    )


def evidence_in(scope: Scope, *, seen_by: Any = None) -> Evidence:
    """Return the acts in a scope, less those of cases that `seen_by` may not open; None is the installation's operator.

    Raises: TooMuchForAPack. Cost: a query for each governed model, then four by index.
    """
    rows = _rows_about(scope.subject) if scope.subject else {}
    found = LedgerEntry.objects.select_related("verdict")
    if scope.subject:
        found = found.filter(pk__in=_acts_about(scope.subject, rows))
    if scope.since:
        found = found.filter(at__gte=_midnight(scope.since))
    if scope.until:
        found = found.filter(at__lt=_midnight(scope.until + timedelta(days=1)))
    entries = list(found.order_by("at", "pk")[: MOST_ACTS + 1])
    if len(entries) > MOST_ACTS:
        raise TooMuchForAPack(
            _("One pack takes %(most)d acts. Choose fewer days, or a single record.") % {"most": MOST_ACTS}
        )
    walled = _behind_the_wall(seen_by) if seen_by else set()
    open_ones = [
        entry for entry in entries
        if entry.subject.partition(":")[2] not in walled and not any(row["pk"] in walled for row in entry.rows)
    ]  # fmt: skip
    keys = frozenset(key for pks in rows.values() for key in pks) - walled
    return Evidence(open_ones, keys, walled=len(entries) - len(open_ones))


def _behind_the_wall(user: Any) -> set[str]:
    """Return the keys of cases that a person may not open, of everything in them, and of hits with the person's own name."""
    open_to_them = cases_visible_to(user).values("pk")
    cases = {str(pk) for pk in Case.objects.exclude(pk__in=open_to_them).values_list("pk", flat=True)}
    step: dict[type[models.Model], set[str]] = {Case: cases}
    found = set(cases)
    for _step in range(STEPS):
        step = {
            model: keys for model, keys in _referring(step, of_person=True).items()
            if model is not Finding  # a finding stands in the officers' queue, whoever works its case
        }  # fmt: skip
        found |= {key for keys in step.values() for key in keys}
    own = BriberyCheck.objects.filter(user=user).exclude(hits=[])
    return found | {str(pk) for pk in own.values_list("pk", flat=True)}


def _rows_about(subject: str) -> dict[type[models.Model], set[str]]:
    """Return the keys, by model, of the subject's row, of governed rows that refer to it, and of those that refer to these."""
    model, key = model_of(subject), subject.partition(":")[2]
    found: dict[type[models.Model], set[str]] = defaultdict(set)
    for known, keys in _naming(subject).items():
        found[known] |= keys
    if model is None or not _is_uuid(key):
        return found
    is_person = model is get_user_model()
    step: dict[type[models.Model], set[str]] = {model: {key}}
    found[model].add(key)
    for _step in range(1 if is_person else STEPS):
        step = _referring(step, of_person=is_person)
        for known, keys in step.items():
            found[known] |= keys
        if sum(map(len, found.values())) > MOST_ROWS:
            raise TooMuchForAPack(_("Too many rows belong to this record. Choose a part of it."))
    return found


def _referring(
    step: dict[type[models.Model], set[str]], *, of_person: bool
) -> dict[type[models.Model], set[str]]:
    found: dict[type[models.Model], set[str]] = {}
    for model in governed_models():
        if of_person and model._meta.app_label not in OF_A_PERSON:
            continue
        for field in model._meta.concrete_fields:
            known = step.get(field.related_model) if field.is_relation else None  # type: ignore[call-overload]
            if known:
                rows = model._default_manager.filter(**{f"{field.name}__in": known}).values_list(
                    "pk", flat=True
                )
                found.setdefault(model, set()).update(map(str, rows[: MOST_ROWS + 1]))
    return found


def _naming(subject: str) -> dict[type[models.Model], set[str]]:
    """Return governed rows of the kernel that name the subject as text: holds, cases, findings, waivers, approvals."""
    found = {}
    for model in governed_models():
        columns = {field.name for field in model._meta.concrete_fields}
        if model._meta.app_label == "compliance" and "subject" in columns and model is not InspectorPack:
            rows = model._default_manager.filter(subject=subject).values_list("pk", flat=True)
            found[model] = set(map(str, rows[:MOST_ROWS]))
    return found


def _acts_about(subject: str, rows: dict[type[models.Model], set[str]]) -> list[UUID]:
    kinds = {model_of(f"{kind}:"): kind for kind in subjects.kinds()}
    named = {f"{kinds[model]}:{key}" for model, keys in rows.items() if model in kinds for key in keys}
    sql = [
        "SELECT id FROM compliance_ledgerentry WHERE subject = ANY(%s)",
        "SELECT id FROM compliance_ledgerentry WHERE jsonb_path_query_array(rows, '$[*].pk') ?| %s",
    ]
    values: list[Any] = [sorted(named | {subject}), sorted({key for keys in rows.values() for key in keys})]
    if model_of(subject) is get_user_model():
        sql.append("SELECT id FROM compliance_ledgerentry WHERE actor_id = %s::uuid")
        values.append(subject.partition(":")[2])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM ({' UNION '.join(sql)}) acts LIMIT {MOST_ACTS * 5}", values)  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def _is_uuid(key: str) -> bool:
    try:
        UUID(key)
    except ValueError:
        return False
    return True


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
