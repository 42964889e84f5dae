"""Pages of realignments: draw up, look at, ask for, take back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from doctors import actions, permissions
from doctors.choices import RealignmentState
from doctors.forms.territories import AskForm, ChangeLineForm, DayForm, RealignmentForm
from doctors.models import Realignment
from doctors.selectors import realignments as reads
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.selectors import people_with_role
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.listing import Column, excel, export_url, page_of

COLUMNS = (
    Column(gettext_lazy("Doctor code"), lambda move: move.doctor.code),
    Column(gettext_lazy("Name"), lambda move: move.doctor.identity.name),
    Column(gettext_lazy("Hospital"), lambda move: str(move.doctor.hospital or "")),
    Column(gettext_lazy("Tier"), lambda move: move.doctor.get_tier_display()),
    Column(pgettext_lazy("territory", "Line"), "line"),
    Column(pgettext_lazy("territory", "From"), lambda move: str(move.from_territory or "")),
    Column(pgettext_lazy("territory", "To"), lambda move: str(move.to_territory or "")),
    Column(gettext_lazy("Left alone"), "is_blocked"),
)
TIERS = ("core", "potential", "basic", "")


@login_required
@require_http_methods(["GET", "POST"])
def realignment_list(request: HttpRequest) -> HttpResponse:
    """List realignments; a POST opens a draft."""
    _may_see(request)
    form = RealignmentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not permissions.can_align(request.user):
            raise PermissionDenied
        if form.is_valid():
            try:
                opened = actions.open_realignment(**form.cleaned_data, by=request.user, at=timezone.now())
            except DomainError as refusal:
                form.add_error(refusal.field, refusal.message)
            else:
                return redirect("doctors:realignment-detail", pk=opened.pk)
    context = {
        "page": page_of(reads.realignments_visible_to(request.user), request, order=("-pk",), size=30),
        "form": form,
        "may_draw": permissions.can_align(request.user),
    }
    return render(request, "doctors/realignment_list.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def realignment_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show who would change hands and what that means for the load; a POST adds a line."""
    _may_see(request)
    realignment = get_object_or_404(reads.realignments_visible_to(request.user), pk=pk)
    moves = reads.moves_of(pk)
    if request.GET.get("export") == "xlsx":
        about = [
            (_("Realignment of territories"), realignment.name),
            (_("Holds from"), str(realignment.effective_on)),
        ]
        return excel(
            "realignment",
            COLUMNS,
            moves.order_by("doctor_id", "pk"),
            seen_by=request.user,
            at=timezone.now(),
            filters=about,
            person="doctor_id",
        )
    form = ChangeLineForm(
        request.POST if request.method == "POST" else None, user=request.user, on=realignment.effective_on
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_realignment_change(
                realignment_id=pk, **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            return redirect("doctors:realignment-detail", pk=pk)
    page = page_of(moves, request, order=("doctor_id", "pk"))
    context = {
        "realignment": realignment,
        "changes": reads.changes_of(pk),
        "form": form,
        "page": page,
        "export": export_url(request),
        "tiers": TIERS,
        **_consequences(realignment),
        "may_change": realignment.author_id == request.user.pk
        and realignment.state == RealignmentState.DRAFT,
        "may_reverse": permissions.can_align(request.user) and realignment.state == RealignmentState.DONE,
        "ask_form": AskForm(people_asked=_approvers(request, realignment)),
        "day_form": DayForm(),
    }
    return render(request, "doctors/realignment_detail.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def change_drop(request: HttpRequest, pk: UUID, change_pk: UUID) -> HttpResponse:
    """Take a line out of a draft."""
    get_object_or_404(reads.realignments_visible_to(request.user), pk=pk)
    if not reads.changes_of(pk).filter(pk=change_pk).exists():
        raise Http404
    try:
        actions.drop_realignment_change(change_id=change_pk, by=request.user, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("doctors:realignment-detail", pk=pk)


@login_required
@require_POST
def realignment_move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Work out again, ask, drop or take back."""
    realignment = get_object_or_404(reads.realignments_visible_to(request.user), pk=pk)
    given: dict[str, Any] = {"realignment_id": pk, "by": request.user, "at": timezone.now()}
    target = pk
    try:
        match verb:
            case "preview":
                actions.preview_realignment(**given)
            case "drop":
                actions.drop_realignment(**given)
            case "ask":
                form = AskForm(request.POST, people_asked=_approvers(request, realignment))
                if not form.is_valid():
                    raise actions.RealignmentNotMoved(_("Choose who agrees."))
                actions.ask_realignment(**given, approver_id=UUID(form.cleaned_data["approver_id"]))
                messages.success(
                    request, _("Sent for approval. It is carried out as soon as it is agreed to.")
                )
            case "reverse":
                day = DayForm(request.POST)
                if not day.is_valid():
                    raise actions.RealignmentNotMoved(_("Give the day from which it holds."))
                target = actions.reverse_realignment(
                    **given, effective_on=day.cleaned_data["effective_on"]
                ).pk
            case _:
                raise Http404
    except Refused:
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("doctors:realignment-detail", pk=target)


def _consequences(realignment: Realignment) -> dict[str, Any]:
    moves = reads.moves_of(realignment.pk)
    is_planned = realignment.state in {RealignmentState.DRAFT, RealignmentState.ASKED}
    is_agreed = realignment.state in {RealignmentState.APPROVED, RealignmentState.DONE}
    return {
        "moving": moves.filter(is_blocked=False).count(),
        "blocked": moves.filter(is_blocked=True).count(),
        "hospitals": reads.hospitals_moving(realignment.pk),
        "loads": [
            (load, [(tier, load.before.get(tier, 0), load.after.get(tier, 0)) for tier in TIERS])
            for load in (reads.load_of(realignment) if is_planned else [])
        ],
        "plans": reads.open_plans_of(realignment) if is_planned or is_agreed else [],
        "is_planned": is_planned,
    }


def _approvers(request: HttpRequest, realignment: Realignment) -> list[Any]:
    found = {
        person.pk: person
        for role in (Role.STEWARD, Role.ADMINISTRATOR, Role.LINE_MANAGER)
        for person in people_with_role(role).exclude(pk=realignment.author_id)
    }
    return [person for person in found.values() if reads.may_reach(person, realignment)]


def _may_see(request: HttpRequest) -> None:
    if not permissions.can_see_alignment(request.user):
        raise PermissionDenied
