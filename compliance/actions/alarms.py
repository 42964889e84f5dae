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
from compliance.choices import AlarmPlace, AlarmState
from compliance.evaluate import Verdict
from compliance.facts import NoteFacts
from compliance.models import GuardAlarm
from compliance.rules.guard import categories_of, scan_header, scan_text
from compliance.selectors.alarms import fingerprint_of, words_of
from compliance.selectors.people import people_with_role
from pharmacrm.common.crypto import installation_key, seal
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

from .judging import judge
from .recording import record

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
    """Find an alarm false. The second person's finding releases it: the words pass at this place, and go back to their note.

    Raises: PermissionDenied, also for whoever raised it; AlarmNotDecided for the same person twice, a decided alarm,
    or no reason. In every case nothing has changed.
    """
    alarm = _open(alarm_id, reason, by)
    if alarm.first_by_id is None:
        alarm.first_by, alarm.first_at, alarm.first_reason = by, at, reason.strip()
        alarm.save()
        record(
            "compliance.alarm_doubted",
            subject=_subject(alarm),
            by=by,
            at=at,
            reason=reason.strip(),
            rows=[alarm],
        )
        return alarm
    if alarm.first_by_id == by.pk:
        raise AlarmNotDecided(_("A second person has to find it false too."))
    words = words_of(alarm)
    alarm.state, alarm.sealed = AlarmState.RELEASED, None
    alarm.decided_by, alarm.decided_at, alarm.decision_reason = by, at, reason.strip()
    alarm.save()
    record(
        "compliance.alarm_released",
        subject=_subject(alarm),
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[alarm],
    )
    subjects.released(alarm.subject, kind=alarm.kind, words=words, by=by, at=at)
    return alarm


@transaction.atomic
def confirm_alarm(*, alarm_id: UUID, reason: str, by: Any, at: datetime) -> GuardAlarm:
    """Find an alarm right: the words are destroyed. Raises: PermissionDenied; AlarmNotDecided."""
    alarm = _open(alarm_id, reason, by)
    alarm.state, alarm.sealed = AlarmState.RIGHT, None
    alarm.decided_by, alarm.decided_at, alarm.decision_reason = by, at, reason.strip()
    alarm.save()
    record(
        "compliance.alarm_confirmed",
        subject=_subject(alarm),
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[alarm],
    )
    return alarm


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
    for officer in people_with_role("compliance"):
        if officer.pk != getattr(by, "pk", None):
            notify(
                recipient=officer,
                kind="compliance.alarm_raised",
                zh="有内容被隔离，等待两人判断是否误报",
                en="Words were kept apart and wait for two people to decide",
                at=at,
                url=f"/compliance/alarms/{alarm.pk}/",
                subject=f"alarm:{alarm.pk}",
            )
    return alarm


def _open(alarm_id: UUID, reason: str, by: Any) -> GuardAlarm:
    alarm = GuardAlarm.objects.select_for_update(of=("self",)).get(pk=alarm_id)
    if not permissions.can_handle_findings(by) or alarm.raised_by_id == by.pk:
        raise PermissionDenied
    if alarm.state != AlarmState.OPEN:
        raise AlarmNotDecided(_("This alarm was decided already."))
    if not reason.strip():
        raise AlarmNotDecided(_("Please give the reason."), field="reason")
    return alarm


def _subject(alarm: GuardAlarm) -> str:
    return alarm.subject or f"alarm:{alarm.pk}"
