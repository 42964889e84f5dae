"""Letters of commitment, checks of bribery and proofs of registrations in the browser."""

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
from compliance.choices import LetterTextState
from compliance.doors import needs_code, proof_of, say
from compliance.forms.integrity import (
    BriberyCheckForm,
    EvidenceForm,
    HitForm,
    LetterTextForm,
    ListEntryForm,
    ListFileForm,
    ListFilter,
)
from compliance.forms.oversight import SignForm
from compliance.models import BriberyCheck, Commitment, HospitalRegistration, LetterText
from compliance.selectors.gates import commitments_of, letter_in_force, letter_texts, list_entries
from compliance.selectors.letter_pdf import commitment_pdf
from compliance.views.training import layout_of
from pharmacrm.common import files
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of
from pharmacrm.common.models import StoredFile

PROOF_BYTES = 20 << 20


@login_required
@require_http_methods(["GET", "POST"])
def my_letter(request: HttpRequest) -> HttpResponse:
    """Show the letter in force, and let a person sign it for themselves."""
    if not permissions.can_learn(request.user):
        raise PermissionDenied
    text = letter_in_force()
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = request.POST.get("text", "")
        try:
            if text is None or str(text.pk) != given:
                raise actions.IntegrityNotRecorded(_("This text is no longer in force. Read the new one."))
            actions.sign_commitment(
                text_id=text.pk, by=request.user, at=timezone.now(), proof=proof_of(request)
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Signed. Thank you."))
            return redirect("compliance:my-letter")
    signed = list(commitments_of(request.user)[:10])
    today = timezone.localdate()
    context = {
        "layout": layout_of(request),
        "text": text,
        "signed": signed,
        "is_signed": any(
            text and one.text_id == text.pk and (one.valid_until is None or one.valid_until > today)
            for one in signed
        ),
        "form": form,
        "needs_code": needs_code(request),
        "at": timezone.now(),
    }
    return render(request, "compliance/training/letter.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def commitment_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out a signed letter as PDF, to whoever signed it and to those who read the file of staff."""
    row = Commitment.objects.select_related("user", "text", "signature").filter(pk=pk).first()
    if row is None or not (row.user_id == request.user.pk or permissions.can_read_staff(request.user)):
        raise Http404
    answer = HttpResponse(commitment_pdf(row), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="commitment.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_http_methods(["GET", "POST"])
def letter_list(request: HttpRequest) -> HttpResponse:
    """Show all texts of the letter; a POST drafts the next one."""
    if not permissions.can_read_staff(request.user):
        raise PermissionDenied
    form = LetterTextForm(request.POST or None, initial=_draft_of_letter())
    if request.method == "POST" and form.is_valid():
        try:
            actions.draft_letter_text(**form.cleaned_data, by=request.user, at=timezone.now())
        except actions.IntegrityNotRecorded as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Kept. Another officer puts it in force by signature."))
            return redirect("compliance:letter-list")
    return _letters(request, form, SignForm(), status=400 if form.errors else 200)


@login_required
@require_POST
def letter_publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    text = get_object_or_404(LetterText, pk=pk)
    if not permissions.can_change_staff(request.user) or text.drafted_by_id == request.user.pk:
        raise PermissionDenied
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            actions.publish_letter_text(
                text_id=pk, by=request.user, at=timezone.now(), proof=proof_of(request)
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("In force. Who signed the old text was asked to sign anew."))
            return redirect("compliance:letter-list")
    return _letters(request, LetterTextForm(initial=_draft_of_letter()), form, status=400)


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
        "open_hits": BriberyCheck.objects.filter(result="open").select_related("user").order_by("checked_on"),
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
    if not permissions.can_read_staff(request.user):
        raise Http404
    return handed_out(check.evidence, f"check-{check.checked_on}")


def _letters(request: HttpRequest, form: LetterTextForm, sign: SignForm, status: int) -> HttpResponse:
    texts = list(letter_texts())
    draft = next((text for text in texts if text.state == LetterTextState.DRAFT), None)
    can_change = permissions.can_change_staff(request.user)
    context = {
        "texts": texts,
        "draft": draft,
        "can_change": can_change,
        "may_publish": bool(can_change and draft and draft.drafted_by_id != request.user.pk),
        "form": form,
        "sign": sign,
        "needs_code": can_change and needs_code(request),
        "at": timezone.now(),
    }
    return render(request, "compliance/training/letter_list.html", context, status=status)


def _draft_of_letter() -> dict[str, Any]:
    text = LetterText.objects.exclude(state=LetterTextState.SUPERSEDED).order_by("-number").first()
    return {} if text is None else {
        "text_zh": text.text_zh, "text_en": text.text_en, "months_valid": text.months_valid,
    }  # fmt: skip


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
