"""What a person loses stops them at the next act: at plan, start, show, and in the phone's own pack."""

from datetime import timedelta

import pytest

from compliance import actions as law
from compliance.models import RepFiling
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.gates import make_gates

DOORS = ["phone pack", "plan", "show", "start"]


@pytest.fixture
def ground(rep, officer, person):
    return make_gates(rep, officer, person("boss", Role.COMPLIANCE, name="钱明"), at=AT)


def revoke(ground, at):
    law.revoke_certificate(certificate_id=ground.certificate.pk, reason="代考", by=ground.officer, at=at)


def cancel(ground, at):
    filing = RepFiling.objects.get(user=ground.rep)
    law.withdraw_filing(filing_id=filing.pk, on=at.date(), reason="离职", by=ground.officer, at=at)


@pytest.mark.django_db
@pytest.mark.parametrize("lose", [revoke, cancel])
def test_a_revoked_certificate_and_a_cancelled_filing_stop_every_door_at_once(ground, lose):
    moment = AT + timedelta(minutes=1)
    before = {name for name in DOORS if name != "start" and ground.doors[name](moment)}

    lose(ground, moment)

    assert before == {"phone pack", "plan", "show"}
    assert [name for name in DOORS if ground.doors[name](moment + timedelta(microseconds=1))] == []


@pytest.mark.django_db
def test_a_certificate_ends_with_its_last_day_at_every_door(ground):
    certificate = ground.certificate
    certificate.valid_until = AT.date() + timedelta(days=1)
    certificate.save()

    last = AT.replace(hour=15, minute=59)  # 23:59 in Shanghai, a visit five minutes later is tomorrow's
    assert ground.doors["show"](last)
    assert not ground.doors["plan"](last)
    assert [name for name in DOORS if ground.doors[name](last + timedelta(minutes=1))] == []
