"""Open a sealed file of an event: what it is needed for is asked first and stands in the ledger."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activities import permissions
from activities.actions.sealed import read_sealed_proof
from activities.forms.sealed import SealedProofForm
from activities.selectors.sealed import sealed_by_key
from compliance.doors import say
from pharmacrm.common.errors import DomainError

ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def sealed_proof(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask what the file is needed for; a POST with words hands it out."""
    if not permissions.can_read_sealed_proof(request.user):
        raise PermissionDenied
    sealed = sealed_by_key(pk)
    if sealed is None:
        raise Http404
    form = SealedProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            content = read_sealed_proof(
                sealed_id=pk, purpose=form.cleaned_data["purpose"], by=request.user, at=timezone.now()
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            kind = sealed.file.media_type
            name = f"{sealed.file.sha256[:12]}.{ENDINGS.get(kind, 'bin')}"
            answer = HttpResponse(content, content_type=kind)
            answer["Content-Disposition"] = f'attachment; filename="{name}"'
            answer["X-Content-Type-Options"] = "nosniff"
            return answer
    context = {"sealed": sealed, "form": form}
    return render(request, "activities/sealed_proof.html", context, status=400 if form.errors else 200)
