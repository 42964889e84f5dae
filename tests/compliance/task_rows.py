"""What the tasks of the kernel work on, for the test that runs each of them twice."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from django.utils.timezone import localtime

from compliance import actions as law
from compliance.actions import dry_runs
from compliance.actions.inspection import ask_for_pack, make_pack
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


def _asked_pack(officer):
    law.record("tests.happened", subject=f"user:{officer.pk}", by=officer, at=AT)
    return ask_for_pack(
        subject=f"user:{officer.pk}",
        since=None,
        until=None,
        reason="x",
        by=officer,
        at=AT - timedelta(days=60),
    )


def asked_pack(officer) -> dict:
    return {"pack_id": str(_asked_pack(officer).pk)}


def old_pack(officer) -> dict:
    make_pack(pack_id=_asked_pack(officer).pk, at=AT - timedelta(days=60))
    return {}


def removed_pack(_officer) -> dict:
    return {"sha256": "0" * 64}


TASKS = {
    "compliance.dry_run": drafted_figure,
    "compliance.make_pack": asked_pack,
    "compliance.remove_packs": old_pack,
    "compliance.forget_pack_file": removed_pack,
}
