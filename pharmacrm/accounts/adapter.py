"""Hooks of the login packages: nobody signs up alone, failures are counted, nothing tells who exists."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from . import actions
from .models import User

LOCKED_MINUTES = 15


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by user name or address. Accounts are made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        with transaction.atomic():
            super().login(request, user)
            actions.note_sign_in(user=user, at=timezone.now())  # noqa: TID251


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the name somebody tried, the same for each way of writing it."""
    tried = (
        (credentials or {}).get("username")
        or (credentials or {}).get("email")
        or request.POST.get("login", "")
    )
    name = str(tried).strip().lower()
    known = (
        User.objects.filter(email__iexact=name).values_list("username", flat=True).first()
        if "@" in name
        else None
    )
    return known or name


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Answer 429 to somebody who failed too often from one address."""
    answer = render(request, "account/locked.html", {"minutes": LOCKED_MINUTES}, status=429)
    answer.headers["Retry-After"] = str(LOCKED_MINUTES * 60)
    return answer
