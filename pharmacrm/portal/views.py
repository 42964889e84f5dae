"""The doctor's page behind a link for one person: who we are, then the explanation of the tier, and to contest it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doctors import actions, selectors
from doctors.actions.contests import digest_of, is_open
from doctors.selectors import contests

from .forms import LinkCodeForm, WordsForm

KEPT = "explanation_links"


@require_http_methods(["GET", "POST"])
@never_cache
def explanation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the code; once it was right in this browser, show why the tier is what it is."""
    link = _link(token)
    if not is_open(link, timezone.now()):
        return render(request, "portal/explanation.html", {"is_over": True}, status=410)
    form = LinkCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _confirm(request, token, form.cleaned_data["code"])
        except actions.LinkNotOpened as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("portal:explanation", token=token)
    if str(link.pk) not in request.session.get(KEPT, []):
        return render(request, "portal/explanation.html", {"form": form})
    return render(request, "portal/explanation.html", _shown(link, token))


@require_POST
@never_cache
def contest(request: HttpRequest, token: str) -> HttpResponse:
    """Take down that the doctor contests the tier."""
    if request.POST.get("code"):  # a browser that keeps no session sends the code along
        with suppress(actions.LinkNotOpened):
            _confirm(request, token, request.POST["code"])
    link = _opened(request, token)
    form = WordsForm(request.POST)
    if form.is_valid():
        try:
            actions.contest_tier_by_link(link_id=link.pk, at=timezone.now(), **form.cleaned_data)
        except (actions.ContestNotTaken, actions.LinkNotOpened) as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("portal:explanation", token=token)
    return render(
        request, "portal/explanation.html", {**_shown(link, token), "contest_form": form}, status=400
    )


@require_GET
@never_cache
def explanation_file(request: HttpRequest, token: str) -> HttpResponse:
    """The same as PDF."""
    made = selectors.explanation_pdf_of(_opened(request, token).doctor_id)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="tier-explanation.pdf"'
    return answer


def _confirm(request: HttpRequest, token: str, code: str) -> None:
    """Open a link for this browser. Raises: LinkNotOpened."""
    link = actions.confirm_explanation_link(token=token, code=code, at=timezone.now())
    request.session[KEPT] = [*request.session.get(KEPT, [])[-4:], str(link.pk)]


def _link(token: str) -> Any:
    link = contests.link_by_digest(digest_of(token))
    if link is None:
        raise Http404
    return link


def _opened(request: HttpRequest, token: str) -> Any:
    """Return a link that this browser opened with its code. Raises: Http404."""
    link = _link(token)
    if str(link.pk) not in request.session.get(KEPT, []) or not is_open(link, timezone.now()):
        raise Http404
    return link


def _shown(link: Any, token: str) -> dict[str, Any]:
    why = selectors.explain_tier(link.doctor_id)
    return {
        "token": token,
        "why": why,
        "doctor": selectors.doctor_card(link.doctor_id),
        "since": contests.since_last_quarter(why),
        "ways": contests.ways_to_core(why),
        "contest": contests.last_contest_of(link.doctor_id),
        "contest_form": WordsForm(),
        "is_shown": True,
    }
