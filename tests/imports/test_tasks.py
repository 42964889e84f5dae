"""The engine's tasks: each runs its step, may run twice, and says in the asker's language why it stopped."""

import pytest

from doctors.models import Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.common import outbox
from pharmacrm.common.models import Job, OutboxMessage
from pharmacrm.imports import actions, tasks
from pharmacrm.imports.models import ImportJob, ImportRow
from tests.factories.imports import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思", language="zh-hans")


def last_message(at):
    message = OutboxMessage.objects.latest("created_at", "pk")
    outbox.run(message.pk, at=at)
    message.refresh_from_db()
    return message


def test_check_commit_and_undo_run_from_the_outbox_and_may_run_twice(steward, at):
    job = make_job(steward, at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    tasks.check(import_id=str(job.pk))
    tasks.check(import_id=str(job.pk))
    assert ImportRow.objects.filter(job=job).count() == 1

    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=False)
    tasks.commit(import_id=str(job.pk))
    tasks.commit(import_id=str(job.pk))
    assert Hospital.objects.count() == 1

    job.refresh_from_db()
    actions.undo_import(import_id=job.pk, by=steward, at=job.committed_at)
    tasks.undo(import_id=str(job.pk))
    tasks.undo(import_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, Hospital.objects.count()) == ("undone", 0)
    assert Job.objects.filter(state="done").count() == 3


def test_the_asked_for_step_is_kept_in_the_outbox(steward, at):
    job = make_job(steward, at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)

    message = last_message(at)

    job.refresh_from_db()
    assert (message.task, message.state, job.state) == ("imports.check", "done", "checked")


def test_a_step_that_cannot_go_on_leaves_the_import_where_it_was_and_says_why(steward, at):
    job = make_job(steward, at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    tasks.check(import_id=str(job.pk))
    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=False)
    row = ImportRow.objects.get(job=job)
    ImportRow.objects.filter(pk=row.pk).update(values={**row.values, "parent": "无此医院"})

    tasks.commit(import_id=str(job.pk))

    job.refresh_from_db()
    assert job.state == "checked"
    assert "请重新检查" in job.failure
    assert Hospital.objects.count() == 0


def test_a_cancelled_check_can_be_started_again(steward, at):
    job = make_job(steward, at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    Job.objects.update(cancel_asked=True)

    tasks.check(import_id=str(job.pk))
    job = ImportJob.objects.get(pk=job.pk)
    assert job.state == "cancelled"
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    tasks.check(import_id=str(job.pk))

    job.refresh_from_db()
    assert (job.state, job.rows_good) == ("checked", 1)
