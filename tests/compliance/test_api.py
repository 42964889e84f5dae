"""Cases, findings, holds and exceptions over REST: who reads, what a client alone may do, what stays behind the wall."""

from datetime import timedelta

import pytest

from compliance import actions as law
from compliance.choices import Grade
from compliance.models import Case, Hold, HotlineMessage, LedgerEntry
from pharmacrm.accounts.choices import Role
from pharmacrm.api import actions
from pharmacrm.common.ids import uuid7
from tests.conftest import AT

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = "/api/v1/compliance"


@pytest.fixture
def hotline(client, person):
    """The headers of another hotline's client, which got its token by its own credentials."""
    service = person("hotline", Role.SERVICE)
    made = actions.create_client(name="hotline", service_account=service, redirect_uris="", by=None, at=AT)
    token = client.post(
        "/o/token/",
        {
            "grant_type": "client_credentials", "client_id": made.client_id, "client_secret": made.client_secret,
            "scope": "read write",
        },
    ).json()  # fmt: skip
    return {"Authorization": f"Bearer {token['access_token']}"}


def send(client, path, data, headers, key=""):
    return client.post(
        f"{ROOT}{path}", data, content_type="application/json",
        headers={**headers, "Idempotency-Key": key or str(uuid7())},
    )  # fmt: skip


def test_another_hotline_opens_a_case_once_and_gets_its_number_alone(client, hotline, officer):
    said = {"concern": "records", "words": "签到表是会后补的", "contact": "caller@example.com"}
    key = str(uuid7())

    first = send(client, "/cases/", said, hotline, key)
    again = send(client, "/cases/", said, hotline, key)

    case = Case.objects.get()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json().keys() == {"number", "opened_at", "due_at"}
    assert first.json()["number"] == case.number
    assert (case.source, case.state) == ("hotline", "open")
    assert HotlineMessage.objects.count() == 1
    entry = LedgerEntry.objects.get(event="compliance.concern_reported")
    assert entry.actor.username == "hotline"
    assert "签到表" not in str(first.json())


@pytest.mark.parametrize("noun", ["cases", "findings", "holds", "waivers"])
def test_a_client_alone_reads_nothing_and_decides_nothing(client, hotline, noun, officer):
    hold = law.place_hold(subjects=["material:1"], reason="x", by=officer, at=AT)

    read = client.get(f"{ROOT}/{noun}/", headers=hotline)
    refused = [
        send(client, f"/{noun}/{hold.pk}/{verb}/", {}, hotline).status_code
        for verb in ("close", "lift", "sign", "decide")
    ]

    assert read.status_code == 403
    assert refused == [404] * 4
    assert Hold.objects.get().lifted_at is None


def test_a_report_without_words_or_of_no_kind_opens_nothing(client, hotline):
    wrong = [
        send(client, "/cases/", data, hotline).status_code
        for data in ({}, {"concern": "x", "words": "y"}, [])
    ]

    assert wrong == [400, 400, 400]
    assert not Case.objects.exists()


def test_an_officer_filters_and_the_wall_of_a_case_hides_its_findings(client, officer, person):
    second = person("second", Role.COMPLIANCE)
    found = law.open_finding(
        kind="visit_in_breach",
        subject="visit:1",
        grade=Grade.BAN,
        rule="MR-11",
        at=AT,
        due_at=AT + timedelta(days=1),
    )
    law.open_finding(kind="frequency", subject="visit:2", grade=Grade.WATCH, at=AT, due_at=AT)
    law.open_case(kind="visit_in_breach", subject="visit:1", title="统方", by=officer, at=AT, finding=found)
    client.force_login(officer)

    own = client.get(f"{ROOT}/findings/?grade=禁止").json()["results"]
    cases = client.get(f"{ROOT}/cases/?state=open").json()["results"]
    wrong = client.get(f"{ROOT}/cases/?state=gone").status_code
    client.force_login(second)
    others = client.get(f"{ROOT}/findings/").json()["results"]
    hidden = client.get(f"{ROOT}/findings/{found.pk}/").status_code

    assert [row["rule"] for row in own] == ["MR-11"]
    assert [row["subject"] for row in cases] == ["visit:1"]
    assert wrong == 400
    assert [row["kind"] for row in others] == ["frequency"]
    assert hidden == 404


def test_holds_tell_all_they_stop_and_lists_cost_the_same_at_any_length(
    client, officer, django_assert_max_num_queries
):
    for number in range(6):
        law.place_hold(subjects=[f"material:{number}", f"product:{number}"], reason="x", by=officer, at=AT)
    client.force_login(officer)

    with django_assert_max_num_queries(12):
        rows = client.get(f"{ROOT}/holds/?state=in_force").json()["results"]
    one = client.get(f"{ROOT}/holds/?subject=material:3").json()["results"]

    assert len(rows) == 6
    assert [row["subjects"] for row in one] == [["material:3", "product:3"]]


@pytest.mark.parametrize("month", ["0000-01", "1899-12", "2026-13", "9999-12"])
def test_a_month_no_calendar_has_is_told_so(month, person, client):
    client.force_login(person("he", Role.COMPLIANCE))

    answer = client.get(f"/api/v1/compliance/waivers/?month={month}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/month"
