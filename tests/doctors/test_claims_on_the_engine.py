"""Claims and contested tiers are requests: in the inbox, with deputies, given the same answer from page and engine."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from compliance import actions as law
from compliance.models import ApprovalRequest, ApprovalStep
from compliance.selectors.cockpit import inbox_of
from doctors import actions, selectors
from doctors.actions import challenges, contests
from doctors.models import Challenge
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.content import content_person
from tests.factories.doctors import make_doctor, make_territory, put_into

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def east(rep, manager):
    place = make_territory("EAST", make_territory("CN"))
    put_into(rep, place), put_into(manager, place, role="line_manager")
    return place


@pytest.fixture
def claim(rep, east):
    doctor = make_doctor("王晓明", territory=east)
    return actions.decline_doctor(doctor_id=doctor.pk, reason="已调离", by=rep, at=AT)


def waits_for(user):
    return inbox_of(user, TODAY).filter(request__flow=challenges.FLOW).exists()


def test_a_claim_waits_for_the_manager_of_its_branch_and_the_stewards_and_for_no_other(
    claim, rep, manager, steward, person
):
    elsewhere = person("west", Role.LINE_MANAGER, name="吴西")
    put_into(elsewhere, make_territory("WEST"), role="line_manager")

    assert [waits_for(one) for one in (manager, steward, elsewhere, rep)] == [True, True, False, False]
    request = ApprovalRequest.objects.get(flow=challenges.FLOW)
    assert request.due_at.date() == claim.due_on
    assert "王晓明" not in str(request.payload)


def test_one_answer_is_enough_and_leaves_nothing_waiting(claim, manager, steward):
    actions.decide_challenge(challenge_id=claim.pk, accept=True, answer="属实", by=manager, at=AT)

    assert not waits_for(steward)
    assert ApprovalRequest.objects.get(flow=challenges.FLOW).state == "approved"
    assert selectors.territory_ids_of_doctor(claim.doctor_id, TODAY) == []


def test_a_yes_without_day_and_doctor_is_not_taken_and_a_no_with_words_is(claim, steward):
    step = next(iter(ApprovalStep.objects.filter(request__flow=challenges.FLOW, approver=None)))

    with pytest.raises(actions.ChallengeNotTaken):
        law.decide(step_id=step.pk, verb="agree", by=steward, at=AT)
    law.decide(step_id=step.pk, verb="refuse", by=steward, at=AT, comment="距离不是理由")

    kept = Challenge.objects.get()
    assert (kept.state, kept.answer, kept.decided_by) == ("refused", "距离不是理由", steward)


def test_a_deputy_decides_for_the_manager_who_is_away(claim, manager, person):
    deputy = person("deputy", Role.LINE_MANAGER, name="代理")
    with pytest.raises(PermissionDenied):
        actions.decide_challenge(challenge_id=claim.pk, accept=False, answer="x", by=deputy, at=AT)
    law.name_deputy(
        deputy=deputy, first_day=TODAY, last_day=TODAY + timedelta(days=3), reason="休假", by=manager, at=AT
    )

    actions.decide_challenge(challenge_id=claim.pk, accept=True, answer="同意", by=deputy, at=AT)

    assert Challenge.objects.get().decided_by == deputy
    assert selectors.territory_ids_of_doctor(claim.doctor_id, TODAY) == []


def test_a_manager_who_came_after_the_claim_decides_it_too(claim, east, person):
    newcomer = person("new", Role.LINE_MANAGER, name="新来")
    put_into(newcomer, east, role="line_manager")

    actions.decide_challenge(challenge_id=claim.pk, accept=False, answer="不改", by=newcomer, at=AT)

    assert Challenge.objects.get().decided_by == newcomer
    assert not ApprovalRequest.objects.filter(flow=challenges.FLOW, state="open").exists()


def test_a_step_passes_only_to_somebody_of_the_branch(claim, manager, steward, person):
    step = ApprovalStep.objects.get(request__flow=challenges.FLOW, approver=manager)
    stranger = person("west", Role.LINE_MANAGER, name="吴西")

    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=step.pk, verb="pass_on", by=manager, at=AT, to=stranger)
    law.decide(step_id=step.pk, verb="pass_on", by=manager, at=AT, to=steward)

    assert not waits_for(manager)


def test_what_waited_before_is_put_to_the_engine_once(claim):
    law.void_approval(flow=challenges.FLOW, subject=f"challenge:{claim.pk}", reason="", by=None, at=AT)
    contested = make_doctor("李想", tier="basic")
    contest = contests.contest_tier(
        doctor_id=contested.pk, words="任职未更新", by=content_person(Role.STEWARD, "石磊"), at=AT
    )
    law.void_approval(flow=contests.FLOW, subject=f"doctor:{contested.pk}", reason="", by=None, at=AT)

    assert [challenges.put_claims(AT), challenges.put_claims(AT)] == [1, 0]
    assert [contests.put_contests(AT), contests.put_contests(AT)] == [1, 0]
    assert contest.due_on == ApprovalRequest.objects.get(flow=contests.FLOW, state="open").due_at.date()


def test_the_answer_to_a_contest_stands_in_no_request(officer):
    contested = make_doctor("李想", tier="basic")
    contest = contests.contest_tier(
        doctor_id=contested.pk, words="任职未更新", by=content_person(Role.STEWARD, "石磊"), at=AT
    )
    step = ApprovalStep.objects.get(request__flow=contests.FLOW)

    with pytest.raises(contests.ContestNotTaken):
        law.decide(step_id=step.pk, verb="agree", by=officer, at=AT)
    contests.decide_contest(contest_id=contest.pk, tier="", answer="名单已核对", by=officer, at=AT)

    step.refresh_from_db()
    assert (step.state, step.comment, step.approver) == ("agreed", "", officer)
    contest.refresh_from_db()
    assert contest.state == "kept"
