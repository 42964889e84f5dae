"""Acts of the kernel through its pages, each with what it needs."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from compliance import actions as law
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.factories.compliance import PASSWORD, proof_of
from tests.factories.content import content_person


def figure_to_sign(officer):
    now = timezone.now()
    draft = law.draft_parameter(
        rule="RD-01",
        name="cap_fen",
        value=20_000,
        valid_from=date(2099, 1, 1),
        reason="从严",
        by=content_person(Role.COMPLIANCE, "钱明"),
        at=now,
    )
    return {"pk": draft.pk}, signed(officer)


def hold_to_lift(officer):
    hold = law.place_hold(subjects=["material:1"], reason="说明书更新", by=officer, at=timezone.now())
    return {"pk": hold.pk}, {"reason": "新说明书已核对", **signed(officer)}


def signed(person):
    """What a person enters to sign now."""
    person.set_password(PASSWORD)
    person.save()
    return {"password": PASSWORD, "code": proof_of(person, timezone.now()).code}


ACTS = [
    Act("compliance:hold-lift", Role.COMPLIANCE, hold_to_lift),
    Act("compliance:parameter-sign", Role.COMPLIANCE, figure_to_sign),
]
