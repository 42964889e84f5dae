"""Pages of hospitals."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from doctors import selectors
from doctors.forms.doctors import HospitalFilter
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
        },
    )
