"""Every decision that the database takes from two people only is asked by the approval engine."""

from collections.abc import Iterator
from datetime import timedelta

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import CheckConstraint, F, Q

from compliance import actions as law
from compliance import flows
from tests.conftest import AT

# Each rule of the database that two columns hold different people: the flow that asks.
DECIDED_BY = {
    "guardalarm_released_by_two_others": "compliance.alarm",
    "measure_verified_by_a_second_person": "compliance.measure",
    "lettertext_two_people": "compliance.letter_text",
    "briberycheck_two_people": "compliance.integrity_hit",
    "repfiling_two_people": "compliance.filing_check",
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


def test_every_decision_of_two_people_is_asked_by_the_engine():
    assert set(constraints_of_two_people()) == set(DECIDED_BY) | set(NO_DECISION)


def test_what_is_named_is_registered_and_everything_registered_is_named():
    assert set(DECIDED_BY.values()) | BESIDE == {one for one in flows.flows() if not one.startswith("test.")}


def test_an_answer_is_due_some_working_days_later():
    assert law.due_after(AT, 5) == AT + timedelta(days=7)  # a weekend between
