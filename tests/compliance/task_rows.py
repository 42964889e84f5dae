"""What the tasks of the kernel work on, for the test that runs each of them twice."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.utils.timezone import localtime

from compliance import actions as law
from compliance.actions import dry_runs
from compliance.actions.inspection import ask_for_pack, make_pack
from compliance.actions.retention import decide_retention
from compliance.actions.sealing import anchor_checkpoint, seal
from compliance.log.witness import Witness
from compliance.models import ApprovalRequest, ApprovalStep, Checkpoint
from pharmacrm.accounts.choices import Role
from pharmacrm.common.files import store
from tests.compliance.training_rows import course_to_mind, one
from tests.conftest import AT
from tests.factories.compliance import proof_of, qualify
from tests.factories.retention import retention_run


def month_with_a_waiver(officer) -> dict:
    day = localtime(AT).date()
    law.request_waiver(
        rule="RD-07",
        subject=f"user:{officer.pk}",
        reason="唯一会场",
        valid_from=day,
        valid_until=day + timedelta(days=3),
        by=officer,
        at=AT,
    )
    return {"on": "2026-12-01"}


def exception_of_before(officer) -> dict:
    month_with_a_waiver(officer)
    ApprovalStep.objects.all().delete()
    ApprovalRequest.objects.all().delete()
    return {}


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


def witnessed_log(officer) -> dict:
    for place in (settings.LEDGER_ANCHOR_DIRS[0], settings.LEDGER_WITNESS_DIR):
        shutil.rmtree(place, ignore_errors=True)
    law.record("tests.happened", subject="test:1", by=officer, at=AT)
    seal(at=AT, sign_now=True, anchor=False)
    anchor_checkpoint(checkpoint_id=Checkpoint.objects.order_by("-size").first().pk, at=AT)
    Witness(Path(settings.LEDGER_ANCHOR_DIRS[0]), Path(settings.LEDGER_WITNESS_DIR)).look(
        now=int(AT.timestamp())
    )
    return {}


def month_to_review(officer) -> dict:
    law.record("tests.happened", subject="test:1", by=officer, at=AT - timedelta(days=40))
    seal(at=AT - timedelta(days=1), sign_now=True, anchor=False)
    return {}


def erased_file(officer) -> dict:
    kept = store([b"a list of doctors"], media_type="text/csv", by=officer, at=AT, max_bytes=100)
    kept.scan_state = "erased"
    kept.save(update_fields=["scan_state"])
    return {"sha256": kept.sha256}


def signed_run(officer) -> dict:
    run = retention_run()
    decide_retention(run_id=run.pk, approve=True, by=officer, at=AT, proof=proof_of(officer, AT))
    return {"run_id": str(run.pk)}


def filing_in_arrears(officer) -> dict:
    person = one("filed", Role.REP)
    qualify(person, "P1", by=officer, at=AT)
    law.report_change(
        user_id=person.pk,
        what="学历",
        changed_on=localtime(AT).date() - timedelta(days=40),
        by=officer,
        at=AT,
    )
    return {}


TASKS = {
    "compliance.mind_filings": filing_in_arrears,
    "compliance.mind_training": course_to_mind,
    "compliance.run_retention": signed_run,
    "common.destroy_bytes": erased_file,
    "compliance.review_trail": month_to_review,
    "compliance.hear_witness": witnessed_log,
    "compliance.dry_run": drafted_figure,
    "compliance.put_to_approval": exception_of_before,
    "compliance.tell_waivers_of_month": month_with_a_waiver,
    "compliance.make_pack": asked_pack,
    "compliance.remove_packs": old_pack,
    "compliance.forget_pack_file": removed_pack,
}
