"""Letters of commitment in the browser: each signs their own, officers draft the text and put it in force."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions
from compliance.actions.commitments import FLOW
from compliance.choices import ApprovalState, LetterTextState
from compliance.doors import needs_code, proof_of, say
from compliance.forms.integrity import LetterTextForm
from compliance.forms.privacy import ReturnForm
from compliance.models import Commitment, LetterText
from compliance.selectors.approvals import requests_about
from compliance.selectors.gates import commitments_of, letter_in_force, letter_texts
from compliance.selectors.letter_pdf import commitment_pdf
from compliance.views.training import layout_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.signing_forms import SignForm


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
    return _letters(request, form, status=400 if form.errors else 200)


@login_required
@require_POST
def letter_publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a draft in force by signature."""
    text = _of_another(request, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            actions.publish_letter_text(
                text_id=text.pk, by=request.user, at=timezone.now(), proof=proof_of(request)
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("In force. Who signed the old text was asked to sign anew."))
            return redirect("compliance:letter-list")
    return _letters(request, LetterTextForm(initial=_draft_of_letter()), sign=form, status=400)


@login_required
@require_POST
def letter_return(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand a draft back to its author."""
    text = _of_another(request, pk)
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            actions.return_letter_text(
                text_id=text.pk, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:letter-list")
    return _letters(request, LetterTextForm(initial=_draft_of_letter()), hand_back=form, status=400)


@login_required
@require_POST
def letter_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one's own draft back from approval."""
    text = get_object_or_404(LetterText, pk=pk)
    if not permissions.can_change_staff(request.user) or text.drafted_by_id != request.user.pk:
        raise PermissionDenied
    try:
        actions.withdraw_letter_text(text_id=pk, by=request.user, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Recorded."))
    return redirect("compliance:letter-list")


def _of_another(request: HttpRequest, pk: UUID) -> LetterText:
    text = get_object_or_404(LetterText, pk=pk)
    if not permissions.can_change_staff(request.user) or text.drafted_by_id == request.user.pk:
        raise PermissionDenied
    return text


def _letters(
    request: HttpRequest,
    form: LetterTextForm,
    *,
    sign: SignForm | None = None,
    hand_back: ReturnForm | None = None,
    status: int = 200,
) -> HttpResponse:
    texts = list(letter_texts())
    draft = next((text for text in texts if text.state == LetterTextState.DRAFT), None)
    asked = requests_about(FLOW, f"letter_text:{draft.pk}").first() if draft else None
    waits = draft is not None and not (asked and asked.state != ApprovalState.OPEN)
    can_change = permissions.can_change_staff(request.user)
    context = {
        "texts": texts,
        "draft": draft,
        "asked": asked,
        "can_change": can_change,
        "may_publish": bool(can_change and draft and waits and draft.drafted_by_id != request.user.pk),
        "may_withdraw": bool(can_change and draft and waits and draft.drafted_by_id == request.user.pk),
        "form": form,
        "sign": sign or SignForm(),
        "return_form": hand_back or ReturnForm(),
        "needs_code": can_change and needs_code(request),
        "at": timezone.now(),
    }
    return render(request, "compliance/training/letter_list.html", context, status=status)


def _draft_of_letter() -> dict[str, Any]:
    text = LetterText.objects.exclude(state=LetterTextState.SUPERSEDED).order_by("-number").first()
    return {} if text is None else {
        "text_zh": text.text_zh, "text_en": text.text_en, "months_valid": text.months_valid,
    }  # fmt: skip
