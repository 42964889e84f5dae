"""Qualification in the browser: who lacks what, one person's file, what is added to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from compliance import actions, permissions, selectors
from compliance.actions.integrity import FLOW
from compliance.forms.integrity import HitForm
from compliance.forms.staff import (
    CertificateForm,
    CommitmentForm,
    CourseForm,
    EmploymentForm,
    FilingForm,
    FilterStaff,
    RegistrationForm,
    ScopeForm,
    WithdrawForm,
)
from compliance.models import RepFiling
from compliance.selectors.approvals import latest_requests
from compliance.selectors.filings import filing_duties
from compliance.selectors.gates import record_of
from pharmacrm.common.listing import page_of

KINDS: dict[str, tuple[Any, Callable[..., Any], Callable[..., Any]]] = {
    "employment": (gettext_lazy("Add a contract"), EmploymentForm, actions.record_employment),
    "filing": (gettext_lazy("Add a filing"), FilingForm, actions.file_representative),
    "certificate": (gettext_lazy("Add a certificate"), CertificateForm, actions.record_certificate),
    "commitment": (gettext_lazy("Add a letter of commitment"), CommitmentForm, actions.record_commitment),
    "hospital": (
        gettext_lazy("Add a registration with a hospital"),
        RegistrationForm,
        actions.register_at_hospital,
    ),
}


@login_required
def staff_list(request: HttpRequest) -> HttpResponse:
    """Show all field staff; a person without that right is led to their own file."""
    if not permissions.can_read_staff(request.user):
        if request.user.roles:
            return redirect("compliance:staff-detail", pk=request.user.pk)
        raise PermissionDenied
    form = FilterStaff(request.GET)
    people = selectors.field_staff(**form.chosen())
    page = page_of(people, request, order=("display_name", "pk"), total=people.count())
    context = {"form": form, "page": page, "lines": selectors.lines_of(page.rows, timezone.now())}
    return render(request, "compliance/staff_list.html", context)


@login_required
def staff_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    person = _visible(request, pk)
    file = selectors.file_of(person, timezone.now())
    record = record_of(person, timezone.now(), reader=request.user)
    asked = latest_requests(FLOW, [f"bribery_check:{one.pk}" for one in record.checks if one.hits])
    for check in record.checks:
        check.asked = asked.get(f"bribery_check:{check.pk}")  # type: ignore[attr-defined]
    context = {
        "person": person,
        "file": file,
        # All are this person's: who may open one may open each.
        "may_open_certificates": any(
            permissions.can_see_certificate(request.user, one) for one in file.certificates[:1]
        ),
        "can_change": permissions.can_change_staff(request.user) and request.user.pk != person.pk,
        "kinds": [(kind, title) for kind, (title, _form, _action) in KINDS.items()],
        "withdraw": WithdrawForm(),
        "staff": record,
        "filing_duties": filing_duties(timezone.now(), user_id=person.pk),
        "hit_form": HitForm(auto_id="hit_%s"),
        "can_read": permissions.can_read_staff(request.user),
        "today": timezone.localdate(),
    }
    return render(request, "compliance/staff_detail.html", context)


@login_required
def staff_add(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    if not permissions.can_change_staff(request.user):
        raise PermissionDenied
    person = _visible(request, pk)
    if kind not in KINDS:
        raise Http404
    title, shape, action = KINDS[kind]
    form = _form(kind, shape, request, person)
    if request.method == "POST" and form.is_valid():
        try:
            action(user_id=person.pk, **form.cleaned_data, by=request.user, at=timezone.now())
        except actions.QualificationNotRecorded as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:staff-detail", pk=person.pk)
    return render(request, "compliance/staff_add.html", {"person": person, "title": title, "form": form})


@login_required
def filing_scope(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show and change which products of a filing the company gives to its person."""
    filing = get_object_or_404(RepFiling, pk=pk)
    if not permissions.can_change_staff(request.user) or request.user.pk == filing.user_id:
        raise PermissionDenied
    products = list(filing.products.order_by("product_code"))
    form = ScopeForm(
        request.POST if request.method == "POST" else None,
        codes=[one.product_code for one in products],
        initial={"assigned_codes": [one.product_code for one in products if one.is_assigned]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_product_scope(
                filing_id=pk, **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except actions.QualificationNotRecorded as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:staff-detail", pk=filing.user_id)
    context = {
        "person": filing.user,
        "title": _("Products assigned under %(number)s") % {"number": filing.number},
        "form": form,
    }
    return render(request, "compliance/staff_add.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def filing_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    filing = get_object_or_404(RepFiling, pk=pk)
    form = WithdrawForm(request.POST)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        at = timezone.now()
        actions.withdraw_filing(
            filing_id=pk, on=timezone.localdate(at), reason=reason, by=request.user, at=at
        )
    except actions.QualificationNotRecorded as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The filing was withdrawn. It stops field work at once."))
    return redirect("compliance:staff-detail", pk=filing.user_id)


@login_required
def course_list(request: HttpRequest) -> HttpResponse:
    """Show the courses and who needs them; a POST adds a course."""
    form = CourseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_course(**form.cleaned_data, by=request.user, at=timezone.now())
        except actions.QualificationNotRecorded as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:course-list")
    return _course_page(request, form)


def _course_page(request: HttpRequest, form: CourseForm) -> HttpResponse:
    if not permissions.can_read_staff(request.user):
        raise PermissionDenied
    context = {
        "courses": selectors.courses().prefetch_related("assignments"),
        "can_change": permissions.can_change_staff(request.user),
        "form": form,
    }
    return render(request, "compliance/course_list.html", context, status=400 if form.errors else 200)


def _visible(request: HttpRequest, pk: UUID) -> Any:
    person = selectors.person_of(pk)
    if person is None or (request.user.pk != pk and not permissions.can_read_staff(request.user)):
        raise Http404
    return person


def _form(kind: str, shape: Callable[..., forms.Form], request: HttpRequest, person: Any) -> forms.Form:
    if kind == "certificate":
        return shape(request.POST or None, courses=_course_choices())
    initial = {"name": str(person)} if kind == "filing" else {}
    return shape(request.POST or None, initial=initial)


def _course_choices() -> list[tuple[str, str]]:
    english = (get_language() or "").startswith("en")
    return [
        (str(one.pk), f"{one.code} {one.title_en if english else one.title_zh}")
        for one in selectors.courses()
    ]
