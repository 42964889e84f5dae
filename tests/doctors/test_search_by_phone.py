"""The end of a phone number leads to those of one's own doctors who have it: to all of them, and to nobody else."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doctors import actions, selectors
from doctors.models import ContactPoint
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.choices import Role
from tests.factories.doctors import SINCE, assign, make_doctor, make_territory, put_into

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def grounds(db, person, at):
    """Doctors of one tail in every relation to a territory: now, before, later, handed over, in two, merged away."""
    steward = person("steward", Role.STEWARD)
    root = make_territory("CN")
    east, west = make_territory("EAST", root, line="cardio"), make_territory("WEST", root, line="onco")

    def doctor(name, *numbers, kind="mobile", **fields):
        made = make_doctor(name, **fields)
        for number in numbers:
            actions.add_contact(doctor_id=made.pk, kind=kind, value=number, by=steward, at=at)
        return made

    kept = doctor("王东", "13912342046", "13712342046", territory=east)
    doctor("李东", "13812362047", territory=east)
    doctor("张西", "13612342046", territory=west)
    doctor("陈无", "13512342046")
    doctor("周座", "010-62342046", kind="phone", territory=east)
    doctor("吴邮", "wu2046@example.com", kind="email", territory=east)
    doctor("郑并", "13412342046", territory=east, merged_into=kept)
    both = doctor("孙双", "13312342046", territory=east)
    assign(both, west)
    ended = doctor("钱止", "13212342046")
    assign(ended, east, until=TODAY)
    later = doctor("冯后", "13112342046")
    assign(later, east, since=TOMORROW)
    handed = doctor("褚移", "15912342046")
    assign(handed, east, since=SINCE, until=TODAY)
    assign(handed, west, since=TODAY)
    quiet = doctor("卫停", "15812342046", territory=east)
    ContactPoint.objects.filter(doctor=quiet).update(is_active=False)
    return {"east": east, "west": west, "root": root}


def reached(user, digits, on):
    """Return who is found, told plainly: every number of whoever may be seen is opened and read."""
    points = ContactPoint.objects.filter(
        doctor__in=selectors.doctors_visible_to(user, on), kind__in=["mobile", "phone"], is_active=True
    )
    numbers = [(point.doctor_id, open_text(point.doctor_id, point.sealed)) for point in points]
    return {doctor for doctor, number in numbers if number.replace("-", "").endswith(digits)}


@pytest.mark.parametrize("place", ["east", "west", "root", "everywhere"])
def test_who_is_found_by_a_number_is_who_may_be_seen_and_has_it(grounds, person, place):
    asker = person("asker", Role.COMPLIANCE if place == "everywhere" else Role.REP)
    if place != "everywhere":
        put_into(asker, grounds[place])

    for on in (TODAY - timedelta(days=1), TODAY, TOMORROW):
        for digits in ("2046", "2047", "2342046", "12342046", "13912342046", "13412342046", "0000"):
            found = {hit.card.id for hit in selectors.search_doctors(asker, digits, on, limit=100)}
            assert found == reached(asker, digits, on), (on, digits)


def test_a_handover_takes_the_number_along(grounds, rep, other_rep):
    put_into(rep, grounds["east"]), put_into(other_rep, grounds["west"])

    def names(user, on):
        return {hit.card.name for hit in selectors.search_doctors(user, "2046", on)}

    assert names(rep, TODAY - timedelta(days=1)) == {"王东", "周座", "孙双", "钱止", "褚移"}
    assert names(rep, TODAY) == {"王东", "周座", "孙双"}
    assert names(rep, TOMORROW) == {"王东", "周座", "孙双", "冯后"}
    assert names(other_rep, TODAY) == {"张西", "孙双", "褚移"}


@pytest.mark.parametrize("digits", ["2046", "12342046"])
def test_a_tail_meets_ones_own_doctors_before_anybody_is_read(grounds, rep, digits):
    put_into(rep, grounds["east"])

    with CaptureQueriesContext(connection) as asked:
        selectors.search_doctors(rep, digits, TODAY)

    first = next(query["sql"] for query in asked if "tail_index" in query["sql"])
    assert '"doctors_assignment"' in first
    assert '"doctors_doctor"' not in first
    assert '"sealed"' not in first


def test_a_number_costs_a_representative_the_same_among_one_doctor_and_among_many(grounds, rep, person, at):
    put_into(rep, grounds["east"])

    def cost():
        with CaptureQueriesContext(connection) as asked:
            selectors.search_doctors(rep, "12342046", TODAY)
        return len(asked)

    cost()  # the first one reads the roles, too
    few, steward = cost(), person("other_steward", Role.STEWARD)
    for number in range(20):
        more = make_doctor("许多", territory=grounds["east"])
        actions.add_contact(
            doctor_id=more.pk, kind="mobile", value=f"1{70 + number}12342046", by=steward, at=at
        )

    assert len(selectors.search_doctors(rep, "12342046", TODAY, limit=100)) == 22
    assert cost() == few == 5
