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
from pharmacrm.common.models import OutboxMessage
from tests.conftest import AT

TESTS = Path(__file__).parent.parent
# Rows of record say when they were touched; that a repeated run touched them again is no change of what they say.
TIMES = ("updated_at", "started_at", "finished_at", "attempts")

NO_DIGEST = {
    "compliance.verify_ledger": "each verification is itself a record, so a second one adds one",
    "doctors.score_all": "asks for a new run by design; the run itself is doctors.carry_out_run",
}
# Debt: tasks on one object that still lack a row. A task leaves this list when its app brings one.
WITHOUT_A_ROW = {
    "activities.after_visit",
    "activities.announce_inquiry",
    "activities.announce_inquiry_answer",
    "activities.announce_safety_report",
    "content.tell_of_ending",
    "doctors.announce_tier_changes",
    "doctors.carry_out_run",
    "imports.check",
    "imports.commit",
    "imports.undo",
}


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
    "content.expire_materials": _sealed,
    "activities.remind_of_safety_clocks": _sealed,
    "doctors.end_overrides": _sealed,
    "doctors.forget_old_scores": _sealed,
    "doctors.rescore_touched": _sealed,
}
for place in sorted(TESTS.glob("*/task_rows.py")):
    ROWS |= importlib.import_module(f"tests.{place.parent.name}.task_rows").TASKS


def _ours() -> set[str]:
    current_app.loader.import_default_modules()
    return {name for name in current_app.tasks if not name.startswith(("celery.", "tests.", "drills."))}


def _digest() -> dict[str, tuple[int, str]]:
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(line, E'\\n' ORDER BY line), '')) FROM "
                f"(SELECT (to_jsonb(one) - %s::text[])::text AS line FROM {connection.ops.quote_name(table)} AS one) AS lines",
                [list(TIMES)],
            )
            found[table] = cursor.fetchone()
    return found


def test_every_task_has_a_row_or_a_reason():
    assert _ours() - set(ROWS) - set(NO_DIGEST) - WITHOUT_A_ROW == set()


def test_no_row_is_for_a_task_that_is_gone():
    assert ({*NO_DIGEST, *WITHOUT_A_ROW, *ROWS}) - _ours() == set()
    assert set(ROWS) & WITHOUT_A_ROW == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_second_run_changes_nothing(name, officer):
    current_app.loader.import_default_modules()
    task = current_app.tasks[name]
    with time_machine.travel(AT, tick=False):
        arguments = ROWS[name](officer)
        task.run(**arguments)
        once = _digest()

        task.run(**arguments)

    twice = _digest()
    assert {table for table in once if once[table] != twice[table]} == set()
