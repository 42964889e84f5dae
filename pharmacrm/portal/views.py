"""The doctor's own page behind one link: without an account, nothing personal before a one-time code."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities import selectors as activities
from doctors import actions, selectors
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.leaving import Door, count_leaving

from .acts import CLOSED_ACTS, OPEN_ACTS, Asked
from .forms import CodeForm, ContestForm, RequestForm
from .sections import opened_sections

OPEN_SECONDS = 1800


@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show who we are and take an opt-out; behind the code everything that concerns the doctor."""
    at = timezone.now()
    try:
        link = selectors.link_by_token(token, at)
    except selectors.LinkOver:
        return render(request, "portal/gone.html", status=410)
    except selectors.NoLink:
        return _old_address(token)
    is_open = _is_open(request, link.pk)
    forms: dict[str, Any] = {"code": CodeForm(), "ask": RequestForm(), "contest": ContestForm()}
    if request.method == "POST" and _did(request, link, forms, is_open=is_open, at=at):
        return redirect("portal:page", token=token)
    shown = opened_sections(link, at) if is_open else _closed(link)
    if shown is None:
        return render(request, "portal/gone.html", status=410)
    context = {"is_open": is_open, "token": token, **forms, **shown}
    status = 400 if request.method == "POST" else 200
    return render(request, "portal/page.html", context, status=status)


def _did(request: HttpRequest, link: Any, forms: dict[str, Any], *, is_open: bool, at: datetime) -> bool:
    """Do what was asked. Returns: whether it is done; else a form or the notice says why not. Raises: Http404."""
    name = request.POST.get("act", "")
    act = (OPEN_ACTS if is_open else CLOSED_ACTS).get(name)
    if act is None:
        if is_open and name in CLOSED_ACTS:  # sent twice
            return True
        raise Http404
    said: dict[str, Any] = request.POST.dict()
    form = None
    if name in forms:
        form = forms[name] = type(forms[name])(request.POST)
        if not form.is_valid():
            return False
        said = form.cleaned_data
    try:
        words = act(Asked(link, said, at, request))
    except Refused:  # the wrapper at the door records it and shows the verdict in this page's frame
        request.show_refusal = _show_refusal  # type: ignore[attr-defined]
        raise
    except DomainError as refusal:
        if form is None:
            messages.error(request, refusal.message)
        else:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return False
    if name == "code":
        _keep_open(request, link.pk)
    if words:
        messages.success(request, words)
    return True


@never_cache
@require_GET
def copy(request: HttpRequest, token: str) -> HttpResponse:
    """Give the doctor the copy a request granted, to read or as JSON; the look is written down."""
    link = _opened(request, token)
    if link is None:
        return redirect("portal:page", token=token)
    granted = selectors.copy_granted_to(link.doctor_id)
    if granted is None:
        raise Http404
    at = timezone.now()
    count_leaving(Door.COPY, name=granted.number, persons=[link.doctor_id], by=None, at=at)
    actions.record_copy_taken(request_id=granted.pk, by=None, at=at)
    data = activities.own_data(link.doctor_id, at=at)
    if request.GET.get("format") == "json":
        answer = JsonResponse(data.as_json(), json_dumps_params={"ensure_ascii": False, "indent": 1})
        answer["Content-Disposition"] = f'attachment; filename="{granted.number}.json"'
        return answer
    return render(request, "dashboards/doctor_copy.html", {"copy": data, "parent": "plain.html"})


@never_cache
@require_GET
def explanation_file(request: HttpRequest, token: str) -> HttpResponse:
    """The explanation of the tier as PDF."""
    link = _opened(request, token)
    if link is None:
        return redirect("portal:page", token=token)
    count_leaving(Door.PAPER, name="tier explanation", persons=[link.doctor_id], by=None, at=timezone.now())
    answer = HttpResponse(selectors.explanation_pdf_of(link.doctor_id), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="tier-explanation.pdf"'
    return answer


@never_cache
def moved(_request: HttpRequest, token: str, to: str = "portal:page") -> HttpResponse:
    """Lead an address of before to the one page."""
    return redirect(to, token=token)


def _old_address(token: str) -> HttpResponse:
    """Lead a link to the explanation alone on to the doctor's page. Raises: Http404 for what never was one."""
    link = actions.carry_over_link(token=token, at=timezone.now())
    if link is None:
        raise Http404
    return redirect("portal:page", token=selectors.token_of(link))


def _show_refusal(request: HttpRequest, verdict: Any) -> HttpResponse:
    return render(request, "portal/refused.html", {"verdict": verdict}, status=409)


def _closed(link: Any) -> dict[str, Any]:
    notice = selectors.notice_in_force(selectors.CONTACT_PURPOSE, timezone.localdate())
    return {
        "notice": selectors.text_of(notice) if notice else "",
        "is_locked": link.is_locked,
        "channels": selectors.code_channels(link.doctor_id),
    }


def _opened(request: HttpRequest, token: str) -> Any:
    """Return a link that this browser opened with its code, or None."""
    try:
        link = selectors.link_by_token(token, timezone.now())
    except (selectors.LinkOver, selectors.NoLink):
        return None
    return link if _is_open(request, link.pk) else None


def _is_open(request: HttpRequest, link_id: UUID) -> bool:
    since = request.session.get(_key(link_id))
    return since is not None and timezone.now().timestamp() - float(since) < OPEN_SECONDS


def _keep_open(request: HttpRequest, link_id: UUID) -> None:
    # SECURITY: a fresh key, so that whoever knew the session before the code does not share it.
    request.session.cycle_key()
    request.session[_key(link_id)] = timezone.now().timestamp()


def _key(link_id: UUID) -> str:
    return f"doctor_page:{link_id}"
