"""Desktop: how hospitals receive, what they consented to, and the times they gave."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activities import actions, permissions
from activities.forms.desk import (
    BookingAnswerForm,
    BookingFilter,
    BookingForm,
    ConsentForm,
    HospitalFilter,
    PolicyForm,
    day_after,
)
from activities.selectors import hospital_doors
from doctors import selectors as doctors
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import store
from pharmacrm.common.listing import page_of

MOST_HOSPITALS = 500
SILENT_SHOWN = 60  # hospitals without rules, below the list


@login_required
def policy_list(request: HttpRequest) -> HttpResponse:
    """The hospitals' rules that hold today."""
    _may_see(request)
    form = HospitalFilter(request.GET)
    policies = hospital_doors.policies_on(timezone.localdate())
    named = form.chosen().get("name") or ""
    if named:
        policies = policies.filter(hospital__name__icontains=named)
    told = set(policies.values_list("hospital_id", flat=True))
    silent = [(pk, name) for pk, name in _hospitals(request) if pk not in told and named in name]
    return render(
        request,
        "activities/policy_list.html",
        {
            "form": form,
            "page": page_of(policies, request, order=("hospital__name", "pk")),
            "may_set": permissions.can_set_hospital_policy(request.user),
            "hospitals": silent[:SILENT_SHOWN],
            "more": max(0, len(silent) - SILENT_SHOWN),
        },
    )


@login_required
def policy_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down how one hospital receives, from a day on."""
    _may_see(request)
    hospital = doctors.hospital_card(pk)
    if hospital is None:
        raise Http404
    today = timezone.localdate()
    policy = hospital_doors.policy_of(pk, today)
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=_initial(policy, today))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_hospital_policy(
                hospital_id=pk,
                words=form.words(),
                valid_from=form.cleaned_data["valid_from"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("The hospital's rules are kept."))
            return redirect("activities:policy-edit", pk=pk)
    return render(
        request,
        "activities/policy_edit.html",
        {
            "hospital": hospital,
            "policy": policy,
            "form": form,
            "may_set": permissions.can_set_hospital_policy(request.user),
        },
        status=400 if form.is_bound else 200,
    )


@login_required
def consent_list(request: HttpRequest) -> HttpResponse:
    """The institutions' consents; who may register one does it here, with the paper."""
    _may_see(request)
    may_register = permissions.can_register_institution_consent(request.user)
    form = ConsentForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        hospitals=_hospitals(request),
    )
    if request.method == "POST":
        if not may_register:
            raise PermissionDenied
        if form.is_valid():
            upload = form.cleaned_data["evidence"]
            try:
                evidence = store(
                    upload.chunks(),
                    media_type=upload.content_type or "application/octet-stream",
                    by=request.user,
                    at=timezone.now(),
                    max_bytes=min(settings.MAX_UPLOAD_BYTES, 20 * 1024 * 1024),
                )
                actions.register_institution_consent(
                    words=form.words(day_after=day_after),
                    evidence=evidence,
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            else:
                messages.success(request, _("The consent is registered."))
                return redirect("activities:consent-list")
    return render(
        request,
        "activities/consent_list.html",
        {
            "form": form,
            "page": page_of(hospital_doors.all_consents(), request, order=("-valid_until", "-pk")),
            "may_register": may_register,
            "today": timezone.localdate(),
        },
        status=400 if form.is_bound else 200,
    )


@login_required
@require_POST
def consent_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that the institution took its consent back."""
    try:
        actions.withdraw_institution_consent(
            consent_id=pk, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        )
    except ObjectDoesNotExist:
        raise Http404 from None
    return redirect("activities:consent-list")


@login_required
def booking_list(request: HttpRequest) -> HttpResponse:
    """The times asked of hospitals; a representative asks for one here."""
    _may_see(request)
    may_book = permissions.can_do_field_work(request.user)
    form = BookingForm(request.POST if request.method == "POST" else None, hospitals=_hospitals(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.book_hospital(
                hospital_id=said["hospital"],
                starts_at=said["starts_at"],
                ends_at=said["ends_at"],
                channel=said["channel"],
                reference=said["reference"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            return redirect("activities:booking-list")
    filters = BookingFilter(request.GET)
    bookings = hospital_doors.bookings_visible_to(request.user).filter(**filters.chosen())
    return render(
        request,
        "activities/booking_list.html",
        {
            "form": form,
            "filters": filters,
            "page": page_of(bookings, request, order=("-starts_at", "-pk")),
            "may_book": may_book,
        },
        status=400 if form.is_bound else 200,
    )


@login_required
@require_POST
def booking_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter the hospital's answer."""
    form = BookingAnswerForm(request.POST)
    if form.is_valid():
        try:
            actions.answer_booking(booking_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ObjectDoesNotExist:
            raise Http404 from None
        except DomainError as error:
            messages.warning(request, error.message)
    return redirect("activities:booking-list")


def _may_see(request: HttpRequest) -> None:
    if not permissions.can_see_hospital_doors(request.user):
        raise PermissionDenied


def _hospitals(request: HttpRequest) -> list[tuple[UUID, str]]:
    return list(
        doctors.hospitals_visible_to(request.user).order_by("name").values_list("pk", "name")[:MOST_HOSPITALS]
    )


def _initial(policy, today) -> dict:
    if policy is None:
        return {"valid_from": today, "lead_days": 0}
    initial = {
        name: getattr(policy, name)
        for name in (
            "booking_required",
            "registers_reps",
            "booking_channel",
            "lead_days",
            "place",
            "receivers",
            "materials_upfront",
            "restricted_areas",
            "source",
        )
    }
    initial["valid_from"] = day_after(today)
    for number, slot in enumerate(policy.slots.all()[:3], start=1):
        initial |= {
            f"weekday_{number}": slot.weekday,
            f"starts_{number}": slot.starts,
            f"ends_{number}": slot.ends,
        }
    return initial
