"""What a person does to their own credentials, told by the login package, goes into the ledger. A door: reads the clock."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.utils import timezone

from . import actions

EVENTS = {
    "password_changed": password_changed,
    "password_reset": password_reset,
    "password_set": password_set,
    "second_factor_added": authenticator_added,
    "second_factor_removed": authenticator_removed,
    "second_factor_renewed": authenticator_reset,
}


def listen() -> None:
    """Connect the package's announcements; it offers no other hook."""
    for name, announcement in EVENTS.items():
        announcement.connect(_recorder(name), dispatch_uid=f"accounts.{name}", weak=False)


def _recorder(name: str) -> Any:
    def record(sender: Any, user: Any = None, authenticator: Any = None, **_more: Any) -> None:
        kind = getattr(authenticator, "type", "")
        actions.note_account_event(event=name, user=user, at=timezone.now(), reason=str(kind))  # noqa: TID251

    return record
