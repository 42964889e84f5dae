"""A person sees the doctors of their territories and of those below, by every selector, and no other."""

from datetime import date, timedelta

import pytest

from doctors import selectors
from tests.factories.doctors import SINCE, assign, make_doctor, make_territory, put_into

TODAY = date(2026, 11, 23)


@pytest.fixture
def two_territories(db):
    root = make_territory("CN")
    return make_territory("EAST", root, line="cardio"), make_territory("WEST", root, line="onco")


@pytest.mark.django_db
def test_a_representative_sees_own_doctors_and_nobody_else(rep, two_territories):
    east, west = two_territories
    put_into(rep, east)
    mine, other = make_doctor("王东", territory=east), make_doctor("李西", territory=west)

    seen = set(selectors.doctors_visible_to(rep, TODAY).values_list("pk", flat=True))

    assert seen == {mine.pk}
    assert selectors.can_see(rep, mine.pk, TODAY)
    assert not selectors.can_see(rep, other.pk, TODAY)


@pytest.mark.django_db
def test_each_list_is_read_anew_and_shows_its_own_reader_only(rep, other_rep, two_territories):
    east, west = two_territories
    put_into(rep, east), put_into(other_rep, west)
    mine, other = make_doctor("王东", territory=east), make_doctor("李西", territory=west)

    def names(user):
        return [row["identity__name"] for row in selectors.doctors_listed(user, TODAY)]

    assert (names(rep), names(other_rep)) == (["王东"], ["李西"])
    late = make_doctor("马超", territory=east)
    assert sorted(names(rep)) == ["王东", "马超"]
    assert names(other_rep) == ["李西"]
    assert set(selectors.doctors_listed(rep, TODAY).values_list("pk", flat=True)) == {mine.pk, late.pk}
    assert other.pk not in {row["pk"] for row in selectors.doctors_listed(rep, TODAY)}


@pytest.mark.django_db
def test_a_manager_above_sees_both_branches_once(manager, two_territories):
    east, west = two_territories
    put_into(manager, east.parent, role="line_manager")
    both = make_doctor("王东", territory=east)
    assign(both, west)

    assert list(selectors.doctors_visible_to(manager, TODAY)) == [both]


@pytest.mark.django_db
def test_sight_ends_on_the_day_the_assignment_ends(rep, two_territories):
    east, _ = two_territories
    put_into(rep, east)
    doctor = make_doctor("王东")
    assign(doctor, east, since=SINCE, until=TODAY)

    assert not selectors.can_see(rep, doctor.pk, TODAY)
    assert selectors.can_see(rep, doctor.pk, TODAY - timedelta(days=1))


@pytest.mark.django_db
def test_sight_ends_with_the_membership_of_the_person(rep, two_territories):
    east, _ = two_territories
    put_into(rep, east, until=TODAY)
    doctor = make_doctor("王东", territory=east)

    assert not selectors.can_see(rep, doctor.pk, TODAY)


@pytest.mark.django_db
def test_compliance_sees_every_territory(officer, two_territories):
    doctors = {make_doctor("王东", territory=one).pk for one in two_territories}

    assert set(selectors.doctors_visible_to(officer, TODAY).values_list("pk", flat=True)) == doctors


@pytest.mark.django_db
def test_a_merged_doctor_is_left_out_and_followed_to_the_one_that_stands(officer):
    last = make_doctor("王东")
    middle = make_doctor("王東", merged_into=last)
    first = make_doctor("王冬", merged_into=middle)

    assert list(selectors.doctors_visible_to(officer, TODAY)) == [last]
    assert selectors.canonical_ids([first.pk, last.pk]) == {first.pk: last.pk, last.pk: last.pk}


@pytest.mark.django_db
def test_visibility_costs_three_queries_however_many_doctors(rep, two_territories, django_assert_num_queries):
    east, _ = two_territories
    put_into(rep, east)
    for number in range(30):
        make_doctor(f"王{number}", territory=east)

    with django_assert_num_queries(3):
        assert len(list(selectors.doctors_visible_to(rep, TODAY))) == 30
