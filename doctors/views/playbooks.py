"""The page of the communication strategy."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doctors import actions, permissions
from doctors.actions.playbooks import CHANGEABLE, adopt_default_playbooks
from doctors.choices import Channel, ContentKind, Tier
from doctors.forms.playbooks import ChangePlaybookForm, NewPlaybookForm
from doctors.models import Playbook
from doctors.selectors.playbooks import playbook, playbooks, strategy_of, versions_of, whom_of


@login_required
@require_http_methods(["GET", "POST"])
def playbook_list(request: HttpRequest) -> HttpResponse:
    """Show the strategy; POST takes over the proposed one where none is kept."""
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied
    if request.method == "POST":
        if not permissions.can_edit_playbook(request.user):
            raise PermissionDenied
        adopt_default_playbooks(by=request.user, at=timezone.now())
        return redirect("doctors:playbook-list")
    rows = [
        {
            "pk": cell.pk,
            "tier": cell.tier,
            "label": Tier(cell.tier).label,
            "whom": whom_of(cell).partition(" · ")[2] or _("everybody"),
            "goal": strategy_of(cell).goal,
            "content": [ContentKind(kind).label for kind in cell.content_kinds],
            "channels": [Channel(channel).label for channel in cell.channels],
            "visits": cell.visits_per_cycle,
            "contacts": cell.contacts_per_cycle,
            "version": cell.version,
        }
        for cell in playbooks()
    ]
    can_edit = permissions.can_edit_playbook(request.user)
    return render(request, "doctors/playbook_list.html", {"rows": rows, "can_edit": can_edit})


@login_required
@require_http_methods(["GET", "POST"])
def playbook_new(request: HttpRequest) -> HttpResponse:
    """Write a line for a narrower group."""
    if not permissions.can_edit_playbook(request.user):
        raise PermissionDenied
    form = NewPlaybookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_playbook(by=request.user, at=timezone.now(), **form.cleaned_data)
        except actions.PlaybookNotSaved as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("doctors:playbook-list")
    return render(request, "doctors/playbook_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def playbook_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One line with its earlier versions; whoever may, changes it, and the change is the next version."""
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied
    cell = playbook(pk)
    if cell is None:
        raise Http404
    if request.method == "POST" and not permissions.can_edit_playbook(request.user):
        raise PermissionDenied
    initial = {name: getattr(cell, name) for name in CHANGEABLE}
    form = ChangePlaybookForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_playbook(playbook_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except actions.PlaybookNotSaved as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("doctors:playbook-edit", pk=pk)
    return _line_page(request, cell, form)


@login_required
@require_POST
def playbook_retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a line out of use."""
    if not permissions.can_edit_playbook(request.user):
        raise PermissionDenied
    cell = playbook(pk)
    if cell is None:
        raise Http404
    try:
        actions.retire_playbook(
            playbook_id=pk, reason=request.POST.get("reason", "")[:300], by=request.user, at=timezone.now()
        )
    except actions.PlaybookNotSaved as refusal:
        initial = {name: getattr(cell, name) for name in CHANGEABLE}
        return _line_page(request, cell, ChangePlaybookForm(initial=initial), fault=str(refusal), status=409)
    return redirect("doctors:playbook-list")


def _line_page(
    request: HttpRequest, cell: Playbook, form: ChangePlaybookForm, *, fault: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "cell": cell,
        "strategy": strategy_of(cell),
        "form": form,
        "fault": fault,
        "can_edit": permissions.can_edit_playbook(request.user),
        "is_for_everybody": not (cell.role or cell.level_band or cell.department_code),
        "versions": versions_of(cell),
    }
    return render(request, "doctors/playbook_form.html", context, status=status)
