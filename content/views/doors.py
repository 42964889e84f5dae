"""What the pages share: who may enter, and one way to run an act and say what became of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from pharmacrm.common.errors import DomainError, Refused

View = Callable[..., HttpResponse]


def entered_by(allowed: Callable[[Any], bool]) -> Callable[[View], View]:
    """Let in who is signed in and allowed; others are sent to the login, or told 403."""

    def guard(view: View) -> View:
        @login_required
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return inner

    return guard


def act(request: HttpRequest, action: Callable[[], Any], *, said: str, to: Any) -> HttpResponse:
    """Run an act whose page has no field of its own; what it says no with is shown on the next page."""
    try:
        action()
    except Refused:
        raise
    except DomainError as no:
        messages.error(request, str(no))
    else:
        messages.success(request, said)
    return redirect(to)


def tried(form: Form, action: Callable[[], Any]) -> Any:
    """Run an act for a valid form; what it says no with stands at its field. Returns: the act's answer, or None."""
    try:
        return action()
    except Refused:
        raise
    except DomainError as no:
        form.add_error(no.field if no.field in form.fields else None, str(no))
        return None
