"""Change the live book: adopt the shipped edition, change a company figure by two signatures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from compliance import permissions, selectors
from compliance.choices import ParameterState, RuleState
from compliance.evaluate import example_fails, shipped_book, stops
from compliance.models import Parameter, RulePack, RuleVersion, StoredVerdict
from compliance.rules.book import EVERYWHERE, DatedParameter, Rule
from compliance.rules.expressions import ExpressionError, type_of_value
from pharmacrm.common.errors import DomainError

from .recording import record
from .signing import SignatureProof, sign

ADVISORY_LOCK = 0x5255_4C45  # "RULE": one writer of packs at a time
DRY_RUN_DAYS = 365
DRY_RUN_LIST = 200


class BookAlreadyAdopted(DomainError):
    """A rule pack stands already; an upgrade offers drafts and never replaces it."""

    code = "book_already_adopted"


class BookHasFaults(DomainError):
    """An example of the edition does not come out as it says; nothing was adopted."""

    code = "book_has_faults"


class ParameterNotChanged(DomainError):
    """The figure stays as it is."""

    code = "parameter_not_changed"


@transaction.atomic
def adopt_shipped_book(*, by: Any, at: datetime, adopt_policies: bool = False) -> RulePack:
    """Make the shipped edition pack 1. `adopt_policies` adopts the company policies too, whose sources nobody read.

    Raises: BookAlreadyAdopted; BookHasFaults. Nothing has changed.
    Source: regulations reference, confidence marks; 21 CFR 11.10(k), control of system documents.
    """
    _lock()
    if RulePack.objects.exists():
        raise BookAlreadyAdopted(_("A rule pack stands already."))
    rules = shipped_book().rules
    wrong = [f"{rule.id} #{n}" for rule in rules for n in range(len(rule.examples)) if example_fails(rule, n)]
    if wrong:
        raise BookHasFaults(", ".join(wrong))
    versions = bulk_create_with_history(_versions(rules, by), RuleVersion, default_user=_person(by))
    if adopt_policies:
        bulk_create_with_history(
            [
                Parameter(
                    rule=rule.id,
                    name="adopted",
                    value=True,
                    valid_from=date.fromisoformat(rule.valid_from),
                    state=ParameterState.LIVE,
                    reason="Adopted with the shipped edition",
                    drafted_by=_person(by),
                )
                for rule in rules
                if rule.is_policy
            ],
            Parameter,
            default_user=_person(by),
        )
    pack = _next_pack(by=by, at=at, reason="Shipped edition", versions=versions)
    record("compliance.book_adopted", subject=f"rulepack:{pack.key}", by=by, at=at, rows=[pack, *versions])
    return pack


@transaction.atomic
def draft_parameter(
    *, rule: str, name: str, value: Any, valid_from: date, reason: str, by: Any, at: datetime
) -> Parameter:
    """Draft a company figure, with a dry run over the last year beside it. It judges nothing yet.

    Raises: PermissionDenied; ParameterNotChanged for an unknown figure, another type, or a day that has begun.
    """
    if not permissions.can_change_rules(by):
        raise PermissionDenied
    today = localtime(at).date()
    known = _rule(rule, today, at)
    figures = selectors.live_book(at).figures_on(known, today.isoformat())
    if name not in figures:
        raise ParameterNotChanged(_("The rule has no such figure."), field="name")
    try:
        same_type = type_of_value(value) == type_of_value(figures[name])
    except ExpressionError:
        same_type = False
    if not same_type:
        raise ParameterNotChanged(
            _("The new value has to be of the same kind as the old one."), field="value"
        )
    if value == figures[name]:
        raise ParameterNotChanged(_("This is the value in force."), field="value")
    if valid_from < today:
        raise ParameterNotChanged(_("A figure cannot change for days that are past."), field="valid_from")
    if not reason.strip():
        raise ParameterNotChanged(_("Please give the reason."), field="reason")
    draft = Parameter.objects.create(
        rule=rule,
        name=name,
        value=value,
        valid_from=valid_from,
        reason=reason.strip(),
        drafted_by=by,
        dry_run=dry_run_parameter(known, name, value, at=at),
    )
    record(
        "compliance.parameter_drafted",
        subject=f"rule:{rule}",
        by=by,
        at=at,
        reason=draft.reason,
        rows=[draft],
    )
    return draft


def dry_run_parameter(rule: Rule, name: str, value: Any, *, at: datetime) -> dict[str, Any]:
    """Judge the last year's stored facts by the rule with another figure, and the rule's examples.

    Returns: counts of acts newly stopped, newly allowed and unchanged, the first of those that change, and the
    examples that would come out otherwise.
    Cost: one pass over the stored verdicts of the rule's points.
    """
    counts = {"stopped": 0, "allowed": 0, "same": 0}
    changed: list[dict[str, str]] = []
    since = at - timedelta(days=DRY_RUN_DAYS)
    figures = selectors.live_book(at).figures_on(rule, localtime(at).date().isoformat())
    both = [figures, {**figures, name: value}]
    for pk, subject, body in _judged_by(rule, since).iterator(chunk_size=2000):
        day, held = body.get("on") or since.date().isoformat(), body.get("held", ())
        before, after = stops(rule, body["point"], body["facts"], on=day, held=held, figures=both)
        outcome = "same" if before == after else ("stopped" if after else "allowed")
        counts[outcome] += 1
        if outcome != "same" and len(changed) < DRY_RUN_LIST:
            changed.append({"verdict": str(pk), "subject": subject, "outcome": outcome})
    examples = [
        number
        for number in range(len(rule.examples))
        if example_fails(replace(rule, parameters={**rule.parameters, name: value}), number)
    ]
    return {**counts, "changed": changed, "examples": examples}


@transaction.atomic
def sign_parameter(*, parameter_id: UUID, proof: SignatureProof, by: Any, at: datetime) -> Parameter:
    """Sign a drafted figure electronically. The second signature puts it in force from its day, in a new pack.

    Raises: PermissionDenied; ParameterNotChanged if the author or the first signer signs again, it is no draft, or its
    day is past; what `sign` raises when the proof does not hold. In every case nothing has changed.
    Source: 21 CFR 11.10(k), 11.50, 11.70.
    """
    _lock()
    draft = Parameter.objects.select_for_update(of=("self",)).get(pk=parameter_id)
    if not permissions.can_change_rules(by):
        raise PermissionDenied
    if draft.state != ParameterState.DRAFT:
        raise ParameterNotChanged(_("This figure was decided already."))
    if by.pk == draft.drafted_by_id:
        raise ParameterNotChanged(_("The author does not sign their own draft."))
    if by.pk == draft.first_signed_by_id:
        raise ParameterNotChanged(_("The second signature comes from another person."))
    if draft.valid_from < localtime(at).date():
        raise ParameterNotChanged(_("The day it was to hold from is past. Draft it again."))
    signature = sign(
        subject=f"rule:{draft.rule}",
        content_sha256=content_of_parameter(draft),
        meaning="compliance.figure_approved",
        by=by,
        at=at,
        proof=proof,
    )
    if draft.first_signed_by_id is None:
        draft.first_signed_by, draft.first_signed_at = by, at
        draft.save()
        record(
            "compliance.parameter_signed", subject=f"rule:{draft.rule}", by=by, at=at, rows=[draft, signature]
        )
        return draft
    draft.second_signed_by, draft.second_signed_at, draft.state = by, at, ParameterState.LIVE
    rows: list[Any] = [draft, signature]
    for earlier in Parameter.objects.select_for_update().filter(
        rule=draft.rule, name=draft.name, state=ParameterState.LIVE, valid_until__isnull=True
    ):
        if earlier.valid_from >= draft.valid_from:
            raise ParameterNotChanged(_("A later figure stands already."))
        earlier.valid_until = draft.valid_from
        earlier.save()
        rows.append(earlier)
    draft.save()
    rows.append(_next_pack(by=by, at=at, reason=f"{draft.rule} {draft.name}"))
    record(
        "compliance.parameter_changed",
        subject=f"rule:{draft.rule}",
        by=by,
        at=at,
        reason=draft.reason,
        rows=rows,
    )
    return draft


def content_of_parameter(draft: Parameter) -> str:
    """Return the SHA-256 of what the signers of a figure sign: rule, figure, value, day, reason."""
    content = [draft.rule, draft.name, draft.value, draft.valid_from.isoformat(), draft.reason]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def refuse_parameter(*, parameter_id: UUID, reason: str, by: Any, at: datetime) -> Parameter:
    """Refuse a draft, or withdraw one's own. Raises: PermissionDenied; ParameterNotChanged if it is no draft."""
    draft = Parameter.objects.select_for_update(of=("self",)).get(pk=parameter_id)
    if not permissions.can_change_rules(by):
        raise PermissionDenied
    if draft.state != ParameterState.DRAFT:
        raise ParameterNotChanged(_("This figure was decided already."))
    draft.state = ParameterState.REFUSED
    draft.save()
    record(
        "compliance.parameter_refused",
        subject=f"rule:{draft.rule}",
        by=by,
        at=at,
        reason=reason,
        rows=[draft],
    )
    return draft


