"""Desktop: the list of visits, one visit with its verdict, and its correction."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from activities import actions, permissions, selectors
from activities.forms.desk import AmendForm, VisitFilter
from compliance import selectors as law_selectors
from doctors import selectors as doctors
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import Column, excel, export_url, page_of

COLUMNS = (
    Column(gettext_lazy("When"), "moment"),
    Column(gettext_lazy("Doctor"), "doctor_name"),
    Column(gettext_lazy("Hospital"), lambda row: row.hospital.name),
    Column(gettext_lazy("Representative"), lambda row: str(row.rep)),
    Column(gettext_lazy("Channel"), lambda row: row.get_channel_display()),
    Column(gettext_lazy("Purpose"), lambda row: row.get_purpose_display()),
    Column(gettext_lazy("State"), lambda row: row.get_state_display()),
    Column(gettext_lazy("In breach"), "in_breach"),
    Column(gettext_lazy("Lateness"), lambda row: row.get_lateness_display()),
)
MOST_ROWS = 20_000


@login_required
def visit_list(request: HttpRequest) -> HttpResponse:
    """Visits within the person's sight, newest first; filters stand in the address."""
    if not permissions.can_see_visits(request.user):
        raise PermissionDenied
    form = VisitFilter(request.GET)
    visits = selectors.visit_filters(
        selectors.visits_visible_to(request.user, on=timezone.localdate()), **form.chosen()
    )
    if request.GET.get("export") == "xlsx":
        rows = _named(list(visits.order_by("-id")[: MOST_ROWS + 1]))
        return excel(
            "visits",
            COLUMNS,
            rows,
            seen_by=request.user,
            at=timezone.now(),
            filters=form.in_words(),
            most=MOST_ROWS,
            person="doctor_id",
        )
    page = page_of(visits, request, order=("-id",))
    _named(page.rows)
    return render(
        request,
        "activities/visit_list.html",
        {"form": form, "page": page, "export": export_url(request)},
    )


@login_required
def visit_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One visit: what was done, what the law said, what was shown, what was corrected."""
    visit = _visible_or_404(request, pk)
    return render(request, "activities/visit_detail.html", _detail(request, visit, AmendForm()))


@login_required
@require_POST
def visit_amend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct a submitted visit; the visit itself stays as it was sent."""
    visit = _visible_or_404(request, pk)
    form = AmendForm(request.POST)
    if form.is_valid():
        try:
            actions.amend_visit(
                visit_id=pk,
                reason=form.cleaned_data["reason"],
                changes=form.changes(),
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("The correction stands beside the visit."))
            return redirect("activities:visit-detail", pk=pk)
    return render(request, "activities/visit_detail.html", _detail(request, visit, form), status=400)


def _detail(request: HttpRequest, visit, form: AmendForm) -> dict:
    cards = doctors.doctor_cards([visit.doctor_id, *(each.doctor_id for each in visit.attendees.all())])
    return {
        "visit": visit,
        "doctor": cards.get(visit.doctor_id),
        "attendees": [cards[each.doctor_id] for each in visit.attendees.all() if each.doctor_id in cards],
        "note": selectors.note_of(visit),
        "flags": selectors.quality_flags(visit),
        "verdict": law_selectors.verdict_given(visit.verdict_id) if visit.verdict_id else None,
        "entries": _time_line(visit),
        "form": form,
        "may_amend": visit.is_reported and permissions.can_write_visit(request.user, visit),
    }


def _time_line(visit) -> list[dict]:
    moments = [
        (amendment.at, _("Corrected"), amendment.reason, str(amendment.by))
        for amendment in visit.amendments.all()
    ]
    for moment, act in (
        (visit.submitted_at, _("Submitted")),
        (visit.device_saved_at, _("Saved on the device")),
        (visit.ended_at, _("Ended")),
        (visit.started_at, _("Began")),
        (visit.planned_at, _("Planned for")),
    ):
        if moment:
            moments.append((moment, act, "", ""))
    return [
        {
            "act": act,
            "detail": detail,
            "meta": f"{timezone.localtime(moment):%Y-%m-%d %H:%M} {who}".strip(),
            "is_shown": index == 0,
        }
        for index, (moment, act, detail, who) in enumerate(
            sorted(moments, key=lambda row: row[0], reverse=True)
        )
    ]


def _named(rows: list) -> list:
    cards = doctors.doctor_cards({row.doctor_id for row in rows})
    for row in rows:
        card = cards.get(row.doctor_id)
        row.doctor_name = card.name if card else ""
        row.tier, row.tier_label = (card.tier, card.tier_label) if card else ("", "")
        row.url = reverse("activities:visit-detail", kwargs={"pk": row.pk})
    return rows


def _visible_or_404(request: HttpRequest, pk: UUID):
    if not permissions.can_see_visits(request.user):
        raise PermissionDenied
    if not selectors.visits_visible_to(request.user, on=timezone.localdate()).filter(pk=pk).exists():
        raise Http404
    visit = selectors.visit_parts(pk)
    if visit is None:
        raise Http404
    return visit
