"""One inbox shows everything that waits for a person, whichever app it belongs to, to nobody else."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from compliance import actions as law
from compliance.selectors.cockpit import inbox_of, waiting_for
from doctors import actions as doctors
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.activities import make_ground

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_waiver(rep):
    day = AT.date()
    return law.request_waiver(
        rule="SP-12b", subject=f"user:{rep.pk}", reason="原图遗失", valid_from=day, valid_until=day + timedelta(days=9),
        by=rep, at=AT,
    )  # fmt: skip


def test_an_exception_waits_for_who_may_decide_it_and_not_for_who_asked(asked_waiver, officer, rep, reviewer):
    found = inbox_of(officer, AT.date())

    assert [one.request.subject for one in found] == [f"waiver:{asked_waiver.pk}"]
    assert found[0].request.opened_by == rep
    assert [list(inbox_of(one, AT.date())) for one in (rep, reviewer)] == [[], []]
    assert waiting_for(officer) == 1


def test_a_decided_exception_waits_no_more(asked_waiver, officer):
    law.decide_waiver(waiver_id=asked_waiver.pk, grant=True, reason="已核实", by=officer, at=AT)

    assert waiting_for(officer) == 0


def test_a_correction_waits_for_the_steward_with_its_day_and_is_decided_field_by_field_on_its_own_page(
    person, rep, client
):
    steward = person("steward", Role.STEWARD, name="顾文澜")
    doctor = make_ground(rep)
    asked = doctors.ask_change(
        doctor_id=doctor.pk,
        wanted={"title": "chief_physician", "specialty": "心力衰竭"},
        note="",
        by=rep,
        at=AT,
    )
    step = inbox_of(steward, AT.date()).get()
    client.force_login(steward)

    page = client.get(reverse("compliance:step-detail", args=[step.pk])).content.decode()
    blunt = [inbox_of(one, AT.date()).count() for one in (rep, person("o", Role.COMPLIANCE))]
    doctors.decide_change(
        request_id=asked.pk,
        accept=True,
        fields=["title"],
        reasons={"specialty": "未见依据"},
        by=steward,
        at=AT,
    )

    step.request.refresh_from_db()
    assert localtime(step.request.due_at).date() == asked.due_on == date(2026, 11, 30)  # five working days
    assert f"/doctors/changes/#change-{asked.pk}" in page
    assert 'value="agree"' not in page
    assert blunt == [0, 0]
    assert (step.request.state, inbox_of(steward, AT.date()).count()) == ("approved", 0)


def test_the_inbox_page_says_what_is_asked_and_decides_it(asked_waiver, officer):
    door = Client(headers={"accept-language": "zh-hans"})
    door.force_login(officer)

    page = door.get(reverse("compliance:inbox"))
    step = page.context["waiting"][0]["step"]
    address = reverse("compliance:step-detail", args=[step.pk])
    told = door.get(address).content.decode()
    wordless = door.post(address, {"verb": "agree"})
    answer = door.post(address, {"verb": "agree", "comment": "已核实"})

    asked_waiver.refresh_from_db()
    assert "SP-12b 的例外" in page.content.decode()
    assert "原图遗失" in told
    assert (wordless.status_code, answer.status_code) == (400, 302)
    assert (asked_waiver.state, asked_waiver.decided_by, asked_waiver.decision_reason) == (
        "granted", officer, "已核实",
    )  # fmt: skip
