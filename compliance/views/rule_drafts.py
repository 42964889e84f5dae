"""Drafting the law in the browser: write, try, sign, end, compare."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from compliance import actions, permissions, selectors
from compliance.actions.rule_signing import FLOW
from compliance.choices import RuleState
from compliance.doors import needs_code, proof_of, say
from compliance.forms.rule_drafts import FORM, YAML, EndForm, RuleForm, RuleTextForm, fields_of
from compliance.models import RuleVersion
from compliance.rules.comparing import compare
from compliance.rules.faults import BookError
from compliance.rules.yaml_text import read_yaml
from compliance.selectors.approvals import requests_about
from pharmacrm.common.errors import DomainError
from pharmacrm.common.signing_forms import SignForm

NEW_RULE = "id: CP-\nscene: visit\ngrade: 关注\nsources:\n  - {instrument: 公司政策, in_force: 2026-01-01, confidence: M}\n"


@login_required
def rule_draft(request: HttpRequest) -> HttpResponse:
    """Write a new text: of the rule `?rule=`, beginning tomorrow, or of a new one."""
    _may_change(request)
    at = timezone.now()
    rule = selectors.rule_on(request.GET.get("rule", ""), at)
    tomorrow = (timezone.localdate(at) + timedelta(days=1)).isoformat()
    body = (rule.body if rule else NEW_RULE + f"valid_from: {tomorrow}\n").replace("\r\n", "\n")
    if rule:
        body = "".join(
            f"valid_from: {tomorrow}\n" if line.startswith("valid_from:") else line
            for line in body.splitlines(keepends=True)
            if not line.startswith("valid_until:")
        )
    return _editor(request, body, rule=rule)


@login_required
def rule_draft_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    draft = get_object_or_404(RuleVersion, pk=pk)
    if not permissions.can_change_rules(request.user) or draft.drafted_by_id != request.user.pk:
        raise PermissionDenied
    if draft.state != RuleState.DRAFT or draft.ends_id:
        return redirect("compliance:rule-draft-detail", pk=pk)
    return _editor(request, draft.body, draft=draft, rule=selectors.rule_on(draft.rule, timezone.now()))


@login_required
def rule_draft_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    _may_read(request)
    return _page(request, pk, SignForm())


@login_required
@require_POST
def rule_draft_sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not permissions.can_sign_rules(request.user):
        raise PermissionDenied
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            draft = actions.sign_rule(
                draft_id=pk, proof=proof_of(request), by=request.user, at=timezone.now()
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            done = draft.state != RuleState.DRAFT
            messages.success(request, _("Signed. It holds from its day.") if done else _("Signed."))
            return redirect("compliance:rule-draft-detail", pk=pk)
    return _page(request, pk, form)


@login_required
@require_POST
def rule_draft_refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(RuleVersion, pk=pk)
    reason = request.POST.get("reason", "")
    try:
        actions.refuse_rule(draft_id=pk, reason=reason, by=request.user, at=timezone.now())
    except actions.RuleNotChanged as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The draft was refused."))
    return redirect("compliance:rule-draft-detail", pk=pk)


@login_required
def rule_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Draft the end of a text in force."""
    _may_change(request)
    version = get_object_or_404(RuleVersion, pk=pk)
    at = timezone.now()
    form = EndForm(request.POST or None, initial={"on": timezone.localdate(at) + timedelta(days=1)})
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.retire_rule(version_id=pk, **form.cleaned_data, by=request.user, at=at)
        except DomainError as refusal:
            say(form, refusal)
        else:
            return redirect("compliance:rule-draft-detail", pk=draft.pk)
    context = {"version": version, "rule": selectors.rule_of(version), "form": form}
    return render(request, "compliance/rule_end.html", context, status=400 if form.errors else 200)


@login_required
def rule_compare(request: HttpRequest, rule: str) -> HttpResponse:
    """Show what changed between two versions; without a choice, the newest two."""
    _may_read(request)
    versions = [one for one in selectors.versions_of(rule) if not one.ends_id]
    by_key = {str(one.pk): one for one in versions}
    if not versions:
        raise Http404
    new = by_key.get(request.GET.get("new", ""), versions[0])
    older = [one for one in versions if one.version < new.version]
    old = by_key.get(request.GET.get("old", ""), older[0] if older else new)
    lines = compare(old.body, new.body)
    changed = [line for line in lines if line.kind != "same"]
    context = {
        "rule": rule,
        "versions": versions,
        "old": old,
        "new": new,
        "lines": lines,
        "changed": len(changed),
    }
    return render(request, "compliance/rule_compare.html", context)


