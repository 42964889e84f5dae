"""On the phone: log a visit, plan one, start one, cancel one; a question for medical, a need."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activities import actions
from activities.choices import AdverseAnswer, Channel, Place, Purpose
from activities.forms.field import LogVisitForm, NeedForm, PlanVisitForm, QuestionForm
from activities.selectors import field_day, field_kit, visits_visible_to
from activities.views.field_day import card_or_404
from activities.views.field_doors import carries_reasons, field_page, show
from pharmacrm.common.errors import DomainError, Refused

LOG = "activities/field/log.html"
PLAN = "activities/field/plan.html"
ASK = "activities/field/ask.html"
ROUTINE = timedelta(minutes=15)
MATERIALS_OFFERED = 6


@field_page
@carries_reasons
def log_visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form of a visit that took place. With scripts the phone's own log sends it; without, this does."""
    card = card_or_404(request, pk)
    context = log_context(request, card)
    form = context["form"]
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        report = form.report(card.id, showings=context["showings"], at=now)
        if report.ae_answer == AdverseAnswer.REPORTED:
            # Order matters: what was heard of harm is stored before the visit, whatever becomes of the visit.
            actions.report_safety_event(
                notice=form.safety_notice(card.id, report.visit_id, at=now), by=request.user, at=now
            )
        try:
            visit = actions.submit_visit(report=report, by=request.user, at=now)
        except Refused:
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            if visit.in_breach:
                messages.warning(request, _("Stored and marked in breach. Compliance will be in touch."))
            else:
                messages.success(request, _("The visit is submitted."))
            return redirect("activities:today")
    return show(request, LOG, context, status=400 if form.is_bound else 200)


def log_context(request: HttpRequest, card: Any) -> dict[str, Any]:
    """Return the form with everything filled in that is known already."""
    now = timezone.now()
    local = timezone.localtime(now)
    visit = field_day.planned_visit_with(request.user, card.id, at=now) if card.hospital_id else None
    topics = field_kit.topics_of(request.user, at=now)
    showings = {str(row.pk): row for row in field_kit.shown_lately(request.user, card.id, at=now)}
    begun = _begun(visit, local)
    form = LogVisitForm(
        request.POST if request.method == "POST" else None,
        topics=[(topic.value, topic.label) for topic in topics],
        shown=[
            (key, f"{row.version.material.title_zh} v{row.version.version}") for key, row in showings.items()
        ],
        initial={
            "visit_id": visit.pk if visit else None,
            "day": local.date(),
            "started": begun.time().replace(second=0, microsecond=0),
            "ended": max(local, begun).time().replace(second=0, microsecond=0),
            "channel": visit.channel if visit else Channel.FACE_TO_FACE,
            "purpose": visit.purpose if visit else Purpose.DELIVER_INFORMATION,
            "place": visit.place if visit else Place.RECEPTION_ROOM,
            "topics": _planned_topics(visit, topics),
            "shown": list(showings),
        },
    )
    return {
        "doctor": card,
        "visit": visit,
        "form": form,
        "topics": topics,
        "showings": showings,
        "materials_here": len(field_kit.shown_versions(request.user, at=now)),
    }


def _begun(visit: Any, local: Any) -> Any:
    if visit is not None and visit.started_at:
        return timezone.localtime(visit.started_at)
    planned = timezone.localtime(visit.planned_at) if visit is not None and visit.planned_at else None
    if planned is not None and planned <= local <= planned + timedelta(hours=2):
        return planned
    return max(local - ROUTINE, local.replace(hour=0, minute=0))


def _planned_topics(visit: Any, topics: list[field_kit.Topic]) -> list[str]:
    """The planned products; else nothing is ticked: what was said today is for the person to say."""
    planned = {row.product_id for row in visit.products.all()} if visit else set()
    return [topic.value for topic in topics if topic.claim_id is None and topic.product_id in planned]


@field_page
@carries_reasons
def plan_visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Plan a visit; the law is asked before it stands."""
    card = card_or_404(request, pk)
    context = plan_context(request, card)
    form = context["form"]
    if request.method == "POST" and form.is_valid():
        try:
            actions.plan_visit(plan=form.plan(card.id), by=request.user, at=timezone.now())
        except Refused:
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("The visit is on your plan."))
            return redirect("activities:today")
    return show(request, PLAN, context, status=400 if form.is_bound else 200)


def plan_context(request: HttpRequest, card: Any) -> dict[str, Any]:
    now = timezone.now()
    topics = field_kit.topics_of(request.user, at=now)
    soon = timezone.localtime(now).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    form = PlanVisitForm(
        request.POST if request.method == "POST" else None,
        products=[(str(topic.product_id), topic.label) for topic in topics if topic.claim_id is None],
        materials=[
            (str(row.card.version_id), f"{row.card.title} v{row.card.version}")
            for row in field_day.ranked_materials(
                card,
                field_day.open_questions([card.id]).get(card.id, []),
                by=request.user,
                at=now,
                limit=MATERIALS_OFFERED,
            )
        ],
        initial={
            "planned_at": soon,
            "channel": Channel.FACE_TO_FACE,
            "purpose": Purpose.DELIVER_INFORMATION,
            "place": Place.RECEPTION_ROOM,
        },
    )
    return {"doctor": card, "form": form}


@field_page
@require_POST
@carries_reasons
def start_visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check in."""
    own_visit_or_404(request, pk)
    try:
        visit = actions.start_visit(visit_id=pk, by=request.user, at=timezone.now())
    except actions.VisitNotMoved as error:
        messages.warning(request, error.message)
        return redirect("activities:today")
    return redirect("activities:field-doctor", pk=visit.doctor_id)


@field_page
@require_POST
def cancel_visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a visit off the plan."""
    own_visit_or_404(request, pk)
    try:
        actions.cancel_visit(visit_id=pk, by=request.user, at=timezone.now())
    except actions.VisitNotMoved as error:
        messages.warning(request, error.message)
    return redirect("activities:today")


@field_page
def ask_medical(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand a doctor's question over to medical."""
    card = card_or_404(request, pk)
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        question = actions.Question(doctor_id=card.id, **form.cleaned_data)
        try:
            actions.ask_medical(question=question, by=request.user, at=timezone.now())
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("The question is with medical."))
            return redirect("activities:field-doctor", pk=card.id)
    return show(
        request,
        ASK,
        {"doctor": card, "form": form, "kind": "inquiry.ask"},
        status=400 if form.is_bound else 200,
    )


@field_page
def note_need(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note a clinical need."""
    card = card_or_404(request, pk)
    form = NeedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.capture_need(
                doctor_id=card.id, question=form.cleaned_data["question"], by=request.user, at=timezone.now()
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("The need is noted."))
            return redirect("activities:field-doctor", pk=card.id)
    return show(
        request,
        ASK,
        {"doctor": card, "form": form, "kind": "need.capture"},
        status=400 if form.is_bound else 200,
    )


@field_page
@require_POST
def finish_follow_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that a promise was kept."""
    try:
        actions.finish_follow_up(follow_up_id=pk, by=request.user, at=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    return redirect("activities:field-me")


def own_visit_or_404(request: HttpRequest, pk: UUID) -> Any:
    """Return one of the person's own visits. Raises: Http404."""
    visit = visits_visible_to(request.user, on=timezone.localdate()).filter(pk=pk, rep=request.user).first()
    if visit is None:
        raise Http404
    return visit
