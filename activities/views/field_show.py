"""On the phone: choose a released material, show it page by page, and keep how long each page was looked at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities import actions
from activities.actions import payloads
from activities.selectors import field_day, show_facts
from activities.views.field_day import card_or_404, material_or_404
from activities.views.field_doors import field_page, show
from content import actions as content_actions
from pharmacrm.accounts.choices import Role

CHOOSE = "activities/field/choose.html"
VIEWER = "activities/field/viewer.html"


@field_page
def choose_material(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The materials meant for this doctor, best first, each with the reason."""
    return show(request, CHOOSE, choose_context(request, card_or_404(request, pk)))


def choose_context(request: HttpRequest, card: Any) -> dict[str, Any]:
    now = timezone.now()
    questions = field_day.open_questions([card.id]).get(card.id, [])
    return {
        "doctor": card,
        "materials": field_day.ranked_materials(card, questions, by=request.user, at=now, limit=30),
    }


@field_page
@require_POST
def show_material(request: HttpRequest, pk: UUID, version: UUID) -> HttpResponse:
    """Open a material before this doctor; the law is asked first."""
    card = card_or_404(request, pk)
    material_or_404(version)
    visit = field_day.planned_visit_with(request.user, card.id, at=timezone.now())
    showing = actions.show_material(
        version_id=version,
        doctor_id=card.id,
        by=request.user,
        at=timezone.now(),
        visit_id=visit.pk if visit else None,
    )
    return redirect("activities:field-viewer", pk=showing.pk)


@field_page
def viewer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The pages of a showing, full screen."""
    showing = show_facts.own_showing(pk, by=request.user)
    if showing is None:
        raise Http404
    return show(request, VIEWER, viewer_context(request, showing))


def viewer_context(request: HttpRequest, showing: Any) -> dict[str, Any]:
    card = material_or_404(showing.version_id)
    return {
        "showing": showing,
        "doctor": card_or_404(request, showing.doctor_id),
        "material": card,
        "page_numbers": range(1, card.pages + 1),
    }


@field_page
@require_POST
def page_views(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take what the viewer measured: milliseconds a page."""
    try:
        pages = payloads.page_views(orjson.loads(request.body or b"[]"))
    except (ValueError, TypeError, KeyError):
        return JsonResponse({"detail": "pages"}, status=400)
    try:
        kept = actions.record_page_views(showing_id=pk, pages=pages, by=request.user, at=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    return JsonResponse({"kept": len(kept)})


@login_required
def page_image(request: HttpRequest, version: UUID, page: int) -> HttpResponse:
    """One page of a version that may be shown today. Anything else is not there."""
    if not request.user.has_role(Role.REP, Role.LINE_MANAGER):
        raise PermissionDenied
    found = content_actions.released_page(version_id=version, page=page, by=request.user, at=timezone.now())
    if found is None:
        raise Http404
    response = HttpResponse(found, content_type="image/webp")
    response.headers["Cache-Control"] = "no-store"
    return response
