"""Checks of people against lists of bribery, and proofs of registrations."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from compliance import permissions
from compliance.choices import ApprovalState, ApprovalVerb, CheckResult
from compliance.flows import Answer, Decision
from compliance.models import (
    ApprovalRequest,
    BriberyCheck,
    BriberyListEntry,
    Employment,
    HospitalRegistration,
)
from compliance.rules.courses import months_later
from compliance.selectors.figures import figure
from pharmacrm.common.errors import DomainError
from pharmacrm.common.models import StoredFile

from .answering import answer_approval, put_unasked
from .approvals import Stage, due_after, open_approval
from .recording import record

FLOW = "compliance.integrity_hit"  # registered in seconded.py
DAYS_TO_ANSWER = 5
CHECK_MONTHS = 12
MOST_ENTRIES = 5000


class IntegrityNotRecorded(DomainError):
    """The record was not taken and nothing has changed."""

    code = "integrity_not_recorded"


@transaction.atomic
def add_list_entries(*, entries: Iterable[Mapping[str, Any]], by: Any, at: datetime) -> int:
    """Keep people and companies of public lists; what is listed already is passed over. Returns: how many are new.

    Raises: PermissionDenied; IntegrityNotRecorded for a line that names nobody, or too many lines.
    """
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    rows = [
        BriberyListEntry(
            person=plain_name(str(one.get("person", ""))),
            company=plain_name(str(one.get("company", ""))),
            source=str(one["source"]).strip(),
            published_on=one["published_on"],
            detail=str(one.get("detail", "")).strip(),
            added_by=by,
        )
        for one in entries
    ]
    if len(rows) > MOST_ENTRIES:
        raise IntegrityNotRecorded(_("More than %(most)s lines. Split the list.") % {"most": MOST_ENTRIES})
    if any(not row.person and not row.company for row in rows):
        raise IntegrityNotRecorded(_("Each line names a person or a company."))
    known = set(
        BriberyListEntry.objects.filter(source__in={row.source for row in rows}).values_list(
            "person", "company", "source", "published_on"
        )
    )
    new = {
        key: row
        for row in rows
        if (key := (row.person, row.company, row.source, row.published_on)) not in known
    }
    if new:
        try:
            with transaction.atomic():
                kept = bulk_create_with_history(list(new.values()), BriberyListEntry)
        except IntegrityError as error:
            raise IntegrityNotRecorded(_("Somebody else entered the same lines just now.")) from error
        record("compliance.bribery_list_extended", subject="bribery_list:all", by=by, at=at, rows=kept)
    return len(new)


@transaction.atomic
def check_bribery(
    *,
    user_id: UUID,
    source: str,
    earlier_company: str = "",
    note: str = "",
    evidence: StoredFile | None = None,
    by: Any,
    at: datetime,
) -> BriberyCheck:
    """Check a person against the kept lists by name and earlier employer; a hit waits for another officer's decision.

    Raises: PermissionDenied; IntegrityNotRecorded. Source: MR-06, nobody convicted of commercial bribery is engaged.
    """
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    if by.pk == user_id:
        raise IntegrityNotRecorded(_("Nobody checks themselves."))
    if not source.strip():
        raise IntegrityNotRecorded(_("Say where it was looked up."), field="source")
    person = get_user_model().objects.get(pk=user_id)
    on = localtime(at).date()
    wanted = Q(person=plain_name(str(person)))
    if earlier_company.strip():
        wanted |= Q(person="", company=plain_name(earlier_company))
    hits = list(BriberyListEntry.objects.filter(wanted).order_by("pk").values_list("pk", flat=True))
    months = int(figure("MR-06e", "months", at, default=CHECK_MONTHS))
    check = BriberyCheck.objects.create(
        user_id=user_id,
        checked_on=on,
        due_on=months_later(on, months),
        source=source.strip(),
        earlier_company=earlier_company.strip(),
        note=note.strip(),
        evidence=evidence,
        result=CheckResult.OPEN if hits else CheckResult.CLEAR,
        hits=hits,
        checked_by=by,
    )
    rows: list[Any] = [check]
    if not hits:
        rows += _keep_result(check, at)
    record("compliance.bribery_checked", subject=f"user:{user_id}", by=by, at=at, rows=rows)
    if hits:
        put_hit(check, at=at)
    return check


@transaction.atomic
def decide_hit(*, check_id: UUID, result: str, note: str, by: Any, at: datetime) -> BriberyCheck:
    """Decide whether a hit is the person: one answer to its request, agreed where it is somebody else of that name.

    Raises: PermissionDenied for whoever made the check and for the person; IntegrityNotRecorded.
    A record found stops all field work at once (MR-06d).
    """
    check = BriberyCheck.objects.get(pk=check_id)
    _may_decide_hit(check, by)
    if result not in (CheckResult.OTHER, CheckResult.FOUND):
        raise IntegrityNotRecorded(_("Choose what came out."), field="result")
    if not note.strip():
        raise IntegrityNotRecorded(_("Please give the reason."), field="note")
    answer_approval(
        flow=FLOW,
        subject=f"bribery_check:{check.pk}",
        verb=ApprovalVerb.AGREE if result == CheckResult.OTHER else ApprovalVerb.REFUSE,
        comment=note,
        by=by,
        at=at,
        put=lambda: put_hit(check, at=at),
    )
    check.refresh_from_db()
    return check


def put_hit(check: BriberyCheck, *, at: datetime) -> ApprovalRequest:
    """Ask another officer whether a name on a list is somebody else's."""
    return open_approval(
        subject=f"bribery_check:{check.pk}",
        flow=FLOW,
        by=check.checked_by,
        at=at,
        steps=[Stage(roles=permissions.OFFICERS)],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={"check": str(check.pk)},
    )


