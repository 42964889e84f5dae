"""Personal-data incidents: report, contain, notify authority and persons, close. Source: PIPL 57 (PI-18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from compliance import permissions
from compliance.actions.cases import note, open_case, subject_of
from compliance.actions.judging import judge
from compliance.actions.letters import draft_letter
from compliance.actions.recording import record
from compliance.choices import CaseSource, DataKind, IncidentKind, IncidentState
from compliance.facts import IncidentFacts
from compliance.models import Case, PrivacyIncident
from compliance.rules.incidents import Notice, authority_notice, person_notice
from compliance.selectors.figures import figure
from compliance.selectors.people import people_with_role
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

AUTHORITY_HOURS = 24  # of rule PI-18b, before a company sets its own


class IncidentNotMoved(DomainError):
    """The incident is not in a state that allows this; nothing has changed."""

    code = "incident_not_moved"


@dataclass(frozen=True)
class IncidentReport:
    """What is known when an incident is found. Nobody waits for the rest: the clock runs from `detected_at`."""

    kind: str
    data_kinds: Sequence[str]
    persons_affected: int
    detected_at: datetime
    cause: str
    harm: str
    contact: str
    occurred_at: datetime | None = None
    is_estimate: bool = True


@transaction.atomic
def report_incident(*, report: IncidentReport, by: Any, at: datetime) -> PrivacyIncident:
    """Report an incident, open its case and start its clocks. Everybody of the company may, and has to.

    Raises: PermissionDenied for who does not work here; IncidentNotMoved for a report that cannot be.
    """
    if not (by.is_active and by.roles):
        raise PermissionDenied
    _check(report, at)
    with override("zh-hans"):  # titles are kept in the company's language
        title = _("Personal-data incident: %(kind)s") % {"kind": IncidentKind(report.kind).label}
    hours = int(figure("PI-18b", "authority_hours", at, default=AUTHORITY_HOURS))
    authority_due_at = report.detected_at + timedelta(hours=hours)
    case = open_case(
        kind="privacy_incident",
        subject="incident:new",
        title=title,
        by=by,
        at=at,
        due_at=report.detected_at + timedelta(hours=1),
        source=CaseSource.INCIDENT,
    )
    incident = PrivacyIncident.objects.create(
        case=case,
        kind=report.kind,
        data_kinds=sorted(set(report.data_kinds)),
        persons_affected=report.persons_affected,
        is_estimate=report.is_estimate,
        occurred_at=report.occurred_at,
        detected_at=report.detected_at,
        reported_by=by,
        cause_sealed=case.sealed(report.cause.strip()),
        harm_sealed=case.sealed(report.harm.strip()),
        contact=report.contact.strip(),
        authority_due_at=authority_due_at,
    )
    case.subject = f"incident:{incident.pk}"
    case.save()
    record("compliance.incident_reported", subject=subject_of(case), by=by, at=at, rows=[incident, case])
    for officer in people_with_role("compliance"):
        notify(
            recipient=officer,
            kind="incident_reported",
            zh=f"个人信息安全事件：{case.number}，请立即处置",
            en=f"Personal-data incident {case.number}: act at once",
            at=at,
            url=f"/compliance/incidents/{incident.pk}/",
            subject=f"incident:{incident.pk}",
        )
    return incident


@transaction.atomic
def contain_incident(
    *, incident_id: UUID, measures: str, advice: str, by: Any, at: datetime
) -> PrivacyIncident:
    """Say what was done at once and what persons can do; again while it is open. Raises: PermissionDenied, IncidentNotMoved."""
    incident, case = _locked(incident_id, by)
    for name, words in (("measures", measures), ("advice", advice)):
        if not words.strip():
            raise IncidentNotMoved(
                _("The law asks for both: what was done, and what a person can do."), field=name
            )
    incident.measures_sealed, incident.advice_sealed = (
        case.sealed(measures.strip()),
        case.sealed(advice.strip()),
    )
    if incident.contained_at is None:
        incident.contained_at, incident.state = at, IncidentState.CONTAINED
    incident.save()
    return _kept("incident_contained", incident, case, by, at)


@transaction.atomic
def size_incident(
    *,
    incident_id: UUID,
    persons_affected: int,
    is_estimate: bool,
    data_kinds: Sequence[str],
    by: Any,
    at: datetime,
) -> PrivacyIncident:
    """Correct how many persons and which data are concerned, as the investigation learns it. Raises: as `contain_incident`."""
    incident, case = _locked(incident_id, by)
    if not data_kinds or any(kind not in DataKind.values for kind in data_kinds):
        raise IncidentNotMoved(_("Choose the kinds of data."), field="data_kinds")
    incident.persons_affected, incident.is_estimate = persons_affected, is_estimate
    incident.data_kinds = sorted(set(data_kinds))
    incident.save()
    return _kept("incident_sized", incident, case, by, at)


@transaction.atomic
def tell_authority(
    *, incident_id: UUID, reference: str, told_at: datetime, by: Any, at: datetime
) -> PrivacyIncident:
    """Enter that the authority was told, when and under which number. Raises: PermissionDenied, IncidentNotMoved."""
    incident, case = _locked(incident_id, by)
    if incident.authority_told_at is not None:
        raise IncidentNotMoved(_("The authority was told before."))
    if not reference.strip():
        raise IncidentNotMoved(_("Enter the number or the name of who took it."), field="reference")
    if not incident.detected_at <= told_at <= at:
        raise IncidentNotMoved(_("The report lies between the finding and now."), field="told_at")
    incident.authority_told_at, incident.authority_reference = told_at, reference.strip()
    incident.save()
    return _kept("incident_authority_told", incident, case, by, at)


@transaction.atomic
def tell_persons(*, incident_id: UUID, how: str, told_at: datetime, by: Any, at: datetime) -> PrivacyIncident:
    """Enter that the persons were told, and on which way. Raises: PermissionDenied, IncidentNotMoved."""
    incident, case = _locked(incident_id, by)
    if incident.contained_at is None:
        raise IncidentNotMoved(_("Write down the measures first: the notice names them."))
    if not how.strip():
        raise IncidentNotMoved(_("Say on which way each person was told."), field="how")
    if not incident.detected_at <= told_at <= at:
        raise IncidentNotMoved(_("The notice lies between the finding and now."), field="told_at")
    incident.persons_told_at, incident.persons_told_how = told_at, how.strip()
    incident.harm_avoided = False
    incident.save()
    return _kept("incident_persons_told", incident, case, by, at)


@transaction.atomic
def spare_persons(*, incident_id: UUID, reason: str, by: Any, at: datetime) -> PrivacyIncident:
    """Decide that the measures avoid harm, so persons need not be told; the authority may still order it (PIPL 57).

    Raises: PermissionDenied, IncidentNotMoved.
    """
    incident, case = _locked(incident_id, by)
    if incident.contained_at is None:
        raise IncidentNotMoved(_("Only measures that were taken can avoid harm. Write them down first."))
    if not reason.strip():
        raise IncidentNotMoved(_("Say why no harm can come to them."), field="reason")
    incident.harm_avoided, incident.spared_sealed = True, case.sealed(reason.strip())
    incident.save()
    return _kept("incident_persons_spared", incident, case, by, at)


@transaction.atomic
def close_incident(*, incident_id: UUID, by: Any, at: datetime) -> PrivacyIncident:
    """Close an incident whose notices are made; its case goes on to root cause, measures and signature.

    Raises: PermissionDenied; Refused with the verdict while remedy or notices are missing (PI-18).
    """
    incident, case = _locked(incident_id, by)
    facts = IncidentFacts(
        kind=incident.kind,
        contained=incident.contained_at is not None,
        authority_told=incident.authority_told_at is not None,
        persons_told=incident.persons_told_at is not None,
        harm_avoided=incident.harm_avoided,
        hours_to_contain=_hours(incident.detected_at, incident.contained_at or at),
        hours_to_authority=_hours(incident.detected_at, incident.authority_told_at or at),
    )
    verdict = judge("incident.close", facts, subject=subject_of(case), by=by, at=at)
    incident.state, incident.closed_at = IncidentState.CLOSED, at
    incident.save()
    row = note(case, "incident_closed", "", by, at)
    record(
        "compliance.incident_closed",
        subject=subject_of(case),
        by=by,
        at=at,
        verdict=verdict,
        rows=[incident, row],
    )
    return incident


@transaction.atomic
def draft_notice(*, incident_id: UUID, audience: str, by: Any, at: datetime) -> Any:
    """Draft the notice to the authority or to the persons from what is known, as a letter of the case.

    It goes the way of every letter: changed, approved by others, sent. Raises: PermissionDenied, IncidentNotMoved.
    """
    incident, case = _locked(incident_id, by)
    if audience not in {"authority", "persons"}:
        raise IncidentNotMoved(_("Choose who it is for."), field="audience")
    notice = notice_of(incident)
    title, body = authority_notice(notice) if audience == "authority" else person_notice(notice)
    return draft_letter(case_id=case.pk, audience=audience, title=title, body=body, by=by, at=at)


def notice_of(incident: PrivacyIncident) -> Notice:
    """Return what both notices say of an incident, in the company's language."""
    with override("zh-hans"):
        return Notice(
            number=incident.case.number,
            kind=str(IncidentKind(incident.kind).label),
            data_kinds=tuple(str(DataKind(kind).label) for kind in incident.data_kinds),
            persons=incident.persons_affected,
            is_estimate=incident.is_estimate,
            occurred_at=incident.occurred_at,
            detected_at=incident.detected_at,
            cause=incident.cause,
            harm=incident.harm,
            measures=incident.measures_words,
            advice=incident.advice,
            contact=incident.contact,
        )


