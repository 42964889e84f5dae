"""The training board, and certificates: who is overdue, a reminder, one certificate with its receipt."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from compliance import actions, permissions
from compliance.forms.board import BoardFilter
from compliance.forms.courses import RevokeForm
from compliance.models import Certificate, TrainingDuty
from compliance.selectors.board import certificates_with_all, duties_like, duties_visible_to, figures_of_board
from compliance.selectors.certificate_pdf import certificate_pdf
from compliance.selectors.log import NotSealedYet, receipt_of
from compliance.selectors.manifest import act_of_row
from compliance.views.training import layout_of
from pharmacrm.common.listing import Column, excel, export_url, page_of

ORDER = ("is_closed", "due_on", "pk")


def _course(duty: TrainingDuty) -> str:
    english = (get_language() or "").startswith("en")
    return duty.course.title_en if english else duty.course.title_zh


COLUMNS = (
    Column(gettext_lazy("Name"), lambda duty: str(duty.user)),
    Column(gettext_lazy("Line manager"), lambda duty: str(duty.user.line_manager or "")),
    Column(gettext_lazy("Course code"), lambda duty: duty.course.code),
    Column(gettext_lazy("Title"), _course),
    Column(gettext_lazy("Because"), lambda duty: duty.get_cause_display()),
    Column(gettext_lazy("Assigned"), "assigned_on"),
    Column(gettext_lazy("Due"), "due_on"),
    Column(gettext_lazy("State"), lambda duty: duty.get_state_display()),
    Column(gettext_lazy("Done on"), "ended_on"),
    Column(gettext_lazy("Certificate"), lambda duty: duty.certificate.number if duty.certificate else ""),
)


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show who has to take what: compliance everybody, a line manager their own people."""
    if not permissions.can_see_board(request.user):
        raise PermissionDenied
    at = timezone.now()
    on = timezone.localdate(at)
    form = BoardFilter(request.GET)
    rows = duties_like(request.user, on=on, **form.chosen())
    if request.GET.get("export") == "xlsx":
        return excel(
            "training",
            COLUMNS,
            rows.order_by(*ORDER),
            seen_by=request.user,
            at=at,
            person=None,
            filters=form.in_words(),
        )
    context = {
        "form": form,
        "page": page_of(rows, request, order=ORDER),
        "figures": figures_of_board(duties_visible_to(request.user), on, on + timedelta(days=7)),
        "today": on,
        "export": export_url(request),
        "remindable": not request.user.has_role("inspector"),
        "sees_files": permissions.can_read_staff(request.user),
    }
    return render(request, "compliance/training/board.html", context)


@login_required
@require_POST
def duty_remind(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remind one person of one course, and come back to the board as it was filtered."""
    get_object_or_404(duties_visible_to(request.user), pk=pk)
    try:
        duty = actions.remind(duty_id=pk, by=request.user, at=timezone.now())
    except actions.DutyNotChanged as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("%(person)s was reminded.") % {"person": duty.user})
    answer = redirect("compliance:training-board")
    query = request.GET.urlencode()
    if query:
        answer["Location"] += f"?{query}"
    return answer


@login_required
@require_GET
def certificate(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _certificate_page(request, _seen(request, pk), RevokeForm())


@login_required
@require_GET
def certificate_receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the receipt of the act that gave a certificate: anybody checks it without this server."""
    act = act_of_row(_seen(request, pk))
    try:
        if act is None:
            raise Http404
        answer = JsonResponse(receipt_of(act), json_dumps_params={"ensure_ascii": False, "indent": 1})
    except NotSealedYet as early:
        raise Http404 from early
    answer["Content-Disposition"] = f'attachment; filename="receipt-{pk}.json"'
    return answer


@login_required
@require_GET
def certificate_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out a certificate as PDF."""
    found = _seen(request, pk)
    answer = HttpResponse(certificate_pdf(found, act_of_row(found)), content_type="application/pdf")
    name = f"{found.number or found.course.code}.pdf"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def certificate_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not permissions.can_change_staff(request.user):
        raise PermissionDenied
    found = _seen(request, pk)
    form = RevokeForm(request.POST)
    if form.is_valid():
        try:
            actions.revoke_certificate(
                certificate_id=pk, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
            )
        except actions.NotExamined as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The certificate is revoked. It counts nowhere from now on."))
            return redirect("compliance:certificate", pk=pk)
    return _certificate_page(request, found, form, status=400)


def _seen(request: HttpRequest, pk: UUID) -> Certificate:
    found = get_object_or_404(certificates_with_all(), pk=pk)
    if not permissions.can_see_certificate(request.user, found):
        raise Http404
    return found


def _certificate_page(
    request: HttpRequest, found: Certificate, form: RevokeForm, status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    ends = (
        found.valid_until
        if found.renew_by is None
        else min(found.valid_until, found.renew_by + timedelta(days=1))
    )
    context = {
        "certificate": found,
        "act": act_of_row(found),
        "counts": found.revoked_at is None and found.valid_from <= today < ends,
        "can_revoke": permissions.can_change_staff(request.user)
        and found.revoked_at is None
        and found.user_id != request.user.pk,
        "can_read_ledger": permissions.can_read_ledger(request.user),
        "form": form,
    }
    return render(
        request,
        "compliance/training/certificate.html",
        {"layout": layout_of(request), **context},
        status=status,
    )
