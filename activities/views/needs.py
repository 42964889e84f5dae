"""Desktop: clinical needs and what became of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from activities import actions, permissions, selectors
from activities.forms.desk import NeedFilter, OutcomeForm
from doctors import selectors as doctors
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import Column, excel, export_url, page_of

COLUMNS = (
    Column(gettext_lazy("Clinical question"), "question"),
    Column(gettext_lazy("Hospital"), lambda row: row.hospital.name if row.hospital else ""),
    Column(gettext_lazy("Heard"), "captured_at"),
    Column(gettext_lazy("State"), lambda row: row.get_state_display()),
    Column(gettext_lazy("What was told back"), "outcome"),
)


@login_required
def need_list(request: HttpRequest) -> HttpResponse:
    """Needs within the person's sight, newest first."""
    if not permissions.can_see_needs(request.user):
        raise PermissionDenied
    form = NeedFilter(request.GET)
    needs = selectors.needs_visible_to(request.user, on=timezone.localdate()).filter(**form.chosen())
    if request.GET.get("export") == "xlsx":
        return excel(
            "needs",
            COLUMNS,
            needs.order_by("-id"),
            seen_by=request.user,
            at=timezone.now(),
            filters=form.in_words(),
            person="doctor_id",
        )
    page = page_of(needs, request, order=("-id",))
    cards = doctors.doctor_cards({need.doctor_id for need in page.rows})
    for need in page.rows:
        need.card = cards.get(need.doctor_id)
    return render(
        request, "activities/need_list.html", {"form": form, "page": page, "export": export_url(request)}
    )


@login_required
def need_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One need; medical says what is told back."""
    if not permissions.can_see_needs(request.user):
        raise PermissionDenied
    need = selectors.needs_visible_to(request.user, on=timezone.localdate()).filter(pk=pk).first()
    if need is None:
        raise Http404
    form = OutcomeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_need(
                need_id=pk, outcome=form.cleaned_data["outcome"], by=request.user, at=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("activities:need-detail", pk=pk)
    return render(
        request,
        "activities/need_detail.html",
        {
            "need": need,
            "card": doctors.doctor_card(need.doctor_id),
            "form": form,
            "may_close": permissions.can_close_need(request.user) and need.state == "open",
        },
        status=400 if form.is_bound else 200,
    )
