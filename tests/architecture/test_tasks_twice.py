"""Every registered task leaves the same database when it runs twice (N4). A task without a row here fails.

Add a row for your task in tests/<app>/task_rows.py: a function that arranges what the task works on and returns its
arguments,

    def expiring_material(people) -> dict: ...
    TASKS = {"content.expire_materials": expiring_material}
"""

import importlib
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from celery import current_app
from django.db import connection

from compliance import actions as law
from pharmacrm.common import outbox
from pharmacrm.common.models import OutboxMessage
from tests.conftest import AT
from tests.emptying import tables_with_rows

TESTS = Path(__file__).parent.parent
# Rows of record say when they were touched; that a repeated run touched them again is no change of what they say.
TIMES = ("updated_at", "started_at", "finished_at", "attempts")


# Its whole effect lies outside the database: a file dropped where the database's owner cannot reach it.
LEAVES_NO_ROW = {"common.destroy_bytes", "compliance.anchor_checkpoint", "compliance.forget_pack_file"}


def _an_entry(officer) -> None:
    law.record("tests.happened", subject="test:1", by=officer, at=AT)


def _sealed(officer) -> dict:
    _an_entry(officer)
    return {}


def _message(officer) -> dict:
    _an_entry(officer)
    message = OutboxMessage.objects.create(task="compliance.seal_ledger", due_at=AT - timedelta(hours=1))
    return {"message_id": str(message.pk)}


def _late_message(officer) -> dict:
    _message(officer)
    return {}


def _checkpoint(officer) -> dict:
    _an_entry(officer)
    current_app.tasks["compliance.seal_ledger"].run()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM compliance_checkpoint ORDER BY size DESC LIMIT 1")
        return {"checkpoint_id": str(cursor.fetchone()[0])}


ROWS = {
    "common.run_outbox_message": _message,
    "common.sweep_outbox": _late_message,
    "compliance.seal_ledger": _sealed,
    "compliance.anchor_checkpoint": _checkpoint,
    "compliance.verify_ledger": _sealed,
}
for place in sorted(TESTS.glob("*/task_rows.py")):
    ROWS |= importlib.import_module(f"tests.{place.parent.name}.task_rows").TASKS


def _ours() -> set[str]:
    current_app.loader.import_default_modules()
    return {name for name in current_app.tasks if not name.startswith(("celery.", "tests.", "drills."))}


def _digest() -> dict[str, tuple[int, str]]:
    """Return how many rows every table that holds any has, and the digest of what they say."""
    with connection.cursor() as cursor:
        cursor.execute(_digest_of(tables_with_rows()), {"times": list(TIMES)})
        return {table: (rows, digest) for table, rows, digest in cursor.fetchall()}


def _digest_of(tables: list[str]) -> str:
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(coalesce(string_agg(line, E'\\n' ORDER BY line), '')) FROM "
        f"(SELECT (to_jsonb(one) - %(times)s::text[])::text AS line FROM {connection.ops.quote_name(table)} AS one) AS lines"
        for table in tables
    )


def test_every_task_has_a_row(record_property):
    record_property("counted", len(_ours()))
    assert _ours() - set(ROWS) == set()


def test_no_row_is_for_a_task_that_is_gone():
    assert set(ROWS) - _ours() == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_second_run_changes_nothing(name, officer, monkeypatch):
    current_app.loader.import_default_modules()
    task = current_app.tasks[name]
    # What the arranging acts ask for must not run before the task does.
    woken = []
    monkeypatch.setattr(outbox, "wake", woken.append)
    with time_machine.travel(AT, tick=False):
        arguments = ROWS[name](officer)
        before, woken_before = _digest(), len(woken)
        task.run(**arguments)
        once, woken_once = _digest(), len(woken)

        task.run(**arguments)

    twice = _digest()
    assert {table for table in once.keys() | twice.keys() if once.get(table) != twice.get(table)} == set()
    assert len(woken) == woken_once
    assert before != once or woken_once > woken_before or name in LEAVES_NO_ROW
