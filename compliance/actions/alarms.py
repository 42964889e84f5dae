"""What the never-store guard caught: kept apart, then released by two people as a false alarm, or destroyed as right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from compliance import permissions, subjects
from compliance.choices import AlarmPlace, AlarmState, ApprovalState, ApprovalVerb
from compliance.evaluate import Verdict
from compliance.facts import NoteFacts
from compliance.flows import Answer, Decision
from compliance.models import ApprovalRequest, GuardAlarm
from compliance.rules.guard import categories_of, scan_header, scan_text
from compliance.selectors.alarms import fingerprint_of, words_of
from pharmacrm.common.crypto import installation_key, seal
from pharmacrm.common.errors import DomainError

from .answering import answer_approval
from .approvals import Stage, due_after, open_approval
from .judging import judge
from .recording import record

FLOW = "compliance.alarm"  # registered in seconded.py
DAYS_TO_ANSWER = 5
LONGEST = 4000


class AlarmNotRaised(DomainError):
    """There is nothing to release: the guard finds nothing in these words, or they were reported before."""

    code = "alarm_not_raised"


class AlarmNotDecided(DomainError):
    """The alarm stays as it is."""

    code = "alarm_not_decided"


@transaction.atomic
def keep_apart(
    *, kind: str, subject: str, text: str, categories: Sequence[str], by: Any, at: datetime
) -> GuardAlarm:
    """Keep the words of a note apart, encrypted, instead of storing them where they were written. Call inside the act.

    The law's verdict on such words (`note.accept`) stands with the entry, so an officer sees which rule keeps them
    apart. The act's own breach opens the case; the same words of the same subject are kept once.
    Source: regulations reference §11, never-store list; promise C8.
    """
    facts = NoteFacts(place=kind, categories=tuple(categories), subjects=(subject,) if subject else ())
    verdict = judge("note.accept", facts, subject=subject, by=by, at=at)
    return _raise(AlarmPlace.NOTE, kind, subject, text, categories, "", by, at, verdict=verdict)


@transaction.atomic
def report_false_alarm(*, place: str, kind: str, text: str, claim: str, by: Any, at: datetime) -> GuardAlarm:
    """Say that the guard is wrong about a column's header, or about words it refused. Two officers decide.

    Raises: PermissionDenied; AlarmNotRaised. Nothing has changed.
    """
    if not permissions.can_read_rules(by):
        raise PermissionDenied
    words = text.strip()
    found = categories_of(scan_header(words) if place == AlarmPlace.COLUMN else scan_text(words))
    if not found:
        raise AlarmNotRaised(_("The guard finds nothing in these words."), field="text")
    if not claim.strip():
        raise AlarmNotRaised(_("Please give the reason."), field="claim")
    if place not in AlarmPlace.values or len(words) > LONGEST:
        raise AlarmNotRaised(_("Choose a place, and at most 4,000 characters."), field="text")
    return _raise(place, kind.strip(), "", words, found, claim.strip(), by, at)


@transaction.atomic
def release_alarm(*, alarm_id: UUID, reason: str, by: Any, at: datetime) -> GuardAlarm:
    """Find an alarm false: one answer to its request in the approval engine.

    The second person's finding releases it: the words pass at this place, and go back to their note.
    Raises: PermissionDenied, also for whoever raised it; AlarmNotDecided for the same person twice, a decided alarm,
    or no reason. In every case nothing has changed.
    """
    return _answer(alarm_id, ApprovalVerb.AGREE, reason, by, at)


@transaction.atomic
def confirm_alarm(*, alarm_id: UUID, reason: str, by: Any, at: datetime) -> GuardAlarm:
    """Find an alarm right: the words are destroyed. Raises: PermissionDenied; AlarmNotDecided."""
    return _answer(alarm_id, ApprovalVerb.REFUSE, reason, by, at)


def put_alarm(alarm: GuardAlarm, *, at: datetime) -> ApprovalRequest:
    """Ask two officers, one after the other, whether an alarm is false. One doubt that stands already counts."""
    officers = Stage(roles=permissions.OFFICERS)
    return open_approval(
        subject=f"alarm:{alarm.pk}",
        flow=FLOW,
        by=alarm.raised_by,
        at=at,
        steps=[officers] if alarm.first_by_id else [officers, officers],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={"alarm": str(alarm.pk)},
    )


def put_alarms(at: datetime) -> int:
    """Put every alarm that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    asked = ApprovalRequest.objects.filter(flow=FLOW, state=ApprovalState.OPEN).values_list(
        "subject", flat=True
    )
    waiting = [one for one in GuardAlarm.objects.filter(state=AlarmState.OPEN).order_by("pk")
               if f"alarm:{one.pk}" not in set(asked)]  # fmt: skip
    for alarm in waiting:
        put_alarm(alarm, at=at)
    return len(waiting)


