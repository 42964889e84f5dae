"""Filings, training and letters end ten years after they last counted, by two signatures, and not a day before."""

from datetime import timedelta

import pytest

from compliance import actions as law
from compliance.actions import retention as actions
from compliance.actions.verifying import verify
from compliance.models import (
    Certificate,
    Commitment,
    FiledProduct,
    HospitalRegistration,
    LedgerEntry,
    QuizAttempt,
    RepFiling,
)
from compliance.selectors.retention import retention_plan
from pharmacrm.accounts.choices import Role
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import store
from pharmacrm.common.models import StoredFile
from tests.conftest import AT
from tests.factories.compliance import proof_of, qualify
from tests.factories.training import passed, published

pytestmark = pytest.mark.django_db
DAY = AT.date()
LONG = timedelta(days=3_653)  # ten years and three leap days, and none more
CLASSES = ("staff_filing", "staff_certificate", "staff_quiz", "staff_letter", "staff_registration")


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="秦川")


@pytest.fixture
def held(rep, officer, person):
    """One of each, all counting today."""
    qualify(rep, "P1", by=officer, at=AT, hospital="hospital:1")
    version = published(officer, person("boss", Role.COMPLIANCE), at=AT)
    passed(version, rep, at=AT)
    filing = RepFiling.objects.get()
    filing.evidence = store([b"platform"], media_type="application/pdf", by=officer, at=AT, max_bytes=100)
    filing.save()
    law.record("tests.kept", subject=f"user:{rep.pk}", by=officer, at=AT, rows=[filing])
    return {"staff_filing": RepFiling, "staff_certificate": Certificate, "staff_quiz": QuizAttempt,
            "staff_letter": Commitment, "staff_registration": HospitalRegistration}  # fmt: skip


def end_on(held, officer, rep, day):
    """Let all of them have ended on a day."""
    rows = []
    for model in (RepFiling, Certificate, Commitment, HospitalRegistration):
        row = model.objects.get()
        row.valid_from, row.valid_until = day - timedelta(days=300), day
        row.save()
        rows.append(row)
    attempt = QuizAttempt.objects.get()
    attempt.ended_at = AT - (DAY - day)
    attempt.save()
    law.record("tests.ended", subject=f"user:{rep.pk}", by=officer, at=AT, rows=[*rows, attempt])


def due(on=DAY):
    return {one.term.id: one.due for one in retention_plan(on, AT) if one.term.id in CLASSES}


def run(officer, second, at=AT):
    asked = actions.ask_retention(reason="年度清理", by=officer, at=at, proof=proof_of(officer, at))
    actions.decide_retention(run_id=asked.pk, approve=True, by=second, at=at, proof=proof_of(second, at))
    return actions.run_retention(run_id=asked.pk, at=at)


def test_what_counts_today_or_ended_less_than_ten_years_ago_is_not_due(held, officer, rep):
    assert set(due().values()) == {0}

    end_on(held, officer, rep, DAY - LONG + timedelta(days=2))

    assert set(due().values()) == {0}


def test_two_signatures_destroy_what_ended_ten_years_ago_with_its_versions_and_files(
    held, officer, rep, second, person
):
    end_on(held, officer, rep, DAY - LONG)
    assert due() == {**dict.fromkeys(CLASSES, 1), "staff_quiz": 0}  # its certificate still names it

    run(officer, second)

    for name, model in held.items():
        assert model.objects.exists() is (name == "staff_quiz"), name
        assert model.history.exists() is (name == "staff_quiz"), name
    assert not FiledProduct.objects.exists()
    assert StoredFile.objects.get(media_type="application/pdf").scan_state == ScanState.ERASED
    assert due()["staff_quiz"] == 1
    run(person("third", Role.COMPLIANCE), person("fourth", Role.COMPLIANCE))
    assert not QuizAttempt.history.exists()
    assert LedgerEntry.objects.filter(event="compliance.records_destroyed").count() == 5
    assert verify(at=AT).differences == []


def test_a_hold_on_the_person_keeps_them(held, officer, rep, second):
    end_on(held, officer, rep, DAY - LONG)

    law.place_hold(subjects=[f"user:{rep.pk}"], reason="调查", by=officer, at=AT)

    with pytest.raises(actions.RetentionNotRun):
        run(officer, second)


def test_a_filing_withdrawn_before_its_end_is_counted_from_there(held, officer, rep):
    filing = RepFiling.objects.get()
    filing.valid_from = DAY - LONG - timedelta(days=9)
    filing.withdrawn_on = DAY - LONG
    filing.save()

    assert due()["staff_filing"] == 1
