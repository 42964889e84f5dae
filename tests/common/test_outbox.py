"""Work for later: kept with the change it follows from, done once, found again when everything else is lost."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from celery import current_app, shared_task
from django.db import connection, transaction

from pharmacrm.common import outbox
from pharmacrm.common.choices import OutboxState
from pharmacrm.common.models import Notification, OutboxMessage
from pharmacrm.runtime.home import ROOT

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CALLS: list[dict] = []


@shared_task(name="tests.note")
def note(**said: object) -> None:
    CALLS.append(said)


@shared_task(name="tests.write_then_fail")
def write_then_fail(*, user_id: str) -> None:
    Notification.objects.create(recipient_id=user_id, kind="half", text={}, created_at=AT)
    raise RuntimeError("the network went away")


@shared_task(name="tests.long")
def long(**said: object) -> None:
    CALLS.append(said)


long.own_transactions = True


@pytest.fixture(autouse=True)
def _no_calls():
    CALLS.clear()


@pytest.fixture
def silent_broker(monkeypatch):
    """Keep the wake-ups instead of sending them."""
    woken = []
    monkeypatch.setattr(outbox, "wake", woken.append)
    return woken


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_act_leaves_no_work_and_wakes_nobody(silent_broker):
    def fail_after_asking():
        outbox.enqueue("tests.note", said="never")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        fail_after_asking()

    assert OutboxMessage.objects.count() == 0
    assert silent_broker == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_only_after_the_commit(silent_broker):
    with transaction.atomic():
        message_id = outbox.enqueue("tests.note", said="later")
        assert silent_broker == []

    assert silent_broker == [message_id]


@pytest.mark.django_db
def test_an_unknown_task_fails_at_once():
    with pytest.raises(outbox.UnknownTask):
        outbox.enqueue("tests.nobody_wrote_this")

    assert OutboxMessage.objects.count() == 0


def test_who_asks_while_a_fresh_process_loads_its_tasks_waits_for_them(monkeypatch):
    tasks: dict[str, object] = {}
    has_begun, said = threading.Event(), []

    def load():
        if (
            not has_begun.is_set()
        ):  # a loader is in nobody's way: whoever comes second finds it busy and goes on
            has_begun.set()
            time.sleep(0.1)
            tasks["tests.note"] = note

    fresh = SimpleNamespace(tasks=tasks, loader=SimpleNamespace(import_default_modules=load))
    monkeypatch.setattr(outbox, "current_app", fresh)

    def ask():
        try:
            outbox.demand_known("tests.note")
            said.append("known")
        except outbox.UnknownTask:
            said.append("unknown")

    first, second = threading.Thread(target=ask), threading.Thread(target=ask)
    first.start()
    has_begun.wait(timeout=5)
    second.start()
    first.join()
    second.join()

    assert said == ["known", "known"]


@pytest.mark.django_db
def test_arguments_survive_the_way_through_the_database(silent_broker):
    key = uuid4()
    message_id = outbox.enqueue("tests.note", ids=[key], on=date(2026, 11, 23), deep={"one": (key, 2)})

    assert outbox.run(message_id, at=AT) is True

    assert [{"ids": [str(key)], "on": "2026-11-23", "deep": {"one": [str(key), 2]}}] == CALLS


@pytest.mark.django_db
def test_a_message_that_is_woken_twice_runs_once(silent_broker):
    message_id = outbox.enqueue("tests.note")

    ran = [outbox.run(message_id, at=AT), outbox.run(message_id, at=AT)]

    assert ran == [True, False]
    assert len(CALLS) == 1


@pytest.mark.django_db
def test_a_failing_task_leaves_nothing_half_done_and_comes_again_later(silent_broker, rep):
    message_id = outbox.enqueue("tests.write_then_fail", user_id=rep.pk)

    assert outbox.run(message_id, at=AT) is False

    message = OutboxMessage.objects.get(pk=message_id)
    assert Notification.objects.filter(kind="half").count() == 0
    assert (message.state, message.attempts) == (OutboxState.WAITING, 1)
    assert "the network went away" in message.last_error
    assert AT < message.due_at <= AT + timedelta(seconds=4)


@pytest.mark.django_db
def test_a_task_that_never_works_is_given_up_and_named(silent_broker, rep):
    message_id = outbox.enqueue("tests.write_then_fail", user_id=rep.pk)
    OutboxMessage.objects.filter(pk=message_id).update(attempts=outbox.MAX_ATTEMPTS - 1)

    outbox.run(message_id, at=AT)

    assert OutboxMessage.objects.get(pk=message_id).state == OutboxState.FAILED


@pytest.mark.django_db
def test_lost_wake_ups_are_repeated_and_fresh_or_finished_work_is_left_alone(silent_broker):
    lost, fresh, finished, retried = (outbox.enqueue("tests.note", number=n) for n in range(4))
    OutboxMessage.objects.filter(pk=lost).update(due_at=AT - timedelta(minutes=5))
    OutboxMessage.objects.filter(pk=fresh).update(due_at=AT - timedelta(seconds=1))
    OutboxMessage.objects.filter(pk=finished).update(due_at=AT - timedelta(minutes=5), state=OutboxState.DONE)
    OutboxMessage.objects.filter(pk=retried).update(due_at=AT - timedelta(seconds=1), attempts=1)

    count = outbox.sweep(at=AT)

    assert count == 2
    assert set(silent_broker) == {lost, retried}


@pytest.mark.django_db
def test_a_sweep_does_not_wake_the_same_work_again_at_once_so_that_all_get_their_turn(silent_broker):
    for number in range(5):
        message_id = outbox.enqueue("tests.note", number=number)
        OutboxMessage.objects.filter(pk=message_id).update(due_at=AT - timedelta(hours=1))

    first, second, third = (outbox.sweep(at=AT + timedelta(seconds=n), limit=3) for n in range(3))

    assert (first, second, third) == (3, 2, 0)
    assert len(set(silent_broker)) == 5


@pytest.mark.django_db
def test_no_broker_is_no_error_for_the_act(monkeypatch, caplog):
    def unreachable(*_args, **_kwargs):
        raise ConnectionError("refused")

    monkeypatch.setattr(current_app.tasks["common.run_outbox_message"], "apply_async", unreachable)

    outbox.wake(uuid4())

    assert "waits for the sweeper" in caplog.text


def test_a_process_that_knows_the_work_but_not_the_wake_up_loads_it_and_wakes_a_worker(monkeypatch):
    woken: list[str] = []
    wake_up = SimpleNamespace(apply_async=lambda *, kwargs, retry: woken.append(kwargs["message_id"]))
    tasks: dict[str, object] = {"tests.note": note}
    loader = SimpleNamespace(import_default_modules=lambda: tasks.update({outbox.WAKE_UP: wake_up}))
    monkeypatch.setattr(outbox, "current_app", SimpleNamespace(tasks=tasks, loader=loader))
    message_id = uuid4()

    outbox.wake(message_id)

    assert woken == [str(message_id)]


@pytest.mark.django_db(transaction=True)
def test_a_long_task_never_runs_beside_itself(silent_broker):
    message_id = outbox.enqueue("tests.long")
    other = connection.copy()
    key = int.from_bytes(message_id.bytes[-4:], "big", signed=True)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [outbox.LONG_RUN, key])

    while_elsewhere = outbox.run(message_id, at=AT)
    other.close()  # the other worker died: its lock goes with its connection, as soon as the server sees it
    _wait_until_free(key)
    afterwards = outbox.run(message_id, at=AT)

    assert (while_elsewhere, afterwards) == (False, True)
    assert len(CALLS) == 1


def _wait_until_free(key):
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [outbox.LONG_RUN, key])
            if cursor.fetchone()[0]:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [outbox.LONG_RUN, key])
                return
            time.sleep(0.01)
    raise AssertionError("the lock of a closed connection stayed")


KILLED = """
import os, signal, sys, django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from celery import shared_task
from datetime import datetime, UTC
from uuid import UUID
from pharmacrm.common import outbox
from pharmacrm.common.models import Notification