def put_hits(at: datetime) -> int:
    """Put every hit that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    rows = BriberyCheck.objects.filter(result=CheckResult.OPEN).select_related("checked_by").order_by("pk")
    return put_unasked(FLOW, "bribery_check", rows, lambda one: put_hit(one, at=at))


def check_hit_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; IntegrityNotRecorded."""
    _may_decide_hit(_check_of(answer.payload), answer.by)
    if not answer.comment:
        raise IntegrityNotRecorded(_("Please give the reason."), field="comment")


@transaction.atomic
def carry_out_hit(*, decision: Decision) -> None:
    """Keep what came out: somebody else where it was agreed to, else a record found, which stops field work."""
    check = _check_of(decision.payload)
    is_other = decision.outcome == ApprovalState.APPROVED
    check.result = CheckResult.OTHER if is_other else CheckResult.FOUND
    check.reviewed_by, check.reviewed_at = decision.by, decision.at
    check.note = f"{check.note} {decision.comment}".strip()[:400]
    check.save()
    record(
        "compliance.bribery_hit_decided",
        subject=f"user:{check.user_id}",
        by=decision.by,
        at=decision.at,
        reason=decision.comment,
        rows=[check, *_keep_result(check, decision.at)],
    )


@transaction.atomic
def add_registration_evidence(
    *, registration_id: UUID, evidence: StoredFile, by: Any, at: datetime
) -> HospitalRegistration:
    """Keep the hospital's proof with a registration. Raises: PermissionDenied; IntegrityNotRecorded for one's own."""
    row = _registration(registration_id, by)
    row.evidence = evidence
    row.save()
    record("compliance.registration_proven", subject=f"user:{row.user_id}", by=by, at=at, rows=[row])
    return row


@transaction.atomic
def end_registration(
    *, registration_id: UUID, on: date, reason: str, by: Any, at: datetime
) -> HospitalRegistration:
    """End a registration: from `on` the hospital no longer knows the person. Raises: PermissionDenied; IntegrityNotRecorded."""
    row = _registration(registration_id, by)
    if row.valid_until is not None and row.valid_until <= on:
        raise IntegrityNotRecorded(_("This has ended already."))
    if on <= row.valid_from:
        raise IntegrityNotRecorded(_("The end has to lie after the start."), field="on")
    if not reason.strip():
        raise IntegrityNotRecorded(_("Please give the reason."), field="reason")
    row.valid_until = on
    row.save()
    record(
        "compliance.registration_ended",
        subject=f"user:{row.user_id}",
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[row],
    )
    return row


def plain_name(words: str) -> str:
    """Return a name as lists are compared by: one width of letters, no spaces or dots between characters."""
    return "".join(unicodedata.normalize("NFKC", words).replace("·", "").split()).casefold()


def _check_of(payload: Mapping[str, Any]) -> BriberyCheck:
    return BriberyCheck.objects.select_for_update(of=("self",)).get(pk=UUID(payload["check"]))


def _may_decide_hit(check: BriberyCheck, by: Any) -> None:
    if not permissions.can_change_staff(by) or by.pk in (check.checked_by_id, check.user_id):
        raise PermissionDenied
    if check.result != CheckResult.OPEN:
        raise IntegrityNotRecorded(_("This hit was decided already."))


def _registration(registration_id: UUID, by: Any) -> HospitalRegistration:
    row = HospitalRegistration.objects.select_for_update(of=("self",)).get(pk=registration_id)
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    if row.user_id == by.pk:
        raise IntegrityNotRecorded(_("Nobody keeps their own qualification."))
    return row


def _keep_result(check: BriberyCheck, at: datetime) -> list[Employment]:
    """Write what came out into the contracts that run, where the gates read it."""
    on = localtime(at).date()
    running = list(
        Employment.objects.select_for_update()
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on), user_id=check.user_id)
        .order_by("pk")
    )
    for row in running:
        row.bribery_checked_on, row.bribery_due_on = check.checked_on, check.due_on
        row.bribery_found = check.result == CheckResult.FOUND
        row.save()
    return running
