"""Pages where a scoring model is drawn up: the catalogue, a new version, a draft, two versions side by side."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from doctors import actions, permissions
from doctors.choices import ModelState
from doctors.forms.segmentation import ModelForm, SpecForm
from doctors.models import SegmentationModel
from doctors.selectors import model_words, segmentation


@login_required
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """What a doctor may be scored by, and what never."""
    _may_see(request)
    return render(request, "doctors/feature_catalogue.html", {"rows": model_words.catalogue_rows()})


@login_required
@require_http_methods(["GET", "POST"])
def model_new(request: HttpRequest) -> HttpResponse:
    """Draw up a new version, starting from a copy: of the version asked for, else of the one in force."""
    if not permissions.can_edit_model(request.user):
        raise PermissionDenied
    base = _base(request)
    today = timezone.localdate()
    spec = (
        base.spec
        if base
        else actions.default_spec(landmark_on=today.replace(month=1, day=1) - timedelta(days=366))
    )
    form = ModelForm(request.POST or None, initial=SpecForm.initial_of(spec))
    if request.method == "POST" and form.is_valid():
        try:
            model = actions.draft_model(
                version=form.cleaned_data["version"], spec=form.spec(), by=request.user, at=timezone.now()
            )
        except actions.ModelNotSaved as refusal:
            _tell(form, refusal)
        else:
            return redirect("doctors:model-detail", pk=model.pk)
    return render(request, "doctors/model_form.html", {"form": form, "base": base, "model": None})


@login_required
@require_http_methods(["GET", "POST"])
def model_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a draft; who changes it becomes its author."""
    if not permissions.can_edit_model(request.user):
        raise PermissionDenied
    model = get_object_or_404(segmentation.models(), pk=pk)
    form = SpecForm(request.POST or None, initial=SpecForm.initial_of(model.spec))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_model(model_id=pk, spec=form.spec(), by=request.user, at=timezone.now())
        except actions.ModelNotSaved as refusal:
            _tell(form, refusal)
        except actions.ModelNotMoved as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("doctors:model-detail", pk=pk)
    context = {"form": form, "base": None, "model": model, "is_draft": model.state == ModelState.DRAFT}
    return render(request, "doctors/model_form.html", context)


@login_required
@require_GET
def model_compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two versions side by side: what the other says differently."""
    _may_see(request)
    after = get_object_or_404(segmentation.models(), pk=pk)
    other = _asked_for(request.GET.get("with", "")) or segmentation.active_model()
    if other is None or other.pk == after.pk:
        other = segmentation.models().exclude(pk=pk).first()
    rows = model_words.differences(other.spec, after.spec) if other else []
    context = {"before": other, "after": after, "rows": rows, "models": segmentation.models()[:20]}
    return render(request, "doctors/model_compare.html", context)


def _base(request: HttpRequest) -> SegmentationModel | None:
    return _asked_for(request.GET.get("copy", "")) or segmentation.active_model()


def _asked_for(key: str) -> SegmentationModel | None:
    try:
        return segmentation.models().filter(pk=UUID(key)).first()
    except ValueError:
        return None


def _tell(form: SpecForm, refusal: actions.ModelNotSaved) -> None:
    if refusal.faults:
        form.add_faults(refusal.faults)
    else:
        form.add_error(refusal.field, str(refusal))


def _may_see(request: HttpRequest) -> None:
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied
