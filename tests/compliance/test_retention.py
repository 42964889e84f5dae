"""Records whose term is over: listed, kept by holds, destroyed by two signatures, each told from tampering afterwards."""

from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from axes.models import AccessLog
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from activities.models import Visit, VisitAttendee
from activities.selectors.keeping import VISIT_TREE
from compliance import actions as law
from compliance import retention as classes
from compliance.actions import retention as actions
from compliance.actions.retention import RetentionNotRun
from compliance.actions.verifying import verify
from compliance.models import LedgerEntry, RetentionRun
from compliance.selectors.retention import retention_plan
from compliance.selectors.versions import history_model
from compliance.tasks import run_retention
from pharmacrm.accounts.choices import Role
from pharmacrm.common import jobs
from pharmacrm.common.choices import JobState
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.doctors import make_doctor, make_hospital

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="秦川")


@pytest.fixture
def visits(rep):
    """Two visits over ten years old, one a day younger than that, each with somebody else who was there."""
    hospital = make_hospital("湖滨医院")
    return [_visit(rep, hospital, days) for days in (3_700, 3_653, 3_651)]


def _visit(rep, hospital, days):
    doctor, other = make_doctor("单雄信", hospital=hospital), make_doctor("王晓明", hospital=hospital)
    visit = Visit.objects.create(
        rep=rep, doctor=doctor, hospital=hospital, planned_at=AT - timedelta(days=days)
    )
    attendee = VisitAttendee.objects.create(visit=visit, doctor=other)
    law.record("tests.visited", subject=f"visit:{visit.pk}", by=rep, at=AT, rows=[visit, attendee])
    return visit


def plan(term="visit_evidence", on=TODAY):
    return next(one for one in retention_plan(on, AT) if one.term.id == term)


def asked(officer, at=AT):
    return actions.ask_retention(reason="年度清理", by=officer, at=at, proof=proof_of(officer, at))


def signed(officer, second, at=AT):
    run = asked(officer, at)
    return actions.decide_retention(run_id=run.pk, approve=True, by=second, at=at, proof=proof_of(second, at))


def test_every_class_of_the_reference_is_there_with_its_term_and_source():
    terms = {term.id: term for term in classes.terms()}

    assert {name: term.months for name, term in terms.items() if term.months} == {
        "security_log": 6,
        "privacy_record": 36,
        "material_archive": 36,
        "pharmacovigilance": 120,
        "accounting_voucher": 360,
        "visit_evidence": 120,
        "disclosure_source": 60,
        "event_evidence": 120,
        "consent_record": 36,
        "sharing_record": 36,
        "case_file": 120,
        "staff_filing": 120,
        "staff_certificate": 120,
        "staff_quiz": 120,
        "staff_letter": 120,
        "staff_registration": 120,
        "staff_employment": 120,
        "staff_bribery_check": 120,
        "staff_duty": 120,
        "staff_learning": 120,
        "request_answer": 3,
        "finished_work": 3,
        "sync_answer": 6,
    }
    assert all(
        term.clause and term.confidence and term.title["zh"] and term.starts["en"] for term in terms.values()
    )
    assert {term.treatment for term in terms.values()} == {"keep", "destroy", "anonymise"}
    labels = [label for term in terms.values() for label in term.objects]
    assert all(apps.get_model(label) for label in labels)
    assert all(classes.disposal_of(name) for name, term in terms.items() if term.treatment != "keep")
    assert all(
        term.why["zh"] and term.why["en"] for term in terms.values() if not classes.disposal_of(term.id)
    )


@pytest.mark.parametrize(("on", "months", "last"), [
    (date(2026, 11, 23), 120, date(2016, 11, 23)), (date(2024, 2, 29), 12, date(2023, 2, 28)),
    (date(2026, 1, 31), 2, date(2025, 11, 30)), (date(2026, 6, 1), 6, date(2025, 12, 1)),
])  # fmt: skip
def test_a_term_ends_on_the_same_day_of_its_month(on, months, last):
    assert replace(classes.terms()[0], months=months).last_day(on) == last


def test_what_is_destroyed_with_a_visit_is_all_that_rests_on_it():
    listed = {label.lower() for label, _path in VISIT_TREE}

    resting = {
        field.related_model._meta.label_lower
        for label, _path in VISIT_TREE
        for field in apps.get_model(label)._meta.get_fields(include_hidden=True)
        if (field.one_to_many or field.one_to_one) and field.auto_created and not field.concrete
        if "historical" not in field.related_model._meta.model_name
    }

    assert resting <= listed
    assert {label.lower() for label in classes.term_of("visit_evidence").objects} == listed


@time_machine.travel(AT, tick=False)
def test_the_plan_counts_what_is_over_its_term_and_what_a_hold_keeps(visits, officer):
    law.place_hold(subjects=[f"doctor:{visits[0].doctor_id}"], reason="调查", by=officer, at=AT)

    found = plan()

    assert (found.due, found.held, found.goes) == (2, 1, 1)
    assert found.first_held == ((str(visits[0].pk), f"doctor:{visits[0].doctor_id}"),)
    said = StringIO()
    call_command("retain", "--dry-run", "--on", "2026-11-23", stdout=said)
    assert "2 over their term, 1 kept, 1 would go" in said.getvalue()
    assert f"kept: {visits[0].pk} by a hold or a case" in said.getvalue()
    with pytest.raises(CommandError, match="two signatures"):
        call_command("retain")
    assert Visit.objects.count() == 3


def test_two_signatures_destroy_rows_and_versions_and_the_whole_check_tells_erased_from_changed(
    visits, officer, second
):
    before = {visit.pk: visit.history.count() for visit in visits}
    claims = sum(before[visit.pk] for visit in visits[:2])

    run = signed(officer, second)
    actions.run_retention(run_id=run.pk, at=AT)

    run.refresh_from_db()
    assert (run.state, run.done) == ("done", {"visit_evidence": 2})
    assert [visit.pk for visit in Visit.objects.all()] == [visits[2].pk]
    assert Visit.history.filter(id__in=[visit.pk for visit in visits[:2]]).count() == 0
    entry = LedgerEntry.objects.get(event="compliance.records_destroyed")
    gone = [row for row in entry.rows if row["model"] == "activities.visit"]
    assert len(gone) == claims
    assert all(row["operation"] == "destroyed" and len(row["sha256"]) == 64 for row in entry.rows)
    assert "visit_evidence: 2" in entry.reason
    assert entry.actor == second
    check = verify(at=AT)
    assert check.differences == []
    assert check.erased >= claims
    job = run.job
    assert (job.state, job.percent) == (JobState.DONE, 100)


def test_a_version_removed_round_the_run_is_still_a_difference(visits, officer, second):
    run = signed(officer, second)
    actions.run_retention(run_id=run.pk, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE activities_historicalvisit DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM activities_historicalvisit WHERE id = %s", [visits[2].pk])
        cursor.execute("ALTER TABLE activities_historicalvisit ENABLE TRIGGER USER")

    assert {one["kind"] for one in verify(at=AT).differences} >= {"deleted"}


def test_a_version_that_an_act_says_was_destroyed_and_that_stands_again_is_a_difference(
    visits, officer, second
):
    kept = Visit.history.filter(id=visits[0].pk).values().first()
    run = signed(officer, second)
    actions.run_retention(run_id=run.pk, at=AT)
    history_model(Visit).objects.create(**kept)

    assert verify(at=AT).differences


def test_a_hold_placed_after_the_signatures_keeps_what_it_names(visits, officer, second):
    run = signed(officer, second)
    law.place_hold(subjects=[f"visit:{visits[0].pk}"], reason="调查", by=officer, at=AT)

    actions.run_retention(run_id=run.pk, at=AT)

    assert {visit.pk for visit in Visit.objects.all()} == {visits[0].pk, visits[2].pk}


def test_one_person_a_stranger_and_a_missing_signature_destroy_nothing(visits, officer, second, rep):
    with pytest.raises(PermissionDenied):
        asked(rep)
    with pytest.raises(RetentionNotRun):
        actions.ask_retention(reason="年度清理", by=officer, at=AT, proof=None)
    with pytest.raises(RetentionNotRun):
        actions.ask_retention(reason=" ", by=officer, at=AT, proof=proof_of(officer, AT))
    run = asked(officer)
    with pytest.raises(RetentionNotRun):
        actions.decide_retention(run_id=run.pk, approve=True, by=officer, at=AT, proof=proof_of(officer, AT))
    with pytest.raises(PermissionDenied):
        actions.decide_retention(run_id=run.pk, approve=True, by=rep, at=AT, proof=None)
    with pytest.raises(RetentionNotRun):
        actions.decide_retention(run_id=run.pk, approve=True, by=second, at=AT, proof=None)
    with pytest.raises(RetentionNotRun):
        asked(second)

    actions.run_retention(run_id=run.pk, at=AT)

    assert Visit.objects.count() == 3
    assert RetentionRun.objects.get().state == "asked"


def test_a_refused_run_is_over_and_nothing_due_asks_for_nothing(visits, officer, second):
    run = asked(officer)
    with pytest.raises(RetentionNotRun):
        actions.decide_retention(run_id=run.pk, approve=False, by=second, at=AT, proof=proof_of(second, AT))
    at = AT + timedelta(minutes=5)
    actions.decide_retention(
        run_id=run.pk, approve=False, by=second, at=at, proof=proof_of(second, at), reason="还要查"
    )

    assert RetentionRun.objects.get().state == "refused"
    assert Visit.objects.count() == 3


def test_the_guarded_function_serves_no_run_that_is_unsigned_and_no_table_of_the_kernel(
    visits, officer, second
):
    run = asked(officer)
    for table, live in (
        ("activities_historicalvisit", "activities_visit"),
        ("compliance_historicalcase", "compliance_case"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM compliance_destroy_rows(%s, %s, %s, %s::uuid[])", [run.pk, live, table, []]
            )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pharmacrm.destroying', %s, true)", [str(run.pk)])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM activities_historicalvisit")
    actions.decide_retention(run_id=run.pk, approve=True, by=second, at=AT, proof=proof_of(second, AT))
    with (
        pytest.raises(IntegrityError, match="never destroyed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT * FROM compliance_destroy_rows(%s, 'compliance_case', 'compliance_historicalcase', %s::uuid[])",
            [run.pk, []],
        )

    assert Visit.objects.count() == 3


def test_a_run_that_a_person_stops_keeps_what_is_left_and_the_next_one_goes_on(
    visits, officer, second, monkeypatch
):
    monkeypatch.setattr(actions, "BATCH", 1)
    run = signed(officer, second)
    jobs.ask_to_cancel(run.job_id)

    run_retention(run_id=str(run.pk))

    run.refresh_from_db()
    assert (run.state, run.done, run.job.state) == ("stopped", {"visit_evidence": 1}, JobState.CANCELLED)
    assert Visit.objects.count() == 2
    later = AT + timedelta(minutes=5)
    following = signed(officer, second, later)
    run_retention(run_id=str(following.pk))
    assert Visit.objects.count() == 1
    assert verify(at=later).differences == []


def test_a_run_killed_half_way_goes_on_where_it_stood(visits, officer, second, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 1)
    run = signed(officer, second)
    real = jobs.advance
    monkeypatch.setattr(jobs, "advance", lambda *args, **kwargs: (_ for _ in ()).throw(OSError("killed")))
    with pytest.raises(OSError, match="killed"):
        actions.run_retention(run_id=run.pk, at=AT)
    assert Visit.objects.count() == 2
    monkeypatch.setattr(jobs, "advance", real)

    actions.run_retention(run_id=run.pk, at=AT)

    assert RetentionRun.objects.get(pk=run.pk).done == {"visit_evidence": 2}
    assert VisitAttendee.objects.filter(visit__in=[visit.pk for visit in visits[:2]]).count() == 0


def test_sign_ins_older_than_half_a_year_go_too(officer, second):

    for days in (10, 400):
        log = AccessLog.objects.create(username="rep", ip_address="10.0.0.1", path_info="/")
        AccessLog.objects.filter(pk=log.pk).update(attempt_time=AT - timedelta(days=days))
    assert plan("security_log").goes == 1

    actions.run_retention(run_id=signed(officer, second).pk, at=AT)

    assert AccessLog.objects.count() == 1
    assert "security_log: 1" in LedgerEntry.objects.get(event="compliance.records_destroyed").reason
