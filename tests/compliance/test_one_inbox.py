"""One inbox shows everything that waits for a person, whichever app it belongs to, to nobody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from compliance import actions as law
from compliance.flows import waiting_elsewhere
from compliance.selectors.cockpit import waiting_for
from compliance.selectors.waiting import waiting_in_the_kernel
from content.models import MaterialVersion
from doctors.models import ChangeRequest
from doctors.selectors.waiting import waiting_decisions
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.activities import make_ground

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_waiver(rep):
    day = AT.date()
    return law.request_waiver(
        rule="SP-12b", subject="event:2", reason="原图遗失", valid_from=day, valid_until=day + timedelta(days=9),
        by=rep, at=AT,
    )  # fmt: skip


def kinds(user):
    return [str(one.kind) for one in waiting_elsewhere(user)]


def test_an_exception_waits_for_who_may_decide_it_and_not_for_who_asked(asked_waiver, officer, rep, reviewer):
    found = list(waiting_in_the_kernel(officer))

    assert [one.url for one in found] == [reverse("compliance:waiver-detail", args=[asked_waiver.pk])]
    assert found[0].asked_by == str(rep)
    assert kinds(rep) == kinds(reviewer) == []
    assert waiting_for(officer) == 1


def test_a_decided_exception_waits_no_more(asked_waiver, officer):
    law.decide_waiver(
        waiver_id=asked_waiver.pk, grant=True, reason="已核实", in_reporting_line=False, by=officer, at=AT
    )

    assert waiting_elsewhere(officer) == []


def test_a_correction_waits_for_the_steward_with_its_day(person, rep):
    steward = person("steward", Role.STEWARD, name="顾文澜")
    doctor = make_ground(rep)
    ChangeRequest.objects.create(
        doctor=doctor, sealed=b"x", fields=["title"], asked_by=rep, asked_at=AT, due_on=AT.date()
    )

    found = list(waiting_decisions(steward))

    assert [(one.asked_by, one.due_at.date()) for one in found] == [(str(rep), AT.date())]
    assert list(waiting_decisions(rep)) == []


def test_the_inbox_page_lists_them_beside_the_requests(asked_waiver, officer):
    door = Client(headers={"accept-language": "zh-hans"})
    door.force_login(officer)

    page = door.get(reverse("compliance:inbox"))

    assert "原图遗失" in page.content.decode()
    assert len(page.context["elsewhere"]) == 1
    assert not MaterialVersion.objects.exists()
