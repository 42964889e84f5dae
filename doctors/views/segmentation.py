"""Pages of scoring: models, runs, and why a doctor holds a tier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from compliance.doors import needs_code, proof_of, say
from compliance.selectors.approvals import requests_about
from doctors import actions, permissions, selectors
from doctors.actions.model_activation import FLOW
from doctors.choices import ContestState, ModelState, TrialKind
from doctors.forms.contests import ContestAnswerForm, ContestForm
from doctors.forms.segmentation import AssessForm, OverrideForm, SpecForm
from doctors.models import SegmentationModel
from doctors.rules.segmentation import LADDER, weights_of
from doctors.selectors import contests, explanations, score_words, segmentation, tiers, trials
from doctors.selectors.alerts import alert_of
from doctors.selectors.signed_models import model_fingerprint
from pharmacrm.common.errors import DomainError
from pharmacrm.common.signing_forms import SignForm


@login_required
@require_GET
def model_list(request: HttpRequest) -> HttpResponse:
    """Models and runs, what waits for a decision, and the button that starts a run."""
    _may_see(request)
    active = segmentation.active_model()
    runs = list(segmentation.runs()[:20])
    job = next((run.job for run in runs if run.state in ("waiting", "running")), None)
    return render(
        request,
        "doctors/segmentation_list.html",
        {
            "active": active,
            "models": segmentation.models()[:20],
            "runs": runs,
            "job": job,
            "job_is_anothers": job is not None and job.asked_by_id != request.user.pk,
            "in_force": segmentation.run_in_force(),
            "overrides": segmentation.waiting_overrides()[:50],
            "can_run": permissions.can_run_scoring(request.user),
            "can_edit": permissions.can_edit_model(request.user),
            "can_decide": permissions.can_decide_override(request.user),
        },
    )


@login_required
@require_POST
def run_start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a full run of a model; its job's page shows how far it is."""
    model = get_object_or_404(SegmentationModel, pk=pk)
    try:
        run = actions.open_run(model_id=model.pk, by=request.user, at=timezone.now())
    except actions.RunNotStarted as refusal:
        return model_page(request, model, fault=str(refusal), status=409)
    return redirect("doctors:run-detail", pk=run.pk)


@login_required
@require_GET
def run_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run: how far, how it fell out, what it was made from, who moved."""
    _may_see(request)
    run = get_object_or_404(segmentation.runs(), pk=pk)
    context: dict[str, Any] = {"run": run, "job": run.job if run.state in ("waiting", "running") else None}
    if run.state == "done":
        counts = segmentation.tier_counts(run)
        moves = segmentation.moves_of(run)
        visible = selectors.doctors_visible_to(request.user, timezone.localdate())
        context |= {
            "figures": [
                {
                    "tier": tier,
                    "label": tiers.label_of(tier),
                    "count": counts.get(tier, 0),
                    "share": _share(counts.get(tier, 0), run.doctor_count),
                }
                for tier in reversed(LADDER)
            ],
            "core_line": score_words.points(run.core_line_bp or 0),
            "potential_line": score_words.points(run.potential_line_bp or 0),
            "bands": [(score_words.level_words(row.group), row) for row in segmentation.counts_by_band(run)],
            "regions": [(row.group or _("Not known"), row) for row in segmentation.counts_by_region(run)],
            "cohorts": [
                (score_words.cohort_words(*row.group.rsplit("|", 1)), row)
                for row in segmentation.counts_by_cohort(run)
            ],
            "moves": [
                (tiers.label_of(move.before), tiers.label_of(move.after), move.count)
                for move in moves
                if move.before
            ],
            "first_count": sum(move.count for move in moves if not move.before),
            "moved": segmentation.moved_doctors(run, visible),
        }
    return render(request, "doctors/run_detail.html" + ("#run" if request.htmx else ""), context)


@login_required
@require_GET
def model_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A model's features and weights, its life, and what other weights would change."""
    _may_see(request)
    return model_page(request, get_object_or_404(segmentation.models(), pk=pk))


@login_required
@require_POST
def model_move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Assess, activate or retire a model."""
    model = get_object_or_404(segmentation.models(), pk=pk)
    at = timezone.now()
    if verb == "activate":
        return _activate(request, model)
    assess = AssessForm(request.POST if verb == "assess" else None)
    try:
        if verb == "assess" and assess.is_valid():
            actions.assess_model(model_id=pk, by=request.user, at=at, **assess.cleaned_data)
        elif verb == "retire":
            actions.retire_model(model_id=pk, by=request.user, at=at)
    except actions.ModelNotMoved as refusal:
        return model_page(request, model, fault=str(refusal), assess=assess, status=409)
    if verb == "assess" and not assess.is_valid():
        if not permissions.can_assess_model(request.user):
            raise PermissionDenied
        return model_page(request, model, assess=assess, status=400)
    return redirect("doctors:model-detail", pk=pk)


def _activate(request: HttpRequest, model: SegmentationModel) -> HttpResponse:
    if not permissions.can_activate_model(request.user):
        raise PermissionDenied
    sign = SignForm(request.POST)
    if not sign.is_valid():
        return model_page(request, model, sign=sign, status=400)
    try:
        actions.activate_model(model_id=model.pk, by=request.user, at=timezone.now(), proof=proof_of(request))
    except actions.ModelNotMoved as refusal:
        return model_page(request, model, fault=str(refusal), status=409)
    except DomainError as refusal:
        say(sign, refusal)
        return model_page(request, model, sign=sign, status=400)
    return redirect("doctors:model-detail", pk=model.pk)


@login_required
@require_GET
def tier_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Why a doctor holds the tier, to the last basis point."""
    return tier_page(request, pk)


