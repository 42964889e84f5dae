"""The demonstration's stewards, managers and privacy desk find work of every kind, and its houses have believable departments."""

import pytest

from pharmacrm.runtime.demo import desk
from pharmacrm.runtime.demo.places import DEPARTMENTS, ELSEWHERE, elsewhere


def test_every_department_a_doctor_works_in_is_on_the_standard_list():
    known = {name for _code, name, _alias in DEPARTMENTS}
    known |= {alias for _code, _name, aliases in DEPARTMENTS for alias in aliases.split(";") if alias}

    used = {ward for choices in ELSEWHERE.values() for ward, _focus in choices}

    assert used - known == set()
    assert len(DEPARTMENTS) > 20


@pytest.mark.parametrize(
    ("hospital", "level", "ward"),
    [
        ("重庆市中医院", "三级甲等", "针灸科"),
        ("某县人民医院", "二级甲等", "呼吸内科"),
        ("某大学附属第一医院", "三级甲等", "呼吸与危重症医学科"),
    ],
)
def test_a_house_has_the_departments_of_its_kind(hospital, level, ward):
    assert elsewhere(hospital, level, 5)[0] == ward
    assert elsewhere(hospital, level, 6) is None


def test_the_list_that_repeats_doctors_spells_their_departments_by_an_alias():
    known = {alias for _code, _name, aliases in DEPARTMENTS for alias in aliases.split(";") if alias}

    assert {ward for _place, ward, _title in desk.ALIKE} <= known
