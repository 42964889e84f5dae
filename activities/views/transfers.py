"""Desktop: transfers of value as they were reported, each down to the row of the file it came from."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from activities import permissions
from activities.forms.desk import TransferFilter
from activities.selectors.transfers import source_of_transfer, transfer_filters, transfers_visible_to
from doctors import selectors as doctors
from pharmacrm.common.listing import Column, excel, export_url, page_of

ORDER = ("-paid_on", "-id")
COLUMNS = (
    Column(gettext_lazy("Day of payment"), "paid_on"),
    Column(gettext_lazy("Doctor code"), lambda row: row.doctor.code),
    Column(gettext_lazy("Payer"), "payer"),
    Column(gettext_lazy("Amount"), lambda row: row.amount_minor / 100),
    Column(gettext_lazy("Currency"), "currency"),
    Column(gettext_lazy("Category"), lambda row: row.get_category_display()),
    Column(gettext_lazy("Nature"), "nature"),
    Column(gettext_lazy("Form"), "form"),
    Column(gettext_lazy("Product"), "product"),
    Column(gettext_lazy("Study"), "study"),
    Column(gettext_lazy("Reported by"), lambda row: row.get_source_display()),
    Column(gettext_lazy("Record number"), "record_number"),
)


@login_required
@require_GET
def transfer_list(request: HttpRequest) -> HttpResponse:
    """All reported transfers, the latest payment first; for those who oversee and keep the data."""
    if not permissions.can_see_reported_transfers(request.user):
        raise PermissionDenied
    form = TransferFilter(request.GET)
    rows = transfer_filters(transfers_visible_to(request.user), user=request.user, **form.chosen())
    rows = rows.select_related("doctor")
    if request.GET.get("export") == "xlsx":
        return excel(
            "transfers", COLUMNS, rows.order_by(*ORDER), seen_by=request.user, at=timezone.now(),
            filters=form.in_words(), person="doctor_id",
        )  # fmt: skip
    page = page_of(rows, request, order=ORDER)
    cards = doctors.doctor_cards({row.doctor_id for row in page.rows})
    for row in page.rows:
        row.card = cards.get(row.doctor_id)
    return render(
        request,
        "activities/transfer_list.html",
        {"form": form, "page": page, "export": export_url(request)},
    )


@login_required
@require_GET
def transfer_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One reported transfer, beside the row of the file that said so."""
    if not permissions.can_see_reported_transfers(request.user):
        raise PermissionDenied
    found = transfers_visible_to(request.user).select_related("doctor").filter(pk=pk).first()
    if found is None:
        raise Http404
    return render(
        request,
        "activities/transfer_detail.html",
        {
            "transfer": found,
            "card": doctors.doctor_card(found.doctor_id),
            "source": source_of_transfer(found),
        },
    )
