"""The shape of the territory tree: moved and closed from a day on, lines kept apart."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from doctors import actions as doctors
from pharmacrm.accounts import actions, selectors
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory, TerritoryMember, TerritoryMove
from tests.conftest import AT
from tests.factories.doctors import make_doctor, make_territory, put_into

pytestmark = pytest.mark.django_db
TODAY = AT.date()
LATER = TODAY + timedelta(days=5)


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def test_a_branch_moves_with_all_below_it_and_with_its_sight(steward, manager):
    root = make_territory("CN")
    east, west = make_territory("EAST", root), make_territory("WEST", root)
    district = make_territory("D1", east)
    leaf = make_territory("D1-1", district)
    put_into(manager, west, role="line_manager")

    actions.move_territory(territory_id=district.pk, parent_id=west.pk, effective_on=LATER, by=steward, at=AT)
    assert leaf.pk not in selectors.territory_ids_of(manager, LATER)

    done = [actions.carry_out_moves(on=LATER, at=AT + timedelta(days=5)) for _ in range(2)]

    assert done == [1, 0]
    assert Territory.objects.get(pk=leaf.pk).path == "/CN/WEST/D1/D1-1/"
    assert {district.pk, leaf.pk} <= set(selectors.territory_ids_of(manager, LATER))


def test_a_move_of_today_is_carried_out_at_once(steward):
    root = make_territory("CN")
    east, west = make_territory("EAST", root), make_territory("WEST", root)

    actions.move_territory(territory_id=east.pk, parent_id=west.pk, effective_on=TODAY, by=steward, at=AT)

    assert Territory.objects.get(pk=east.pk).path == "/CN/WEST/EAST/"
    with pytest.raises(actions.TerritoryNotChanged):
        actions.move_territory(territory_id=west.pk, parent_id=east.pk, effective_on=TODAY, by=steward, at=AT)


def test_two_moves_that_would_close_a_circle_end_as_one(steward):
    root = make_territory("CN")
    east, west = make_territory("EAST", root), make_territory("WEST", root)
    for one, other in ((east, west), (west, east)):
        actions.move_territory(territory_id=one.pk, parent_id=other.pk, effective_on=LATER, by=steward, at=AT)

    assert actions.carry_out_moves(on=LATER, at=AT) == 1

    assert sorted(Territory.objects.values_list("path", flat=True)) == ["/CN/", "/CN/WEST/", "/CN/WEST/EAST/"]
    assert TerritoryMove.objects.exclude(failure="").count() == 1


def test_a_waiting_move_is_taken_back_and_said_once(steward, rep):
    root = make_territory("CN")
    east, west = make_territory("EAST", root), make_territory("WEST", root)
    move = actions.move_territory(
        territory_id=east.pk, parent_id=west.pk, effective_on=LATER, by=steward, at=AT
    )

    with pytest.raises(actions.TerritoryNotChanged):
        actions.move_territory(territory_id=east.pk, parent_id=west.pk, effective_on=LATER, by=steward, at=AT)
    with pytest.raises(PermissionDenied):
        actions.drop_move(move_id=move.pk, by=rep, at=AT)
    actions.drop_move(move_id=move.pk, by=steward, at=AT)

    assert actions.carry_out_moves(on=LATER, at=AT) == 0


def test_a_line_stays_with_its_branch(steward):
    root = make_territory("CN")
    cardio, onco = make_territory("CARDIO", root, line="cardio"), make_territory("ONCO", root, line="onco")

    below = actions.add_territory(code="C1", name="C1", parent_id=cardio.pk, by=steward, at=AT)

    assert below.line == "cardio"
    with pytest.raises(actions.TerritoryNotChanged):
        actions.add_territory(code="C2", name="C2", parent_id=cardio.pk, line="onco", by=steward, at=AT)
    with pytest.raises(actions.TerritoryNotChanged):
        actions.move_territory(
            territory_id=below.pk, parent_id=onco.pk, effective_on=TODAY, by=steward, at=AT
        )


def test_a_territory_closes_once_nobody_belongs_to_it(steward, rep):
    place, other = make_territory("EAST"), make_territory("WEST")
    member = put_into(rep, place)
    doctor = make_doctor(territory=place)

    with pytest.raises(actions.TerritoryNotChanged):
        doctors.close_territory(territory_id=place.pk, closes_on=LATER, by=steward, at=AT)
    assert Territory.objects.get(pk=place.pk).closes_on is None
    doctors.reassign_doctor(
        doctor_id=doctor.pk, line="", to_territory_id=other.pk, on=LATER, by=steward, at=AT
    )
    doctors.close_territory(territory_id=place.pk, closes_on=LATER, by=steward, at=AT)

    assert TerritoryMember.objects.get(pk=member.pk).valid_until == LATER
    with pytest.raises(doctors.DoctorNotAssigned):
        doctors.assign_doctor(
            doctor_id=make_doctor().pk, territory_id=place.pk, valid_from=TODAY, by=steward, at=AT
        )
    with pytest.raises(actions.TerritoryNotChanged):
        actions.add_member(
            territory_id=place.pk,
            user_id=rep.pk,
            role="rep",
            valid_from=LATER,
            valid_until=None,
            by=steward,
            at=AT,
        )


def test_a_territory_with_something_open_below_stays_open(steward):
    root = make_territory("CN")
    make_territory("EAST", root)

    with pytest.raises(actions.TerritoryNotChanged):
        actions.close_territory(territory_id=root.pk, closes_on=LATER, by=steward, at=AT)
