"""Personal-data incidents: reported by anybody, handled by the case's team against two clocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from compliance import actions, permissions
from compliance.actions import IncidentReport
from compliance.choices import DataKind
from compliance.doors import say
from compliance.forms.incidents import (
    AuthorityToldForm,
    ContainForm,
    EmptyForm,
    IncidentForm,
    NoticeForm,
    PersonsToldForm,
    SizeForm,
    SpareForm,
)
from compliance.models import PrivacyIncident
from compliance.selectors.casework import cases_visible_to
from compliance.views.words import due
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of

FORMS: dict[str, Any] = {
    "contain": ContainForm,
    "size": SizeForm,
    "authority": AuthorityToldForm,
    "persons": PersonsToldForm,
    "spare": SpareForm,
    "notice": NoticeForm,
    "close": EmptyForm,
}
ACTS: dict[str, Callable[..., Any]] = {
    "contain": actions.contain_incident,
    "size": actions.size_incident,
    "authority": actions.tell_authority,
    "persons": actions.tell_persons,
    "spare": actions.spare_persons,
    "notice": actions.draft_notice,
    "close": actions.close_incident,
}


@login_required
@require_http_methods(["GET", "POST"])
def incident_list(request: HttpRequest) -> HttpResponse:
    """Report an incident, which everybody may; the list is of those whose case the reader may open."""
    at = timezone.now()
    form = IncidentForm(
        request.POST if request.method == "POST" else None,
        initial={"detected_at": timezone.localtime(at).replace(tzinfo=None)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            incident = actions.report_incident(
                report=IncidentReport(**form.cleaned_data), by=request.user, at=at
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Reported. The clock runs; Compliance was told at once."))
            if permissions.can_see_case(request.user, incident.case):
                return redirect("compliance:incident-detail", incident.pk)
            return redirect("compliance:incident-list")
    rows = PrivacyIncident.objects.filter(case__in=cases_visible_to(request.user).values("pk"))
    page = page_of(rows.select_related("case"), request, order=("-detected_at", "-pk"))
    context = {"form": form, "page": page, "rows": [(row, _clocks(row, at)) for row in page.rows]}
    return render(request, "compliance/incident_list.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET"])
def incident_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _page(request, _incident(request, pk), {})


@login_required
@require_POST
def incident_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Do one step of an incident, named by the address."""
    incident = _incident(request, pk)
    if not permissions.can_lead_case(request.user, incident.case):
        raise PermissionDenied
    if verb not in FORMS:
        raise Http404
    form = FORMS[verb](request.POST, auto_id=f"{verb}_%s")
    if form.is_valid():
        try:
            made = ACTS[verb](incident_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            say(form, refusal)
        else:
            if verb == "notice":
                return redirect("compliance:letter-detail", made.pk)
            return redirect("compliance:incident-detail", pk)
    return _page(request, incident, {verb: form}, status=400)


def _incident(request: HttpRequest, pk: UUID) -> PrivacyIncident:
    incident: PrivacyIncident = get_object_or_404(
        PrivacyIncident.objects.select_related("case__owner", "reported_by"), pk=pk
    )
    if not permissions.can_see_case(request.user, incident.case):
        raise Http404
    return incident


def _page(
    request: HttpRequest, incident: PrivacyIncident, bound: dict[str, Any], status: int = 200
) -> HttpResponse:
    at = timezone.now()
    size = {
        "persons_affected": incident.persons_affected,
        "is_estimate": incident.is_estimate,
        "data_kinds": incident.data_kinds,
    }
    initial = {"size": size, "contain": {"measures": incident.measures_words, "advice": incident.advice}}
    context = {
        "incident": incident,
        "case": incident.case,
        "kinds": [DataKind(kind).label for kind in incident.data_kinds],
        "clocks": _clocks(incident, at),
        "forms": {
            name: bound.get(name) or form(initial=initial.get(name), auto_id=f"{name}_%s")
            for name, form in FORMS.items()
        },
        "bound": next(iter(bound), ""),
        "letters": incident.case.letters.select_related("case").order_by("drafted_at"),
        "may_act": incident.state != "closed" and permissions.can_lead_case(request.user, incident.case),
    }
    return render(request, "compliance/incident_detail.html", context, status=status)


def _clocks(incident: PrivacyIncident, at: Any) -> dict[str, Any]:
    """Return both clocks in words; one that was met stands still."""
    return {
        "internal": due(incident.internal_due_at, at) if incident.contained_at is None else ("", False),
        "internal_met": incident.contained_at is not None
        and incident.contained_at <= incident.internal_due_at,
        "authority": due(incident.authority_due_at, at)
        if incident.authority_told_at is None
        else ("", False),
        "authority_met": incident.authority_told_at is not None
        and incident.authority_told_at <= incident.authority_due_at,
    }
