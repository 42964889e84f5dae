"""Pages of applications that call the API: the list, a new one, another secret, the end. A secret is shown once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from oauth2_provider.models import Application

from compliance.doors import needs_code, proof_of, say
from compliance.selectors.signatures import signatures_of
from pharmacrm.accounts import permissions
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of

from . import actions, selectors
from .forms import NewClientForm, ReasonAndProofForm


@login_required
@require_GET
def client_list(request: HttpRequest) -> HttpResponse:
    """Show every application with its account and its last token."""
    _may_see(request)
    context = {
        "page": page_of(selectors.clients(), request, order=("-created", "-pk"), size=50),
        "can_manage": permissions.can_manage_people(request.user),
    }
    return render(request, "api/clients.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def client_new(request: HttpRequest) -> HttpResponse:
    """Register an application; its secret is on the answer and nowhere else."""
    if not permissions.can_manage_people(request.user):
        raise PermissionDenied
    form = NewClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        is_service = said["kind"] == "service"
        is_new = is_service and said["service_account"] is None
        try:
            made = actions.register_client(
                name=said["name"],
                reason=said["reason"],
                service_account=said["service_account"] if is_service else None,
                new_account=actions.NewAccount(said["username"], said["email"]) if is_new else None,
                redirect_uris=said["redirect_uris"],
                by=request.user,
                at=timezone.now(),
                proof=proof_of(request),
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            return render(request, "api/client_made.html", {"made": made, "name": said["name"]})
    context = {"form": form, "needs_code": needs_code(request)}
    return render(request, "api/client_new.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def client_detail(request: HttpRequest, client_id: str) -> HttpResponse:
    """Show one application; a POST gives it another secret or ends it."""
    _may_see(request)
    client: Application = get_object_or_404(selectors.clients(), client_id=client_id)
    form = ReasonAndProofForm(request.POST or None)
    if request.method == "POST":
        if not permissions.can_manage_people(request.user):
            raise PermissionDenied
        if form.is_valid():
            try:
                return _done(request, client, form.cleaned_data["reason"])
            except DomainError as refusal:
                say(form, refusal)
    context = {
        "client": client,
        "signatures": signatures_of(f"client:{client.client_id}"),
        "form": form,
        "is_disabled": actions.is_disabled(client),
        "can_manage": permissions.can_manage_people(request.user),
        "needs_code": needs_code(request),
    }
    return render(request, "api/client.html", context, status=400 if form.errors else 200)


def _done(request: HttpRequest, client: Application, reason: str) -> HttpResponse:
    given = {"client_id": client.client_id, "reason": reason, "by": request.user, "at": timezone.now()}
    if request.POST.get("act") == "disable":
        actions.disable_client(**given, proof=proof_of(request))
        messages.success(request, _("The application is disabled; its tokens have ended."))
        return redirect("clients:detail", client_id=client.client_id)
    made = actions.renew_secret(**given, proof=proof_of(request))
    return render(request, "api/client_made.html", {"made": made, "name": client.name})


def _may_see(request: HttpRequest) -> None:
    if not permissions.can_see_people(request.user):
        raise PermissionDenied
