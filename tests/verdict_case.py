"""What one act through every door has in common: the case, and how a person comes in. See same_verdict.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

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
    amount_fen: int = 0  # a meal a head, a fee, a receipt
    cost: str = "tea"  # kind of receipt
    words: str = ""  # title, topic or reason
    is_checked: bool = True  # who asks, the choice of a speaker, or that the company asked
    answer: str = "withdrawn"  # of a doctor on consent
    said_before: str = ""  # what the doctor answered earlier: "", refused, never
    request: str = (
        "copy"  # what a doctor asks about their own data; "second" is the second signature of an erasure
    )
    is_granted: bool = True
    roles: tuple[str, ...] = ("rep",)


def in_order(point: str) -> Case:
    """Return a case in which nothing stands against the act."""
    return Case(
        point=point, filing="in scope", consent=True, booking="not needed", registers=False, channel="face_to_face",
        purpose="deliver_information", place="reception_room", note="", ae_answer="none", days_ago=0,
        material="released", column="备注", held=False, names_material=True,
    )  # fmt: skip


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session  # officers and administrators have set theirs up, where one is asked for
    session["second_factor"] = "set"
    session.save()
    return client


def answer_in_the_inbox(
    user: User, step: Any, *, over_rest: bool = False, said: dict[str, Any] | None = None
) -> Any:
    """Agree to one step of a request, on its page or over REST."""
    said = {"verb": "agree", **(said or {})}
    if over_rest:
        return post_over_rest(user, f"compliance/inbox/{step.pk}/answer/", said)
    return client_of(user).post(reverse("compliance:step-detail", args=[step.pk]), said)


def post_over_rest(user: User, address: str, body: dict[str, Any]) -> Any:
    return client_of(user).post(
        f"/api/v1/{address}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )
