"""The whole book out and in: a zip of its folder, and every difference as a draft."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from compliance import actions, permissions, selectors
from compliance.doors import say
from compliance.evaluate import RULEBOOK
from compliance.forms.rule_drafts import BookForm, said
from compliance.rules.faults import BookError, Fault
from compliance.rules.folder import files_of, files_of_zip, read_folder_texts, zip_of
from pharmacrm.common.errors import DomainError

MOST_BYTES = 5 * 1024 * 1024


@login_required
@require_GET
def book_export(request: HttpRequest) -> HttpResponse:
    """Give the live book as a zip of its folder."""
    if not permissions.can_read_rules(request.user):
        raise PermissionDenied
    at = timezone.now()
    book = selectors.live_book(at)
    answer = HttpResponse(zip_of(files_of(book)), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="rulebook-{book.key}.zip"'
    return answer


@login_required
def book_import(request: HttpRequest) -> HttpResponse:
    """Take a folder, or the edition that came with the product, and draft every difference."""
    if not permissions.can_change_rules(request.user):
        raise PermissionDenied
    at = timezone.now()
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    form = BookForm(request.POST or None, request.FILES or None, initial={"begin": tomorrow})
    taken, faults = None, []
    if request.method == "POST" and form.is_valid():
        try:
            taken = actions.import_book(
                files=_files(form),
                begin=form.cleaned_data["begin"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=at,
            )
        except actions.BookNotRead as refusal:
            faults = _told(refusal.faults)
        except BookError as refusal:
            faults = _told(refusal.faults)
        except DomainError as refusal:
            say(form, refusal)
    left = [(one.name, one.words, _told(one.faults)) for one in taken.left] if taken else []
    context = {"form": form, "taken": taken, "faults": faults, "left": left}
    status = 400 if form.errors or faults else 200
    return render(request, "compliance/book_import.html", context, status=status)


def _files(form: BookForm) -> dict[str, str]:
    book = form.cleaned_data["book"]
    return files_of_zip(book.read(MOST_BYTES)) if book else read_folder_texts(RULEBOOK)


def _told(faults: tuple[Fault, ...]) -> list[tuple[str, int, str]]:
    return [(fault.file, fault.line, said(fault)) for fault in faults[:100]]
