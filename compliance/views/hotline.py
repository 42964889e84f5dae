"""The hotline's open door: report without an account, come back by code. Nothing here reads who is signed in."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from compliance import actions
from compliance.actions.hotline import Attachment, report_of
from compliance.doors import say
from compliance.forms.casework import CodeForm, ConcernForm, WriteAgainForm
from pharmacrm.common.crypto import blind_index
from pharmacrm.common.errors import DomainError

MOST_AN_HOUR = 10


def unseen(view: Any) -> Any:
    """Forget who is signed in before anything is done: no history row and no page may name a reporter."""

    @wraps(view)
    def faceless(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # SECURITY: simple-history writes request.user into every version; this is the same request.
        request.user = AnonymousUser()
        return view(request, *args, **kwargs)

    return faceless


@unseen
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def hotline(request: HttpRequest) -> HttpResponse:
    """Take a report in and show its receipt code once."""
    form = ConcernForm(request.POST, request.FILES) if request.method == "POST" else ConcernForm()
    if request.method == "POST" and form.is_valid():
        if _too_often(request):
            return render(request, "429.html", status=429)
        entered = form.cleaned_data
        try:
            _report, code = actions.report_concern(
                concern=entered["concern"],
                words=entered["words"],
                contact=entered["contact"],
                files=_attachments(entered["files"]),
                at=timezone.now(),
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            return render(request, "compliance/hotline_code.html", {"code": code})
    return render(request, "compliance/hotline.html", {"form": form}, status=400 if form.errors else 200)


@unseen
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def hotline_return(request: HttpRequest) -> HttpResponse:
    """Show the conversation of a report to whoever brings its code, and take further messages. The code never
    stands in an address."""
    form = CodeForm(request.POST or None)
    again = WriteAgainForm(request.POST, request.FILES) if "words" in request.POST else None
    if request.method == "POST" and form.is_valid():
        report = report_of(form.cleaned_data["code"])
        if report is None:
            form.add_error("code", _("No report has this code. Check it letter by letter."))
        else:
            if again is not None and again.is_valid():
                try:
                    actions.write_again(
                        code=form.cleaned_data["code"],
                        words=again.cleaned_data["words"],
                        files=_attachments(again.cleaned_data["files"]),
                        at=timezone.now(),
                    )
                    again = None
                except DomainError as refusal:
                    say(again, refusal)
            context = {
                "report": report,
                "case": report.case,
                "talk": report.messages.select_related("report__case").order_by("said_at", "pk"),
                "again": again or WriteAgainForm(initial={"code": form.cleaned_data["code"]}),
            }
            status = 400 if again is not None and again.errors else 200
            return render(request, "compliance/hotline_case.html", context, status=status)
    return render(
        request, "compliance/hotline_return.html", {"form": form}, status=400 if form.errors else 200
    )


def _attachments(files: list[Any]) -> list[Attachment]:
    return [
        Attachment(file.name, file.content_type or "application/octet-stream", file.chunks())
        for file in files
    ]


def _too_often(request: HttpRequest) -> bool:
    """Return whether one address reports too often. Only a keyed hash is counted, for an hour, outside the database."""
    address = request.META.get("REMOTE_ADDR", "")
    key = f"hotline:{blind_index(address, purpose=f'hotline-{timezone.localdate():%Y%m%d}')}"
    cache.add(key, 0, timeout=3600)
    return int(cache.incr(key)) > MOST_AN_HOUR
