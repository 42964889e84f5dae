"""The request as a view behind `login_required` gets it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in; for annotations only, no request is made of it."""

    user: User
    htmx: HtmxDetails
    LANGUAGE_CODE: str
