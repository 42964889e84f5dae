"""Destroy records whose term is over: planned, signed by two people, carried out in steps, each on record."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.answering import answer_approval
from compliance.actions.approvals import Stage, due_after, open_approval
from compliance.actions.case_keys import may_be_destroyed
from compliance.actions.recording import record
from compliance.actions.signing import SignatureProof, sign
from compliance.choices import ApprovalState, ApprovalVerb, RetentionState
from compliance.flows import Answer, Decision, Signed
from compliance.models import ApprovalRequest, Case, RetentionRun
from compliance.retention import Disposal, Term, disposal_of, term_of
from compliance.selectors.retention import kept_of_keys, plan_body, plan_fingerprint, retention_plan
from compliance.selectors.versions import history_model
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import erase_bytes
from pharmacrm.common.outbox import enqueue

FLOW = "compliance.retention"  # registered in seconded.py
DAYS_TO_ANSWER = 5
BATCH = 50
CASE_FILE = "case_file"


class RetentionNotRun(DomainError):
    """Nothing was destroyed."""

    code = "retention_not_run"


@transaction.atomic
def ask_retention(*, reason: str, by: Any, at: datetime, proof: SignatureProof | None) -> RetentionRun:
    """Sign for the destruction of what is over its term today. Nothing happens until another person signs too.

    Raises: PermissionDenied; RetentionNotRun when nothing is due, without a reason or signature, or while another run
    stands; what `sign` raises. Source: PIPL 47; 21 CFR 11.10(c).
    """
    if not permissions.can_destroy_records(by):
        raise PermissionDenied
    if not reason.strip():
        raise RetentionNotRun(_("Say why the records are destroyed now."), field="reason")
    if proof is None:
        raise RetentionNotRun(_("This takes a signature. Enter your password."), field="password")
    on = localtime(at).date()
    body = plan_body(retention_plan(on, at))
    if not body:
        raise RetentionNotRun(_("Nothing is over its term, or all of it is kept."))
    return _ask(on, body, reason, by, at, proof)


@transaction.atomic
def ask_case_erasure(
    *, case_id: UUID, reason: str, by: Any, at: datetime, proof: SignatureProof | None
) -> RetentionRun:
    """Sign for destroying the key and the files of one closed case before its term. Another person signs, as for any run.

    Raises: PermissionDenied; RetentionNotRun for a case that is open, held or was destroyed, without a reason or
    signature, or while another run stands; what `sign` raises. Source: PIPL 47.
    """
    if not permissions.can_destroy_records(by):
        raise PermissionDenied
    if not reason.strip():
        raise RetentionNotRun(_("Say why the records are destroyed now."), field="reason")
    if proof is None:
        raise RetentionNotRun(_("This takes a signature. Enter your password."), field="password")
    case = Case.objects.select_for_update().get(pk=case_id)
    if not may_be_destroyed(case):
        raise RetentionNotRun(_("Only a closed case whose words still stand can be destroyed."))
    disposal, key = disposal_of(CASE_FILE), str(case.pk)
    if disposal is None or kept_of_keys(disposal, [key], at):
        raise RetentionNotRun(_("A hold or an open case keeps it."))
    digest = hashlib.sha256(f"{key}\n".encode()).hexdigest()
    plan = {CASE_FILE: {"due": 1, "held": 0, "keys_sha256": digest, "only": [key]}}
    return _ask(localtime(at).date(), plan, reason, by, at, proof)


def _ask(
    on: date, body: dict[str, Any], reason: str, by: Any, at: datetime, proof: SignatureProof
) -> RetentionRun:
    run = RetentionRun(on_day=on, plan=body, plan_sha256=plan_fingerprint(on, body), reason=reason.strip())
    run.asked_by, run.asked_at = by, at
    run.asked_signature = sign(
        subject=f"retention:{run.pk}", content_sha256=run.plan_sha256, meaning="retention_asked", by=by, at=at, proof=proof
    )  # fmt: skip
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as clash:
        raise RetentionNotRun(_("Another run waits or is under way.")) from clash
    record(
        "compliance.retention_asked", subject=f"retention:{run.pk}", by=by, at=at, reason=run.reason,
        rows=[run, run.asked_signature],
    )  # fmt: skip
    put_retention(run, at=at)
    return run


@transaction.atomic
def decide_retention(
    *, run_id: UUID, approve: bool, by: Any, at: datetime, proof: SignatureProof | None, reason: str = ""
) -> RetentionRun:
    """Give the second signature, which starts the run as a job, or refuse it with a reason.

    Raises: PermissionDenied; RetentionNotRun for the person who asked, a run that was decided, or without signature
    or reason; what `sign` raises. In every case nothing has changed.
    """
    run = RetentionRun.objects.get(pk=run_id)
    _may_decide(run, by)
    if proof is None:
        raise RetentionNotRun(_("This takes a signature. Enter your password."), field="password")
    if not approve and not reason.strip():
        raise RetentionNotRun(_("Say why, so that the person who asked knows."), field="reason")
    answer_approval(
        flow=FLOW,
        subject=f"retention:{run.pk}",
        verb=ApprovalVerb.AGREE if approve else ApprovalVerb.REFUSE,
        comment=reason,
        by=by,
        at=at,
        proof=proof,
        put=lambda: put_retention(run, at=at),
    )
    run.refresh_from_db()
    return run


def put_retention(run: RetentionRun, *, at: datetime) -> ApprovalRequest:
    """Ask another officer to sign for a run."""
    return open_approval(
        subject=f"retention:{run.pk}",
        flow=FLOW,
        by=run.asked_by,
        at=at,
        steps=[Stage(roles=permissions.OFFICERS)],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={"run": str(run.pk), "sha256": run.plan_sha256},
    )


def put_retentions(at: datetime) -> int:
    """Put a run that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    asked = ApprovalRequest.objects.filter(flow=FLOW, state=ApprovalState.OPEN).values_list(
        "subject", flat=True
    )
    waiting = RetentionRun.objects.filter(state=RetentionState.ASKED).order_by("pk")
    new = [run for run in waiting if f"retention:{run.pk}" not in set(asked)]
    for run in new:
        put_retention(run, at=at)
    return len(new)


