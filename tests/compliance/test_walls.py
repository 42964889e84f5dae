"""What stands in a case is read by its team alone, whatever page, list or file leads there."""

import pytest
from django.test import Client
from django.urls import reverse

from compliance import actions as law
from compliance.models import CaseAction, Finding, LedgerEntry
from compliance.selectors.timeline import time_line_of
from pharmacrm.accounts.choices import Role
from tests.conftest import AT

pytestmark = pytest.mark.django_db
WORDS = "核查付款凭证"


@pytest.fixture
def second_officer(person):
    return person("second_officer", Role.COMPLIANCE, name="钱明")


@pytest.fixture
def administrator(person):
    return person("root", Role.ADMINISTRATOR, name="管理员")


@pytest.fixture
def case(officer, rep):
    finding = law.open_finding(
        kind="copied_notes", subject=f"user:{rep.pk}", grade="关注", evidence={"text": {"zh": WORDS, "en": WORDS}}, at=AT
    )  # fmt: skip
    found = law.open_case(
        kind="officer", subject=f"user:{rep.pk}", title="举报", finding=finding, by=officer, at=AT
    )
    law.triage_case(case_id=found.pk, risk="high", words=WORDS, by=officer, at=AT)
    law.hold_case(case_id=found.pk, reason=WORDS, by=officer, at=AT)
    law.add_statement(case_id=found.pk, title="说明", words=WORDS, by=officer, at=AT)
    return found


def seen_by(user):
    client = Client()
    client.force_login(user)
    return client


def pieces(case):
    """Return the address of each record of the case as its history page takes it."""
    return [
        f"case:{case.pk}",
        *(f"caseaction:{row.pk}" for row in CaseAction.objects.filter(case=case)),
        *(f"caseevidence:{row.pk}" for row in case.evidence.all()),
        *(f"casemember:{row.pk}" for row in case.members.all()),
        *(f"finding:{row.pk}" for row in case.findings.all()),
    ]


def test_every_piece_of_a_case_keeps_its_versions_to_the_team(case, officer, second_officer, administrator):
    for subject in pieces(case):
        address = reverse("compliance:history", args=[subject])
        assert seen_by(officer).get(address).status_code == 200, subject
        assert seen_by(second_officer).get(address).status_code == 404, subject
        assert seen_by(administrator).get(address).status_code == 404, subject


def test_the_ledger_counts_the_acts_of_a_case_and_tells_others_nothing_of_them(case, officer, second_officer, administrator):  # fmt: skip
    entries = LedgerEntry.objects.filter(subject=f"case:{case.pk}")
    ledger = reverse("compliance:ledger")

    assert WORDS in seen_by(officer).get(ledger).content.decode()
    for outside in (second_officer, administrator):
        page = seen_by(outside).get(ledger)
        walled = {row["entry"].pk for row in page.context["rows"] if row["is_walled"]}
        assert walled >= set(entries.values_list("pk", flat=True))
        in_cases = page.content.decode().split("<tbody>")[-1].split("compliance.hold")[0]
        assert case.number not in in_cases
        narrow = seen_by(outside).get(ledger, {"subject": case.subject})
        assert [row["entry"].event for row in narrow.context["rows"]] == ["compliance.hold_placed"]
        for entry in entries:
            assert (
                seen_by(outside).get(reverse("compliance:entry-detail", args=[entry.pk])).status_code == 404
            )
            assert seen_by(outside).get(reverse("compliance:receipt", args=[entry.pk])).status_code == 404


def test_over_rest_neither_the_case_nor_its_finding_is_there_for_others(case, officer, second_officer):
    addresses = [
        f"/api/v1/compliance/cases/{case.pk}/",
        f"/api/v1/compliance/findings/{Finding.objects.get().pk}/",
    ]

    assert [seen_by(officer).get(one).status_code for one in addresses] == [200, 200]
    assert [seen_by(second_officer).get(one).status_code for one in addresses] == [404, 404]


def test_who_is_looked_into_learns_of_it_from_no_page(case, officer, rep):
    finding = LedgerEntry.objects.filter(event="compliance.finding_opened", subject=f"user:{rep.pk}")
    assert finding.exists()

    page = seen_by(rep).get(reverse("compliance:staff-detail", args=[rep.pk]))

    assert [act.event for act in page.context["file"].acts] == ["compliance.hold_placed"]
    told = [step.event for step in time_line_of(f"user:{rep.pk}", rep)]
    assert not [event for event in told if event.startswith(("compliance.finding", "compliance.case"))]
    assert [step.event for step in time_line_of(f"user:{rep.pk}", officer)].count(
        "compliance.finding_opened"
    ) == 1


def test_an_officer_reads_no_finding_about_themselves(officer, second_officer):
    finding = law.open_finding(kind="round_amounts", subject=f"user:{officer.pk}", grade="关注", at=AT)
    entry = LedgerEntry.objects.get(event="compliance.finding_opened")
    addresses = [
        reverse("compliance:history", args=[f"finding:{finding.pk}"]),
        reverse("compliance:entry-detail", args=[entry.pk]),
    ]

    assert [seen_by(officer).get(one).status_code for one in addresses] == [404, 404]
    assert [seen_by(second_officer).get(one).status_code for one in addresses] == [200, 200]
