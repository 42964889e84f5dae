"""Who has to take which course until when."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from compliance import actions as law
from compliance.models import Certificate, LedgerEntry, TrainingDuty
from compliance.selectors.qualification import qualified
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.factories.compliance import qualify
from tests.factories.training import passed, published


@pytest.fixture
def boss(person):
    return person("boss", Role.COMPLIANCE, name="钱明")


@pytest.fixture
def version(officer, boss, at):
    return published(officer, boss, at=at)


def require(version, officer, at, **more):
    return law.assign_course(
        course_id=version.course_id, role=Role.REP, valid_from=at.date(), by=officer, at=at, **more
    )


def told(user, kind):
    return Notification.objects.filter(recipient=user, kind__startswith=kind).count()


@pytest.mark.django_db
def test_requiring_a_course_opens_a_duty_for_each_of_the_role_once(
    version, officer, rep, other_rep, manager, at
):
    require(version, officer, at)
    changed = law.ensure_duties(at=at)

    duties = TrainingDuty.objects.order_by("user__username")
    assert [(one.user, one.cause, (one.due_on - at.date()).days) for one in duties] == [
        (other_rep, "starter", 30), (rep, "starter", 30),
    ]  # fmt: skip
    assert changed == 0
    assert told(rep, "training_starter") == 1


@pytest.mark.django_db
def test_a_new_starter_is_assigned_when_the_role_is_given(version, officer, person, at):
    require(version, officer, at)
    from pharmacrm.accounts.actions import create_user

    admin = person("admin", Role.ADMINISTRATOR)
    made = create_user(
        username="neu", email="neu@example.com", display_name="新人", job_title="", roles=["rep"],
        line_manager_id=None, by=admin, at=at,
    )  # fmt: skip

    assert TrainingDuty.objects.get(user=made).cause == "starter"


@pytest.mark.django_db
def test_a_course_of_a_product_is_asked_of_those_filed_for_it(version, officer, rep, other_rep, at):
    require(version, officer, at, product_code="RB01")

    qualify(rep, "RB01", by=officer, at=at)
    qualify(other_rep, "NX02", by=officer, at=at)

    assert [duty.user for duty in TrainingDuty.objects.all()] == [rep]


@pytest.mark.django_db
def test_a_course_of_a_team_is_asked_of_its_branch_only(version, officer, rep, other_rep, at):
    from pharmacrm.accounts.models import Territory, TerritoryMember

    north = Territory.objects.create(code="N", name="北", path="/N/")
    city = Territory.objects.create(code="N1", name="京", parent=north, path="/N/N1/")
    south = Territory.objects.create(code="S", name="南", path="/S/")
    TerritoryMember.objects.create(user=rep, territory=city, valid_from=at.date())
    TerritoryMember.objects.create(user=other_rep, territory=south, valid_from=at.date())

    require(version, officer, at, team=f"territory:{north.pk}")

    assert [duty.user for duty in TrainingDuty.objects.all()] == [rep]
    assert qualified(rep.pk, "visit.plan", "", at).training_missing == ("T-01",)
    assert qualified(other_rep.pk, "visit.plan", "", at).training_missing == ()


@pytest.mark.django_db
def test_a_certificate_that_soon_ends_is_to_be_renewed_by_its_last_day(version, officer, rep, at):
    require(version, officer, at)
    certificate = passed(version, rep, at=at)
    later = at + timedelta(days=350)

    law.ensure_duties(at=later)

    duty = TrainingDuty.objects.get(state="open")
    assert (duty.cause, duty.due_on) == ("renewal", certificate.valid_until - timedelta(days=1))


@pytest.mark.django_db
def test_ending_what_is_required_drops_the_duties(version, officer, rep, at):
    row = require(version, officer, at)
    later = at + timedelta(days=2)

    law.end_assignment(assignment_id=row.pk, on=later.date(), by=officer, at=later)

    assert TrainingDuty.objects.get().state == "dropped"
    with pytest.raises(law.DutyNotChanged):
        law.end_assignment(assignment_id=row.pk, on=later.date(), by=officer, at=later)
    with pytest.raises(PermissionDenied):
        law.end_assignment(assignment_id=row.pk, on=later.date(), by=rep, at=later)


@pytest.mark.django_db
def test_a_changed_rule_asks_again_whoever_passed_a_course_that_teaches_it(version, officer, rep, at):
    require(version, officer, at)
    passed(version, rep, at=at)

    assert law.rule_changed(rule="RD-01", since=at.date(), by=officer, at=at) == 0
    assert law.rule_changed(rule="MR-11", since=at.date() + timedelta(days=5), by=officer, at=at) == 1

    duty = TrainingDuty.objects.get(state="open")
    assert (duty.cause, duty.about, (duty.due_on - at.date()).days) == ("rule", "rule:MR-11", 35)
    assert Certificate.objects.get().renew_by == duty.due_on
    assert told(officer, "course_rests_on") == 1


@pytest.mark.django_db
def test_a_changed_label_asks_again_for_its_products_course(officer, boss, rep, at):
    version = published(officer, boss, at=at, product_codes=["RB01"])
    require(version, officer, at)
    passed(version, rep, at=at)

    assert law.label_changed(product_code="NX02", label="label:2", by=officer, at=at) == 0
    assert law.label_changed(product_code="RB01", label="label:1", by=officer, at=at) == 1

    assert TrainingDuty.objects.get(state="open").cause == "label"


@pytest.mark.django_db
def test_reminders_come_before_and_after_the_last_day_each_once(version, officer, rep, manager, at):
    rep.line_manager = manager
    rep.save()
    require(version, officer, at)
    day = at.date()

    for days in (0, 16, 16, 23, 29, 31, 31):
        law.mind_training(on=day + timedelta(days=days), at=at + timedelta(days=days))

    # kinds are counted by their beginning, so the last counts the first too
    assert [told(rep, kind) for kind in ("training_due_14", "training_due_7", "training_due_1")] == [1, 1, 2]
    assert [told(who, "training_overdue") for who in (rep, manager, officer)] == [1, 1, 1]


@pytest.mark.django_db
def test_duties_of_people_who_left_are_dropped(version, officer, rep, at):
    require(version, officer, at)
    rep.is_active = False
    rep.save()

    law.mind_training(on=at.date(), at=at)

    assert TrainingDuty.objects.get().state == "dropped"


@pytest.mark.django_db
def test_a_line_manager_reminds_their_own_people_and_nobody_others(
    version, officer, rep, manager, person, at
):
    rep.line_manager = manager
    rep.save()
    require(version, officer, at)
    duty = TrainingDuty.objects.get(user=rep)

    law.remind(duty_id=duty.pk, by=manager, at=at)
    law.remind(duty_id=duty.pk, by=officer, at=at)

    assert told(rep, "training_nudge") == 1
    assert LedgerEntry.objects.filter(event="compliance.training_reminded").count() == 2
    with pytest.raises(PermissionDenied):
        law.remind(duty_id=duty.pk, by=person("other", Role.LINE_MANAGER), at=at)
    passed(version, rep, at=at)
    with pytest.raises(law.DutyNotChanged):
        law.remind(duty_id=duty.pk, by=manager, at=at)
