"""The list of doctors whose academic engagement rises or cools."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from doctors import permissions, selectors
from doctors.choices import AlertKind
from doctors.rules.alerts import WINDOW_DAYS
from doctors.selectors.alerts import alerts_of
from pharmacrm.common.listing import page_of


@login_required
@require_GET
def engagement(request: HttpRequest) -> HttpResponse:
    """Open alerts of the doctors in sight, newest first."""
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied
    kind = request.GET.get("kind", "")
    visible = selectors.doctors_visible_to(request.user, timezone.localdate())
    rows = alerts_of(visible, kind=kind if kind in AlertKind.values else "")
    context = {
        "page": page_of(rows, request, order=("-noted_on", "-pk")),
        "kinds": AlertKind.choices,
        "kind": kind,
        "days": WINDOW_DAYS,
    }
    return render(request, "doctors/engagement_list.html", context)
