"""The phone's first pages: today, doctors, one doctor, library, messages, me."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from activities.selectors import events, field_day, field_kit, needs
from activities.selectors.speakers import speaker_lines
from activities.views.field_doors import field_page, show
from content import selectors as content
from doctors import selectors as doctors
from doctors.selectors import saved as kept
from pharmacrm.common.models import Notification

TODAY = "activities/field/today.html"
DOCTORS = "activities/field/doctors.html"
DOCTOR = "activities/field/doctor.html"
LIBRARY = "activities/field/library.html"
MESSAGES = "activities/field/messages.html"
ME = "activities/field/me.html"
MOST_DOCTORS = 400
MOST_LISTS = 20


@field_page
def today(request: HttpRequest) -> HttpResponse:
    """The plan of the day, with the running clocks above it."""
    return show(request, TODAY, today_context(request))


@field_page
def doctor_list(request: HttpRequest) -> HttpResponse:
    """The doctors of the territory; a search narrows them."""
    return show(request, DOCTORS, doctors_context(request))


@field_page
def doctor(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Why this doctor, why now, and what to bring."""
    return show(request, DOCTOR, doctor_context(request, card_or_404(request, pk)))


@field_page
def library(request: HttpRequest) -> HttpResponse:
    """The released materials the person may show."""
    return show(request, LIBRARY, library_context(request))


@field_page
def messages(request: HttpRequest) -> HttpResponse:
    """What the person was told, newest first."""
    return show(request, MESSAGES, messages_context(request))


@field_page
def me(request: HttpRequest) -> HttpResponse:
    """What waits on this phone, promises, language, and the way out."""
    return show(request, ME, me_context(request))


def today_context(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    ahead = events.own_events_ahead(request.user, at=now)
    speakers = speaker_lines([event.pk for event in ahead])
    return {
        "events": [(event, speakers.get(event.pk, [])) for event in ahead],
        "day": field_day.day_of(request.user, at=now),
        "todo": list(
            Notification.objects.filter(recipient=request.user, read_at__isnull=True).order_by("-created_at")[
                :5
            ]
        ),
    }


def doctors_context(request: HttpRequest) -> dict[str, Any]:
    on = timezone.localdate()
    seen = doctors.doctors_visible_to(request.user, on)
    query = request.GET.get("q", "").strip()
    if query:
        seen = seen.filter(identity__name__icontains=query) | seen.filter(hospital__name__icontains=query)
    lists = list(kept.lists_visible_to(request.user, on).order_by("name", "pk")[:MOST_LISTS])
    chosen = next((one for one in lists if str(one.pk) == request.GET.get("list", "")), None)
    if chosen is not None:
        seen = seen.filter(pk__in=kept.rows_of_list(chosen, request.user, on).order_by().values("pk"))
    ids = list(seen.order_by("hospital__name", "pk").values_list("pk", flat=True)[:MOST_DOCTORS])
    cards = doctors.doctor_cards(ids)
    on_lists = kept.lists_of_doctors(lists, ids, request.user, on)
    shown = [cards[key] for key in ids if key in cards]
    return {
        "doctors": shown,
        "rows": [(card, on_lists.get(card.id, [])) for card in shown],
        "q": query,
        "lists": lists,
        "chosen": chosen,
    }


def doctor_context(request: HttpRequest, card: Any) -> dict[str, Any]:
    now = timezone.now()
    questions = field_day.open_questions([card.id]).get(card.id, [])
    return {
        "doctor": card,
        "questions": questions,
        "materials": field_day.ranked_materials(card, questions, by=request.user, at=now),
        "contacts": field_day.contacts_this_month(card.id, at=now),
        "visit": field_day.planned_visit_with(request.user, card.id, at=now),
        "why": doctors.explain_tier(card.id) if card.code else None,
        "strategy": doctors.playbook_for(card.id) if card.code else None,
    }


def library_context(request: HttpRequest) -> dict[str, Any]:
    return {"materials": field_kit.shown_versions(request.user, at=timezone.now())}


def messages_context(request: HttpRequest) -> dict[str, Any]:
    rows = Notification.objects.filter(recipient=request.user).order_by("-created_at")[:50]
    return {"messages_told": list(rows)}


def me_context(request: HttpRequest) -> dict[str, Any]:
    promises = needs.open_follow_ups(request.user)
    names = doctors.doctor_cards({row.doctor_id for row, _words in promises})
    return {
        "promises": [(row, words, names.get(row.doctor_id)) for row, words in promises],
        "materials": field_kit.shown_versions(request.user, at=timezone.now()),
    }


def card_or_404(request: HttpRequest, pk: UUID) -> Any:
    """Return the card of a doctor in the person's sight. Raises: Http404."""
    if not doctors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    card = doctors.doctor_card(pk)
    if card is None:
        raise Http404
    return card


def material_or_404(version_id: UUID) -> Any:
    """Return the card of a version in any state. Raises: Http404."""
    card = content.material_card(version_id)
    if card is None:
        raise Http404
    return card
