"""Pages under /imports/: upload, columns, check, write, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.jobs import time_left
from pharmacrm.common.listing import XLSX, page_of

from . import actions, permissions, selectors, workbooks
from .choices import ImportState
from .forms import CellForm, CommitForm, FixForm, GridFilter, JobFilter, MappingForm, UploadForm
from .models import ImportJob
from .registry import kind_of

BUSY = {ImportState.CHECKING, ImportState.COMMITTING}
GRID_ROWS = 50


@login_required
@require_http_methods(["GET", "POST"])
def job_list(request: HttpRequest) -> HttpResponse:
    """List imports and take a new file in."""
    if not permissions.can_open_imports(request.user):
        raise PermissionDenied
    kinds = selectors.kinds_for(request.user)
    form = UploadForm(request.POST or None, request.FILES or None, kinds=kinds)
    if request.method == "POST":
        if not kinds:
            raise PermissionDenied
        if form.is_valid():
            job = _upload(request, form)
            if job is not None:
                return redirect("imports:job-detail", pk=job.pk)
    filters = JobFilter(request.GET)
    page = page_of(
        selectors.jobs_visible_to(request.user).filter(**filters.chosen()),
        request,
        order=("-asked_at", "-pk"),
    )
    return render(
        request,
        "imports/job_list.html",
        {"form": form, "filters": filters, "page": page, "kinds": kinds},
        status=400 if form.errors else 200,
    )


@login_required
@require_GET
def job_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one import at its step."""
    job = _job(request, pk)
    return render(
        request, "imports/job_detail.html" + ("#import" if request.htmx else ""), _context(request, job)
    )


@login_required
@require_POST
def set_mapping(request: HttpRequest, pk: UUID) -> HttpResponse:
    job = _job(request, pk)
    form = MappingForm(request.POST, job=job, kind=kind_of(job.kind))
    if form.is_valid():
        try:
            actions.set_mapping(import_id=pk, mapping=form.mapping(), by=request.user, at=timezone.now())
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("imports:job-detail", pk=pk)
    context = {**_context(request, job), "mapping": form, "is_mapping": True}
    return render(request, "imports/job_detail.html", context, status=400)


