"""Change the law itself: draft a rule's text, try it, two signatures of others, in force from a day, ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions, selectors
from compliance.choices import RuleState
from compliance.evaluate import example_fails, point_shapes, reference
from compliance.models import RuleVersion
from compliance.rules.book import Rule
from compliance.rules.faults import BookError, Fault
from compliance.rules.reading import read_rule
from compliance.rules.words import gettext_noop
from compliance.rules.yaml_text import read_yaml
from pharmacrm.common.errors import DomainError

from .approvals import lock_request, void_approval
from .dry_runs import Reading, dry_run, try_or_queue
from .packs import lock_packs
from .recording import record
from .rule_signing import FLOW, RuleNotChanged, put_text


class RuleHasFaults(DomainError):
    """The text is no rule yet. `faults` says what is wrong at which line; nothing was kept."""

    code = "rule_has_faults"

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__(_("The text has faults."), field="body")
        self.faults = tuple(faults)


def read_draft(body: str, *, at: datetime) -> Rule:
    """Read a text that is to become law: whole, citing what exists, and beginning on no day that is past.

    Raises: RuleHasFaults.
    """
    try:
        rule = read_rule(body, point_shapes(), reference=reference())
    except BookError as error:
        raise RuleHasFaults(error.faults) from error
    today = localtime(at).date().isoformat()
    faults = []
    line = read_yaml(body).line_of(("valid_from",))
    if rule.valid_from < today:
        words = gettext_noop("a text cannot begin on a day that is past; today is %(today)s")
        faults.append(Fault("", line, words, {"today": today}, "valid_from"))
    for other in selectors.texts_of(rule.id, at):
        if other.valid_from >= rule.valid_from and (
            not rule.valid_until or rule.valid_until > other.valid_from
        ):
            words = gettext_noop("%(rule)s overlaps in time with %(other)s")
            values = {"rule": rule.id, "other": f"{other.id} ({other.valid_from})"}
            faults.append(Fault("", line, words, values, "valid_from"))
    if faults:
        raise RuleHasFaults(faults)
    return rule


@transaction.atomic
def draft_rule(*, body: str, reason: str, by: Any, at: datetime) -> RuleVersion:
    """Draft a new rule, or a new text of one, with a dry run over the last year beside it. It judges nothing yet.

    Raises: PermissionDenied; RuleHasFaults with the line of each fault; RuleNotChanged without a reason or when the
    text is the one in force.
    """
    if not permissions.can_change_rules(by):
        raise PermissionDenied
    rule = read_draft(body, at=at)
    _check(rule, reason, at)
    lock_packs()
    draft = RuleVersion(rule=rule.id, version=_next_version(rule.id), drafted_by=by)
    _fill(draft, rule, reason, by=by, at=at)
    record(
        "compliance.rule_drafted", subject=f"rule:{rule.id}", by=by, at=at, reason=draft.reason, rows=[draft]
    )
    put_text(draft, at=at)
    return draft


@transaction.atomic
def revise_rule(*, draft_id: UUID, body: str, reason: str, by: Any, at: datetime) -> RuleVersion:
    """Change one's own draft. A signature given before no longer counts, since its content is another.

    Raises: PermissionDenied; RuleHasFaults; RuleNotChanged if it was decided, or the text is another rule's.
    """
    lock_request(FLOW, f"rule_text:{draft_id}")
    draft = RuleVersion.objects.select_for_update(of=("self",)).get(pk=draft_id)
    if not permissions.can_change_rules(by) or draft.drafted_by_id != by.pk:
        raise PermissionDenied
    if draft.state != RuleState.DRAFT or draft.ends_id:
        raise RuleNotChanged(_("This draft was decided already."))
    rule = read_draft(body, at=at)
    _check(rule, reason, at)
    if rule.id != draft.rule:
        raise RuleNotChanged(_("A draft keeps its rule. Draft the other rule anew."), field="body")
    void_approval(flow=FLOW, subject=f"rule_text:{draft.pk}", reason=_("The text was changed."), by=by, at=at)
    draft.first_signed_by = draft.first_signed_at = None
    _fill(draft, rule, reason, by=by, at=at)
    record(
        "compliance.rule_drafted", subject=f"rule:{rule.id}", by=by, at=at, reason=draft.reason, rows=[draft]
    )
    put_text(draft, at=at)
    return draft


@transaction.atomic
def retire_rule(*, version_id: UUID, on: date, reason: str, by: Any, at: datetime) -> RuleVersion:
    """Draft the end of a text in force: `on` is the first day it no longer holds. It takes the same two signatures.

    Raises: PermissionDenied; RuleNotChanged for a text that is not in force, a day that is past, or no reason.
    """
    lock_packs()
    live = RuleVersion.objects.select_for_update(of=("self",)).get(pk=version_id)
    if not permissions.can_change_rules(by):
        raise PermissionDenied
    if live.state != RuleState.LIVE:
        raise RuleNotChanged(_("Only a text in force can be ended."))
    if on <= live.valid_from or on < localtime(at).date() or (live.valid_until and on >= live.valid_until):
        raise RuleNotChanged(_("A text ends on a coming day, before the end it has."), field="on")
    if not reason.strip():
        raise RuleNotChanged(_("Please give the reason."), field="reason")
    draft = RuleVersion(
        rule=live.rule,
        version=_next_version(live.rule),
        ends=live,
        scene=live.scene,
        grade=live.grade,
        body=live.body,
        sha256=live.sha256,
        valid_from=live.valid_from,
        valid_until=on,
        reason=reason.strip(),
        drafted_by=by,
    )
    _save_tried(draft, selectors.rule_of(live), by=by, at=at)
    record(
        "compliance.rule_end_drafted",
        subject=f"rule:{live.rule}",
        by=by,
        at=at,
        reason=draft.reason,
        rows=[draft],
    )
    put_text(draft, at=at)
    return draft


def try_rule(draft: RuleVersion, at: datetime, advance: Any = lambda done: None) -> dict[str, Any]:
    """Return the dry run of a draft: the text in force against the draft, or against nothing where it ends one."""
    rule = selectors.rule_of(draft)
    today = localtime(at).date().isoformat()
    book = selectors.live_book(at)
    now = selectors.rule_of(draft.ends) if draft.ends else selectors.rule_on(draft.rule, at)
    before = Reading(now, book.figures_on(now, today)) if now else None
    adopted = {"adopted": True} if rule.is_policy else {}  # what it would do once the company adopts it
    after = None if draft.ends_id else Reading(rule, {**book.figures_on(rule, today), **adopted})
    outcome = dry_run(before, after, at=at, advance=advance)
    if draft.ends_id:
        return outcome
    return {**outcome, "examples": [n for n in range(len(rule.examples)) if example_fails(rule, n)]}


def _check(rule: Rule, reason: str, at: datetime) -> None:
    if not reason.strip():
        raise RuleNotChanged(_("Please give the reason."), field="reason")
    if any(other.sha256 == rule.sha256 for other in selectors.texts_of(rule.id, at)):
        raise RuleNotChanged(_("This is the text in force."), field="body")


def _next_version(rule_id: str) -> int:
    last = RuleVersion.objects.filter(rule=rule_id).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1


def _fill(draft: RuleVersion, rule: Rule, reason: str, *, by: Any, at: datetime) -> None:
    draft.scene, draft.grade, draft.body, draft.sha256 = rule.scene, rule.grade, rule.body, rule.sha256
    draft.valid_from = date.fromisoformat(rule.valid_from)
    draft.valid_until = date.fromisoformat(rule.valid_until) if rule.valid_until else None
    draft.reason = reason.strip()
    _save_tried(draft, rule, by=by, at=at)


def _save_tried(draft: RuleVersion, rule: Rule, *, by: Any, at: datetime) -> None:
    draft.dry_run = try_or_queue(
        draft, lambda: try_rule(draft, at), rules=(rule, selectors.rule_on(rule.id, at)), by=by, at=at
    )
    draft.save()
