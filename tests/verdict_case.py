"""What one act through every door has in common: the case, and how a person comes in. See same_verdict.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client

from pharmacrm.accounts.models import User
from pharmacrm.common.ids import uuid7


@dataclass(frozen=True)
class Case:
    """What is true when somebody acts. Everything the doors can all say."""

    point: str
    filing: str  # none, in scope, outside, no contract
    consent: bool
    booking: str  # not needed, needed, made
    registers: bool
    channel: str
    purpose: str
    place: str
    note: str
    ae_answer: str
    days_ago: int
    material: str  # released, withdrawn, of another tier
    column: str
    held: bool
    names_material: bool  # the plan says which material is to be shown


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def post_over_rest(user: User, address: str, body: dict[str, Any]) -> Any:
    return client_of(user).post(
        f"/api/v1/{address}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )
