"""Report a suspected adverse event from anywhere: a form one tap away, a number at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activities import actions
from activities.forms.field import SafetyForm
from activities.selectors import safety_reports_visible_to, safety_vault
from activities.views.field_doors import show
from pharmacrm.common.errors import DomainError

NEW = "activities/field/safety_new.html"
RECEIPT = "activities/field/safety_receipt.html"


@login_required
def report(request: HttpRequest) -> HttpResponse:
    """Take what was heard; nothing is required, nothing is refused."""
    form = SafetyForm(
        request.POST if request.method == "POST" else None,
        initial={"doctor_id": request.GET.get("doctor", "")},
    )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        kept = actions.report_safety_event(notice=form.notice(at=now), by=request.user, at=now)
        return redirect("activities:field-safety-receipt", pk=kept.pk)
    return show(request, NEW, {"form": form}, status=400 if form.is_bound else 200)


@login_required
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The number, the four elements, the clock; until the hand-over the words can be added to."""
    kept = _own_or_404(request, pk)
    words = safety_vault.readable_words(request.user, kept)
    initial = {**words, "seriousness": kept.seriousness, "kind": kept.kind} if words else None
    form = SafetyForm(request.POST or None, initial=initial) if words is not None else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            actions.complete_safety_report(
                report_id=pk,
                words=form.words(),
                seriousness=form.cleaned_data["seriousness"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("activities:field-safety-receipt", pk=pk)
    return show(
        request,
        RECEIPT,
        {"report": kept, "form": form, "elements": safety_vault.elements_of(kept)},
    )


@login_required
@require_POST
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand the report to pharmacovigilance; its words close behind the person."""
    _own_or_404(request, pk)
    actions.hand_over_safety_report(report_id=pk, by=request.user, at=timezone.now())
    messages.success(request, _("Handed over to pharmacovigilance."))
    return redirect("activities:field-safety-receipt", pk=pk)


def _own_or_404(request: HttpRequest, pk: UUID):
    found = safety_reports_visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
