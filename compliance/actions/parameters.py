"""Change a company figure: draft, dry run, two signatures, in force from a day."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions, selectors
from compliance.choices import ApprovalState, ApprovalVerb, ParameterState
from compliance.evaluate import example_fails
from compliance.flows import Answer, Decision, Signed
from compliance.models import ApprovalRequest, Parameter
from compliance.rules.book import Rule
from compliance.rules.expressions import ExpressionError, type_of_value
from pharmacrm.common.errors import DomainError

from .answering import answer_approval
from .dry_runs import Reading, dry_run, try_or_queue
from .packs import lock_packs, next_pack
from .recording import record
from .signing import SignatureProof
from .two_signatures import put_draft, refuse_draft

FLOW = "compliance.figure"  # registered in apps.py


class ParameterNotChanged(DomainError):
    """The figure stays as it is."""

    code = "parameter_not_changed"


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
    draft = Parameter(
        rule=rule, name=name, value=value, valid_from=valid_from, reason=reason.strip(), drafted_by=by
    )
    draft.dry_run = try_or_queue(draft, lambda: try_parameter(draft, at), rules=(known,), by=by, at=at)
    draft.save()
    record(
        "compliance.parameter_drafted",
        subject=f"rule:{rule}",
        by=by,
        at=at,
        reason=draft.reason,
        rows=[draft],
    )
    put_figure(draft, at=at)
    return draft


def try_parameter(draft: Parameter, at: datetime, advance: Any = lambda done: None) -> dict[str, Any]:
    """Return the dry run of a drafted figure: the rule with today's figures against the rule with the new one."""
    today = localtime(at).date()
    rule = _rule(draft.rule, today, at)
    figures = selectors.live_book(at).figures_on(rule, today.isoformat())
    changed = {**figures, draft.name: draft.value}
    outcome = dry_run(Reading(rule, figures), Reading(rule, changed), at=at, advance=advance)
    with_new = replace(rule, parameters={**rule.parameters, draft.name: draft.value})
    return {**outcome, "examples": [n for n in range(len(rule.examples)) if example_fails(with_new, n)]}


@transaction.atomic
def sign_parameter(*, parameter_id: UUID, proof: SignatureProof, by: Any, at: datetime) -> Parameter:
    """Sign a drafted figure: one answer to its request in the approval engine. The second one puts it in force.

    Raises: PermissionDenied; ParameterNotChanged if the author or the first signer signs again, it is no draft, or its
    day is past; what `sign` raises when the proof does not hold. In every case nothing has changed.
    Source: 21 CFR 11.10(k), 11.50, 11.70.
    """
    draft = Parameter.objects.get(pk=parameter_id)
    _may_sign(draft, by, at)
    answer_approval(
        flow=FLOW,
        subject=f"figure:{draft.pk}",
        verb=ApprovalVerb.AGREE,
        by=by,
        at=at,
        proof=proof,
        put=lambda: put_figure(draft, at=at),
    )
    draft.refresh_from_db()
    return draft


@transaction.atomic
def refuse_parameter(*, parameter_id: UUID, reason: str, by: Any, at: datetime) -> Parameter:
    """Refuse a draft, or withdraw one's own. Raises: PermissionDenied; ParameterNotChanged if decided, or without a reason."""
    draft = Parameter.objects.get(pk=parameter_id)
    if not permissions.can_change_rules(by):
        raise PermissionDenied
    if draft.state != ParameterState.DRAFT:
        raise ParameterNotChanged(_("This figure was decided already."))
    if not reason.strip():
        raise ParameterNotChanged(_("Please give the reason."), field="reason")
    refuse_draft(
        draft,
        flow=FLOW,
        subject=f"figure:{draft.pk}",
        reason=reason,
        by=by,
        at=at,
        put=lambda: put_figure(draft, at=at),
    )
    draft.refresh_from_db()
    return draft


def put_figure(draft: Parameter, *, at: datetime) -> ApprovalRequest:
    """Put a drafted figure to two who answer for the law. A signature given before stands as the first answer."""
    payload = {"parameter": str(draft.pk), "sha256": content_of_parameter(draft)}
    return put_draft(draft, flow=FLOW, subject=f"figure:{draft.pk}", payload=payload, at=at)