@shared_task(name="tests.killed_halfway")
def killed_halfway(*, user_id):
    Notification.objects.create(recipient_id=user_id, kind="effect", text={}, created_at=datetime.now(UTC))
    if sys.argv[3] == "die":
        os.kill(os.getpid(), signal.SIGKILL)

outbox.run(UUID(sys.argv[2]), at=datetime.now(UTC))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_effect_and_mark_leaves_neither_and_the_next_does_both_once(person):
    user = person("killed")
    message = OutboxMessage.objects.create(task="tests.killed_halfway", arguments={"user_id": str(user.pk)})
    command = [sys.executable, "-c", KILLED, connection.settings_dict["NAME"], str(message.pk)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.test"}

    killed = subprocess.run([*command, "die"], cwd=ROOT, env=environment, check=False, capture_output=True)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert Notification.objects.filter(kind="effect").count() == 0
    assert OutboxMessage.objects.get(pk=message.pk).state == OutboxState.WAITING

    for _time in range(2):
        subprocess.run([*command, "live"], cwd=ROOT, env=environment, check=True, capture_output=True)

    assert Notification.objects.filter(kind="effect").count() == 1
    assert OutboxMessage.objects.get(pk=message.pk).state == OutboxState.DONE


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_message_do_it_once(person):
    user = person("twice")
    message = OutboxMessage.objects.create(task="tests.killed_halfway", arguments={"user_id": str(user.pk)})
    slow = textwrap.dedent(KILLED).replace(
        'if sys.argv[3] == "die":', "import time; time.sleep(1)\n    if False:"
    )
    command = [sys.executable, "-c", slow, connection.settings_dict["NAME"], str(message.pk), "live"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.test"}

    both = [subprocess.Popen(command, cwd=ROOT, env=environment) for _one in range(2)]
    deadline = time.monotonic() + 60
    while any(one.poll() is None for one in both) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert [one.returncode for one in both] == [0, 0]
    assert Notification.objects.filter(kind="effect").count() == 1
