"""Two signatures under a text of the law: asked for through the approval engine, in force from its day, or refused."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import ApprovalState, ApprovalVerb, RuleState
from compliance.flows import Answer, Decision, Signed
from compliance.models import ApprovalRequest, RuleVersion
from compliance.selectors.approvals import requests_about
from pharmacrm.common.errors import DomainError

from .answering import answer_approval
from .duties import rule_changed
from .packs import lock_packs, next_pack
from .recording import record
from .signing import SignatureProof
from .two_signatures import put_draft, refuse_draft

FLOW = "compliance.rule_text"  # registered in apps.py


class RuleNotChanged(DomainError):
    """The rule stays as it is."""

    code = "rule_not_changed"


@transaction.atomic
def sign_rule(*, draft_id: UUID, proof: SignatureProof, by: Any, at: datetime) -> RuleVersion:
    """Sign a draft: one answer to its request in the approval engine. The second one puts it in force from its day.

    Raises: PermissionDenied; RuleNotChanged if the author or the first signer signs again, it is no draft, its dry run
    is not done, an example comes out otherwise, or its day is past; BookNotAdopted; what `sign` raises. In every case
    nothing has changed. Source: 21 CFR 11.10(k), 11.50, 11.70.
    """
    draft = RuleVersion.objects.get(pk=draft_id)
    if not permissions.can_sign_rules(by):
        raise PermissionDenied
    _may_sign(draft, by, at)
    last = requests_about(FLOW, f"rule_text:{draft.pk}").first()
    if last is not None and last.state == ApprovalState.RETURNED:
        raise RuleNotChanged(_("It was returned for change. Its author corrects it first."))
    answer_approval(
        flow=FLOW,
        subject=f"rule_text:{draft.pk}",
        verb=ApprovalVerb.AGREE,
        by=by,
        at=at,
        proof=proof,
        put=lambda: put_text(draft, at=at),
    )
    draft.refresh_from_db()
    return draft


@transaction.atomic
def refuse_rule(*, draft_id: UUID, reason: str, by: Any, at: datetime) -> RuleVersion:
    """Refuse a draft, or withdraw one's own. Raises: PermissionDenied; RuleNotChanged if decided, or without a reason."""
    draft = RuleVersion.objects.get(pk=draft_id)
    if not permissions.can_sign_rules(by):
        raise PermissionDenied
    if draft.state != RuleState.DRAFT:
        raise RuleNotChanged(_("This draft was decided already."))
    if not reason.strip():
        raise RuleNotChanged(_("Please give the reason."), field="reason")
    refuse_draft(
        draft,
        flow=FLOW,
        subject=f"rule_text:{draft.pk}",
        reason=reason,
        by=by,
        at=at,
        put=lambda: put_text(draft, at=at),
    )
    draft.refresh_from_db()
    return draft


def put_text(draft: RuleVersion, *, at: datetime) -> ApprovalRequest:
    """Put a drafted text to two who answer for the law. A signature given before stands as the first answer."""
    payload = {"text": str(draft.pk), "sha256": content_of_rule(draft)}
    return put_draft(draft, flow=FLOW, subject=f"rule_text:{draft.pk}", payload=payload, at=at)


