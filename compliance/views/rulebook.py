"""The rule book in the browser: the list, a rule like a statute, a verdict with its replay, the figures."""

from __future__ import annotations

from datetime import date, timedelta
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
from compliance.actions.parameters import FLOW
from compliance.choices import ParameterState
from compliance.doors import needs_code, proof_of, say
from compliance.evaluate import verdict_of
from compliance.forms.rulebook import FigureForm, FilterRules, YesNoForm
from compliance.models import Parameter, RuleVersion
from compliance.rules.book import EVERYWHERE
from compliance.selectors.approvals import requests_about
from compliance.subjects import title_of, url_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.signing_forms import SignForm


@login_required
def rule_list(request: HttpRequest) -> HttpResponse:
    _may_read(request)
    at = timezone.now()
    form = FilterRules(request.GET, instruments=selectors.instruments_of(at))
    scenes = selectors.rules_like(at, **form.chosen())
    context = {
        "form": form,
        "scenes": scenes,
        "total": sum(len(scene.rules) for scene in scenes),
        "fired": selectors.fired_by_rule(at),
        "pack": selectors.live_pack(at),
        "drafts": selectors.drafted_rules(),
        "can_change": permissions.can_change_rules(request.user),
    }
    return render(request, "compliance/rule_list.html", context)


@login_required
def rule_detail(request: HttpRequest, rule: str) -> HttpResponse:
    _may_read(request)
    at = timezone.now()
    found = selectors.rule_on(rule, at, _day(request.GET.get("on", "")))
    if found is None:
        raise Http404
    sees_all = permissions.can_change_rules(request.user) or request.user.has_role("inspector")
    context = {
        "rule": found,
        "is_everywhere": found.at == (EVERYWHERE,),
        "neighbours": selectors.rules_like(at, scene=found.scene),
        "figures": selectors.figures_of(found, at),
        "examples": selectors.examples_of(found),
        "sample": selectors.refusal_shown(found),
        "fired": selectors.fired_by_rule(at).get(found.id, selectors.Fired()),
        "verdicts": selectors.verdicts_of_rule(found.id, at) if sees_all else [],
        "versions": versions_on(found.id, timezone.localdate(at)),
        "texts": [one for one in reversed(selectors.texts_of(rule, at)) if one is not found],
        "changes": selectors.figure_changes_of(found.id),
        "waivers": selectors.waivers_of_rule(found.id, timezone.localdate(at)) if sees_all else [],
        "sees_all": sees_all,
        "can_change": permissions.can_change_rules(request.user),
        "is_adopted": selectors.is_adopted(found, at),
    }
    return render(request, "compliance/rule_detail.html", context)


@login_required
def verdict_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what was judged. `?replay=1` judges it again; nothing is written."""
    stored = selectors.verdict_visible_to(request.user, pk)
    if stored is None:
        raise Http404
    verdict = verdict_of(stored.body)
    context = {
        "stored": stored,
        "verdict": verdict,
        "subject_title": title_of(verdict.subject),
        "subject_url": url_of(verdict.subject),
        "facts": sorted(
            (name, value) for name, value in verdict.facts.items() if value not in ("", [], 0, False)
        ),
        "quiet": sorted(name for name, value in verdict.facts.items() if value in ("", [], 0, False)),
    }
    if request.GET.get("replay"):
        try:
            context["replay"] = actions.replay(verdict)
        except selectors.PackNotFound:
            context["lost_pack"] = True
    return render(request, "compliance/verdict_detail.html", context)


@login_required
def parameter_list(request: HttpRequest) -> HttpResponse:
    _may_read(request)
    at = timezone.now()
    context = {
        "lines": list(selectors.figures_in_force(at)),
        "drafts": selectors.drafted_figures(),
        "can_change": permissions.can_change_rules(request.user),
    }
    return render(request, "compliance/parameter_list.html", context)


@login_required
def parameter_new(request: HttpRequest, rule: str, name: str) -> HttpResponse:
    if not permissions.can_change_rules(request.user):
        raise PermissionDenied
    at = timezone.now()
    found = selectors.rule_on(rule, at)
    figure = (
        next((one for one in selectors.figures_of(found, at) if one.name == name), None) if found else None
    )
    if found is None or figure is None:
        raise Http404
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    kind: type[FigureForm | YesNoForm] = YesNoForm if isinstance(figure.today, bool) else FigureForm
    turned = {"value": "false" if figure.today is True else "true"} if kind is YesNoForm else {}
    form = kind(request.POST or None, initial={"valid_from": tomorrow, **turned})
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.draft_parameter(rule=rule, name=name, by=request.user, at=at, **form.cleaned_data)
        except actions.ParameterNotChanged as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            return redirect("compliance:parameter-detail", pk=draft.pk)
    return render(request, "compliance/parameter_new.html", {"rule": found, "figure": figure, "form": form})


@login_required
def parameter_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    _may_read(request)
    return _parameter_page(request, pk, SignForm())


@login_required
@require_POST
def parameter_sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not permissions.can_sign_rules(request.user):
        raise PermissionDenied
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            draft = actions.sign_parameter(
                parameter_id=pk, proof=proof_of(request), by=request.user, at=timezone.now()
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            in_force = draft.state == ParameterState.LIVE
            messages.success(request, _("Signed. It holds from its day.") if in_force else _("Signed."))
            return redirect("compliance:parameter-detail", pk=pk)
    return _parameter_page(request, pk, form)


@login_required
@require_POST
def parameter_refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Parameter, pk=pk)
    try:
        actions.refuse_parameter(
            parameter_id=pk, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        )
    except actions.ParameterNotChanged as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The draft was refused."))
    return redirect("compliance:parameter-detail", pk=pk)


def _parameter_page(request: HttpRequest, pk: UUID, form: SignForm) -> HttpResponse:
    draft = get_object_or_404(Parameter.objects.select_related("drafted_by", "first_signed_by"), pk=pk)
    at = timezone.now()
    signers = {draft.drafted_by_id, draft.first_signed_by_id}
    can_change = permissions.can_change_rules(request.user)
    can_sign = (
        permissions.can_sign_rules(request.user)
        and draft.state == ParameterState.DRAFT
        and request.user.pk not in signers
    )
    context = {
        "draft": draft,
        "asked": requests_about(FLOW, f"figure:{draft.pk}").first(),
        "outcome": selectors.dry_run_of(draft.dry_run, request.user),
        "rule": selectors.rule_on(draft.rule, at),
        "is_open": draft.state == ParameterState.DRAFT,
        "can_change": can_change,
        "can_sign": can_sign,
        "form": form,
        "fingerprint": actions.content_of_parameter(draft),
        "needs_code": can_sign and needs_code(request),
        "at": at,
    }
    return render(request, "compliance/parameter_detail.html", context, status=400 if form.errors else 200)


def versions_on(rule: str, day: date) -> list[tuple[RuleVersion, str, bool]]:
    """Return a rule's versions, newest first: how each stands on a day, and whether its end may be drafted."""
    return [
        (one, standing, standing in {"live", "scheduled"} and one.valid_until is None)
        for one in selectors.versions_of(rule)
        for standing in [one.standing_on(day)]
    ]


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _may_read(request: HttpRequest) -> None:
    if not permissions.can_read_rules(request.user):
        raise PermissionDenied
