"""Take a course to its certificate, for oneself only."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import close_old_connections

from compliance import actions as law
from compliance.models import Certificate, LedgerEntry, QuizAttempt, TrainingDuty
from compliance.rules.courses import drawn_keys, seed_of
from compliance.selectors.qualification import qualified
from pharmacrm.accounts.choices import Role
from tests.factories.training import failed, passed, published, read_all, right_answers


@pytest.fixture
def boss(person):
    return person("boss", Role.COMPLIANCE, name="钱明")


@pytest.fixture
def version(officer, boss, at):
    version = published(officer, boss, at=at)
    law.assign_course(course_id=version.course_id, role=Role.REP, valid_from=at.date(), by=officer, at=at)
    return version


@pytest.mark.django_db
def test_passing_gives_a_numbered_certificate_and_settles_the_duty(version, rep, at):
    law.ensure_duties(user_ids=[rep.pk], at=at)
    assert qualified(rep.pk, "visit.plan", "", at).training_missing == ("T-01",)

    certificate = passed(version, rep, at=at)

    assert certificate.number.startswith("T-01-20261123-")
    assert (certificate.score, certificate.valid_until.isoformat()) == (100, "2027-11-23")
    assert qualified(rep.pk, "visit.plan", "", at).training_missing == ()
    duty = TrainingDuty.objects.get(user=rep)
    assert (duty.state, duty.certificate) == ("done", certificate)
    entry = LedgerEntry.objects.get(event="compliance.certificate_earned")
    assert {row["model"] for row in entry.rows} >= {"compliance.certificate", "compliance.quizattempt", "compliance.trainingduty"}  # fmt: skip


@pytest.mark.django_db
def test_the_quiz_is_drawn_by_the_logs_root_and_can_be_drawn_again(version, rep, at):
    read_all(version, rep, at=at)

    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=at)

    assert attempt.seed == seed_of("", rep.pk, version.pk, 1)
    pool = [one["key"] for one in version.content["questions"]]
    assert attempt.questions == drawn_keys(attempt.seed, pool, 5)
    assert law.begin_quiz(version_id=version.pk, by=rep, at=at).pk == attempt.pk


@pytest.mark.django_db
def test_the_quiz_opens_after_everything_was_read(version, rep, at):
    with pytest.raises(law.NotExamined):
        law.begin_quiz(version_id=version.pk, by=rep, at=at)

    assert not QuizAttempt.objects.exists()


@pytest.mark.django_db
def test_two_failures_make_a_pause_and_after_it_the_quiz_is_another(version, rep, at):
    first = failed(version, rep, at=at)
    second = failed(version, rep, at=at + timedelta(hours=1))

    with pytest.raises(law.NotExamined):
        law.begin_quiz(version_id=version.pk, by=rep, at=at + timedelta(hours=24))
    third = law.begin_quiz(version_id=version.pk, by=rep, at=at + timedelta(hours=25))

    assert (first.state, second.state, third.number) == ("failed", "failed", 3)
    assert len({first.seed, second.seed, third.seed}) == 3
    assert not Certificate.objects.exists()


@pytest.mark.django_db
def test_a_quiz_is_answered_by_nobody_else(version, rep, other_rep, officer, at):
    read_all(version, rep, at=at)
    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=at)

    for stranger in (other_rep, officer):
        with pytest.raises(PermissionDenied):
            law.submit_quiz(attempt_id=attempt.pk, answers=right_answers(attempt), by=stranger, at=at)

    attempt.refresh_from_db()
    assert (attempt.state, attempt.answers) == ("open", {})


@pytest.mark.django_db
def test_every_question_is_answered_and_handed_in_once(version, rep, at):
    read_all(version, rep, at=at)
    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=at)
    answers = right_answers(attempt)
    part = {key: chosen for key, chosen in answers.items() if key != attempt.questions[-1]}

    with pytest.raises(law.NotExamined) as refusal:
        law.submit_quiz(attempt_id=attempt.pk, answers=part, by=rep, at=at)
    law.submit_quiz(attempt_id=attempt.pk, answers=answers, by=rep, at=at)
    with pytest.raises(law.NotExamined):
        law.submit_quiz(attempt_id=attempt.pk, answers=answers, by=rep, at=at)

    assert refusal.value.field == attempt.questions[-1]
    assert Certificate.objects.count() == 1


@pytest.mark.django_db
def test_places_that_are_no_option_count_as_no_answer(version, rep, at):
    read_all(version, rep, at=at)
    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=at)

    with pytest.raises(law.NotExamined):
        law.submit_quiz(
            attempt_id=attempt.pk, answers={key: [99, -1] for key in attempt.questions}, by=rep, at=at
        )

    assert QuizAttempt.objects.get().state == "open"


@pytest.mark.django_db
def test_the_first_answer_to_a_case_stays(version, rep, at):
    law.answer_exercise(version_id=version.pk, key="e1", choice=0, by=rep, at=at)
    again = law.answer_exercise(version_id=version.pk, key="e1", choice=1, by=rep, at=at)

    assert again.answers == {"e1": 0}
    assert LedgerEntry.objects.filter(event="compliance.exercise_answered").count() == 1
    with pytest.raises(law.NotExamined):
        law.answer_exercise(version_id=version.pk, key="e1", choice=2, by=rep, at=at)
    with pytest.raises(law.NotExamined):
        law.read_chapter(version_id=version.pk, key="c9", by=rep, at=at)


@pytest.mark.django_db
def test_a_superseded_version_gives_no_certificate(version, officer, boss, rep, at):
    read_all(version, rep, at=at)
    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=at)
    published(officer, boss, at=at + timedelta(hours=1), what_changed="新规")

    with pytest.raises(law.NotExamined):
        law.submit_quiz(attempt_id=attempt.pk, answers=right_answers(attempt), by=rep, at=at)

    assert not Certificate.objects.exists()


@pytest.mark.django_db
def test_a_revoked_certificate_counts_nowhere_from_that_moment(version, officer, rep, at):
    certificate = passed(version, rep, at=at)

    law.revoke_certificate(
        certificate_id=certificate.pk, reason="代考", by=officer, at=at + timedelta(hours=2)
    )

    assert qualified(rep.pk, "visit.plan", "", at + timedelta(hours=1)).training_missing == ()
    assert qualified(rep.pk, "visit.plan", "", at + timedelta(hours=2)).training_missing == ("T-01",)
    assert TrainingDuty.objects.filter(user=rep, state="open").count() == 1
    with pytest.raises(law.NotExamined):
        law.revoke_certificate(certificate_id=certificate.pk, reason="代考", by=officer, at=at)


@pytest.mark.django_db
def test_only_compliance_revokes_and_says_why(version, officer, rep, manager, at):
    certificate = passed(version, rep, at=at)

    with pytest.raises(law.NotExamined):
        law.revoke_certificate(certificate_id=certificate.pk, reason=" ", by=officer, at=at)
    for stranger in (rep, manager):
        with pytest.raises(PermissionDenied):
            law.revoke_certificate(certificate_id=certificate.pk, reason="x", by=stranger, at=at)

    certificate.refresh_from_db()
    assert certificate.revoked_at is None


@pytest.mark.django_db(transaction=True)
def test_a_quiz_begun_and_handed_in_twice_at_once_counts_once(version, rep, at):
    read_all(version, rep, at=at)
    begun = at_once(lambda: law.begin_quiz(version_id=version.pk, by=rep, at=at))
    attempt = QuizAttempt.objects.get()

    handed_in = at_once(
        lambda: law.submit_quiz(attempt_id=attempt.pk, answers=right_answers(attempt), by=rep, at=at)
    )

    assert [one.pk for one in begun] == [attempt.pk] * 2
    assert sorted(type(one).__name__ for one in handed_in) == ["NotExamined", "QuizAttempt"]
    assert Certificate.objects.count() == 1


def at_once(act):
    """Run an act twice at the same moment; returns what each gave or raised."""
    start, said = threading.Barrier(2), []

    def go():
        try:
            start.wait()
            said.append(act())
        except law.NotExamined as refusal:
            said.append(refusal)
        finally:
            close_old_connections()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said
