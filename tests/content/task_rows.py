"""What the tasks of content work on, for the test that runs each of them twice."""

from __future__ import annotations

from datetime import timedelta

from django.utils.timezone import localtime

from content import actions
from tests.conftest import AT
from tests.factories.content import released_material


def material_past_its_day(officer) -> dict:
    released_material(expires_on=localtime(AT).date())
    return {}


def ended_material(officer) -> dict:
    version = released_material(at=AT - timedelta(days=2))
    actions.withdraw_version(version_id=version.pk, reason="说明书已更新", by=officer, at=AT)
    return {"version_id": str(version.pk)}


TASKS = {"content.expire_materials": material_past_its_day, "content.tell_of_ending": ended_material}