def _judged_by(rule: Rule, since: datetime) -> Any:
    """Return the stored verdicts that asked the rule since a moment, oldest first."""
    stored = StoredVerdict.objects.filter(judged_at__gte=since, body__rules__contains=[rule.id])
    if EVERYWHERE not in rule.at:
        stored = stored.filter(point__in=rule.at)
    return stored.order_by("judged_at").values_list("pk", "subject", "body")


def _rule(rule_id: str, on: date, at: datetime) -> Rule:
    for rule in selectors.live_book(at).by_id.get(rule_id, ()):
        if rule.holds_on(on.isoformat()):
            return rule
    raise ParameterNotChanged(_("There is no such rule in force."), field="rule")


def _versions(rules: Sequence[Rule], by: Any) -> list[RuleVersion]:
    made: list[RuleVersion] = []
    for rule in rules:
        made.append(
            RuleVersion(
                rule=rule.id,
                version=1 + sum(one.rule == rule.id for one in made),
                state=RuleState.LIVE,
                scene=rule.scene,
                grade=rule.grade,
                body=rule.body,
                sha256=rule.sha256,
                valid_from=date.fromisoformat(rule.valid_from),
                valid_until=date.fromisoformat(rule.valid_until) if rule.valid_until else None,
                drafted_by=_person(by),
            )
        )
    return made


