"""A doctor is found the way people type, by those who may see the doctor, and it is said why."""

from datetime import date

import pytest
from django.db import connection
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from doctors import actions, selectors
from doctors.rules.matching import initials_of_query, is_hasty_slip, is_one_slip_away, mixed_fits, reads_as
from doctors.rules.names import read_name
from pharmacrm.accounts.choices import Role
from tests.factories.doctors import make_department, make_doctor, make_hospital, make_territory, put_into

TODAY = date(2026, 11, 23)


@pytest.fixture
def people(db, officer):
    lake = make_hospital("湖滨大学医学院附属第一医院")
    lake.aliases.create(name="湖大一院")
    river = make_hospital("江口医院", level="2a")
    heart = make_department("心血管内科专业", aliases=["心内科"])
    for name, hospital, department in [
        ("张伟明", lake, heart),
        ("张伟", river, None),
        ("单文静", lake, None),
        ("曾国华", river, heart),
        ("尉迟敬德", lake, None),
        ("买买提·艾力", river, None),
        ("李思远", river, None),
        ("John Smith", river, None),
    ]:
        make_doctor(name, hospital=hospital, department=department)
    return officer


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张伟明", "张伟明"),
        ("伟明", "张伟明"),
        ("zhangweiming", "张伟明"),
        ("ZhangWei Ming".replace(" ", ""), "张伟明"),
        ("zwm", "张伟明"),
        ("zhangwm", "张伟明"),
        ("张wm", "张伟明"),
        ("张wei明", "张伟明"),
        ("shanwenjing", "单文静"),
        ("swj", "单文静"),
        ("zengguohua", "曾国华"),
        ("yuchi", "尉迟敬德"),
        ("艾力", "买买提·艾力"),
        ("smith", "John Smith"),
        ("张伟明 湖大一院", "张伟明"),
        ("张 湖大", "张伟明"),
        ("zwm 湖滨大学", "张伟明"),
        ("曾 心内科", "曾国华"),
        ("zhangweimin", "张伟明"),
        ("lisiyaun", "李思远"),
        ("章伟名", "张伟明"),
        ("李思园", "李思远"),
        ("李司远", "李思远"),
    ],
)
def test_a_doctor_is_found_as_typed(people, typed, name):
    found = selectors.search_doctors(people, typed, TODAY)

    assert name in [hit.card.name for hit in found[:5]]


@pytest.mark.django_db
def test_an_exact_name_stands_before_a_longer_one(people):
    assert [hit.card.name for hit in selectors.search_doctors(people, "张伟", TODAY)] == ["张伟", "张伟明"]


@pytest.mark.django_db
def test_a_hospital_nickname_finds_its_doctors(people):
    found = selectors.search_doctors(people, "湖大一院", TODAY)

    assert {hit.card.name for hit in found} == {"张伟明", "单文静", "尉迟敬德"}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["2046", "12342046", "13912342046"])
def test_the_tail_of_a_phone_number_finds_its_owner(people, person, at, typed):
    steward = person("steward", Role.STEWARD)
    doctor = make_doctor("王五")
    actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=at)

    assert [hit.card.name for hit in selectors.search_doctors(people, typed, TODAY)] == ["王五"]
    assert selectors.search_doctors(people, "99992046", TODAY) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["张伟明", "zwm", "张wm", "江口医院", "zhangwemiing", "章伟名", "2046", "张"]
)
def test_nobody_of_another_territory_is_ever_found(people, rep, person, at, typed):
    steward = person("steward", Role.STEWARD)
    put_into(rep, make_territory("EAST"))
    doctor = make_doctor("张伟明", territory=make_territory("WEST"))
    actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=at)

    assert selectors.search_doctors(rep, typed, TODAY) == []


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "  ", "%", "_", "'; DROP TABLE", "\\", "999", "🙂", "a" * 500])
def test_odd_input_finds_nothing_and_breaks_nothing(people, typed):
    assert selectors.search_doctors(people, typed, TODAY) == []


@pytest.mark.django_db
def test_hospitals_are_found_by_name_and_nickname(people):
    assert [one.name for one in selectors.search_hospitals("湖大一院")] == ["湖滨大学医学院附属第一医院"]
    assert [one.name for one in selectors.search_hospitals("江口")] == ["江口医院"]


