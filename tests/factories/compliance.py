"""Rows of the kernel for tests."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt

from compliance.actions import SignatureProof
from compliance.actions.signing import code_at

PASSWORD = "correct horse battery"


def secret_of(user) -> str:
    return base64.b32encode(hashlib.sha256(f"tests:{user.pk}".encode()).digest()[:20]).decode()


def give_totp(user) -> None:
    """Give a person the second factor that signing asks for."""
    Authenticator.objects.get_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": encrypt(secret_of(user))}}
    )


def totp_code(user, at: datetime) -> str:
    """Return the code that the person's app shows at a moment."""
    return code_at(secret_of(user), at)


def proof_of(user, at: datetime, *, session_key: str = "") -> SignatureProof:
    """Return what a person with a second factor enters to sign at a moment; sets the factor up."""
    give_totp(user)
    return SignatureProof(password=PASSWORD, code=totp_code(user, at), session_key=session_key)
