"""The door of an event: its code, and signing in at the place without an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from axes.helpers import get_client_ip_address
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.actions import events as actions
from activities.forms.events import DoorForm
from activities.selectors import events as reads
from pharmacrm.common import tries
from pharmacrm.common.errors import DomainError, Refused

DOOR_SALT = "activities.event-door"
CODE_SECONDS = 90  # a photographed code is worthless soon after
FORM_SECONDS = 900  # time to type a name
DOOR_TRIES = 10  # failures from one address; one that succeeds is not counted
DOOR_TRIES_OF_ALL = 200  # failures at one event, from wherever
TRIES_SECONDS = 900


def door_token(event_id: UUID) -> str:
    """Return what the code at the place says now."""
    return signing.dumps(str(event_id), salt=DOOR_SALT)


@require_GET
@never_cache
def event_code_picture(request: HttpRequest, token: str) -> HttpResponse:
    """The code as a picture; it holds nothing but the address already in the page."""
    address = request.build_absolute_uri(reverse("event-door", args=[token]))
    picture = segno.make(address, error="m").svg_inline(scale=8, border=2)
    return HttpResponse(
        picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1), content_type="image/svg+xml"
    )


@require_http_methods(["GET", "POST"])
@never_cache
def event_door(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in at the place, without an account: name and the last four digits of the phone on file."""
    try:
        key = signing.loads(
            token, salt=DOOR_SALT, max_age=CODE_SECONDS if request.method == "GET" else FORM_SECONDS
        )
    except signing.SignatureExpired:
        return render(request, "activities/event_door.html", {"expired": True}, status=410)
    except signing.BadSignature:
        raise Http404 from None
    event = get_object_or_404(reads.event_at_the_door(), pk=key)
    form = DoorForm(request.POST or None)
    context: dict[str, Any] = {"event": event, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "activities/event_door.html", context)
    # SECURITY: names and phone tails could be tried out by whoever holds the code; failures alone are counted,
    # for a whole hospital may sign in from one address.
    here, anywhere = (
        ("event-door", str(event.pk), get_client_ip_address(request) or ""),
        ("event-door", str(event.pk)),
    )
    if tries.is_spent(*here, most=DOOR_TRIES) or tries.is_spent(*anywhere, most=DOOR_TRIES_OF_ALL):
        form.add_error(
            None,
            _("Too many tries from here. Wait %(minutes)d minutes, or ask the organiser to sign you in.")
            % {"minutes": TRIES_SECONDS // 60},
        )
        return render(request, "activities/event_door.html", context, status=429)
    try:
        attendance, is_new = actions.sign_in_by_name(
            event_id=event.pk, at=timezone.now(), **form.cleaned_data
        )
    except Refused:  # the wrapper at the door records it and shows the verdict in this page's frame
        request.show_refusal = _show_refusal  # type: ignore[attr-defined]
        raise
    except DomainError as refusal:
        tries.count_failure(*here, seconds=TRIES_SECONDS)
        tries.count_failure(*anywhere, seconds=TRIES_SECONDS)
        form.add_error(None, str(refusal))
    else:
        context |= {"attendance": attendance, "is_new": is_new}
    return render(request, "activities/event_door.html", context)


def _show_refusal(request: HttpRequest, verdict: Any) -> HttpResponse:
    return render(request, "activities/event_door.html", {"verdict": verdict}, status=409)
