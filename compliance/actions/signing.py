"""Electronic signatures: who, when, meaning what, under exactly which bytes."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from compliance.actions.findings import open_finding
from compliance.actions.recording import record
from compliance.choices import Grade, SigningMethod
from compliance.models import Signature, SigningFailure, SigningSession, UsedCode
from compliance.selectors.people import people_with_role
from compliance.selectors.signatures import mac_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

IDLE = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
WRONG_BEFORE_LOCK = 5
STEP_SECONDS = 30

_failures: ContextVar[list[tuple[Any, str, datetime]] | None] = ContextVar("signing_failures", default=None)


class SigningNotSetUp(DomainError):
    """The signer has no second factor; nothing was signed."""

    code = "signing_not_set_up"


class WrongProof(DomainError):
    """Password or code do not fit; nothing was signed and the attempt counts."""

    code = "wrong_proof"


class CodeNeeded(DomainError):
    """This is the first signing of the session, so the second factor is asked for; nothing was signed."""

    code = "code_needed"


class SigningLocked(DomainError):
    """Too many wrong attempts; nothing was signed and compliance has been told."""

    code = "signing_locked"


@dataclass(frozen=True)
class SignatureProof:
    """What the signer entered again at the moment of signing."""

    password: str
    code: str = ""
    session_key: str = ""


@transaction.atomic
def sign(
    *, subject: str, content_sha256: str, meaning: str, by: Any, at: datetime, proof: SignatureProof
) -> Signature:
    """Sign content by its hash. Call inside the act that the signature belongs to; that act's entry covers it.

    The first signing of a session takes password and one-time code, later ones within 15 minutes the password.
    Raises: SigningNotSetUp without a second factor; CodeNeeded; WrongProof; SigningLocked after five wrong.
    In every case nothing was signed. Source: 21 CFR 11.50, 11.70, 11.200, 11.300(d); 电子签名法 (2019) 13.
    """
    secret = _secret_of(by)
    _refuse_when_locked(by, at)
    session = hashlib.sha256(proof.session_key.encode()).hexdigest()
    known = SigningSession.objects.select_for_update().filter(user=by, session=session).first()
    fresh = known is not None and timedelta(0) <= at - known.last_signed_at <= IDLE
    if not fresh and not proof.code:
        raise CodeNeeded(_("Enter the one-time code as well: this is your first signature in this session."),
                         field="code")  # fmt: skip
    _count_attempt(by)
    if not by.check_password(proof.password):
        raise _wrong(by, subject, at, _("The password is not right."), "password")
    if not fresh and not _use_code(by, secret, proof.code, at):
        raise _wrong(by, subject, at, _("The one-time code is not right, or was used before."), "code")
    cache.delete(_counter_key(by))
    SigningSession.objects.update_or_create(user=by, session=session, defaults={"last_signed_at": at})
    method = SigningMethod.PASSWORD if fresh else SigningMethod.PASSWORD_AND_CODE
    signature = Signature(
        subject=subject,
        content_sha256=content_sha256,
        meaning=meaning,
        signer=by,
        printed_name=str(by),
        job_title=getattr(by, "job_title", ""),
        signed_at=at,
        time_zone=settings.TIME_ZONE,
        method=method,
    )
    signature.mac = mac_of(signature)
    signature.save(force_insert=True)
    return signature


def needs_code(*, by: Any, session_key: str, at: datetime) -> bool:
    """Return whether the next signature in a session takes the one-time code too."""
    session = hashlib.sha256(session_key.encode()).hexdigest()
    known = SigningSession.objects.filter(user=by, session=session).first()
    return known is None or not timedelta(0) <= at - known.last_signed_at <= IDLE


@transaction.atomic
def record_signing_failures(failures: list[tuple[Any, str, datetime]]) -> None:
    """Keep wrong attempts after the act rolled back; the fifth in 15 minutes raises the alarm."""
    for person, subject, at in failures:
        row = SigningFailure.objects.create(user=person, subject=subject, failed_at=at)
        record("compliance.signing_failed", subject=subject, by=person, at=at, rows=[row])
        if _recent_failures(person, at) == WRONG_BEFORE_LOCK:
            _alarm(person, at)


def code_at(secret: str, at: datetime) -> str:
    """Return the one-time code of a secret at a moment. Source: RFC 6238."""
    code: str = format_hotp_value(hotp_value(secret, int(at.timestamp()) // STEP_SECONDS))
    return code


def collect_failures() -> Any:
    """Start collecting wrong attempts for a door; returns the token for `collected_failures`."""
    return _failures.set([])


def collected_failures(token: Any) -> list[tuple[Any, str, datetime]]:
    """Return what was collected since `collect_failures`, and stop."""
    collected = _failures.get() or []
    _failures.reset(token)
    return collected


def _alarm(person: Any, at: datetime) -> None:
    subject = f"user:{person.pk}"
    finding = open_finding(
        kind="signing_locked",
        subject=subject,
        rule="",
        grade=Grade.SHALL,
        evidence={"wrong_attempts": WRONG_BEFORE_LOCK},
        by=None,
        at=at,
        due_at=at + timedelta(hours=24),
    )
    for officer in people_with_role("compliance"):
        notify(
            recipient=officer,
            kind="signing_locked",
            zh=f"{person} 连续 {WRONG_BEFORE_LOCK} 次签名验证错误，签名已锁定 15 分钟",
            en=f"{person} failed to sign {WRONG_BEFORE_LOCK} times; signing is locked for 15 minutes",
            at=at,
            url="/compliance/",
            subject=f"finding:{finding.pk}",
        )


def _secret_of(person: Any) -> str:
    # SECURITY: read again, for the request may have loaded the person before the account was closed.
    if not person.is_active or not get_user_model().objects.filter(pk=person.pk, is_active=True).exists():
        raise SigningNotSetUp(_("This account is closed; it cannot sign."))
    factor = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if factor is None:
        raise SigningNotSetUp(
            _("You need a second factor before you can sign. Set up an authenticator app in your account's security settings.")
        )  # fmt: skip
    secret: str = decrypt(factor.data["secret"])
    return secret


def _use_code(person: Any, secret: str, code: str, at: datetime) -> bool:
    """Accept a code of this 30-second step or one beside it, once. Source: RFC 6238, 5.2."""
    now = int(at.timestamp()) // STEP_SECONDS
    for counter in (now, now - 1, now + 1):
        if constant_time_compare(
            code.strip().replace(" ", ""), format_hotp_value(hotp_value(secret, counter))
        ):
            _used, first_time = UsedCode.objects.get_or_create(user=person, counter=counter)
            return first_time
    return False


def _counter_key(person: Any) -> str:
    return f"compliance.signing.wrong.{person.pk}"


def _count_attempt(person: Any) -> None:
    """Count before checking, outside the transaction, so parallel guesses cannot pass the limit."""
    key = _counter_key(person)
    cache.add(key, 0, timeout=int(LOCKED_FOR.total_seconds()))
    if cache.incr(key) > WRONG_BEFORE_LOCK:
        raise SigningLocked(_locked_words())


def _refuse_when_locked(person: Any, at: datetime) -> None:
    if _recent_failures(person, at) >= WRONG_BEFORE_LOCK:
        raise SigningLocked(_locked_words())


def _locked_words() -> str:
    return _("Signing is locked for 15 minutes after five wrong attempts. Compliance has been told.")


def _recent_failures(person: Any, at: datetime) -> int:
    last = (
        Signature.objects.filter(signer=person).order_by("-signed_at").values_list("signed_at", flat=True)[:1]
    )
    since = max([at - LOCKED_FOR, *last])
    return SigningFailure.objects.filter(user=person, failed_at__gt=since).count()


def _wrong(person: Any, subject: str, at: datetime, words: str, field: str) -> WrongProof:
    failure = (person, subject, at)
    collecting = _failures.get()
    if collecting is not None:
        collecting.append(failure)
    return WrongProof(words, field=field)
