"""Work for later: a row in the transaction it follows from, and a wake-up when that commits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import connection, transaction
from django.db.models import Q
from kombu.exceptions import OperationalError

from .choices import OutboxState
from .models import OutboxMessage

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 20
STALE_AFTER = timedelta(seconds=20)  # a wake-up that a worker did not act on by then is taken for lost
SWEEP_LIMIT = 10_000
WAKE_UP = "common.run_outbox_message"
_loading = threading.Lock()
LONG_RUN = 0x6F757462  # the class of advisory locks held by long tasks: "outb"


class UnknownTask(LookupError):
    """No task of that name is registered: the caller is wrong, and nothing was queued."""


def enqueue(task: str, **arguments: Any) -> UUID:
    """Ask for `task` once the running transaction commits; kept in the database until it is done.

    Returns: the message's id. Raises: UnknownTask. Cost: one INSERT.
    """
    demand_known(task)
    message = OutboxMessage.objects.create(task=task, arguments=_plain(arguments))
    transaction.on_commit(lambda: wake(message.pk), robust=True)
    return message.pk


def demand_known(task: str) -> None:
    """Load the tasks where this process has not yet. Raises: UnknownTask.

    Whoever comes while a fresh process still loads them waits, and is not told that there are none.
    """
    if task not in current_app.tasks:
        with _loading:
            current_app.loader.import_default_modules()
    if task not in current_app.tasks:
        raise UnknownTask(task)


def wake(message_id: UUID) -> None:
    """Tell a worker; if Redis does not answer, the sweeper will find the row."""
    demand_known(WAKE_UP)  # what was queued may be known before the wake-up is
    task = current_app.tasks[WAKE_UP]
    try:
        task.apply_async(kwargs={"message_id": str(message_id)}, retry=False)
    except (OperationalError, ConnectionError, OSError):
        log.warning("No broker: outbox message %s waits for the sweeper.", message_id)


def run(message_id: UUID, *, at: datetime) -> bool:
    """Run one message's task and mark it done in one transaction, so a kill in between undoes both.

    A task declared with `own_transactions = True` (long work with progress) runs outside it and is safe to run twice.
    Returns: True if this call ran it. Cost: one row lock, skipped when another worker holds it.
    """
    name = OutboxMessage.objects.filter(pk=message_id).values_list("task", flat=True).first()
    if name is None:
        return False
    task = current_app.tasks[name]
    if getattr(task, "own_transactions", False):
        return _run_long(message_id, task, at=at)
    with transaction.atomic():
        message = _take(message_id)
        if message is None:
            return False
        try:
            with transaction.atomic():
                task.run(**message.arguments)
        except Exception as error:  # noqa: BLE001 - whatever a task raises is kept with its message
            _failed(message, error, at=at)
        else:
            _done(message, at=at)
        return message.state == OutboxState.DONE


def sweep(*, at: datetime, limit: int = SWEEP_LIMIT) -> int:
    """Wake every message that is due and was not done, the oldest first, each at most once in STALE_AFTER.

    Returns: how many.
    """
    lost = Q(attempts=0, due_at__lt=at - STALE_AFTER) | Q(attempts__gt=0, due_at__lte=at)
    with transaction.atomic():
        due = list(
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(lost, state=OutboxState.WAITING, due_at__lte=at)
            .order_by("due_at")
            .values_list("pk", flat=True)[:limit]
        )
        OutboxMessage.objects.filter(pk__in=due, attempts=0).update(due_at=at)
        OutboxMessage.objects.filter(pk__in=due, attempts__gt=0).update(due_at=at + STALE_AFTER)
    for pk in due:
        wake(pk)
    return len(due)


def _run_long(message_id: UUID, task: Any, *, at: datetime) -> bool:
    # The sweeper wakes this message again while it runs: the lock, which ends with the worker, keeps it single.
    with _held_alone(message_id) as is_alone:
        if not is_alone:
            return False
        with transaction.atomic():
            message = _take(message_id)
        if message is None:
            return False
        try:
            task.run(**message.arguments)
        except Exception as error:  # noqa: BLE001 - whatever a task raises is kept with its message
            _failed(message, error, at=at)
            return False
        _done(message, at=at)
        return True


@contextmanager
def _held_alone(message_id: UUID) -> Iterator[bool]:
    key = int.from_bytes(message_id.bytes[-4:], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LONG_RUN, key])
        is_alone = cursor.fetchone()[0]
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LONG_RUN, key])


def _take(message_id: UUID) -> OutboxMessage | None:
    message = OutboxMessage.objects.select_for_update(skip_locked=True).filter(pk=message_id).first()
    return None if message is None or message.state == OutboxState.DONE else message


def _done(message: OutboxMessage, *, at: datetime) -> None:
    message.attempts += 1
    message.state = OutboxState.DONE
    message.done_at = at
    message.save()


def _failed(message: OutboxMessage, error: Exception, *, at: datetime) -> None:
    log.error("Outbox message %s (%s) failed.", message.pk, message.task, exc_info=error)
    message.attempts += 1
    message.last_error = f"{type(error).__name__}: {error}"[:2000]
    message.state = OutboxState.FAILED if message.attempts >= MAX_ATTEMPTS else OutboxState.WAITING
    message.due_at = at + timedelta(seconds=min(2**message.attempts, 3600))
    message.save()


def _plain(value: Any) -> Any:
    """Return what JSON can keep: keys and days as their text, at any depth."""
    match value:
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(one) for one in value]
        case UUID():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return value
