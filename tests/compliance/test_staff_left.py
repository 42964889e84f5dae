"""Contracts, checks, duties and progress end ten years after the person left or went on, by two signatures, not a day before."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from compliance import actions as law
from compliance.actions import retention as actions
from compliance.actions.verifying import verify
from compliance.choices import CheckResult, DutyCause, DutyState
from compliance.models import BriberyCheck, Employment, Learning, LedgerEntry, QuizAttempt, TrainingDuty
from compliance.selectors.retention import retention_plan
from pharmacrm.accounts.choices import Role
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import store
from pharmacrm.common.models import StoredFile
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.training import published, read_all

pytestmark = pytest.mark.django_db
DAY = AT.date()
LONG = timedelta(days=3_653)  # ten years and three leap days, and none more
MODELS = {
    "staff_employment": Employment,
    "staff_bribery_check": BriberyCheck,
    "staff_duty": TrainingDuty,
    "staff_learning": Learning,
}


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="秦川")


@pytest.fixture
def version(officer, person):
    return published(officer, person("boss", Role.COMPLIANCE), at=AT)


def left(rep, officer, version, day):
    """Let a person have left on a day, with one of each."""
    moment = AT - (DAY - day)
    with time_machine.travel(moment, tick=False):
        read_all(version, rep, at=moment)
        rows = [
            Employment.objects.create(user=rep, valid_from=day - timedelta(days=900), valid_until=day),
            BriberyCheck.objects.create(
                user=rep, checked_on=day - timedelta(days=300), due_on=day, source="裁判文书网", result=CheckResult.CLEAR,
                checked_by=officer, evidence=store([b"checked"], media_type="application/pdf", by=officer, at=AT, max_bytes=100),
            ),
        ]  # fmt: skip
        TrainingDuty.objects.filter(user=rep).delete()
        rows.append(
            TrainingDuty.objects.create(
                user=rep, course=version.course, cause=DutyCause.values[0], assigned_on=day - timedelta(days=60),
                due_on=day, state=DutyState.DROPPED, ended_on=day,
            )
        )  # fmt: skip
    law.record("tests.left", subject=f"user:{rep.pk}", by=officer, at=AT, rows=rows)
    return rows


def due(on=DAY):
    return {one.term.id: one.due for one in retention_plan(on, AT) if one.term.id in MODELS}


def run(officer, second):
    asked = actions.ask_retention(reason="年度清理", by=officer, at=AT, proof=proof_of(officer, AT))
    actions.decide_retention(run_id=asked.pk, approve=True, by=second, at=AT, proof=proof_of(second, AT))
    return actions.run_retention(run_id=asked.pk, at=AT)


def test_who_left_less_than_ten_years_ago_is_not_due(rep, officer, version):
    left(rep, officer, version, DAY - LONG + timedelta(days=2))

    assert due() == dict.fromkeys(MODELS, 0)


def test_two_signatures_destroy_all_four_with_their_versions_and_the_proof(rep, officer, second, version):
    left(rep, officer, version, DAY - LONG)
    said = StringIO()
    call_command("retain", "--dry-run", "--on", DAY.isoformat(), stdout=said)
    assert due() == dict.fromkeys(MODELS, 1)
    assert said.getvalue().count("1 over their term, 0 kept, 1 would go") == len(MODELS)
    assert all(model.objects.exists() for model in MODELS.values())

    done = run(officer, second).done

    assert done == dict.fromkeys(MODELS, 1)
    for model in MODELS.values():
        assert not model.objects.exists()
        assert not model.history.exists()
    assert StoredFile.objects.get(media_type="application/pdf").scan_state == ScanState.ERASED
    assert LedgerEntry.objects.filter(event="compliance.records_destroyed").count() == len(MODELS)
    assert verify(at=AT).differences == []


def test_who_came_back_keeps_contracts_and_checks_of_the_first_time(rep, officer, version):
    left(rep, officer, version, DAY - LONG)
    Employment.objects.create(user=rep, valid_from=DAY - timedelta(days=100))

    assert due() == {"staff_employment": 0, "staff_bribery_check": 0, "staff_duty": 1, "staff_learning": 1}


def test_an_undecided_hit_and_progress_with_a_try_of_its_quiz_stay(rep, officer, version):
    left(rep, officer, version, DAY - LONG)
    BriberyCheck.objects.update(result=CheckResult.OPEN)
    QuizAttempt.objects.create(user=rep, version=version, number=1, seed="0", questions=["q1"], began_at=AT)

    assert due() == {"staff_employment": 1, "staff_bribery_check": 0, "staff_duty": 1, "staff_learning": 0}


def test_an_open_duty_ends_with_who_left_and_never_while_they_work_here(rep, officer, version):
    left(rep, officer, version, DAY - LONG)
    TrainingDuty.objects.update(state=DutyState.OPEN, ended_on=None)

    assert due()["staff_duty"] == 1
    Employment.objects.create(user=rep, valid_from=DAY - timedelta(days=100))
    assert due()["staff_duty"] == 0


def test_a_hold_on_the_person_keeps_all_four(rep, officer, version):
    left(rep, officer, version, DAY - LONG)

    law.place_hold(subjects=[f"user:{rep.pk}"], reason="调查", by=officer, at=AT)

    with pytest.raises(actions.RetentionNotRun):
        actions.ask_retention(reason="年度清理", by=officer, at=AT, proof=proof_of(officer, AT))
    assert {one.held for one in retention_plan(DAY, AT) if one.term.id in MODELS} == {1}
