"""Pages of hospitals."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doctors import actions, permissions, selectors
from doctors.forms.doctors import HospitalFilter
from doctors.forms.hospitals import AliasForm, HospitalForm
from doctors.selectors.cards import card_of_row
from pharmacrm.common.listing import Column, excel, export_url, page_of

COLUMNS = (
    Column(gettext_lazy("Hospital code"), "code"),
    Column(gettext_lazy("Hospital"), "name"),
    Column(gettext_lazy("Level"), lambda row: row.get_level_display()),
    Column(gettext_lazy("Type"), lambda row: row.get_kind_display()),
    Column(gettext_lazy("Division"), lambda row: str(row.division or "")),
    Column(gettext_lazy("Beds"), "beds"),
    Column(gettext_lazy("Address"), "address"),
)


@login_required
@require_GET
def hospital_list(request: HttpRequest) -> HttpResponse:
    """List hospitals: public facts, open to everybody who is signed in."""
    form = HospitalFilter(request.GET)
    rows = selectors.hospitals_listed(**form.chosen())
    if request.GET.get("export") == "xlsx":
        return excel(
            "hospitals",
            COLUMNS,
            rows.order_by("-pk"),
            seen_by=request.user,
            at=timezone.now(),
            person=None,
            filters=form.in_words(),
        )
    page = page_of(rows, request, order=("-pk",))
    return render(
        request, "doctors/hospital_list.html", {"form": form, "page": page, "export": export_url(request)}
    )


@login_required
@require_GET
def hospital_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one hospital, its names, its consortium, and the doctors there a person may see."""
    hospital = get_object_or_404(
        selectors.hospitals_visible_to(request.user).select_related("division", "parent"), pk=pk
    )
    on = timezone.localdate()
    rows = selectors.doctors_listed(request.user, on, hospital=pk)
    page = page_of(rows, request, order=("identity__sort_key", "pk"))
    return render(
        request,
        "doctors/hospital_detail.html",
        {
            "hospital": hospital,
            "aliases": hospital.aliases.order_by("name"),
            "members": hospital.members.order_by("name")[:100],
            "cards": [card_of_row(row) for row in page.rows],
            "page": page,
            "may_edit": permissions.can_edit_master(request.user),
            "alias_form": AliasForm(),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def hospital_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the facts of a hospital."""
    if not permissions.can_edit_master(request.user):
        raise PermissionDenied
    hospital = get_object_or_404(selectors.hospitals_visible_to(request.user).select_related("parent"), pk=pk)
    facts = {name: getattr(hospital, name) for name in HospitalForm.base_fields if hasattr(hospital, name)}
    facts |= {
        "division": hospital.division_id or "",
        "parent": hospital.parent.code if hospital.parent else "",
    }
    form = HospitalForm(request.POST or None, initial=facts)
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_hospital(
                hospital_id=pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
                **form.changes(),
            )
        except actions.HospitalNotSaved as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("doctors:hospital-detail", pk=pk)
    context = {"hospital": hospital, "form": form}
    return render(request, "doctors/hospital_form.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def hospital_alias(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add another name of a hospital."""
    if not permissions.can_edit_master(request.user):
        raise PermissionDenied
    get_object_or_404(selectors.hospitals_visible_to(request.user), pk=pk)
    form = AliasForm(request.POST)
    if form.is_valid():
        actions.add_hospital_alias(hospital_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
    else:
        messages.error(request, gettext("An alias needs a name."))
    return redirect("doctors:hospital-detail", pk=pk)
