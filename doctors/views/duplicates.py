"""Pages of duplicates: the queue, two records side by side, the weights and their lines, the merges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doctors import actions, permissions
from doctors.choices import MatchState, PairState
from doctors.forms.duplicates import LinesForm, PairFilter, PairForm, UndoMergeForm
from doctors.models import MatchModel, MatchPair
from doctors.rules.thresholds import Judged
from doctors.selectors import duplicates, matching
from doctors.selectors.cards import doctor_cards
from pharmacrm.common.listing import page_of

CURVE_WIDTH, CURVE_HEIGHT = 600, 200


@login_required
@require_http_methods(["GET", "POST"])
def match_list(request: HttpRequest) -> HttpResponse:
    """The queue, most alike first; a POST asks for a new search."""
    _may_see(request)
    if request.method == "POST":
        try:
            actions.ask_search(by=request.user, at=timezone.now())
        except actions.MatchingNotMoved as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The search is under way; new pairs appear here."))
        return redirect("doctors:match-list")
    form = PairFilter(request.GET)
    pairs = duplicates.pairs_listed(**form.chosen())
    page = page_of(pairs, request, order=("-score", "pk"), size=20)
    return render(
        request,
        "doctors/match_list.html",
        {
            "form": form,
            "page": page,
            "pairs": duplicates.queued(page.rows),
            "model": matching.model_in_force(),
            "may_merge": permissions.can_merge_doctors(request.user),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def match_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two records side by side; a POST decides."""
    _may_see(request)
    pair = get_object_or_404(MatchPair.objects.select_related("model", "decided_by"), pk=pk)
    form = PairForm(request.POST or None)
    if request.method == "POST":
        if not permissions.can_merge_doctors(request.user):
            raise PermissionDenied
        if form.is_valid():
            try:
                _decide(request, pair, form.cleaned_data)
            except actions.MergeNotMade as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                return redirect(_following(pair))
    weights = matching.weights_in(pair.model)
    cards = doctor_cards([pair.low_id, pair.high_id])
    context = {
        "pair": pair,
        "row": duplicates.queued([pair])[0],
        "low": cards.get(pair.low_id),
        "high": cards.get(pair.high_id),
        "lines": duplicates.side_by_side(pair.low_id, pair.high_id, timezone.localdate()),
        "reasons": matching.reasons_of(weights, tuple(pair.levels)),
        "prior": weights.prior_bits,
        "form": form,
        "may_decide": permissions.can_merge_doctors(request.user)
        and pair.state in (PairState.OPEN, PairState.LATER),
        "merge": pair.merges.filter(undone_at__isnull=True).first(),
    }
    return render(request, "doctors/match_detail.html", context, status=409 if form.errors else 200)


@login_required
@require_GET
def merge_list(request: HttpRequest) -> HttpResponse:
    """Every merge, newest first, each can be taken back."""
    _may_see(request)
    page = page_of(duplicates.merges_listed(), request, order=("-merged_at", "-pk"), size=30)
    context = {
        "page": page,
        "may_undo": permissions.can_merge_doctors(request.user),
        "undo": UndoMergeForm(),
    }
    return render(request, "doctors/merge_list.html", context)


