"""What the cockpit learns of field work: names without doctors, clocks without stories."""

from datetime import timedelta

import pytest

from activities.models import SafetyReport
from activities.selectors.kernel_words import safety_clocks, title_of_safety, title_of_visit
from compliance import subjects
from pharmacrm.common.ids import uuid7
from tests.conftest import AT

pytestmark = pytest.mark.django_db


def _report(rep, number, **fields):
    return SafetyReport.objects.create(
        number=number,
        captured_by=rep,
        aware_at=AT,
        hand_over_due_at=AT + timedelta(hours=24),
        submit_due_on=(AT + timedelta(days=15)).date(),
        **fields,
    )


def test_clocks_end_with_the_hand_over_then_with_the_report_to_the_authority(rep, officer):
    _report(rep, "AE-1", handed_over_at=AT)
    _report(rep, "AE-2")
    _report(rep, "AE-3", handed_over_at=AT, submitted_at=AT)

    clocks = safety_clocks(officer, AT, 5)

    assert clocks[0].due_at - AT == timedelta(hours=24)
    assert [clock.code for clock in clocks] == ["AE-2", "AE-1"]
    assert [clock.code for clock in safety_clocks(officer, AT, 1)] == ["AE-2"]


def test_a_rep_learns_no_clock_of_others_here(rep, manager):
    _report(rep, "AE-1")

    assert safety_clocks(manager, AT, 5) == []


def test_a_subject_is_named_without_what_lies_behind_the_wall(rep):
    report = _report(rep, "AE-1")

    assert title_of_safety(str(report.pk)) == subjects.title_of(f"safety:{report.pk}") == "AE-1"
    assert subjects.url_of(f"safety:{report.pk}") == f"/activities/safety/{report.pk}/"
    assert title_of_safety("nonsense") == ""


def test_a_visit_that_was_refused_left_no_row_and_is_named_so():
    assert title_of_visit("nonsense") == title_of_visit(str(uuid7())) == "被拦下的拜访"
