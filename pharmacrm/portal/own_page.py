"""The doctor's own page behind a link: without an account, nothing personal before a one-time code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from axes.helpers import get_client_ip_address
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities import selectors as activities
from doctors import actions, selectors
from doctors.choices import Channel, ConsentState
from pharmacrm.common import tries
from pharmacrm.common.errors import DomainError

from .own_forms import CodeForm, OwnRequestForm

LINK_SALT = "doctors.page"
LINK_SECONDS = 31 * 86400
OPEN_SECONDS = 1800
CODES_AN_HOUR = 5


@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show who we are and take an opt-out; behind the code what was agreed, the rights, the requests."""
    link = _link(token)
    if link is None:
        return render(request, "portal/gone.html", status=410)
    confirmed = _is_confirmed(request, link.pk)
    said, code, ask, status = "", CodeForm(), OwnRequestForm(), 200
    if request.method == "POST":
        act = request.POST.get("act", "")
        code = CodeForm(request.POST) if act == "code" else code
        ask = OwnRequestForm(request.POST) if act == "ask" else ask
        try:
            if act == "code" and not confirmed and code.is_valid():
                _open(request, link.pk, code.cleaned_data["code"])
                return redirect("portal:page", token=token)
            said = _said(request, link, act, confirmed=confirmed, ask=ask)
        except DomainError as refusal:
            status = 400
            form = code if code.is_bound else ask
            if form.is_bound:
                form.add_error(None, refusal.message)
            else:
                said = refusal.message
    context: dict[str, Any] = {
        "confirmed": confirmed, "said": said, "code": code, "ask": ask, "token": token,
    }  # fmt: skip
    if confirmed:
        context |= _own(link.doctor_id)
    else:
        notice = selectors.notice_in_force(selectors.CONTACT_PURPOSE, timezone.localdate())
        context["notice"] = selectors.text_of(notice) if notice else ""
    return render(request, "portal/page.html", context, status=400 if code.errors or ask.errors else status)


@never_cache
@require_GET
def copy(request: HttpRequest, token: str) -> HttpResponse:
    """Give the doctor the copy a request granted, to read or as JSON; the look is written down."""
    link = _link(token)
    if link is None or not _is_confirmed(request, link.pk):
        return redirect("portal:page", token=token)
    granted = selectors.copy_granted_to(link.doctor_id)
    if granted is None:
        raise Http404
    at = timezone.now()
    actions.record_copy_taken(request_id=granted.pk, by=None, at=at)
    data = activities.own_data(link.doctor_id, at=at)
    if request.GET.get("format") == "json":
        answer = JsonResponse(data.as_json(), json_dumps_params={"ensure_ascii": False, "indent": 1})
        answer["Content-Disposition"] = f'attachment; filename="{granted.number}.json"'
        return answer
    return render(request, "dashboards/doctor_copy.html", {"copy": data, "parent": "plain.html"})


def _said(request: HttpRequest, link: Any, act: str, *, confirmed: bool, ask: OwnRequestForm) -> str:
    """Do what the page was asked for and return what to say. Before the code there is only the opt-out and the code."""
    if act == "stop":
        actions.withdraw_consent(doctor_id=link.doctor_id, by=None, at=timezone.now())
        return _("All contact is stopped, from now on.")
    if confirmed:
        return _act(request, link.doctor_id, act, ask)
    if act == "send":
        return _send(request, link.pk)
    if act != "code":
        raise Http404
    return ""


def _open(request: HttpRequest, link_id: UUID, code: str) -> None:
    """Confirm the code and remember it in the session. Raises: PageNotOpened."""
    actions.confirm_code(link_id=link_id, code=code, at=timezone.now())
    # SECURITY: a fresh key, so that whoever knew the session before the code does not share it.
    request.session.cycle_key()
    request.session[_key(link_id)] = timezone.now().timestamp()


def _link(token: str) -> Any:
    try:
        key = signing.loads(token, salt=LINK_SALT, max_age=LINK_SECONDS)
    except signing.SignatureExpired:
        return None
    except signing.BadSignature:
        raise Http404 from None
    return selectors.link_in_force(key, timezone.now())


def _key(link_id: UUID) -> str:
    return f"doctor_page:{link_id}"


def _is_confirmed(request: HttpRequest, link_id: UUID) -> bool:
    since = request.session.get(_key(link_id))
    return since is not None and timezone.now().timestamp() - float(since) < OPEN_SECONDS


def _send(request: HttpRequest, link_id: UUID) -> str:
    # SECURITY: whoever holds the link could flood the doctor's mailbox; the same words whether there is one or not.
    name = ("doctor-code", str(link_id), get_client_ip_address(request) or "")
    here = ("doctor-code", str(link_id))
    if not tries.is_spent(*name, most=CODES_AN_HOUR) and not tries.is_spent(*here, most=CODES_AN_HOUR):
        tries.count_failure(*here, seconds=3600)
        actions.send_code(link_id=link_id, at=timezone.now())
    return _("If we have an e-mail address of yours, a code is on its way. Else our privacy desk calls you back: ask your hospital or our hotline.")  # fmt: skip


def _act(request: HttpRequest, doctor_id: UUID, act: str, ask: OwnRequestForm) -> str:
    """Do what a confirmed doctor asks for. Returns: what to say. Raises: Http404 for another act; DomainError."""
    at, said = timezone.now(), request.POST
    channel, purpose = said.get("channel", ""), said.get("purpose", "")
    if act == "withdraw":
        actions.withdraw_consent(doctor_id=doctor_id, channel=channel, purpose=purpose, by=None, at=at)
        return _("Withdrawn, from now on.")
    if act == "never":
        actions.withdraw_consent(doctor_id=doctor_id, never=True, by=None, at=at)
        return _("We will not contact you again.")
    if act == "give":
        notice = selectors.notice_in_force(purpose or selectors.CONTACT_PURPOSE, timezone.localdate(at))
        if notice is None or str(notice.pk) != said.get("notice"):
            raise actions.ConsentNotAccepted(_("The notice changed meanwhile. Please read it again."))
        actions.record_consent(
            doctor_id=doctor_id, state=ConsentState.GIVEN, channel=channel, purpose=purpose, notice_id=notice.pk,
            obtained_by=Channel.ONLINE, by=None, at=at,
        )  # fmt: skip
        return _("Thank you. You can withdraw at any time.")
    if act == "drop":
        try:
            key = UUID(said.get("request", ""))
        except ValueError:
            raise Http404 from None
        if not selectors.requests_of_doctor(doctor_id).filter(pk=key).exists():
            raise Http404
        actions.drop_request(request_id=key, doctor_id=doctor_id, at=at)
        return _("Taken back.")
    if act != "ask":
        raise Http404
    if not ask.is_valid():
        return ""
    taken = actions.take_request(doctor_id=doctor_id, source="page", by=None, at=at, **ask.cleaned_data)
    return _("Your request has the number %(number)s.") % {"number": taken.number}


def _own(doctor_id: UUID) -> dict[str, Any]:
    at = timezone.now()
    return {
        "lines": selectors.own_consents(doctor_id, at=at),
        "requests": [
            (row, selectors.letter_of_request(row)) for row in selectors.requests_of_doctor(doctor_id)[:20]
        ],
        "copy": selectors.copy_granted_to(doctor_id),
    }