@login_required
@require_POST
def merge_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take two records apart again."""
    if not permissions.can_merge_doctors(request.user):
        raise PermissionDenied
    record = get_object_or_404(duplicates.merges_listed(), pk=pk)
    form = UndoMergeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why they are two doctors."))
        return redirect("doctors:merge-list")
    try:
        actions.undo_merge(
            record_id=record.pk, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
        )
    except actions.MergeNotMade as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("They are two records again, each with its own history."))
    return redirect("doctors:merge-list")


@login_required
@require_http_methods(["GET", "POST"])
def weights(request: HttpRequest) -> HttpResponse:
    """The fits so far; a POST asks for a new one."""
    _may_see(request)
    if request.method == "POST":
        try:
            model = actions.ask_fit(by=request.user, at=timezone.now())
        except actions.MatchingNotMoved as refusal:
            messages.error(request, str(refusal))
            return redirect("doctors:match-weights")
        return redirect("doctors:match-model", pk=model.pk)
    context = {
        "models": matching.match_models()[:20],
        "table": matching.weight_table(matching.shipped_weights()),
        "may_fit": permissions.can_merge_doctors(request.user),
    }
    return render(request, "doctors/match_weights.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def match_model(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One fit: weights in bits, manifest, and the two lines judged while they are moved; a POST draws them."""
    _may_see(request)
    model = get_object_or_404(matching.match_models(), pk=pk)
    asked = request.POST if request.method == "POST" else (request.GET if "lower" in request.GET else None)
    form = LinesForm(
        asked,
        initial={
            "lower": model.lower / 100,
            "upper": model.upper / 100,
            "merges_alone": model.merges_alone,
            "known": "test",
        },
    )
    if request.method == "POST" and form.is_valid():
        lower, upper = form.lines()
        try:
            actions.draw_lines(
                model_id=model.pk, lower=lower, upper=upper, merges_alone=form.cleaned_data["merges_alone"],
                by=request.user, at=timezone.now(),
            )  # fmt: skip
        except actions.MatchingNotMoved as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The lines are drawn."))
            return redirect("doctors:match-model", pk=model.pk)
    context = {"model": model, "form": form, "may_fit": permissions.can_merge_doctors(request.user)}
    if model.state in (MatchState.WAITING, MatchState.FAILED):
        return render(request, "doctors/match_model.html", {**context, "job": model.job})
    context |= {
        "table": matching.weight_table(matching.weights_in(model)),
        "prior": matching.weights_in(model).prior_bits,
        "manifest": [(name, value) for name, value in model.manifest.items() if not isinstance(value, dict)],
        "last_search": model.manifest.get("last_search"),
        **_judged(model, form),
    }
    template = "doctors/match_model.html" + ("#judged" if request.htmx else "")
    return render(request, template, context, status=409 if form.errors else 200)


@login_required
@require_POST
def match_use(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put fitted weights in force."""
    if not permissions.can_merge_doctors(request.user):
        raise PermissionDenied
    model = get_object_or_404(MatchModel, pk=pk)
    try:
        actions.use_weights(model_id=model.pk, by=request.user, at=timezone.now())
    except actions.MatchingNotMoved as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("These weights are in force; the base is searched with them now."))
    return redirect("doctors:match-model", pk=pk)


def _may_see(request: HttpRequest) -> None:
    if not permissions.can_see_duplicates(request.user):
        raise PermissionDenied
    if request.method == "POST" and not permissions.can_merge_doctors(request.user):
        raise PermissionDenied


def _decide(request: HttpRequest, pair: MatchPair, said: dict[str, Any]) -> None:
    at = timezone.now()
    if said["answer"] in ("same_low", "same_high"):
        kept, merged = (
            (pair.low_id, pair.high_id) if said["answer"] == "same_low" else (pair.high_id, pair.low_id)
        )
        actions.merge_doctors(
            kept_id=kept, merged_id=merged, reason=said["reason"], by=request.user, at=at, pair_id=pair.pk
        )
        messages.success(request, _("Merged. Both histories are kept, and it can be undone."))
        return
    actions.decide_pair(
        pair_id=pair.pk, state=said["answer"], reason=said["reason"], look_again_on=said["look_again_on"],
        by=request.user, at=at,
    )  # fmt: skip
    messages.success(request, _("Written down."))


def _following(pair: MatchPair) -> Any:
    """The next pair of the queue, or the queue when it is empty."""
    after = duplicates.pairs_listed().filter(score__lte=pair.score).exclude(pk=pair.pk)
    following = after.order_by("-score", "pk").first()
    return following or "doctors:match-list"


def _judged(model: MatchModel, form: LinesForm) -> dict[str, Any]:
    lower, upper = model.lower, model.upper
    which = "test"
    if form.is_bound and form.is_valid():
        lower, upper = form.lines()
        which = form.cleaned_data["known"] or "test"
    known = matching.known_pairs(model, which)
    curve = known.curve()
    first, last = (curve[0].line, curve[-1].line) if curve else (0, 1)

    def x(line: int) -> float:
        return round(CURVE_WIDTH * (min(max(line, first), last) - first) / max(last - first, 1), 1)

    def path(value: Callable[[Judged], float]) -> str:
        return " ".join(f"{x(one.line)},{round(CURVE_HEIGHT * (1 - value(one)), 1)}" for one in curve)

    return {
        "which": matching.SETS[which],
        "pairs_known": len(known.same) + len(known.other),
        "bands": known.bands(lower, max(lower, upper)),
        "at_lower": known.judge(lower),
        "at_upper": known.judge(max(lower, upper)),
        "best": known.best(),
        "paths": {
            "precision": path(lambda one: one.precision),
            "recall": path(lambda one: one.recall),
            "f1": path(lambda one: one.f1),
        },
        "lower_x": str(x(lower)),
        "upper_x": str(x(max(lower, upper))),
        "first_bits": first / 100,
        "last_bits": last / 100,
    }