def check_retention_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; RetentionNotRun."""
    _may_decide(_run_of(answer.payload), answer.by)


def retention_signed(payload: dict[str, Any]) -> Signed:
    """Return what both signatures of a run stand under: its plan."""
    run = RetentionRun.objects.get(pk=UUID(payload["run"]))
    return Signed(f"retention:{run.pk}", plan_fingerprint(run.on_day, run.plan))


@transaction.atomic
def carry_out_retention(*, decision: Decision) -> None:
    """Start a run that two people signed for, as a job, or leave it refused."""
    run = _run_of(decision.payload)
    subject, by, at = f"retention:{run.pk}", decision.by, decision.at
    approved = decision.outcome == ApprovalState.APPROVED
    run.signature_id, run.decided_by, run.decided_at = decision.signature_id, by, at
    run.state = RetentionState.RUNNING if approved else RetentionState.REFUSED
    if approved:
        total = sum(one["due"] - one["held"] for one in run.plan.values())
        run.job = jobs.open_job(kind="retention", title=_("Destroy records whose term is over"), by=by, subject=subject, total=total)  # fmt: skip
        enqueue("compliance.run_retention", run_id=run.pk)
    run.save()
    record(
        "compliance.retention_approved" if approved else "compliance.retention_refused",
        subject=subject,
        by=by,
        at=at,
        reason=decision.comment,
        rows=[run, *([run.signature] if run.signature else [])],
    )


def run_retention(*, run_id: UUID, at: datetime) -> RetentionRun:
    """Carry a signed run out in steps, each a transaction with its entry. Safe to run twice: what is gone is not due.

    A hold placed meanwhile keeps what it names. Raises: JobCancelled; what was destroyed stays destroyed and recorded.
    """
    run = RetentionRun.objects.select_related("decided_by").get(pk=run_id)
    if run.state != RetentionState.RUNNING:
        return run
    if run.job_id:
        jobs.start(run.job_id, at=at)
    for name in sorted(run.plan):
        term, disposal = term_of(name), disposal_of(name)
        after = ""
        if only := run.plan[name].get("only"):  # named one by one by who asked, whatever the term says
            _step(run, term, disposal, only, at)
            continue
        while disposal and (keys := disposal.due(term.last_day(run.on_day), after, BATCH)):
            after = keys[-1]
            _step(run, term, disposal, keys, at)
            if run.job_id:
                jobs.advance(run.job_id, done=sum(run.done.values()), stage=name)
    return _close(run, RetentionState.DONE, at)


@transaction.atomic
def stop_retention(*, run_id: UUID, at: datetime) -> RetentionRun:
    """Close a run that a person cancelled; the rest waits for the next one."""
    return _close(RetentionRun.objects.get(pk=run_id), RetentionState.STOPPED, at)


@transaction.atomic
def _step(run: RetentionRun, term: Term, disposal: Disposal, keys: list[str], at: datetime) -> None:
    kept = kept_of_keys(disposal, keys, at)
    going = [key for key in keys if key not in kept]
    if not going:
        return
    if disposal.end:
        for key in going:
            disposal.end(key, run.decided_by, at, run.pk)
    else:
        for file in disposal.files(going) if disposal.files else ():
            erase_bytes(file)
        versions = [one for label, path in disposal.trees for one in _destroy(run, label, path, going)]
        count = disposal.plain(going) if disposal.plain else len(going)
        digest = hashlib.sha256("".join(f"{key}\n" for key in going).encode()).hexdigest()
        record(
            "compliance.records_destroyed", subject=f"retention:{run.pk}", by=run.decided_by, at=at,
            reason=f"{term.id}: {count}; {term.clause}; keys sha256 {digest}", destroyed=versions,
        )  # fmt: skip
    fresh = RetentionRun.objects.select_for_update().get(pk=run.pk)
    fresh.done = {**fresh.done, term.id: fresh.done.get(term.id, 0) + len(going)}
    fresh.save(update_fields=["done", "updated_at"])
    record("compliance.retention_advanced", subject=f"retention:{run.pk}", by=None, at=at, rows=[fresh])
    run.done = fresh.done


def _destroy(run: RetentionRun, label: str, path: str, roots: list[str]) -> list[dict[str, Any]]:
    """Remove rows and all their versions through the guarded function. Returns: what each version was, and its hash."""
    model = apps.get_model(label)
    found = model._default_manager.filter(**{f"{path}__in" if path else "pk__in": roots})
    keys = [str(pk) for pk in found.order_by("pk").values_list("pk", flat=True)]
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_pk, history_id, sha256 FROM compliance_destroy_rows(%s, %s, %s, %s::uuid[])",
            [str(run.pk), model._meta.db_table, history_model(model)._meta.db_table, keys],
        )
        gone = cursor.fetchall()
    name = model._meta.label_lower
    return [
        {"model": name, "pk": pk, "history_id": version, "sha256": digest} for pk, version, digest in gone
    ]


@transaction.atomic
def _close(run: RetentionRun, state: RetentionState, at: datetime) -> RetentionRun:
    run = RetentionRun.objects.select_for_update().get(pk=run.pk)
    if run.state != RetentionState.RUNNING:
        return run
    run.state = state
    run.save()
    record(f"compliance.retention_{state}", subject=f"retention:{run.pk}", by=None, at=at, rows=[run])
    if run.job_id and state == RetentionState.DONE:
        jobs.finish(run.job_id, at=at, result={"url": "/compliance/retention/"})
    return run


def plan_on(on: date, at: datetime) -> list[Any]:
    """Return what a run on a day would do; nothing is changed."""
    with transaction.atomic():
        return retention_plan(on, at)


def _run_of(payload: dict[str, Any]) -> RetentionRun:
    return RetentionRun.objects.select_for_update(of=("self",)).get(pk=UUID(payload["run"]))


def _may_decide(run: RetentionRun, by: Any) -> None:
    if not permissions.can_destroy_records(by):
        raise PermissionDenied
    if run.state != RetentionState.ASKED:
        raise RetentionNotRun(_("This run was decided already."))
    if run.asked_by_id == by.pk:
        raise RetentionNotRun(_("Somebody else decides what you asked for."))
