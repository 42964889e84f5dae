"""Spellings of hospital levels nobody knows wait for the steward, are decided once and remembered."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import close_old_connections
from django.urls import reverse

from compliance.models import LedgerEntry
from doctors.actions.levels import LevelNotDecided, decide_level
from doctors.choices import HospitalLevel
from doctors.models import Hospital
from doctors.rules.levels import WRITTEN, read_level
from doctors.selectors.levels import levels_decided, levels_undecided
from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions, tasks
from pharmacrm.imports.actions import MappingNotComplete
from pharmacrm.imports.models import ImportAlias, ImportRow
from tests.conftest import AT
from tests.factories.doctors import make_hospital
from tests.factories.imports import make_job

pytestmark = pytest.mark.django_db
ROWS = (
    ("医院名称", "等级"),
    ("湖滨医院", "省级"),
    ("城北医院", "省级 "),
    ("城东医院", "三甲"),
    ("城西医院", "定点"),
)


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def checked(steward, rows=ROWS):
    job = make_job(steward, AT, rows=rows)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=AT)
    tasks.check(import_id=str(job.pk))
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("level", HospitalLevel.values)
def test_every_level_is_written_so_that_it_is_read_back(level):
    assert read_level(WRITTEN[level]) == level


def test_a_spelling_decided_once_holds_for_all_imports_that_wait_and_for_the_next(steward):
    jobs = [checked(steward), checked(steward)]
    assert [(one.said, one.rows, one.imports) for one in levels_undecided()] == [
        ("省级", 4, 2),
        ("定点", 2, 2),
    ]

    assert decide_level(said="省级", level="3", by=steward, at=AT) == 4
    assert decide_level(said="定点", level="unknown", by=steward, at=AT) == 2

    assert levels_undecided() == []
    for job in jobs:
        job.refresh_from_db()
        assert (job.rows_good, job.rows_bad) == (4, 0)
    assert checked(steward).rows_bad == 0
    assert {(one.said, one.level) for one in levels_decided()} == {("省级", "3"), ("定点", "unknown")}
    assert LedgerEntry.objects.filter(event="imports.meaning_decided").count() == 2


def test_what_is_no_level_takes_none_away(steward):
    hospital = make_hospital("城西医院", level="2a")
    job = checked(steward)
    decide_level(said="定点", level="unknown", by=steward, at=AT)
    decide_level(said="省级", level="3", by=steward, at=AT)
    actions.commit_import(import_id=job.pk, by=steward, at=AT, only_good=False)
    actions.write_rows(import_id=job.pk, at=AT)

    hospital.refresh_from_db()
    assert hospital.level == "2a"
    assert Hospital.objects.get(name="湖滨医院").level == "3"


@pytest.mark.parametrize(
    ("said", "level", "error"),
    [
        ("省级", "4x", LevelNotDecided),
        ("三甲", "2", LevelNotDecided),
        ("", "3", LevelNotDecided),
        ("定" * 201, "3", MappingNotComplete),
    ],
)
def test_nothing_is_remembered_of_a_decision_that_says_nothing(steward, said, level, error):
    job = checked(steward)

    with pytest.raises(error):
        decide_level(said=said, level=level, by=steward, at=AT)

    assert not ImportAlias.objects.exists()
    assert ImportRow.objects.filter(job=job, state="bad").count() == 3


def test_a_stranger_decides_no_level(rep, client, steward):
    checked(steward)
    client.force_login(rep)

    assert client.get(reverse("doctors:level-queue")).status_code == 403
    with pytest.raises(PermissionDenied):
        decide_level(said="省级", level="3", by=rep, at=AT)
    assert not ImportAlias.objects.exists()


def test_the_queue_stands_beside_the_grid_and_takes_a_decision_and_its_change(client, steward):
    job = checked(steward)
    client.force_login(steward)
    queue = reverse("doctors:level-queue")

    assert f'href="{queue}"' in client.get(reverse("imports:job-detail", args=[job.pk])).content.decode()
    assert client.post(queue, {"said": "省级", "level": "9"}).status_code == 400
    assert client.post(queue, {"said": "省级", "level": "2"}).status_code == 302
    assert client.post(queue, {"said": "省级", "level": "3"}).status_code == 302

    assert ImportAlias.objects.get().meant == WRITTEN["3"]
    assert "定点" in client.get(queue).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_stewards_who_decide_one_spelling_at_once_leave_one_meaning(person):
    people = [person("a", Role.STEWARD), person("b", Role.STEWARD)]
    job = checked(people[0])
    barrier, faults = threading.Barrier(2), []

    def go(by, level):
        barrier.wait()
        try:
            decide_level(said="省级", level=level, by=by, at=AT)
        except Exception as fault:  # noqa: BLE001 - a thread's fault is the test's
            faults.append(fault)
        finally:
            close_old_connections()

    threads = [threading.Thread(target=go, args=args) for args in zip(people, ("2", "3"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    job.refresh_from_db()
    assert ImportAlias.objects.count() == 1
    assert (job.rows_good, job.rows_bad) == (3, 1)
