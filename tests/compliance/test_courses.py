"""Courses are written by some and published by another."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from compliance import actions as law
from compliance.choices import CourseState
from compliance.models import CourseVersion, LedgerEntry, Signature, TrainingDuty
from compliance.selectors.qualification import qualified
from pharmacrm.accounts.choices import Role
from tests.factories.compliance import proof_of
from tests.factories.training import both, document, drafted, passed, published


@pytest.fixture
def boss(person):
    return person("boss", Role.COMPLIANCE, name="钱明")


def events(name):
    return LedgerEntry.objects.filter(event=f"compliance.{name}")


@pytest.mark.django_db
def test_a_version_is_drafted_once_and_the_next_is_a_copy(officer, boss, at):
    version = published(officer, boss, at=at)

    again = law.draft_version(course_id=version.course_id, by=boss, at=at)

    assert again.number == 2
    assert again.content == version.content
    assert law.draft_version(course_id=version.course_id, by=officer, at=at).pk == again.pk
    assert events("course_published").count() == 1
    version.refresh_from_db()
    assert version.state == CourseState.PUBLISHED
    assert version.signature.signer == boss


@pytest.mark.django_db
def test_a_part_is_added_changed_moved_and_taken_out(officer, at):
    version = drafted(officer, at=at)
    put = {"version_id": version.pk, "part": "chapters", "by": officer, "at": at}

    law.put_part(**put, key="", item={"title": both("Two"), "text": both("Words")})
    law.put_part(**put, key="c2", item={"title": both("Second"), "text": both("Words")})
    law.move_part(**put, key="c2", up=True)
    moved = CourseVersion.objects.get(pk=version.pk)
    law.remove_part(**put, key="c1")

    assert [one["key"] for one in moved.content["chapters"]] == ["c2", "c1"]
    assert moved.content["chapters"][0]["title"]["en"] == "Second (en)"
    assert [one["key"] for one in CourseVersion.objects.get(pk=version.pk).content["chapters"]] == ["c2"]
    with pytest.raises(law.CourseNotChanged):
        law.move_part(**put, key="c2", up=True)
    with pytest.raises(law.CourseNotChanged):
        law.put_part(**put, key="c9", item={})


@pytest.mark.django_db
def test_nobody_publishes_what_they_wrote_in(officer, boss, at):
    version = drafted(officer, at=at)
    law.set_terms(version_id=version.pk, drawn=4, by=boss, at=at)

    for author in (officer, boss):
        with pytest.raises(PermissionDenied):
            law.publish_version(version_id=version.pk, by=author, at=at, proof=proof_of(author, at))

    assert CourseVersion.objects.get(pk=version.pk).state == CourseState.DRAFT
    assert not Signature.objects.exists()


@pytest.mark.django_db
def test_a_version_with_gaps_is_not_published(officer, boss, at):
    version = drafted(officer, at=at)
    content = document()
    content["questions"][0]["rule"] = "ZZ-99"
    law.write_content(version_id=version.pk, document=content, by=officer, at=at)

    with pytest.raises(law.CourseHasGaps) as refusal:
        law.publish_version(version_id=version.pk, by=boss, at=at, proof=proof_of(boss, at))

    assert [gap.values for gap in refusal.value.gaps] == [{"rule": "ZZ-99"}]
    assert CourseVersion.objects.get(pk=version.pk).state == CourseState.DRAFT


@pytest.mark.django_db
def test_a_published_version_never_changes(officer, boss, at):
    version = published(officer, boss, at=at)

    with pytest.raises(law.CourseNotChanged):
        law.write_content(version_id=version.pk, document={}, by=officer, at=at)
    with pytest.raises(law.CourseNotChanged):
        law.publish_version(version_id=version.pk, by=boss, at=at, proof=proof_of(boss, at))

    assert CourseVersion.objects.get(pk=version.pk).content == document()


@pytest.mark.django_db
def test_a_stranger_writes_and_publishes_nothing(rep, officer, at):
    version = drafted(officer, at=at)

    with pytest.raises(PermissionDenied):
        law.draft_version(course_id=version.course_id, by=rep, at=at)
    with pytest.raises(PermissionDenied):
        law.write_content(version_id=version.pk, document={}, by=rep, at=at)
    with pytest.raises(PermissionDenied):
        law.publish_version(version_id=version.pk, by=rep, at=at, proof=proof_of(rep, at))
    with pytest.raises(PermissionDenied):
        law.retire_course(course_id=version.course_id, reason="x", by=rep, at=at)


@pytest.mark.django_db
def test_a_material_change_is_taken_again_within_thirty_days_and_then_stops(officer, boss, rep, at):
    version = published(officer, boss, at=at)
    law.assign_course(course_id=version.course_id, role=Role.REP, valid_from=at.date(), by=officer, at=at)
    passed(version, rep, at=at)
    later = at + timedelta(days=10)

    published(officer, boss, at=later, what_changed="新规")

    def missing(days):
        return qualified(rep.pk, "visit.plan", "", later + timedelta(days=days)).training_missing

    assert [missing(days) for days in (0, 30, 31)] == [(), (), ("T-01",)]
    duty = TrainingDuty.objects.get(user=rep, state="open")
    assert (duty.cause, (duty.due_on - later.date()).days) == ("change", 30)
    passed(CourseVersion.objects.get(state="published"), rep, at=later + timedelta(days=31))
    assert missing(31) == ()


@pytest.mark.django_db
def test_a_slip_of_the_pen_asks_nobody_again(officer, boss, rep, at):
    version = published(officer, boss, at=at)
    law.assign_course(course_id=version.course_id, role=Role.REP, valid_from=at.date(), by=officer, at=at)
    passed(version, rep, at=at)

    published(officer, boss, at=at + timedelta(days=1), is_material=False, what_changed="错字")

    assert qualified(rep.pk, "visit.plan", "", at + timedelta(days=60)).training_missing == ()
    assert not TrainingDuty.objects.filter(state="open").exists()


@pytest.mark.django_db
def test_a_retired_course_is_asked_of_nobody(officer, boss, rep, at):
    version = published(officer, boss, at=at)
    law.assign_course(course_id=version.course_id, role=Role.REP, valid_from=at.date(), by=officer, at=at)

    law.retire_course(course_id=version.course_id, reason="合并", by=officer, at=at)

    assert qualified(rep.pk, "visit.plan", "", at).training_missing == ()
    with pytest.raises(law.CourseNotChanged):
        law.retire_course(course_id=version.course_id, reason="合并", by=officer, at=at)
    with pytest.raises(law.CourseNotChanged):
        law.draft_version(course_id=version.course_id, by=officer, at=at)