@login_required
@require_POST
def correct_cell(request: HttpRequest, pk: UUID) -> HttpResponse:
    job = _job(request, pk)
    form = CellForm(request.POST)
    if form.is_valid():
        try:
            actions.correct_cell(import_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            messages.error(request, refusal.message)
    if request.htmx:
        job = _job(request, pk)
        return render(request, "imports/job_detail.html#import", _context(request, job))
    return redirect("imports:job-detail", pk=job.pk)


@login_required
@require_POST
def commit(request: HttpRequest, pk: UUID) -> HttpResponse:
    job = _job(request, pk)
    form = CommitForm(request.POST)
    if form.is_valid():
        _try(request, actions.commit_import, import_id=job.pk, only_good=form.cleaned_data["only_good"])
    return redirect("imports:job-detail", pk=pk)


@login_required
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    job = _job(request, pk)
    _try(request, actions.undo_import, import_id=job.pk)
    return redirect("imports:job-detail", pk=pk)


@login_required
@require_GET
def errors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the faulty rows with a column of reasons."""
    job = _job(request, pk)
    name = job.file_name.rsplit(".", 1)[0] + "-" + _("to correct") + ".xlsx"
    return _workbook(workbooks.error_workbook(job), name)


@login_required
@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out an empty workbook with the headings of a kind."""
    wanted = next((one for one in selectors.kinds_for(request.user) if one.name == kind), None)
    if wanted is None:
        raise PermissionDenied
    return _workbook(workbooks.blank_workbook(wanted), f"{wanted.title}.xlsx")


def _workbook(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or ""
    )
    return answer


def _upload(request: HttpRequest, form: UploadForm) -> ImportJob | None:
    upload = form.cleaned_data["file"]
    try:
        return actions.upload_file(
            kind=form.cleaned_data["kind"],
            file_name=upload.name,
            chunks=upload.chunks(),
            by=request.user,
            at=timezone.now(),
        )
    except Refused:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return None


@login_required
@require_POST
def fix_everywhere(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct one wrong value in every cell of a column that holds it."""
    _job(request, pk)
    form = FixForm(request.POST)
    if form.is_valid():
        _try(request, actions.fix_everywhere, import_id=pk, **form.cleaned_data)
    else:
        messages.error(request, _("Say what the value means."))
    return redirect("imports:job-detail", pk=pk)


def _job(request: HttpRequest, pk: UUID) -> ImportJob:
    if not permissions.can_open_imports(request.user):
        raise PermissionDenied
    return get_object_or_404(selectors.jobs_visible_to(request.user), pk=pk)


def _try(request: HttpRequest, action: Any, **arguments: Any) -> None:
    try:
        action(by=request.user, at=timezone.now(), **arguments)
    except Refused:
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)


def _context(request: HttpRequest, job: ImportJob) -> dict[str, Any]:
    kind = kind_of(job.kind)
    now = timezone.now()
    may_change = kind.action.may_import(request.user)
    context: dict[str, Any] = {
        "job": job,
        "kind": kind,
        "is_busy": job.state in BUSY or _is_undoing(job),
        "may_change": may_change,
        "may_undo": may_change
        and job.state == ImportState.COMMITTED
        and job.undo_until
        and now <= job.undo_until,
        "time_left": _words_of_time_left(job, now),
        "is_mapping": job.state == ImportState.MAPPING or request.GET.get("step") == "mapping",
    }
    if context["is_mapping"] and may_change:
        context["mapping"] = MappingForm(job=job, kind=kind)
    context["sample"] = [row[: len(job.headers)] for row in job.sample[:4]]
    if job.state not in (ImportState.MAPPING,):
        filters = GridFilter(_first_rows(request.GET, job))
        chosen = filters.chosen()
        columns = selectors.shown_columns(job)
        rows = selectors.staged_rows(
            job,
            only_bad=chosen.get("show") != "all",
            only_remarked=chosen.get("show") == "remarked",
            column=chosen.get("column", ""),
            code=chosen.get("code", ""),
        )
        page = page_of(rows, request, order=("number",), size=GRID_ROWS)
        context |= {
            "filters": filters,
            "page": page,
            "grid": [selectors.grid_row(row, kind, columns) for row in page.rows],
            "headings": [kind.column(name).label for name in columns],
            "faults": selectors.fault_counts(job),
            "remarks": selectors.remark_counts(job),
            "repeated": selectors.repeated_faults(job) if job.state == ImportState.CHECKED else [],
            "outcomes": _outcomes(job),
        }
    return context


def _first_rows(asked: QueryDict, job: ImportJob) -> QueryDict:
    """Return what was asked of the grid; a file with nothing to correct opens at its remarks, if it has any."""
    if "show" in asked or "code" in asked or job.rows_bad or not job.rows_remarked:
        return asked
    remarks = asked.copy()
    remarks["show"] = "remarked"
    return remarks


def _is_undoing(job: ImportJob) -> bool:
    return bool(job.job and job.job.kind == "imports.undo" and job.job.state in ("waiting", "running"))


def _words_of_time_left(job: ImportJob, now: Any) -> str:
    left = time_left(job.job, at=now) if job.job else None
    if left is None:
        return ""
    seconds = int(left.total_seconds())
    if seconds < 60:
        return _("less than a minute left")
    return _("about %(minutes)d min left") % {"minutes": seconds // 60 + 1}


def _outcomes(job: ImportJob) -> list[tuple[str, int]]:
    words = {"created": _("Created"), "updated": _("Updated"), "unchanged": _("Unchanged")}
    return [(words.get(name, name), count) for name, count in job.outcomes.items()]
