"""The page of one academic event, as every act on it shows it again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format

from activities import permissions
from activities.choices import EventState
from activities.forms.events import (
    SPEAKER_ROWS,
    CancelForm,
    ChoiceForm,
    CloseForm,
    ExpenseForm,
    ProofForm,
    SpeakerForm,
)
from activities.selectors import events as reads
from activities.selectors import speakers as speaker_reads
from activities.selectors.field_kit import product_codes_of
from activities.selectors.sealed import sealed_of
from compliance.selectors.history import entries_of
from compliance.templatetags.ledger_words import event_words
from content import selectors as content
from doctors import selectors as doctors
from pharmacrm.accounts.choices import Role

MOST_DOCTORS = 400  # a territory has a tenth of it


def event_or_404(request: HttpRequest, pk: UUID) -> Any:
    if not permissions.can_see_events(request.user):
        raise PermissionDenied
    return get_object_or_404(reads.events_visible_to(request.user, timezone.localdate()), pk=pk)


def event_page(request: HttpRequest, event: Any, **forms: Any) -> HttpResponse:
    invitations = {row.doctor_id: row for row in event.invitations.all()}
    invited = list(invitations)
    attendances = list(event.attendances.order_by("signed_at"))
    present = {row.doctor_id: row for row in attendances}
    candidates = reads.candidates_for(event, request.user, timezone.localdate())
    cards = doctors.doctor_cards({*invited, *present, *candidates})
    may_run = permissions.can_run_event(request.user, event)
    failed = any(form.errors for form in forms.values())
    context = {
        "event": event,
        "sessions": event.sessions.order_by("place"),
        "people": [
            {"card": cards[pk], "attendance": present.get(pk), "invitation": invitations.get(pk)}
            for pk in dict.fromkeys([*present, *invited])
            if pk in cards
        ],
        "candidates": [cards[pk] for pk in candidates if pk in cards and pk not in invited],
        "proofs": _proofs(event),
        "may_read_sealed": permissions.can_read_sealed_proof(request.user),
        "expenses": event.expenses.order_by("spent_on", "pk"),
        "budget": reads.budget_of(event),
        "missing": reads.missing_of(event),
        "timeline": _time_line(event),
        "may_run": may_run,
        "proof_form": ProofForm(),
        "expense_form": ExpenseForm(
            initial={"spent_on": timezone.localdate(), "people_present": len(attendances)}
        ),
        **speaker_context(request, event, may_run=may_run),
        "close_form": CloseForm(),
        "cancel_form": CancelForm(),
        **forms,
    }
    return render(request, "activities/event_detail.html", context, status=400 if failed else 200)


def _proofs(event: Any) -> list[Any]:
    """Return the proofs, each with what sealed its file, if anything did."""
    rows = list(event.proofs.select_related("file", "added_by").order_by("added_at"))
    sealed = sealed_of([row.file_id for row in rows])
    for row in rows:
        row.sealed = sealed.get(row.file_id)
    return rows


def _time_line(event: Any) -> list[dict[str, Any]]:
    return [
        {
            "act": event_words(entry.event),
            "detail": entry.reason,
            "meta": f"{entry.actor_name} {date_format(timezone.localtime(entry.at), 'DATETIME_FORMAT')}",
        }
        for entry in entries_of(f"event:{event.pk}", most=40)
    ]


def event_choices(request: HttpRequest, named: Collection[str] = ()) -> dict[str, Any]:
    """Return what the form of an event offers to choose from; `named` are products it names already."""
    on = timezone.localdate()
    hospitals = doctors.hospital_choices(request.user, on)
    return {
        "hospitals": hospitals,
        "departments": doctors.department_choices(),
        "consents": reads.consent_choices([pk for pk, _name in hospitals], on),
        "products": _products_for(request, named),
        "decks": content.released_choices(on),
    }


def _products_for(request: HttpRequest, named: Collection[str]) -> list[tuple[str, str]]:
    """Return the products to choose from: a representative's are those of their filing, and what the plan names already.

    Without a filing all are offered: the law then says what is missing.
    """
    every = [(product.code, str(product)) for product in content.products()]
    filed = product_codes_of(request.user, at=timezone.now()) if request.user.has_role(Role.REP) else ()
    return [(code, name) for code, name in every if not filed or code in filed or code in named]


def speaker_forms(request: HttpRequest) -> list[SpeakerForm]:
    """Return the rows for speakers on the form of a new event; an empty row is nobody."""
    choices = speaker_choices(request)
    return [
        SpeakerForm(
            request.POST or None,
            prefix=f"speaker_{row}",
            doctors=choices,
            empty_permitted=True,
            use_required_attribute=False,
        )
        for row in range(1, SPEAKER_ROWS + 1)
    ]


def speaker_choices(request: HttpRequest) -> list[tuple[UUID, str]]:
    """Return the doctors the person may propose, as (key, words), by hospital."""
    seen = doctors.doctors_visible_to(request.user, timezone.localdate())
    keys = list(seen.order_by("hospital__name", "pk").values_list("pk", flat=True)[:MOST_DOCTORS])
    cards = doctors.doctor_cards(keys)
    return [
        (key, f"{cards[key].name} · {cards[key].hospital} {cards[key].department}")
        for key in keys
        if key in cards
    ]


def speaker_context(request: HttpRequest, event: Any, *, may_run: bool) -> dict[str, Any]:
    """Return what the page needs of the speakers."""
    may_change = may_run and event.state in {EventState.DRAFT, EventState.APPROVED}
    may_verify = permissions.can_verify_speaker(request.user, event)
    return {
        "speakers": [
            {
                "speaker": line.speaker,
                "card": line.card,
                "place": line.place,
                "asked": line.asked,
                "may_answer": may_verify and line.waits,
                "form": ChoiceForm(auto_id=f"choice_{line.speaker.pk}_%s"),
            }
            for line in speaker_reads.speaker_lines([event.pk]).get(event.pk, [])
        ],
        "may_change_speakers": may_change,
        "speaker_form": SpeakerForm(doctors=speaker_choices(request)) if may_change else None,
    }
