"""The day's bundle: pages as they would be shown, doctors of the territory, materials with leases, the rules."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from activities.forms.field import SafetyForm
from activities.selectors import field_day as field_day_reads
from activities.selectors import field_kit, show_facts, visit_facts
from activities.views import field_day, field_show, field_visit
from activities.views.field_doors import as_kept
from activities.views.field_safety import NEW
from compliance.selectors import held_of, phone_pack
from content import actions as content_actions
from content import selectors as content
from doctors import selectors as doctors
from doctors.choices import Tier

POINTS = ("visit.plan", "visit.start", "visit.submit", "material.show")
BLANK = UUID(int=0)
RENEW_BEFORE = timedelta(hours=12)


def bundle_parts(request: HttpRequest) -> dict[str, Any]:
    """Return the parts of the bundle by name. Cost: constant, plus a dozen queries for each doctor of the day.

    What is on hold comes along by name, as far as this phone has to do with it: the same no without signal.
    """
    now = timezone.now()
    today = field_day.today_context(request)
    seen = field_day.doctors_context(request)
    keys = [card.id for card in seen["doctors"]]
    stopped = doctors.stopped_among(keys, channel="visit", at=now)
    rests_on = doctors.subjects_of_doctors(keys, timezone.localdate(now))
    materials = _materials(request)
    visits = {
        str(visit.pk): asdict(facts) for visit, facts in field_day_reads.start_facts(today["day"], at=now)
    }
    pack = phone_pack(POINTS, now)
    named = {
        f"user:{request.user.pk}",
        *(f"rule:{rule['id']}" for rule in pack["rules"]),
        *(name for several in rests_on.values() for name in several),
        *(name for facts in visits.values() for name in facts["subjects"]),
        *(name for row in materials for name in row["facts"]["subjects"]),
    }
    held = {one.subject for one in held_of(named, now)}
    return {
        "pages": _pages(request, today, seen),
        "doctors": [
            _card_words(card, stopped, held.intersection(rests_on.get(str(card.id), ())))
            for card in seen["doctors"]
        ],
        "materials": materials,
        "visits": visits,
        "rules": {
            "pack": pack,
            "held": sorted(held),
            "standing": _standing(request),
            "note": visit_facts.note_patterns(),
            "bookings": show_facts.bookings_for_phone(request.user, at=now),
        },
    }


def _pages(request: HttpRequest, today: dict[str, Any], seen: dict[str, Any]) -> dict[str, str]:
    pages = {
        reverse("activities:today"): as_kept(request, reverse("activities:today"), field_day.TODAY, today),
        reverse("activities:field-doctors"): as_kept(
            request, reverse("activities:field-doctors"), field_day.DOCTORS, seen
        ),
        reverse("activities:field-library"): as_kept(
            request,
            reverse("activities:field-library"),
            field_day.LIBRARY,
            field_day.library_context(request),
        ),
        reverse("activities:field-messages"): as_kept(
            request,
            reverse("activities:field-messages"),
            field_day.MESSAGES,
            field_day.messages_context(request),
        ),
        reverse("activities:field-me"): as_kept(
            request, reverse("activities:field-me"), field_day.ME, field_day.me_context(request)
        ),
        reverse("activities:field-safety-new"): as_kept(
            request, reverse("activities:field-safety-new"), NEW, {"form": SafetyForm()}
        ),
    }
    for card in dict.fromkeys(line.doctor for line in today["day"].visits):
        pages |= _doctor_pages(request, card)
    return pages | _doctor_pages(request, blank_card())


def _doctor_pages(request: HttpRequest, card: Any) -> dict[str, str]:
    def kept(name: str, template: str, context: dict[str, Any]) -> dict[str, str]:
        path = reverse(f"activities:{name}", kwargs={"pk": card.id})
        return {path: as_kept(request, path, template, context)}

    pages = kept("field-log", field_visit.LOG, field_visit.log_context(request, card))
    pages |= kept(
        "field-ask",
        field_visit.ASK,
        {"doctor": card, "form": field_visit.QuestionForm(), "kind": "inquiry.ask"},
    )
    pages |= kept(
        "field-need",
        field_visit.ASK,
        {"doctor": card, "form": field_visit.NeedForm(), "kind": "need.capture"},
    )
    context = field_day.doctor_context(request, card)
    if isinstance(
        card, MarkedCard
    ):  # the phone shows the one that is the doctor's, and does not count contacts
        context |= {"tiers": [*Tier.choices, ("", "[[tier_label]]")], "contacts": None}
    pages |= kept("field-doctor", field_day.DOCTOR, context)
    pages |= kept("field-choose", field_show.CHOOSE, field_show.choose_context(request, card))
    return pages


class MarkedCard(doctors.DoctorCard):
    """A card whose words are marks, which the phone replaces by those of a doctor who is not on today's plan."""

    @property
    def title_label(self) -> str:
        return "[[title]]"

    @property
    def level_label(self) -> str:
        return "[[level]]"


