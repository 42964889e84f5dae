"""When what runs by itself: each app says so in its tasks, one command writes it into the beat's table.

An app's `tasks` package holds

    SCHEDULES = {"common.sweep_outbox": 60, "doctors.score_all": "30 2 * * *"}

with seconds, or a crontab line read in Shanghai's time. The key is the task's registered name; a task that is
asked for twice under different arguments takes a label: {"common.sweep_outbox (evening)": …}.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

OURS = "Kept by manage.py schedule"


class WrongSchedule(ValueError):
    """A schedule names an unknown task or an unreadable time; nothing was written."""


@dataclass(frozen=True)
class Scheduled:
    name: str
    task: str
    when: int | str


def collected() -> list[Scheduled]:
    """Return the schedules of all installed apps. Raises: WrongSchedule."""
    current_app.loader.import_default_modules()
    found = []
    for app in apps.get_app_configs():
        if importlib.util.find_spec(f"{app.name}.tasks") is None:
            continue
        told: dict[str, Any] = getattr(import_module(f"{app.name}.tasks"), "SCHEDULES", {})
        for name, when in told.items():
            task = name.split(" ", 1)[0]
            if task not in current_app.tasks:
                raise WrongSchedule(f"{app.name}.tasks schedules {task!r}, which is no registered task.")
            if not isinstance(when, int | str) or (isinstance(when, str) and len(when.split()) != 5):
                raise WrongSchedule(f"{name}: seconds or a crontab line, not {when!r}.")
            found.append(Scheduled(name, task, when))
    return sorted(found, key=lambda one: one.name)


@transaction.atomic
def write(wanted: list[Scheduled]) -> tuple[int, int]:
    """Make the beat's table say exactly this, leaving rows that a person added. Returns: (kept, removed)."""
    for one in wanted:
        PeriodicTask.objects.update_or_create(
            name=one.name,
            defaults={"task": one.task, "description": OURS, "enabled": True, **_timing(one.when)},
        )
    stale = PeriodicTask.objects.filter(description=OURS).exclude(name__in=[one.name for one in wanted])
    removed = stale.count()
    stale.delete()
    PeriodicTasks.update_changed()
    return len(wanted), removed


def _timing(when: int | str) -> dict[str, Any]:
    if isinstance(when, int):
        every, _made = IntervalSchedule.objects.get_or_create(every=when, period=IntervalSchedule.SECONDS)
        # A wake-up nobody took before the next one is worth nothing: do not let them pile up.
        return {"interval": every, "crontab": None, "expire_seconds": max(when, 10)}
    minute, hour, day, month, weekday = when.split()
    moment, _made = CrontabSchedule.objects.get_or_create(
        minute=minute,
        hour=hour,
        day_of_month=day,
        month_of_year=month,
        day_of_week=weekday,
        timezone=settings.TIME_ZONE,
    )
    return {"interval": None, "crontab": moment, "expire_seconds": 3600}
