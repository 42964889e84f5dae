"""The ledger as a page: entries, receipts, the last whole check, and what an outsider needs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from compliance import permissions, subjects
from compliance.actions.verifying import ask_to_verify
from compliance.forms.oversight import LedgerFilter
from compliance.models import LedgerEntry
from compliance.selectors import cockpit as seen
from compliance.selectors.entries import entries_matching, leaf_numbers, rows_now
from compliance.selectors.log import (
    NotSealedYet,
    inclusion_of,
    latest_checkpoint,
    published_key,
    receipt_of,
    running_check,
)
from compliance.selectors.walls import behind_the_wall
from compliance.verify import verify as program
from compliance.views.words import moment, span
from pharmacrm.common.listing import page_of


def _guarded(request: HttpRequest) -> None:
    if not permissions.can_read_ledger(request.user):
        raise PermissionDenied


@login_required
@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    _guarded(request)
    form = LedgerFilter(request.GET)
    page = page_of(entries_matching(**form.chosen()), request, order=("-at", "-pk"))
    numbers = leaf_numbers(page.rows)
    hidden = behind_the_wall(page.rows, request.user)
    # Whom a case is about, and who works it, is not told by what a filter leaves over.
    is_narrow = bool(form.chosen().get("subject") or form.chosen().get("actor"))
    at = timezone.now()
    health, checked = seen.ledger_box(at)
    context = {
        "form": form,
        "page": page,
        "rows": [
            {
                "entry": entry,
                "number": numbers.get(entry.pk),
                "is_walled": entry.pk in hidden,
                "what": "" if entry.pk in hidden else subjects.title_of(entry.subject),
            }
            for entry in page.rows
            if not (is_narrow and entry.pk in hidden)
        ],
        "health": health,
        "last_checkpoint": moment(health.last_checkpoint_at),
        "last_anchor": moment(health.last_anchor_at),
        "unsealed_age": span(timedelta(seconds=health.unsealed_age_seconds)),
        "checked": checked,
        "checked_at": moment(checked.started_at if checked else None),
        "job": running_check(),
        "key": published_key(),
        "may_pack": permissions.can_make_pack(request.user),
        "may_check": permissions.can_run_verification(request.user),
    }
    return render(request, "compliance/ledger.html", context)


@login_required
@require_POST
def ledger_verify(request: HttpRequest) -> HttpResponse:
    ask_to_verify(by=request.user, at=timezone.now())
    return redirect("compliance:ledger")


@login_required
@require_GET
def entry_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    _guarded(request)
    entry = _entry(request, pk)
    try:
        leaf, checkpoint, proof = inclusion_of(entry.pk)
        sealed = {"number": leaf.number, "checkpoint": checkpoint, "steps": len(proof), "differs": ""}
        sealed["agrees"] = program.verify_receipt(receipt_of(entry), published_key(), set())
    except NotSealedYet:
        sealed = {"number": None, "checkpoint": None, "steps": 0, "differs": ""}
    except program.Differs as problem:
        sealed = {"number": None, "checkpoint": None, "steps": 0, "differs": str(problem)}
    context = {
        "entry": entry,
        "what": subjects.title_of(entry.subject),
        "what_url": subjects.url_of(entry.subject),
        "rows": rows_now(entry),
        "sealed": sealed,
        "anchors": sealed["checkpoint"].anchors.filter(error="") if sealed.get("checkpoint") else [],
    }
    return render(request, "compliance/entry_detail.html", context)


def _entry(request: HttpRequest, pk: UUID) -> LedgerEntry:
    """Return an entry, or 404 where it stands behind the wall of a case the reader is not on."""
    entry = get_object_or_404(LedgerEntry.objects.select_related("verdict"), pk=pk)
    if behind_the_wall([entry], request.user):
        raise Http404
    return entry


@login_required
@require_GET
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out an entry's receipt as a file: the outsider's program checks it without this server."""
    _guarded(request)
    entry = _entry(request, pk)
    try:
        answer = JsonResponse(receipt_of(entry), json_dumps_params={"ensure_ascii": False, "indent": 1})
    except NotSealedYet as early:
        raise Http404 from early
    answer["Content-Disposition"] = f'attachment; filename="receipt-{entry.pk}.json"'
    return answer


@login_required
@require_GET
def verifier(request: HttpRequest) -> HttpResponse:
    """Hand out the stand-alone verifier."""
    _guarded(request)
    answer = HttpResponse(Path(program.__file__).read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify.py"'
    return answer


@login_required
@require_GET
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Hand out the newest checkpoint, to be kept elsewhere."""
    _guarded(request)
    newest = latest_checkpoint()
    if newest is None:
        raise Http404
    answer = HttpResponse(newest.note, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="checkpoint-{newest.size}.txt"'
    return answer