def blank_card() -> MarkedCard:
    return MarkedCard(
        id=BLANK,
        code="",
        name="[[name]]",
        title="unknown",
        post="none",
        specialty="",
        status="active",
        tier="",
        hospital_id=None,
        hospital="[[hospital]]",
        hospital_level="unknown",
        department_id=None,
        department="[[department]]",
        division_code="",
        profiling_refused=False,
    )


def _card_words(card: Any, stopped: frozenset[UUID], held: set[str]) -> dict[str, Any]:
    return {
        "id": str(card.id),
        "name": card.name,
        "title": card.title_label,
        "hospital": card.hospital,
        "hospital_id": str(card.hospital_id) if card.hospital_id else None,
        "hospital_level": card.hospital_level,
        "level": card.level_label,
        "department": card.department,
        "tier": card.tier,
        "tier_label": card.tier_label,
        "stopped": card.id in stopped,
        **({"held": sorted(held)} if held else {}),
    }


def _materials(request: HttpRequest) -> list[dict[str, Any]]:
    now = timezone.now()
    rows = []
    cards = field_kit.shown_versions(request.user, at=now)
    leases = _leases(request, [card.version_id for card in cards])
    for card in cards:
        if card.version_id not in leases:
            continue
        facts = show_facts.facts_of_showing_alone(card.version_id, by=request.user, at=now)
        rows.append(
            {
                "version": str(card.version_id),
                "title": card.title,
                "number": card.version,
                "approval_number": card.approval_number,
                "expires_on": card.expires_on.isoformat() if card.expires_on else "",
                "lease_until": leases[card.version_id].isoformat(),
                "facts": asdict(facts),
                "sides": {
                    "tiers": list(card.sides.tiers),
                    "departments": list(card.sides.departments),
                    "hospital_levels": list(card.sides.hospital_levels),
                },
                "pages": [
                    {
                        "number": number,
                        "url": reverse(
                            "activities:field-page", kwargs={"version": card.version_id, "page": number}
                        ),
                        "sha256": card.sha256,
                    }
                    for number in range(1, card.pages + 1)
                ],
            }
        )
    return rows


def _leases(request: HttpRequest, version_ids: list[UUID]) -> dict[UUID, datetime]:
    """Leave to hold each version: the one that runs, renewed when less than half a day is left."""
    now = timezone.now()
    held = {
        key: until
        for key, until in content.live_leases(request.user, now).items()
        if until - now > RENEW_BEFORE
    }
    wanting = [key for key in version_ids if key not in held]
    if wanting:
        for lease in content_actions.issue_leases(user=request.user, version_ids=wanting, at=now):
            held[lease.version_id] = lease.expires_at
    return held


def _standing(request: HttpRequest) -> dict[str, Any]:
    """The representative's footing as facts of a visit, for the phone's own judgement."""
    return visit_facts.standing_facts(request.user, at=timezone.now())