def check_alarm_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; AlarmNotDecided."""
    alarm = GuardAlarm.objects.select_for_update(of=("self",)).get(pk=UUID(answer.payload["alarm"]))
    _may_decide(alarm, answer.verb, answer.comment, answer.by, field="comment")


@transaction.atomic
def note_first_doubt(answer: Answer) -> None:
    """Enter the first of the two who find an alarm false."""
    alarm = GuardAlarm.objects.select_for_update(of=("self",)).get(pk=UUID(answer.payload["alarm"]))
    alarm.first_by, alarm.first_at, alarm.first_reason = answer.by, answer.at, answer.comment
    alarm.save()
    record(
        "compliance.alarm_doubted",
        subject=_subject(alarm),
        by=answer.by,
        at=answer.at,
        reason=answer.comment,
        rows=[alarm],
    )


@transaction.atomic
def carry_out_alarm(*, decision: Decision) -> None:
    """Let the words of a false alarm pass and go back to their note; destroy those of a right one."""
    alarm = GuardAlarm.objects.select_for_update(of=("self",)).get(pk=UUID(decision.payload["alarm"]))
    is_false = decision.outcome == ApprovalState.APPROVED
    words = words_of(alarm) if is_false else ""
    alarm.state, alarm.sealed = (AlarmState.RELEASED if is_false else AlarmState.RIGHT), None
    alarm.decided_by, alarm.decided_at, alarm.decision_reason = decision.by, decision.at, decision.comment
    alarm.save()
    record(
        "compliance.alarm_released" if is_false else "compliance.alarm_confirmed",
        subject=_subject(alarm),
        by=decision.by,
        at=decision.at,
        reason=decision.comment,
        rows=[alarm],
    )
    if is_false:
        subjects.released(alarm.subject, kind=alarm.kind, words=words, by=decision.by, at=decision.at)


def _raise(
    place: str,
    kind: str,
    subject: str,
    text: str,
    categories: Sequence[str],
    claim: str,
    by: Any,
    at: datetime,
    *,
    verdict: Verdict | None = None,
) -> GuardAlarm:
    mark = fingerprint_of(text)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"alarm:{place}:{kind}:{subject}:{mark}"],
        )
    standing = GuardAlarm.objects.filter(
        place=place, kind=kind, subject=subject, fingerprint=mark, state=AlarmState.OPEN
    ).first()
    if standing:
        return standing
    alarm = GuardAlarm(
        place=place,
        kind=kind,
        subject=subject,
        categories=list(categories),
        fingerprint=mark,
        claim=claim,
        raised_by=by if getattr(by, "pk", None) else None,
        raised_at=at,
    )
    alarm.sealed = seal(text.encode(), key=installation_key("fields"), context=f"alarm:{alarm.pk}".encode())
    alarm.save(force_insert=True)
    record(
        "compliance.alarm_raised",
        subject=_subject(alarm),
        by=by,
        at=at,
        verdict=verdict,
        reason=claim,
        rows=[alarm],
    )
    put_alarm(alarm, at=at)
    return alarm


def _answer(alarm_id: UUID, verb: ApprovalVerb, reason: str, by: Any, at: datetime) -> GuardAlarm:
    alarm = GuardAlarm.objects.get(pk=alarm_id)
    _may_decide(alarm, verb, reason, by)
    answer_approval(
        flow=FLOW,
        subject=f"alarm:{alarm.pk}",
        verb=verb,
        comment=reason,
        by=by,
        at=at,
        put=lambda: put_alarm(alarm, at=at),
    )
    alarm.refresh_from_db()
    return alarm


def _may_decide(alarm: GuardAlarm, verb: str, reason: str, by: Any, *, field: str = "reason") -> None:
    if not permissions.can_handle_findings(by) or alarm.raised_by_id == by.pk:
        raise PermissionDenied
    if alarm.state != AlarmState.OPEN:
        raise AlarmNotDecided(_("This alarm was decided already."))
    if verb == ApprovalVerb.AGREE and alarm.first_by_id == by.pk:
        raise AlarmNotDecided(_("A second person has to find it false too."))
    if not reason.strip():
        raise AlarmNotDecided(_("Please give the reason."), field=field)


def _subject(alarm: GuardAlarm) -> str:
    return alarm.subject or f"alarm:{alarm.pk}"