def check_text_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; RuleNotChanged."""
    lock_packs()
    draft = RuleVersion.objects.select_for_update(of=("self",)).get(pk=UUID(answer.payload["text"]))
    if answer.verb == ApprovalVerb.AGREE:
        if not permissions.can_sign_rules(answer.by):
            raise PermissionDenied
        _may_sign(draft, answer.by, answer.at)
        if content_of_rule(draft) != answer.payload["sha256"]:
            raise RuleNotChanged(_("The draft changed after approval was asked. Draft it again."))


@transaction.atomic
def note_first_signer_of_text(answer: Answer) -> None:
    """Enter the first of the two who sign a text."""
    draft = RuleVersion.objects.select_for_update(of=("self",)).get(pk=UUID(answer.payload["text"]))
    if draft.first_signed_by_id is None:
        draft.first_signed_by, draft.first_signed_at = answer.by, answer.at
        draft.save()
        record(
            "compliance.rule_signed", subject=f"rule:{draft.rule}", by=answer.by, at=answer.at, rows=[draft]
        )


@transaction.atomic
def carry_out_text(*, decision: Decision) -> None:
    """Put a text in force from its day, or end one, in a new pack; or leave it refused, or with its author to change.

    Raises: RuleNotChanged; BookNotAdopted.
    """
    lock_packs()
    draft = RuleVersion.objects.select_for_update(of=("self",)).get(pk=UUID(decision.payload["text"]))
    by, at, subject = decision.by, decision.at, f"rule:{draft.rule}"
    if decision.outcome != ApprovalState.APPROVED:
        if decision.outcome == ApprovalState.RETURNED and not draft.ends_id:
            draft.first_signed_by = draft.first_signed_at = None
            event = "compliance.rule_returned"
        else:
            draft.state, event = RuleState.REFUSED, "compliance.rule_refused"
        draft.save()
        record(event, subject=subject, by=by, at=at, reason=decision.comment, rows=[draft])
        return
    draft.second_signed_by, draft.second_signed_at = by, at
    ended = _end(draft) if draft.ends_id else _make_room(draft)
    draft.state = RuleState.RETIRED if draft.ends_id else RuleState.LIVE
    draft.save()
    pack = next_pack(by=by, at=at, reason=str(draft))
    event = "compliance.rule_ended" if draft.ends_id else "compliance.rule_changed"
    record(event, subject=subject, by=by, at=at, reason=draft.reason, rows=[draft, *ended, pack])
    changes_on = draft.valid_until if draft.ends_id else draft.valid_from
    rule_changed(rule=draft.rule, since=changes_on or localtime(at).date(), by=by, at=at)


def text_signed(payload: dict[str, Any]) -> Signed:
    """Return what the signers of a text sign."""
    draft = RuleVersion.objects.get(pk=UUID(payload["text"]))
    return Signed(f"rule:{draft.rule}", content_of_rule(draft))


def content_of_rule(draft: RuleVersion) -> str:
    """Return the SHA-256 of what the signers of a draft sign: rule, version, text, what it ends and when, reason."""
    ends = (
        [str(draft.ends_id), draft.valid_until.isoformat() if draft.valid_until else ""]
        if draft.ends_id
        else []
    )
    content = [draft.rule, draft.version, draft.sha256, ends, draft.reason]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _may_sign(draft: RuleVersion, by: Any, at: datetime) -> None:
    if draft.state != RuleState.DRAFT:
        raise RuleNotChanged(_("This draft was decided already."))
    if by.pk == draft.drafted_by_id:
        raise RuleNotChanged(_("The author does not sign their own draft."))
    if by.pk == draft.first_signed_by_id:
        raise RuleNotChanged(_("The second signature comes from another person."))
    if not draft.dry_run or "job" in draft.dry_run:
        raise RuleNotChanged(_("The dry run is not done yet."))
    if draft.dry_run["examples"]:
        raise RuleNotChanged(_("An example does not come out as it says. Correct the draft first."))
    today = localtime(at).date()
    if (draft.valid_until if draft.ends_id else draft.valid_from) < today:
        raise RuleNotChanged(_("The day it was to hold from is past. Draft it again."))


def _make_room(draft: RuleVersion) -> list[RuleVersion]:
    """End the texts that the draft replaces, from its day on."""
    ended = []
    for earlier in (
        RuleVersion.objects.select_for_update().filter(rule=draft.rule, state=RuleState.LIVE).order_by("pk")
    ):
        if earlier.valid_from >= draft.valid_from:
            if draft.valid_until is None or draft.valid_until > earlier.valid_from:
                raise RuleNotChanged(_("A later text stands already."))
        elif earlier.valid_until is None or earlier.valid_until > draft.valid_from:
            earlier.valid_until = draft.valid_from
            earlier.save()
            ended.append(earlier)
    return ended


def _end(draft: RuleVersion) -> list[RuleVersion]:
    live = RuleVersion.objects.select_for_update().get(pk=draft.ends_id)
    if live.state != RuleState.LIVE or (live.valid_until and live.valid_until <= draft.valid_until):
        raise RuleNotChanged(_("The text it was to end has an earlier end."))
    live.valid_until = draft.valid_until
    live.save()
    return [live]
