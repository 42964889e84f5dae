"""Acts about people and territories, each with what it needs."""

from __future__ import annotations

from django.utils import timezone

from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.factories.accounts import make_territory
from tests.factories.compliance import qualify
from tests.factories.content import content_person


def new_member(_person):
    someone = content_person(Role.REP, "陈思远")
    qualify(someone, by=content_person(Role.COMPLIANCE, "周正"), at=timezone.now())
    return {"pk": make_territory().pk}, {
        "user_id": str(someone.pk),
        "role": "rep",
        "valid_from": "2026-11-01",
    }


ACTS = [Act("accounts:territory", Role.ADMINISTRATOR, new_member)]
