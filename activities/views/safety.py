"""Desktop: pharmacovigilance's list of reports with their clocks, and one report with its vault."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activities import actions, permissions
from activities.forms.desk import AuthorityForm, CompleteSafetyForm, SafetyFilter
from activities.selectors import safety_vault
from doctors import selectors as doctors
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of


@login_required
def safety_list(request: HttpRequest) -> HttpResponse:
    """Every report with its running clock, soonest due first on top."""
    _may_see(request)
    form = SafetyFilter(request.GET)
    reports = safety_vault.all_reports().filter(**form.chosen())
    page = page_of(reports, request, order=("-id",))
    now = timezone.now()
    for report in page.rows:
        report.elements = safety_vault.elements_of(report)
        report.clock = clock_of(report, now)
    return render(request, "activities/safety_list.html", {"form": form, "page": page})


@login_required
def safety_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One report. The vault opens for pharmacovigilance only; an inspector sees number, states and clocks."""
    report = _report_or_404(request, pk)
    words = safety_vault.readable_words(request.user, report)
    form = CompleteSafetyForm(
        request.POST if request.method == "POST" else None,
        initial={**(words or {}), "seriousness": report.seriousness},
    )
    if request.method == "POST" and form.is_valid():
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
            messages.success(request, _("The report is kept."))
            return redirect("activities:safety-detail", pk=pk)
    return render(
        request,
        "activities/safety_detail.html",
        {
            "report": report,
            "words": words,
            "elements": safety_vault.elements_of(report),
            "clock": clock_of(report, timezone.now()),
            "form": form if words is not None and report.submitted_at is None else None,
            "authority": AuthorityForm(),
            "card": doctors.doctor_card(report.doctor_id) if report.doctor_id else None,
        },
        status=400 if form.is_bound else 200,
    )


@login_required
@require_POST
def safety_hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a report over into pharmacovigilance."""
    _report_or_404(request, pk)
    actions.hand_over_safety_report(report_id=pk, by=request.user, at=timezone.now())
    return redirect("activities:safety-detail", pk=pk)


@login_required
@require_POST
def safety_submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that the report went to the authority."""
    _report_or_404(request, pk)
    form = AuthorityForm(request.POST)
    if form.is_valid():
        try:
            actions.submit_safety_report(
                report_id=pk,
                authority_reference=form.cleaned_data["authority_reference"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            messages.warning(request, error.message)
    else:
        messages.warning(request, _("Enter the number the authority gave."))
    return redirect("activities:safety-detail", pk=pk)


def clock_of(report, now: datetime) -> dict | None:
    """Return the clock that runs now, as components/clock.html takes it, or None."""
    if report.handed_over_at is None:
        start, due, kind = report.aware_at, report.hand_over_due_at, _("24-hour hand-over")
    elif report.submitted_at is None:
        start = report.aware_at
        due = timezone.make_aware(datetime.combine(report.submit_due_on, datetime.max.time()))
        kind = _("Report to the authority")
    else:
        return None
    whole = max((due - start).total_seconds(), 1)
    used = min(100, max(0, int((now - start).total_seconds() * 100 / whole)))
    is_late = now > due
    return {
        "kind": kind,
        "left": _("overdue") if is_late else timeuntil(due, now),
        "percent": used,
        "tone": "ban" if is_late or used >= 75 else "watch" if used >= 50 else "calm",
    }


def _may_see(request: HttpRequest) -> None:
    if not (permissions.can_work_on_safety(request.user) or request.user.has_role(Role.INSPECTOR)):
        raise PermissionDenied


def _report_or_404(request: HttpRequest, pk: UUID):
    _may_see(request)
    report = safety_vault.all_reports().filter(pk=pk).first()
    if report is None:
        raise Http404
    return report
