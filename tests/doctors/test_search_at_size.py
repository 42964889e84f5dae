"""Searches that only a large master makes hard: many of one name, words of several kinds, slips."""

from datetime import date

import pytest

from doctors import actions, selectors
from doctors.rules.matching import holds_with_one_slip, initials_of_mixed, remainders
from pharmacrm.accounts.choices import Role
from tests.factories.doctors import make_doctor, make_hospital

TODAY = date(2026, 11, 23)


@pytest.fixture
def crowd(db, officer, monkeypatch):
    """Twelve doctors of one name; whoever looks through five of them misses the one meant."""
    monkeypatch.setattr("doctors.selectors.search.MOST_CANDIDATES", 5)
    for number in range(12):
        make_doctor("王小", hospital=make_hospital(f"江口第{number}医院"))
    lake = make_hospital("湖滨大学医学院附属第一医院")
    lake.aliases.create(name="湖大一院")
    return make_doctor("王晓明", hospital=lake)


def found(user, typed):
    return [hit.card.id for hit in selectors.search_doctors(user, typed, TODAY)[:5]]


@pytest.mark.parametrize(
    "typed",
    [
        "王晓明",
        "wangxiaoming",
        "王xm",
        "王xiaoming",
        "wangxaioming",
        "wangxiaomin",
        "wangxiaomingg",
        "王小明",
        "王晓鸣 湖大一院",
        "王某明 湖大一院",
        "wamgxiaoming 湖大一院",
        "王晓明 湖滨大学医学院附属弟一医院",
        "wxm 湖滨大学医学院附属一医院",
    ],
)
def test_the_one_meant_is_found_among_many_of_nearly_that_name(crowd, officer, typed):
    assert crowd.pk in found(officer, typed)


@pytest.mark.parametrize(
    "typed", ["王五 2046", "2046 王五", "ww 2046", "12342046", "13912342046", "王五 13912342046"]
)
def test_a_name_and_the_end_of_a_phone_number_fit_together(officer, person, at, typed):
    steward = person("steward", Role.STEWARD)
    for name, number in [("王五", "13912342046"), ("王武", "13712352046"), ("李四", "13612342047")]:
        doctor = make_doctor(name)
        actions.add_contact(doctor_id=doctor.pk, kind="mobile", value=number, by=steward, at=at)

    names = [hit.card.name for hit in selectors.search_doctors(officer, typed, TODAY)]

    assert names[0] == "王五"
    assert "李四" not in names


def test_a_phone_number_of_somebody_else_finds_nobody_of_that_name(officer, person, at):
    doctor = make_doctor("王五")
    steward = person("steward", Role.STEWARD)
    actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=at)

    assert selectors.search_doctors(officer, "李四 2046", TODAY) == []
    assert selectors.search_doctors(officer, "王五 2047", TODAY) == []


@pytest.mark.parametrize(
    "typed", ["王五", "wangwu", "ww 江口医院", "wangwuu 江口医院", "13912342046", "12342046"]
)
def test_a_search_costs_the_same_for_three_doctors_and_for_thirty(
    officer, person, at, typed, django_assert_max_num_queries
):
    steward = person("steward", Role.STEWARD)
    hospital = make_hospital("江口医院")
    for number in range(30):
        doctor = make_doctor("王五", hospital=hospital)
        actions.add_contact(
            doctor_id=doctor.pk, kind="mobile", value=f"1{30 + number}12342046", by=steward, at=at
        )

    with django_assert_max_num_queries(16):
        selectors.search_doctors(officer, typed, TODAY)


def test_a_word_and_its_remainders_are_what_the_index_holds(db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pharmacrm_slips(ARRAY['wang wu']::varchar[])")
        assert sorted(cursor.fetchone()[0]) == sorted(remainders("wangwu"))


def test_initials_of_a_mix_follow_characters_and_letters():
    assert "wxm" in initials_of_mixed("王xm", "wang")
    assert "wxm" in initials_of_mixed("王xiao明", "wang ming")


@pytest.mark.parametrize(
    ("word", "fits"),
    [
        ("附属弟一医院", True),
        ("附属一医院", True),
        ("附属第一一医院", True),
        ("附第属一医院", True),
        ("附第二医院", False),
    ],
)
def test_a_hospital_is_called_so_but_for_one_character(word, fits):
    assert holds_with_one_slip(word, "湖滨大学医学院附属第一医院") is fits