def check_figure_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; ParameterNotChanged."""
    lock_packs()
    draft = Parameter.objects.select_for_update(of=("self",)).get(pk=UUID(answer.payload["parameter"]))
    if answer.verb == ApprovalVerb.AGREE:
        _may_sign(draft, answer.by, answer.at)
        if content_of_parameter(draft) != answer.payload["sha256"]:
            raise ParameterNotChanged(_("The draft changed after approval was asked. Draft it again."))


@transaction.atomic
def note_first_signer_of_figure(answer: Answer) -> None:
    """Enter the first of the two who sign a figure."""
    draft = Parameter.objects.select_for_update(of=("self",)).get(pk=UUID(answer.payload["parameter"]))
    if draft.first_signed_by_id is None:
        draft.first_signed_by, draft.first_signed_at = answer.by, answer.at
        draft.save()
        record(
            "compliance.parameter_signed", subject=f"rule:{draft.rule}", by=answer.by, at=answer.at, rows=[draft]
        )  # fmt: skip


@transaction.atomic
def carry_out_figure(*, decision: Decision) -> None:
    """Put a figure in force from its day, in a new pack, or leave it refused. Raises: ParameterNotChanged."""
    lock_packs()
    draft = Parameter.objects.select_for_update(of=("self",)).get(pk=UUID(decision.payload["parameter"]))
    by, at = decision.by, decision.at
    if decision.outcome != ApprovalState.APPROVED:
        draft.state = ParameterState.REFUSED
        draft.save()
        record(
            "compliance.parameter_refused", subject=f"rule:{draft.rule}", by=by, at=at, reason=decision.comment,
            rows=[draft],
        )  # fmt: skip
        return
    draft.second_signed_by, draft.second_signed_at, draft.state = by, at, ParameterState.LIVE
    rows: list[Any] = [draft]
    for earlier in Parameter.objects.select_for_update().filter(
        rule=draft.rule, name=draft.name, state=ParameterState.LIVE, valid_until__isnull=True
    ):
        if earlier.valid_from >= draft.valid_from:
            raise ParameterNotChanged(_("A later figure stands already."))
        earlier.valid_until = draft.valid_from
        earlier.save()
        rows.append(earlier)
    draft.save()
    rows.append(next_pack(by=by, at=at, reason=f"{draft.rule} {draft.name}"))
    record(
        "compliance.parameter_changed",
        subject=f"rule:{draft.rule}",
        by=by,
        at=at,
        reason=draft.reason,
        rows=rows,
    )


def figure_signed(payload: dict[str, Any]) -> Signed:
    """Return what the signers of a figure sign."""
    draft = Parameter.objects.get(pk=UUID(payload["parameter"]))
    return Signed(f"rule:{draft.rule}", content_of_parameter(draft))


def content_of_parameter(draft: Parameter) -> str:
    """Return the SHA-256 of what the signers of a figure sign: rule, figure, value, day, reason."""
    content = [draft.rule, draft.name, draft.value, draft.valid_from.isoformat(), draft.reason]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _may_sign(draft: Parameter, by: Any, at: datetime) -> None:
    if not permissions.can_sign_rules(by):
        raise PermissionDenied
    if draft.state != ParameterState.DRAFT:
        raise ParameterNotChanged(_("This figure was decided already."))
    if by.pk == draft.drafted_by_id:
        raise ParameterNotChanged(_("The author does not sign their own draft."))
    if by.pk == draft.first_signed_by_id:
        raise ParameterNotChanged(_("The second signature comes from another person."))
    if not draft.dry_run or "job" in draft.dry_run:
        raise ParameterNotChanged(_("The dry run is not done yet."))
    if draft.valid_from < localtime(at).date():
        raise ParameterNotChanged(_("The day it was to hold from is past. Draft it again."))


def _rule(rule_id: str, on: date, at: datetime) -> Rule:
    for rule in selectors.live_book(at).by_id.get(rule_id, ()):
        if rule.holds_on(on.isoformat()):
            return rule
    raise ParameterNotChanged(_("There is no such rule in force."), field="rule")