@login_required
@require_POST
def override_ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for another tier."""
    _doctor(request, pk)
    form = OverrideForm(request.POST)
    if form.is_valid():
        try:
            actions.ask_override(doctor_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            if not isinstance(refusal, actions.OverrideNotMade):
                raise
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("doctors:tier-detail", pk=pk)
    elif not permissions.can_ask_override(request.user):
        raise PermissionDenied
    return tier_page(request, pk, form=form, status=400)


@login_required
@require_POST
def override_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve or refuse another tier."""
    try:
        override = actions.decide_override(
            override_id=pk,
            approve=request.POST.get("answer") == "approve",
            by=request.user,
            at=timezone.now(),
            reason=request.POST.get("reason", "")[:2000],
        )
    except DomainError as refusal:
        return render(request, "doctors/override_refused.html", {"fault": str(refusal)}, status=409)
    return redirect("doctors:tier-detail", pk=override.doctor_id)


def _may_see(request: HttpRequest) -> None:
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied


def _doctor(request: HttpRequest, pk: UUID) -> Any:
    visible = selectors.doctors_visible_to(request.user, timezone.localdate())
    return get_object_or_404(visible.select_related("identity"), pk=pk)


def tier_page(
    request: HttpRequest,
    pk: UUID,
    *,
    form: OverrideForm | None = None,
    contest_form: ContestForm | None = None,
    answer_form: ContestAnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show why a doctor holds the tier, with the forms that were filled in."""
    _doctor(request, pk)
    form = form or OverrideForm(initial={"valid_until": timezone.localdate() + timedelta(days=180)})
    contest = contests.last_contest_of(pk)
    is_open = contest is not None and contest.state == ContestState.OPEN
    override = selectors.override_of(pk)
    context = {
        "doctor": selectors.doctor_card(pk),
        **(shown := tier_context(pk)),
        "since": contests.since_last_quarter(shown["why"]),
        "ways": contests.ways_to_core(shown["why"]),
        "contest": contest,
        "contest_form": contest_form or ContestForm(),
        "answer_form": answer_form or ContestAnswerForm(),
        "can_contest": permissions.can_ask_override(request.user)
        and not is_open
        and bool(shown["why"].now.tier in LADDER),
        "can_answer": is_open
        and contest is not None
        and permissions.can_decide_override(request.user)
        and contest.asked_by_id != request.user.pk,
        "alert": alert_of(pk),
        "can_give": permissions.can_take_request(request.user),
        "form": form,
        "override": override,
        "override_note": selectors.open_text(pk, override.sealed_note) if override else "",
        "history": [
            {
                "act": f"{tiers.label_of(row.tier_before)} → {tiers.label_of(row.tier or tiers.UNPROFILED)}"
                if row.tier_before
                else tiers.label_of(row.tier or tiers.UNPROFILED),
                "detail": row.get_reason_display()
                + (
                    f" · {score_words.points(row.score_bp)} " + _("points")
                    if row.score_bp is not None
                    else ""
                ),
                "meta": date_format(timezone.localtime(row.since), "DATETIME_FORMAT"),
            }
            for row in selectors.tier_history_of(pk)
        ],
        "can_ask": permissions.can_ask_override(request.user) and override is None,
        "can_decide": permissions.can_decide_override(request.user)
        and override is not None
        and override.state == "asked"
        and override.asked_by_id != request.user.pk,
    }
    return render(request, "doctors/tier_detail.html", context, status=status)


def tier_context(pk: UUID) -> dict[str, Any]:
    """Return what `doctors/_tier_box.html` needs: the explanation in words and bars. Cost: that of `explain_tier`."""
    why = selectors.explain_tier(pk)
    return {"why": why, "bars": explanations.bars_of(why) if why and why.is_scored else []}


def model_page(
    request: HttpRequest,
    model: SegmentationModel,
    *,
    fault: str = "",
    assess: AssessForm | None = None,
    form: SpecForm | None = None,
    sign: SignForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show one model: its life, its features, what was tried with it."""
    spec = model.spec
    can_activate = (
        permissions.can_activate_model(request.user)
        and model.state == ModelState.ASSESSED
        and model.author_id != request.user.pk
    )
    weights = dict(zip([feature.key for feature in spec.features], weights_of(spec), strict=True))
    return render(
        request,
        "doctors/model_detail.html",
        {
            "model": model,
            "fault": fault,
            "form": form or SpecForm(initial=SpecForm.initial_of(spec)),
            "last_trial": trials.last_trial_of(model.pk),
            "evaluation": trials.last_trial_of(model.pk, TrialKind.EVALUATION),
            "can_try": permissions.can_try_model(request.user),
            "features": score_words.feature_rows(spec, weights),
            "can_edit": permissions.can_edit_model(request.user),
            "others": segmentation.models().exclude(pk=model.pk)[:20],
            "cuts": score_words.cut_rows(spec),
            "assess": assess or AssessForm(initial={"assessed_on": timezone.localdate()}),
            "can_assess": permissions.can_assess_model(request.user) and model.state == ModelState.DRAFT,
            "can_activate": can_activate,
            "sign": sign or SignForm(auto_id="activate_%s"),
            "fingerprint": model_fingerprint(model),
            "asked": requests_about(FLOW, f"segmentation_model:{model.pk}").first(),
            "needs_code": can_activate and needs_code(request),
            "at": timezone.now(),
            "can_retire": permissions.can_activate_model(request.user) and model.state == ModelState.ACTIVE,
            "can_run": permissions.can_run_scoring(request.user)
            and model.state in (ModelState.ASSESSED, ModelState.ACTIVE),
        },
        status=status,
    )


def _share(count: int, whole: int) -> str:
    return f"{count * 1000 // whole / 10:.1f}%" if whole else "—"
