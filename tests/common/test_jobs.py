"""Long work that a person waits for: progress, time left, cancel."""

from datetime import UTC, datetime, timedelta

import pytest

from pharmacrm.common import jobs
from pharmacrm.common.choices import JobState
from pharmacrm.common.models import Job

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def job(rep):
    return jobs.open_job(kind="tests.count", title="Counting", by=rep, total=200)


@pytest.mark.django_db
def test_percent_and_time_left_follow_the_work(job):
    jobs.start(job.pk, at=AT)
    jobs.advance(job.pk, done=50, stage="first quarter")
    job.refresh_from_db()

    assert (job.percent, job.stage) == (25, "first quarter")
    assert jobs.time_left(job, at=AT + timedelta(seconds=10)) == timedelta(seconds=30)


@pytest.mark.django_db
def test_time_left_is_unknown_before_the_first_step(job):
    started = jobs.start(job.pk, at=AT)

    assert jobs.time_left(started, at=AT + timedelta(seconds=5)) is None


@pytest.mark.django_db
def test_a_cancelled_job_stops_at_its_next_step(job):
    jobs.start(job.pk, at=AT)
    jobs.ask_to_cancel(job.pk)

    with pytest.raises(jobs.JobCancelled):
        jobs.advance(job.pk, done=60)
    jobs.cancelled(job.pk, at=AT)

    assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED


@pytest.mark.django_db
def test_a_finished_job_can_no_longer_be_cancelled(job):
    jobs.start(job.pk, at=AT)
    jobs.finish(job.pk, at=AT, result={"rows": 200})

    jobs.ask_to_cancel(job.pk)

    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.percent, done.cancel_asked) == (JobState.DONE, 100, False)


@pytest.mark.django_db
def test_a_job_whose_worker_was_killed_starts_again_from_zero(job):
    jobs.start(job.pk, at=AT)
    jobs.advance(job.pk, done=150)

    again = jobs.start(job.pk, at=AT + timedelta(minutes=5))

    assert (again.state, again.done) == (JobState.RUNNING, 0)


@pytest.mark.django_db
def test_a_failure_keeps_words_for_the_person(job):
    jobs.start(job.pk, at=AT)
    jobs.fail(job.pk, at=AT, error="The file is no spreadsheet.")

    assert Job.objects.get(pk=job.pk).error == "The file is no spreadsheet."
