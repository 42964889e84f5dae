"""What the tasks of the territory tree work on, for the test that runs each of them twice."""

from __future__ import annotations

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import TerritoryMove
from tests.conftest import AT
from tests.factories.accounts import make_territory
from tests.factories.content import content_person


def move_whose_day_has_come(_officer) -> dict:
    place, elsewhere = make_territory("HERE"), make_territory("ELSEWHERE")
    TerritoryMove.objects.create(
        territory=place,
        parent=elsewhere,
        effective_on=AT.date(),
        asked_by=content_person(Role.STEWARD, "沈思"),
    )
    return {}


TASKS = {"accounts.carry_out_moves": move_whose_day_has_come}
