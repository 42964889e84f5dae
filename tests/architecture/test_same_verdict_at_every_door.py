"""The same case meets the same verdict at every door (P6). `make drill ARGS=P6` asks five hundred cases."""

import pytest
import time_machine

from tests.conftest import AT
from tests.same_verdict import DOORS, cases, differing

CASES = list(cases(10))


@pytest.mark.django_db
@pytest.mark.parametrize("case", [pytest.param(case, id=f"{n}-{case.point}") for n, case in enumerate(CASES)])
def test_every_door_gives_the_same_verdict(case):
    with time_machine.travel(AT, tick=False):
        assert differing(case) == {}


def test_the_cases_are_not_all_of_one_kind():
    assert {case.point for case in CASES} == set(DOORS)
    assert len(set(CASES)) == len(CASES)
