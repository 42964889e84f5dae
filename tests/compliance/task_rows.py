"""What the tasks of the kernel work on, for the test that runs each of them twice."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from django.utils.timezone import localtime

from compliance import actions as law
from compliance.actions import dry_runs
from tests.conftest import AT


def drafted_figure(officer) -> dict:
    with patch.object(dry_runs, "AT_ONCE", -1):
        draft = law.draft_parameter(
            rule="RD-01",
            name="cap_fen",
            value=20000,
            valid_from=localtime(AT).date() + timedelta(days=1),
            reason="从严",
            by=officer,
            at=AT,
        )
    return {"kind": "parameter", "draft_id": str(draft.pk), "job_id": draft.dry_run["job"]}


TASKS = {"compliance.dry_run": drafted_figure}
