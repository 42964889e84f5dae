"""Pages of what-if and evaluation: ask for one, watch it, read what it found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from doctors import actions, permissions, selectors
from doctors.choices import RunState, Tier, TrialKind
from doctors.forms.segmentation import SpecForm
from doctors.models import ScoringTrial, SegmentationModel
from doctors.rules.features import CATALOGUE
from doctors.selectors import model_words, score_words, tiers
from doctors.selectors import trials as found
from doctors.views.segmentation import model_page
from pharmacrm.common import jobs
from pharmacrm.common.listing import page_of
from pharmacrm.common.templatetags.look import listed


@login_required
@require_POST
def trial_start(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Ask what a model, with the figures typed in, would change; or how it behaves."""
    model = get_object_or_404(SegmentationModel, pk=pk)
    if not permissions.can_try_model(request.user):
        raise PermissionDenied
    form = SpecForm(request.POST) if "core_cut" in request.POST else None
    if form is not None and not form.is_valid():
        return model_page(request, model, form=form, status=400)
    try:
        trial = actions.open_trial(
            model_id=pk,
            by=request.user,
            at=timezone.now(),
            kind=TrialKind.EVALUATION if kind == "evaluate" else TrialKind.WHAT_IF,
            spec=form.spec() if form is not None else None,
        )
    except actions.TrialNotStarted as refusal:
        return model_page(request, model, form=form, fault=str(refusal), status=409)
    return redirect("doctors:trial-detail", pk=trial.pk)


@login_required
@require_GET
def trial_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far a trial is; then what it found, and whom it would move."""
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied
    trial = get_object_or_404(found.trials(), pk=pk)
    is_open = trial.state in (RunState.WAITING, RunState.RUNNING)
    context: dict[str, Any] = {
        "trial": trial,
        "job": trial.job if is_open else None,
        "job_is_anothers": trial.asked_by_id != request.user.pk,
        "time_left": _time_left(trial) if is_open else "",
    }
    if trial.state == RunState.DONE:
        context |= _evaluation(trial) if trial.kind == TrialKind.EVALUATION else _what_if(request, trial)
    return render(request, "doctors/trial_detail.html" + ("#trial" if request.htmx else ""), context)


def _what_if(request: HttpRequest, trial: ScoringTrial) -> dict[str, Any]:
    visible = selectors.doctors_visible_to(request.user, timezone.localdate())
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    movers = found.movers_of(trial, visible, before=before, after=after)
    core, potential = trial.result.get("lines", [0, 0])
    then = found.totals_then(trial)
    groups = [*found.by_level(trial), *found.by_region(trial)]
    baseline = trial.baseline.model if trial.baseline else None
    return {
        "matrix": found.matrix_of(trial),
        "moved": found.moved_of(trial),
        "levels": found.by_level(trial),
        "regions": found.by_region(trial),
        "flagged": sum(row.is_flagged for row in groups),
        "core_line": score_words.points(core),
        "potential_line": score_words.points(potential),
        "seconds": f"{trial.result.get('milliseconds', 0) / 1000:.1f}",
        "figures": [
            {"label": tiers.label_of(tier), "count": n, "share": found.share(n, trial.result["doctors"])}
            for tier, n in then.items()
        ],
        "warnings": _warnings(trial),
        "differences": model_words.differences(baseline.spec, actions.spec_of(trial)) if baseline else [],
        "page": page_of(movers, request, order=("-score_bp", "-pk")),
        "chosen": f"{tiers.label_of(before)} → {tiers.label_of(after)}"
        if before in Tier.values and after in Tier.values
        else "",
    }


def _evaluation(trial: ScoringTrial) -> dict[str, Any]:
    return {
        "stability": found.stability_bars(trial),
        "attention": found.attention_bars(trial),
        "curve": found.lorenz_curve(trial),
        "nudges": found.nudge_rows(trial),
        "days": trial.result.get("attention", {}).get("days", 0),
        "seconds": f"{trial.result.get('milliseconds', 0) / 1000:.1f}",
    }


def _warnings(trial: ScoringTrial) -> list[str]:
    said = []
    if not trial.result.get("doctors"):
        said.append(_("There is nobody to score."))
    flat = [_(CATALOGUE[key].label) for key in trial.result.get("flat", []) if key in CATALOGUE]
    if flat:
        said.append(
            _("These features tell nobody apart, for everybody has the same value: %(features)s.")
            % {"features": listed(flat)}
        )
    smallest = trial.result.get("smallest_cohort")
    if smallest is not None and smallest < trial.spec.get("min_cohort", 0):
        said.append(
            ngettext(
                "Even put together, the smallest cohort has %(n)d doctor.",
                "Even put together, the smallest cohort has %(n)d doctors.",
                smallest,
            )
            % {"n": smallest}
        )
    return said


def _time_left(trial: ScoringTrial) -> str:
    left = jobs.time_left(trial.job, at=timezone.now()) if trial.job else None
    if left is None:
        return ""
    seconds = int(left.total_seconds()) + 1
    return ngettext("about %(n)d second left", "about %(n)d seconds left", seconds) % {"n": seconds}
