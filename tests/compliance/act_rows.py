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
    officer.set_password(PASSWORD)
    officer.save()
    return {"pk": draft.pk}, {"password": PASSWORD, "code": proof_of(officer, now).code}


ACTS = [Act("compliance:parameter-sign", Role.COMPLIANCE, figure_to_sign)]
