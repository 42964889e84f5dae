"""Read what the law keeps of an erased doctor: one name at a time, with a reason that stands in the ledger."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from doctors import actions, permissions, selectors
from doctors.forms.requests import FrozenForm


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def frozen_read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask what the name is needed for; a POST with words shows it once."""
    if not permissions.can_read_frozen(request.user):
        raise PermissionDenied
    erasure = selectors.erasure_of(pk)
    if erasure is None or not erasure.keeps:
        raise Http404
    form, name = FrozenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            name = actions.read_frozen(
                doctor_id=pk, by=request.user, at=timezone.now(), purpose=form.cleaned_data["purpose"]
            )
        except actions.ErasureNotDone as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    context = {"erasure": erasure, "form": form, "name": name, "key": pk}
    return render(request, "doctors/frozen_name.html", context, status=400 if form.errors else 200)
