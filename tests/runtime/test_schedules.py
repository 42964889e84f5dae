"""What runs by itself is what the apps say, and only that."""

import pytest
from django.apps import apps
from django_celery_beat.models import PeriodicTask

from pharmacrm.runtime import schedules
from pharmacrm.runtime.schedules import Scheduled


@pytest.mark.django_db
def test_every_app_s_schedule_names_a_registered_task():
    found = schedules.collected()

    assert "common.sweep_outbox" in {one.task for one in found}


@pytest.mark.django_db
def test_writing_twice_changes_nothing_and_a_dropped_schedule_goes():
    wanted = [
        Scheduled("common.sweep_outbox", "common.sweep_outbox", 10),
        Scheduled("nightly", "x", "30 2 * * *"),
    ]
    schedules.write(wanted)

    assert schedules.write(wanted) == (2, 0)
    assert schedules.write(wanted[:1]) == (1, 1)
    assert list(PeriodicTask.objects.values_list("name", flat=True)) == ["common.sweep_outbox"]


@pytest.mark.django_db
def test_a_person_s_own_row_is_left_alone():
    schedules.write([Scheduled("common.sweep_outbox", "common.sweep_outbox", 10)])
    every = PeriodicTask.objects.get().interval
    PeriodicTask.objects.create(name="mine", task="common.sweep_outbox", interval=every)

    schedules.write([])

    assert list(PeriodicTask.objects.values_list("name", flat=True)) == ["mine"]


@pytest.mark.django_db
def test_a_crontab_line_is_read_in_shanghai():
    schedules.write([Scheduled("nightly", "common.sweep_outbox", "30 2 * * 1-5")])

    moment = PeriodicTask.objects.get().crontab
    assert (moment.minute, moment.hour, moment.day_of_week) == ("30", "2", "1-5")
    assert str(moment.timezone) == "Asia/Shanghai"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "told", [{"tests.nobody": 5}, {"common.sweep_outbox": "hourly"}, {"common.sweep_outbox": 1.5}]
)
def test_nonsense_is_refused_before_anything_is_written(monkeypatch, told):
    monkeypatch.setattr("pharmacrm.common.tasks.SCHEDULES", told)
    assert apps.is_installed("pharmacrm.common")

    with pytest.raises(schedules.WrongSchedule):
        schedules.collected()
