"""Finish a dry run that a page did not wait for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from compliance.choices import ParameterState, RuleState
from compliance.models import Parameter, RuleVersion
from pharmacrm.common import jobs

from .parameters import try_parameter
from .recording import record
from .rule_drafts import try_rule


def finish_dry_run(*, kind: str, draft_id: UUID, job_id: UUID, at: datetime) -> bool:
    """Try a draft on a year's stored facts and keep the outcome with it. Safe to run twice.

    Returns: False when the draft was decided or changed meanwhile. Raises: JobCancelled; the draft stays untried.
    """
    model = RuleVersion if kind == "ruleversion" else Parameter
    draft = model.objects.get(pk=draft_id)
    if draft.state not in {RuleState.DRAFT, ParameterState.DRAFT} or draft.dry_run != {"job": str(job_id)}:
        return False
    jobs.start(job_id, at=at)

    def advance(done: int) -> None:
        jobs.advance(job_id, done=done)

    outcome = (
        try_rule(draft, at, advance) if isinstance(draft, RuleVersion) else try_parameter(draft, at, advance)
    )
    with transaction.atomic():
        row = model.objects.select_for_update(of=("self",)).get(pk=draft_id)
        if row.dry_run != {"job": str(job_id)}:
            return False
        row.dry_run = outcome
        row.save()
        record("compliance.dry_run_done", subject=f"rule:{row.rule}", by=None, at=at, rows=[row])
        jobs.finish(job_id, at=at)
    return True
