"""The territory tree, and one territory with its people by day."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pharmacrm.accounts import actions, permissions, selectors
from pharmacrm.accounts.forms import EndMemberForm, MemberForm, MoveForm, NameForm, TerritoryForm
from pharmacrm.accounts.models import Territory
from pharmacrm.accounts.requests import PersonRequest


@login_required
def territories(request: PersonRequest) -> HttpResponse:
    """Show the tree; a POST adds a territory."""
    if not permissions.can_see_territories(request.user):
        raise PermissionDenied
    form = TerritoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_territory(**form.cleaned_data, by=request.user, at=timezone.now())
        except actions.TerritoryNotChanged as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            return redirect("accounts:territory", pk=added.pk)
    context = {
        "tree": selectors.tree_on(timezone.localdate()),
        "form": form,
        "can_manage": permissions.can_manage_territories(request.user),
        "reads_alignment": permissions.reads_alignment(request.user),
        "today": timezone.localdate(),
    }
    return render(request, "accounts/territories.html", context)


@login_required
def territory(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Show one territory; a POST adds a person to it."""
    if not permissions.can_see_territories(request.user):
        raise PermissionDenied
    place = get_object_or_404(selectors.territories(), pk=pk)
    form = MemberForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_member(territory_id=pk, **form.cleaned_data, by=request.user, at=timezone.now())
        except actions.TerritoryNotChanged as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:territory", pk=pk)
    return _territory_page(request, place, form=form)


@login_required
@require_POST
def rename_territory(request: PersonRequest, pk: UUID) -> HttpResponse:
    place = get_object_or_404(selectors.territories(), pk=pk)
    form = NameForm(request.POST)
    if form.is_valid():
        actions.rename_territory(
            territory_id=pk, name=form.cleaned_data["name"], by=request.user, at=timezone.now()
        )
        messages.success(request, _("Saved."))
        return redirect("accounts:territory", pk=pk)
    return _territory_page(request, place, rename=form)


@login_required
@require_POST
def move_territory(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Hang a territory elsewhere from a day on."""
    place = get_object_or_404(selectors.territories(), pk=pk)
    form = MoveForm(request.POST, place=place, on=timezone.localdate())
    if form.is_valid():
        try:
            actions.move_territory(territory_id=pk, **form.cleaned_data, by=request.user, at=timezone.now())
        except actions.TerritoryNotChanged as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:territory", pk=pk)
    return _territory_page(request, place, move=form)


@login_required
@require_POST
def drop_move(request: PersonRequest, pk: UUID, move_pk: UUID) -> HttpResponse:
    """Take back a move whose day has not come."""
    found = get_object_or_404(selectors.waiting_moves(pk), pk=move_pk)
    actions.drop_move(move_id=found.pk, by=request.user, at=timezone.now())
    return redirect("accounts:territory", pk=pk)


@login_required
@require_POST
def end_member(request: PersonRequest, pk: UUID, member_pk: UUID) -> HttpResponse:
    place = get_object_or_404(selectors.territories(), pk=pk)
    found = get_object_or_404(selectors.members_of(pk), pk=member_pk)
    form = EndMemberForm(request.POST)
    if form.is_valid():
        try:
            actions.end_member(
                member_id=found.pk,
                valid_until=form.cleaned_data["valid_until"],
                by=request.user,
                at=timezone.now(),
            )
        except actions.TerritoryNotChanged as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Saved."))
        return redirect("accounts:territory", pk=pk)
    messages.error(request, _("Give the day on which it ends."))
    return _territory_page(request, place)


def _territory_page(request: PersonRequest, place: Territory, **forms: object) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "place": place,
        "members": selectors.members_of(place.pk),
        "below": selectors.territories().filter(parent=place),
        "form": MemberForm(initial={"valid_from": today}),
        "rename": NameForm(initial={"name": place.name}),
        "move": MoveForm(place=place, on=today, initial={"effective_on": today}),
        "moves": selectors.waiting_moves(place.pk),
        "can_manage": permissions.can_manage_territories(request.user),
        "reads_alignment": permissions.reads_alignment(request.user),
        "today": today,
        **forms,
    }
    return render(request, "accounts/territory.html", context)