@pytest.mark.django_db
def test_trigrams_see_chinese(django_db_setup, db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_length(show_trgm('张伟'), 1)")
        assert cursor.fetchone()[0] == 3


def test_letters_may_be_parted_in_every_way_that_can_be_read():
    assert "zwm" in initials_of_query("zhangwm")
    assert "zwm" in initials_of_query("zhangweiming")
    assert "xa" in initials_of_query("xian")
    assert "x" in initials_of_query("xian")


names = st.text(st.sampled_from("张王李单曾伟明文静国华思远"), min_size=2, max_size=4)


@given(names, st.data())
def test_any_heads_of_the_syllables_fit_the_reading(name, data):
    reading = read_name(name).sort_key
    syllables = reading.split()
    typed = "".join(one[: data.draw(st.integers(1, len(one)))] for one in syllables)

    assert reads_as(typed, reading)
    assert "".join(one[0] for one in syllables) in initials_of_query(typed)


@given(names, st.integers(0, 3))
def test_a_mix_of_characters_and_letters_fits(name, place):
    reading = read_name(name).sort_key
    place %= len(name)
    typed = name[:place] + reading.split()[place] + name[place + 1 :]

    assert mixed_fits(typed, name, reading)


@pytest.mark.parametrize(
    ("typed", "meant", "hasty"),
    [
        ("zuyuyang", "zhuyuyang", True),
        ("liuxanya", "lixuanya", True),
        ("wangxiangceng", "wangxiangcheng", True),
        ("yangxintian", "huangxintian", False),
        ("lihanyi", "lihanri", False),
        ("lihanria", "lihanri", False),
        ("lihanri", "lihanri", False),
        ("lianhri", "lihanri", False),
    ],
)
def test_a_letter_left_out_or_two_swapped_are_the_likelier_slips(typed, meant, hasty):
    assert is_hasty_slip(typed, meant) is hasty


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["steward", "rep"])
def test_the_likelier_slip_stands_before_a_better_tier(rep, person, who):
    territory = make_territory("EAST")
    put_into(rep, territory)
    for name, tier in (("黄新天", "basic"), ("杨欣天", "core"), ("王信天", "core")):
        make_doctor(name, territory=territory, tier=tier)
    asker = rep if who == "rep" else person("steward", Role.STEWARD)

    found = selectors.search_doctors(asker, "uangxintian", TODAY)

    assert found[0].card.name == "黄新天"
    assert {hit.card.name for hit in found} == {"黄新天", "杨欣天", "王信天"}


@pytest.mark.django_db
def test_a_long_word_that_only_begins_like_another_name_may_mean_one_with_a_slip(people):
    make_doctor("陈立涵"), make_doctor("陈伟华")

    found = [hit.card.name for hit in selectors.search_doctors(people, "chenweiha", TODAY)]

    assert found[-1] == "陈伟华"
    assert "陈伟华" not in [hit.card.name for hit in selectors.search_doctors(people, "chenlihan", TODAY)]


def test_two_slips_are_too_many():
    assert is_one_slip_away("张伟名", "张伟明")
    assert not is_one_slip_away("章伟名", "张伟明")


@pytest.mark.parametrize("typed", ["张小铭", "zhangxiaoming", "张小铭 湖滨"])
def test_the_name_of_a_record_merged_away_leads_to_the_one_kept(rep, typed):
    ground, hospital = make_territory("MERGED"), make_hospital("湖滨第一医院")
    put_into(rep, ground)
    kept = make_doctor("王晓鸣", territory=ground, hospital=hospital)
    between = make_doctor("李中间", merged_into=kept)
    make_doctor("张小铭", merged_into=between)

    with override("en"):
        hits = selectors.search_doctors(rep, typed, TODAY)

    assert [(hit.card.id, hit.why) for hit in hits] == [(kept.pk, "张小铭 was merged into this record")]


def test_a_merged_record_names_nobody_out_of_sight(rep):
    ground = make_territory("MERGED")
    put_into(rep, ground)
    kept = make_doctor("王晓鸣", territory=make_territory("FAR"))
    make_doctor("张小铭", merged_into=kept, territory=ground)

    assert selectors.search_doctors(rep, "张小铭", TODAY) == []
