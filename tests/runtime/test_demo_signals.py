"""The demonstration leaves one case for every detector to find."""

from datetime import timedelta

import pytest
import time_machine

from activities.actions import events
from activities.actions.monitoring import DETECTORS, scan_for_signals
from compliance.models import Finding
from pharmacrm.accounts.choices import Role
from pharmacrm.runtime.demo.people import Company
from pharmacrm.runtime.demo.signals import seed_signals
from tests.activities import act_rows
from tests.conftest import AT
from tests.factories.compliance import qualify
from tests.factories.content import content_person, product
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

pytestmark = pytest.mark.django_db


def test_each_detector_finds_something_but_sign_ins_which_the_events_leave(officer):
    goods, reps = product("SZA"), []
    near, far = make_hospital("云溪市第一人民医院"), make_hospital("湖滨医院")
    for place in range(7):
        rep, territory = content_person(Role.REP, f"代表{place}"), make_territory(f"T{place}")
        put_into(rep, territory)
        reps.append((rep, territory, None))
        if place >= 5:
            qualify(rep, goods.code, by=officer, at=AT)
            for name, hospital in (("张晓明", near), ("李敏", near), ("王芳", far)):
                make_doctor(name, hospital=hospital, territory=territory)
    for place in (0, 1):
        rep = reps[place][0]
        with time_machine.travel(AT - timedelta(days=1), tick=False):
            event, _doctor = act_rows.running(rep)
            events.end_event(event_id=event.pk, by=rep, at=AT - timedelta(days=1))
        event.refresh_from_db()
        event.starts_at, event.ends_at = AT - timedelta(days=3), AT - timedelta(days=3, hours=-1)
        event.save()

    seed_signals(Company(admin=officer, office={"compliance": officer}, reps=reps), at=AT)
    scan_for_signals(at=AT)

    found = set(Finding.objects.values_list("kind", flat=True))
    assert {one.name for one in DETECTORS} - {"signin_burst"} <= found
