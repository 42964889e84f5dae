"""Every decision that the database takes from two people only is on the approval engine or shows in the same inbox."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import CheckConstraint, F, Q
from django.urls import reverse

from compliance import flows
from compliance.actions.recording import store_verdict
from compliance.choices import WatchState
from compliance.evaluate import evaluate
from compliance.models import WatchedAct
from compliance.selectors.waiting import due_by
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from tests.conftest import AT

# Each rule of the database that two columns hold different people: the flow that asks, or where it shows.
DECIDED_BY = {
    "guardalarm_released_by_two_others": "compliance.alarm",
    "measure_verified_by_a_second_person": "compliance.measure",
    "lettertext_two_people": "compliance.letter_text",
    "briberycheck_two_people": "compliance.integrity_hit",
    "impactassessment_takes_two_people": "compliance.assessment",
    "retentionrun_two_people": "compliance.retention",
    "ruleversion_first_signer_is_not_author": "compliance.rule_text",
    "ruleversion_three_different_people": "compliance.rule_text",
    "parameter_first_signer_is_not_author": "compliance.figure",
    "parameter_three_different_people": "compliance.figure",
    "courseversion_two_people": "compliance.course",
    "waiver_two_people": "compliance.waiver",
    "watchedact_two_people": "compliance.watched",
    "challenge_two_people": "doctors.claim",
    "changerequest_two_people": "doctors.change",
    "consentnotice_is_published_by_a_second_person": "doctors.notice",
    "segmentationmodel_two_people": "doctors.model",
    "tieroverride_two_people": "doctors.tier",
    "tiercontest_two_people": "doctors.contest",
    "realignment_two_people": "doctors.realignment",
    "privacyrequest_erasure_takes_two_people": "doctors.erasure",
    "claim_takes_two_people": "content.claim",
    "materialversion_author_does_not_release": "content.release",
    "reviewseat_author_does_not_review": "content.review",
}
# Two people, and nothing is decided.
NO_DECISION = {
    "deputy_is_somebody_else": "names who answers for whom",
    "briberycheck_not_of_oneself": "a check is made, its hit is decided by a third",
}
# Another person's agreement that no constraint asks for.
BESIDE = {"activities.event", "activities.speaker", "compliance.case_letter", "compliance.export"}


def constraints_of_two_people() -> Iterator[str]:
    people = get_user_model()
    for model in apps.get_models():
        columns = {one.name for one in model._meta.fields if one.is_relation and one.related_model is people}
        for rule in model._meta.constraints:
            if isinstance(rule, CheckConstraint) and any(
                name in columns and isinstance(value, F) and value.name in columns
                for name, value in _pairs(rule.condition)
            ):
                yield rule.name


def _pairs(condition) -> Iterator[tuple]:
    for child in getattr(condition, "children", ()):
        if isinstance(child, Q):
            yield from _pairs(child)
        elif isinstance(child, tuple):
            yield child


def test_every_decision_of_two_people_is_asked_by_the_engine_or_shows_in_the_inbox():
    assert set(constraints_of_two_people()) == set(DECIDED_BY) | set(NO_DECISION)


def test_what_is_named_is_registered_and_everything_registered_is_named():
    registered = set(flows.flows()) | set(flows._waiting)

    assert set(DECIDED_BY.values()) | BESIDE == {one for one in registered if not one.startswith("test.")}


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="梁慎")


@pytest.fixture
def medical(person):
    return person("he", Role.MEDICAL, name="何若水")


def a_watched_act(officer, **_others):
    judged = evaluate(
        "visit.submit", {"clock_unproven": True}, on=AT.date(), subject="visit:1", id=str(uuid7())
    )
    verdict = store_verdict(judged, by=officer, at=AT)
    WatchedAct.objects.create(
        verdict=verdict, rule="MR-01b", subject="visit:1", asked_of=officer, asked_at=AT, due_at=AT, is_sampled=True,
        state=WatchState.ANSWERED, reason="已核对", answered_at=AT,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "arrange", "author", "decider"),
    [
        ("compliance.watched", a_watched_act, "officer", "second"),
    ],
)
def test_what_is_decided_on_its_own_page_shows_to_who_decides_with_its_day_and_not_to_its_author(
    kind, arrange, author, decider, officer, second, medical, rep, client
):
    people = {"officer": officer, "second": second, "medical": medical}

    arrange(officer=officer, second=second, medical=medical, rep=rep)

    find = flows._waiting[kind]
    assert list(find(people[author])) == []
    assert list(find(rep)) == []
    (one,) = find(people[decider])
    assert one.due_at is not None
    client.force_login(people[decider])
    assert one.url in client.get(reverse("compliance:inbox")).content.decode()
    assert client.get(one.url).status_code == 200


def test_five_working_days_pass_over_a_weekend():
    assert due_by(AT) == AT + timedelta(days=7)
