"""Checks of bribery and proofs of registrations in the browser."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions, selectors
from compliance.doors import say
from compliance.forms.integrity import (
    BriberyCheckForm,
    EvidenceForm,
    HitForm,
    ListEntryForm,
    ListFileForm,
    ListFilter,
)
from compliance.models import BriberyCheck, HospitalRegistration
from compliance.selectors.gates import list_entries
from pharmacrm.common import files
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of
from pharmacrm.common.models import StoredFile

PROOF_BYTES = 20 << 20


@login_required
@require_http_methods(["GET", "POST"])
def bribery_list(request: HttpRequest) -> HttpResponse:
    """Show the lists of bribery; a POST adds one line or a file of lines."""
    if not permissions.can_read_staff(request.user):
        raise PermissionDenied
    of_file = request.method == "POST" and "upload" in request.POST
    entry = ListEntryForm(request.POST if request.method == "POST" and not of_file else None)
    upload = (
        ListFileForm(request.POST, request.FILES, auto_id="file_%s")
        if of_file
        else ListFileForm(auto_id="file_%s")
    )
    form: Any = upload if of_file else entry
    if request.method == "POST" and form.is_valid():
        entries = upload.cleaned_data["file"] if of_file else [entry.cleaned_data]
        try:
            new = actions.add_list_entries(entries=entries, by=request.user, at=timezone.now())
        except actions.IntegrityNotRecorded as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("%(n)s new lines; the others were known.") % {"n": new})
            return redirect("compliance:bribery-list")
    if request.method == "POST" and not permissions.can_change_staff(request.user):
        raise PermissionDenied
    bar = ListFilter(request.GET)
    rows = list_entries(**bar.chosen())
    context = {
        "bar": bar,
        "page": page_of(rows, request, order=("-published_on", "-pk")),
        "can_change": permissions.can_change_staff(request.user),
        "entry": entry,
        "upload": upload,
        "open_hits": BriberyCheck.objects.filter(result="open")
        .exclude(user=request.user)
        .select_related("user")
        .order_by("checked_on"),
    }
    return render(
        request, "compliance/training/bribery_list.html", context, status=400 if form.errors else 200
    )


@login_required
@require_http_methods(["GET", "POST"])
def bribery_check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check one person against the lists."""
    if not permissions.can_change_staff(request.user):
        raise PermissionDenied
    person = selectors.person_of(pk)
    if person is None:
        raise Http404
    form = BriberyCheckForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        given = dict(form.cleaned_data)
        try:
            given["evidence"] = kept_upload(request, given["evidence"], at)
            check = actions.check_bribery(user_id=person.pk, **given, by=request.user, at=at)
        except DomainError as refusal:
            say(form, refusal)
        else:
            if check.hits:
                messages.warning(request, _("The lists hold this name. Another officer decides."))
            else:
                messages.success(request, _("Nothing found."))
            return redirect("compliance:staff-detail", pk=person.pk)
    context = {"person": person, "title": _("Bribery check"), "form": form, "is_upload": True}
    return render(request, "compliance/training/record_add.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def bribery_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide a hit: somebody else of that name, or a record found."""
    check = get_object_or_404(BriberyCheck, pk=pk)
    form = HitForm(request.POST)
    try:
        given = form.cleaned_data if form.is_valid() else {"result": "", "note": ""}
        actions.decide_hit(check_id=pk, **given, by=request.user, at=timezone.now())
    except actions.IntegrityNotRecorded as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Decided."))
    return redirect("compliance:staff-detail", pk=check.user_id)


@login_required
@require_http_methods(["GET", "POST"])
def registration_proof(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a hospital's proof with a registration, or hand it out."""
    row = get_object_or_404(HospitalRegistration.objects.select_related("evidence"), pk=pk)
    if request.method == "GET":
        if row.user_id != request.user.pk and not permissions.can_read_staff(request.user):
            raise Http404
        return handed_out(row.evidence, f"registration-{row.number or row.pk}")
    form = EvidenceForm(request.POST, request.FILES)
    at = timezone.now()
    if not permissions.can_change_staff(request.user):
        raise PermissionDenied
    if form.is_valid():
        try:
            kept = kept_upload(request, form.cleaned_data["evidence"], at)
            if kept is not None:
                actions.add_registration_evidence(registration_id=pk, evidence=kept, by=request.user, at=at)
        except DomainError as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Kept."))
    else:
        messages.error(request, " ".join(str(error) for error in form.errors.get("evidence", [])))
    return redirect("compliance:staff-detail", pk=row.user_id)


@login_required
@require_POST
def registration_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a registration from today."""
    row = get_object_or_404(HospitalRegistration, pk=pk)
    at = timezone.now()
    try:
        actions.end_registration(
            registration_id=pk,
            on=timezone.localdate(at),
            reason=request.POST.get("reason", ""),
            by=request.user,
            at=at,
        )
    except actions.IntegrityNotRecorded as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Ended from today."))
    return redirect("compliance:staff-detail", pk=row.user_id)


@login_required
@require_GET
def check_proof(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the proof of a bribery check to those who keep people's files."""
    check = get_object_or_404(BriberyCheck.objects.select_related("evidence"), pk=pk)
    if not permissions.can_read_staff(request.user) or (check.hits and check.user_id == request.user.pk):
        raise Http404
    return handed_out(check.evidence, f"check-{check.checked_on}")


def kept_upload(request: HttpRequest, upload: Any, at: Any) -> StoredFile | None:
    if not upload:
        return None
    return files.store(
        upload.chunks(), media_type=upload.media_type, by=request.user, at=at, max_bytes=PROOF_BYTES
    )


def handed_out(stored: StoredFile | None, name: str) -> HttpResponse:
    if stored is None:
        raise Http404
    with files.open_verified(stored) as kept:
        answer = HttpResponse(kept.read(), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Cache-Control"] = "private, no-store"
    return answer
