"""Claims about who belongs to whom, readable for those who made or decide them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet

from doctors.models import Challenge
from doctors.selectors.cards import DoctorCard, doctor_cards
from doctors.selectors.privacy import open_text
from doctors.selectors.visibility import doctors_visible_to
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import territory_ids_of
from pharmacrm.common.crypto import unseal, unwrap_key

CANDIDATES = 10


@dataclass(frozen=True)
class Claim:
    """One claim, readable. `who` is what the person wrote while it is not known which doctor is meant."""

    id: UUID
    kind: str
    kind_label: str
    card: DoctorCard | None
    who: str
    name: str
    hospital: str
    reason: str
    territory_id: UUID
    territory: str
    line: str
    asked_by: str
    asked_by_id: UUID
    asked_at: datetime
    due_on: date
    state: str
    state_label: str
    answer: str
    decided_by: str
    evidence_id: UUID | None


def claim_key(challenge: Challenge) -> bytes:
    """Return the key of a claim in words. Raises: KeyDestroyed once it is decided."""
    return unwrap_key(bytes(challenge.wrapped_key) if challenge.wrapped_key else None)


def challenges_visible_to(user: User, on: date) -> QuerySet[Challenge]:
    """Return the claims a person may read: their own, those about territories they manage, all for stewards."""
    claims = Challenge.objects.select_related("asked_by", "decided_by", "territory").order_by("-pk")
    if user.has_role(Role.STEWARD, Role.ADMINISTRATOR, Role.COMPLIANCE, Role.INSPECTOR):
        return claims
    if user.has_role(Role.LINE_MANAGER):
        return claims.filter(Q(asked_by=user) | Q(territory_id__in=territory_ids_of(user, on)))
    return claims.filter(asked_by=user)


def claims(challenges: list[Challenge]) -> list[Claim]:
    """Return claims with their words opened. Cost: one query, and one for each that names a doctor."""
    cards = doctor_cards([one.doctor_id for one in challenges if one.doctor_id])
    found = []
    for one in challenges:
        said = _words(one)
        name, hospital = said.get("name", ""), said.get("hospital", "")
        found.append(
            Claim(
                one.pk,
                one.kind,
                str(one.get_kind_display()),
                cards.get(one.doctor_id) if one.doctor_id else None,
                " · ".join(filter(None, (name, hospital))),
                name,
                hospital,
                said.get("reason", ""),
                one.territory_id,
                one.territory.name,
                one.territory.line,
                str(one.asked_by),
                one.asked_by_id,
                one.asked_at,
                one.due_on,
                one.state,
                str(one.get_state_display()),
                one.answer,
                str(one.decided_by or ""),
                one.evidence_id,
            )
        )
    return found


def candidates_for(name: str, hospital: str, user: User, on: date) -> list[DoctorCard]:
    """Return the doctors a claim in words may mean that its decider may see: of the same name, the hospital's first."""
    rows = doctors_visible_to(user, on).filter(identity__name=name)
    found = list(rows.values_list("pk", "hospital__name").order_by("pk")[: CANDIDATES * 5])
    found.sort(key=lambda row: hospital not in (row[1] or "") and (row[1] or "") not in hospital)
    keys = [pk for pk, _hospital in found[:CANDIDATES]]
    cards = doctor_cards(keys)
    return [cards[key] for key in keys]


def _words(challenge: Challenge) -> dict[str, str]:
    if challenge.wrapped_key:
        text = unseal(
            bytes(challenge.sealed), key=claim_key(challenge), context=f"challenge:{challenge.pk}".encode()
        ).decode()
    elif challenge.doctor_id and challenge.kind == "not_mine":
        text = open_text(challenge.doctor_id, challenge.sealed)
    else:
        text = ""
    return dict(orjson.loads(text)) if text else {}
