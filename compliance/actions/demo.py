"""Second factors of the demonstration's people: derived from the login name, so the code can be printed."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def demo_secret(username: str) -> str:
    """Return the TOTP secret of a demonstration user. Raises: ImproperlyConfigured outside the demonstration."""
    if not settings.DEMO:
        raise ImproperlyConfigured("Demonstration secrets exist with PHARMACRM_DEMO=1 only.")
    return base64.b32encode(hashlib.sha256(f"pharmacrm-demo:{username}".encode()).digest()[:20]).decode()


def give_demo_factor(person: Any) -> None:
    """Set up the second factor of a demonstration user. Safe to run twice."""
    secret = demo_secret(person.username)
    Authenticator.objects.get_or_create(
        user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": encrypt(secret)}}
    )