def _next_pack(
    *, by: Any, at: datetime, reason: str, versions: Sequence[RuleVersion] | None = None
) -> RulePack:
    """Write the pack that judges from now on. Its key names its content, so a cached pack is never stale."""
    last = RulePack.objects.order_by("-number").first()
    live = list(versions or RuleVersion.objects.filter(state=RuleState.LIVE).order_by("rule", "valid_from"))
    figures = [
        asdict(
            DatedParameter(
                figure.rule,
                figure.name,
                figure.value,
                figure.valid_from.isoformat(),
                figure.valid_until.isoformat() if figure.valid_until else "",
            )
        )
        for figure in Parameter.objects.filter(state=ParameterState.LIVE).order_by(
            "rule", "name", "valid_from"
        )
    ]
    content = json.dumps([[version.sha256 for version in live], figures], sort_keys=True, ensure_ascii=False)
    number = (last.number if last else 0) + 1
    pack = RulePack.objects.create(
        number=number,
        key=f"{number}-{hashlib.sha256(content.encode()).hexdigest()[:16]}",
        live_from=at,
        made_by=_person(by),
        reason=reason[:200],
        figures=figures,
    )
    pack.versions.set(live)
    return pack


def _person(by: Any) -> Any:
    return by if getattr(by, "pk", None) else None


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
