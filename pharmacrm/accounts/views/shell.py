"""The home page and the switches of the frame: language, messages, jobs."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from pharmacrm.accounts import actions, selectors
from pharmacrm.accounts.middleware import LANGUAGE_COOKIE
from pharmacrm.accounts.requests import PersonRequest
from pharmacrm.common import jobs
from pharmacrm.common.models import Job

ONE_YEAR = 365 * 24 * 3600


@login_required
def home(request: PersonRequest) -> HttpResponse:
    """Lead to the page where the person's role begins the day."""
    return redirect("dashboards:home")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language with the person, or in a cookie for somebody who is not signed in."""
    code = request.POST.get("language", "")
    answer = redirect(place_to_return(request))
    if code in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            actions.choose_language(user_id=request.user.pk, language=code, at=timezone.now())
        answer.set_cookie(
            LANGUAGE_COOKIE, code, max_age=ONE_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return answer


@login_required
def messages(request: PersonRequest) -> HttpResponse:
    """List what the product told this person; opening the page marks it as read."""
    rows = list(selectors.messages_of(request.user)[:100])
    if request.method == "POST":
        actions.mark_messages_read(user_id=request.user.pk, at=timezone.now())
        return redirect(request.get_full_path())
    return render(
        request, "accounts/messages.html", {"rows": rows, "unread": sum(not row.read_at for row in rows)}
    )


@login_required
def job(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Show one long job of this person; a POST asks it to stop."""
    found = get_object_or_404(Job, pk=pk, asked_by=request.user)
    if request.method == "POST":
        jobs.ask_to_cancel(found.pk)
        return redirect("accounts:job", pk=pk)
    left = jobs.time_left(found, at=timezone.now())
    template = "accounts/job_part.html" if request.htmx else "accounts/job.html"
    return render(
        request,
        template,
        {"job": found, "minutes_left": None if left is None else int(left.total_seconds() // 60) + 1},
    )


def place_to_return(request: HttpRequest) -> str:
    """Return the address a form came from, if it is one of ours."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return "/"
