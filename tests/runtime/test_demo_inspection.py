"""The demonstration's meals stand around the cap, and an inspection has left its packs and reviews."""

from datetime import timedelta

import pytest

from compliance import actions as law
from compliance.actions.demo import give_demo_factor
from compliance.models import InspectorPack, TrailReview
from pharmacrm.accounts.choices import Role
from pharmacrm.runtime.demo.events import meal_of
from pharmacrm.runtime.demo.inspection import seed_inspection
from pharmacrm.runtime.demo.people import PASSWORD, Company
from tests.conftest import AT
from tests.factories.doctors import make_territory


def test_meals_of_a_month_are_modest_and_some_stand_close_to_the_cap():
    meals = [meal_of(AT + timedelta(days=day)) for day in range(30)]

    assert max(meals) <= 30_000
    assert any(meal > 25_000 for meal in meals)
    assert sum(meal <= 10_000 for meal in meals) > len(meals) // 3


@pytest.mark.django_db
def test_an_inspection_leaves_a_signed_review_and_one_under_way(person, settings):
    settings.DEMO = True
    office = {
        "compliance": person("compliance", Role.COMPLIANCE),
        "compliance2": person("compliance2", Role.COMPLIANCE),
        "inspector": person("inspector", Role.INSPECTOR),
    }
    for one in office.values():
        one.set_password(PASSWORD)
        one.save()
        give_demo_factor(one)
    territory = make_territory("YX")
    for days in (62, 61, 33, 32, 31, 30):
        law.record(
            "compliance.rule_signed",
            subject=f"territory:{territory.pk}",
            by=office["compliance"],
            at=AT - timedelta(days=days),
        )

    made = seed_inspection(Company(admin=office["compliance"], office=office), at=AT)

    assert made == InspectorPack.objects.count() == 0  # nothing was held and nothing released yet
    assert sorted(TrailReview.objects.values_list("state", flat=True)) == ["open", "signed"]