def _check(report: IncidentReport, at: datetime) -> None:
    if report.kind not in IncidentKind.values:
        raise IncidentNotMoved(_("Choose what happened to the data."), field="kind")
    if not report.data_kinds or any(kind not in DataKind.values for kind in report.data_kinds):
        raise IncidentNotMoved(_("Choose the kinds of data."), field="data_kinds")
    if report.detected_at > at:
        raise IncidentNotMoved(_("An incident cannot be found in the future."), field="detected_at")
    if report.occurred_at and report.occurred_at > report.detected_at:
        raise IncidentNotMoved(_("It happened before it was found."), field="occurred_at")
    for name in ("cause", "harm", "contact"):
        if not getattr(report, name).strip():
            raise IncidentNotMoved(_("The law asks for cause, possible harm and a contact."), field=name)


def _locked(incident_id: UUID, by: Any) -> tuple[PrivacyIncident, Case]:
    case_id = PrivacyIncident.objects.values_list("case_id", flat=True).get(pk=incident_id)
    case = Case.objects.select_for_update().get(pk=case_id)
    if not permissions.can_lead_case(by, case):
        raise PermissionDenied
    incident = PrivacyIncident.objects.select_for_update(of=("self",)).get(pk=incident_id)
    incident.case = case
    if incident.state == IncidentState.CLOSED:
        raise IncidentNotMoved(_("This incident is closed."))
    return incident, case


def _hours(start: datetime, end: datetime) -> int:
    """Return begun hours from start to end."""
    return max(0, -int((start - end).total_seconds() // 3600))


def _kept(kind: str, incident: PrivacyIncident, case: Case, by: Any, at: datetime) -> PrivacyIncident:
    row = note(case, kind, "", by, at)
    record(f"compliance.{kind}", subject=subject_of(case), by=by, at=at, rows=[incident, row])
    return incident
