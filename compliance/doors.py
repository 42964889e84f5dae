"""The one wrapper all doors use: a refusal rolls the act back, is recorded, and is shown the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from compliance.actions import SignatureProof, record_refused, signing
from pharmacrm.common.errors import DomainError, Refused

REASON = "reason-"


@contextmanager
def recorded_refusals(*, by: Any, at: datetime) -> Iterator[None]:
    """Record a refusal that leaves the block, then let it go on. For jobs, imports and the phone's sync."""
    try:
        yield
    except Refused as refusal:
        record_refused(refusal, by=by, at=at)
        raise


class RefusalMiddleware:
    """Pages: record a refusal and show its verdict with status 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and keep the wrong signing attempts of acts that rolled back."""
        token = signing.collect_failures()
        try:
            return self.get_response(request)
        finally:
            failures = signing.collected_failures(token)
            if failures:
                signing.record_signing_failures(failures)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        verdict = exception.verdict
        by = request.user if request.user.is_authenticated else None
        record_refused(exception, by=by, at=timezone.now())
        is_part = getattr(request, "htmx", False)
        show = getattr(request, "show_refusal", None)  # a door with a frame of its own, such as the phone's
        if show is not None and not is_part:
            return show(request, verdict)
        template = "compliance/refused_part.html" if is_part else "compliance/refused.html"
        return render(
            request,
            template,
            {"verdict": verdict, "case_number": exception.case_number, "asked_url": exception.asked_url},
            status=409,
        )


def proof_of(request: HttpRequest) -> SignatureProof:
    """Return what a signer entered again on a page: the fields `password` and `code` of components/sign_dialog.html."""
    return SignatureProof(
        password=request.POST.get("password", ""),
        code=request.POST.get("code", "").strip(),
        session_key=request.session.session_key or "",
    )


def reasons_of(request: HttpRequest) -> dict[str, str]:
    """Return the reasons for watched acts that a page's form carries: the fields `reason-<rule>`."""
    found = {
        name.removeprefix(REASON): str(text) for name, text in request.POST.items() if name.startswith(REASON)
    }
    return found if request.method == "POST" else {}


def needs_code(request: HttpRequest) -> bool:
    """Return whether the sign dialog has to ask for the one-time code too."""
    session_key = request.session.session_key or ""
    return signing.needs_code(by=request.user, session_key=session_key, at=timezone.now())


def say(form: BaseForm, refusal: DomainError) -> None:
    """Put a no on the form, at the field it belongs to. A refusal by the law is none: the middleware shows it."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