def _editor(
    request: HttpRequest, body: str, *, draft: RuleVersion | None = None, rule: Any = None
) -> HttpResponse:
    posted = request.method == "POST"
    mode = request.POST.get("mode") if posted else request.GET.get("mode")
    kind: Any = RuleTextForm if mode == YAML else RuleForm
    reason = draft.reason if draft else ""
    if not posted:
        return _show_editor(request, _filled(kind, body, reason), draft, rule)
    form = kind(request.POST)
    if form.is_valid():
        text = form.text()
        if turn_to := request.POST.get("turn"):
            other: Any = RuleTextForm if turn_to == YAML else RuleForm
            try:
                return _show_editor(request, _filled(other, text, form.cleaned_data["reason"]), draft, rule)
            except BookError as error:
                form.tell(error.faults)
        else:
            try:
                kept = _keep(draft, text, form.cleaned_data["reason"], request)
            except actions.RuleHasFaults as refusal:
                form.tell(refusal.faults)
            except DomainError as refusal:
                say(form, refusal)
            else:
                return redirect("compliance:rule-draft-detail", pk=kept.pk)
    return _show_editor(request, form, draft, rule)


def _keep(draft: RuleVersion | None, text: str, reason: str, request: HttpRequest) -> RuleVersion:
    given = {"body": text, "reason": reason, "by": request.user, "at": timezone.now()}
    return actions.revise_rule(draft_id=draft.pk, **given) if draft else actions.draft_rule(**given)


def _filled(kind: Any, text: str, reason: str) -> Any:
    if kind is RuleTextForm:
        return RuleTextForm(initial={"body": text, "reason": reason})
    return RuleForm(initial={**fields_of(read_yaml(text).content), "reason": reason})


def _show_editor(request: HttpRequest, form: Any, draft: RuleVersion | None, rule: Any) -> HttpResponse:
    is_yaml = isinstance(form, RuleTextForm)
    context = {
        "form": form,
        "draft": draft,
        "rule": rule,
        "is_yaml": is_yaml,
        "mode": YAML if is_yaml else FORM,
    }
    return render(request, "compliance/rule_draft.html", context, status=400 if form.errors else 200)


def _page(request: HttpRequest, pk: UUID, form: SignForm) -> HttpResponse:
    draft = get_object_or_404(
        RuleVersion.objects.select_related("drafted_by", "first_signed_by", "second_signed_by", "ends"), pk=pk
    )
    at = timezone.now()
    is_open = draft.state == RuleState.DRAFT
    replaced = None if draft.ends_id else selectors.version_before(draft)
    can_sign = is_open and permissions.can_sign_rules(request.user)
    can_sign = can_sign and request.user.pk not in {draft.drafted_by_id, draft.first_signed_by_id}
    rule = selectors.rule_of(draft)
    context = {
        "draft": draft,
        "rule": rule,
        "examples": selectors.examples_of(rule),
        "sample": selectors.refusal_shown(rule),
        "lines": [line for line in compare(replaced.body, draft.body) if line.kind != "same"]
        if replaced
        else [],
        "replaced": replaced,
        "asked": requests_about(FLOW, f"rule_text:{draft.pk}").first(),
        "outcome": selectors.dry_run_of(draft.dry_run, request.user),
        "is_open": is_open,
        "is_mine": draft.drafted_by_id == request.user.pk,
        "can_refuse": is_open and permissions.can_sign_rules(request.user),
        "can_sign": can_sign,
        "form": form,
        "fingerprint": actions.content_of_rule(draft),
        "needs_code": can_sign and needs_code(request),
        "at": at,
        "standing": draft.standing_on(timezone.localdate(at)),
    }
    return render(request, "compliance/rule_draft_detail.html", context, status=400 if form.errors else 200)


def _may_read(request: HttpRequest) -> None:
    if not permissions.can_read_rules(request.user):
        raise PermissionDenied


def _may_change(request: HttpRequest) -> None:
    if not permissions.can_change_rules(request.user):
        raise PermissionDenied
