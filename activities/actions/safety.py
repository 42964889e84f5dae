"""Safety reports: stored first, completed, handed over, submitted. The vault opens to few and closes behind a rep."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import permissions, rules
from activities.choices import SafetyState, Seriousness
from activities.facts import SafetyFacts
from activities.models import SafetyReport
from activities.selectors import safety_vault, visit_facts
from compliance import actions as law
from pharmacrm.common.crypto import new_wrapped_key
from pharmacrm.common.outbox import enqueue

from .errors import SafetyReportNotMoved
from .locks import lock_key
from .reports import SafetyNotice, SafetyWords, new_key

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def report_safety_event(*, notice: SafetyNotice, by: User, at: datetime) -> SafetyReport:
    """Store a suspected adverse event, in its own transaction, whatever becomes of the visit it came with.

    Nothing but an inactive account refuses it; what is missing can be added. The same operation gives the same report.
    With all four elements given it is handed over at once.
    Source: PV-09; 药物警戒质量管理规范: the day of awareness is day 0.
    """
    if not permissions.can_report_safety_event(by):
        raise PermissionDenied
    if notice.op_id is not None:
        lock_key(notice.op_id)
        standing = SafetyReport.objects.filter(captured_by=by, op_id=notice.op_id).first()
        if standing is not None:
            return standing
    report = SafetyReport(
        pk=new_key(),
        number=_next_number(timezone.localtime(at).date()),
        kind=notice.kind,
        captured_by=by,
        doctor_id=safety_vault.known_doctor(notice.doctor_id),
        visit_key=notice.visit_id,
        product_id=safety_vault.known_product(notice.product_id),
        seriousness=notice.seriousness,
        data_key=new_wrapped_key(),
        aware_at=notice.aware_at,
        is_clock_unproven=notice.is_clock_unproven,
        hand_over_due_at=rules.hand_over_due_at(notice.aware_at),
        op_id=notice.op_id,
    )
    _put_words(report, notice.words)
    _set_due(report)
    report.save(force_insert=True)
    subject = f"safety:{report.pk}"
    law.record(
        "activities.safety_reported",
        subject=subject,
        by=by,
        at=at,
        rows=[report],
        device_at=notice.aware_at,
    )
    enqueue("activities.announce_safety_report", report_id=report.pk)
    if safety_vault.elements_of(report).is_valid:
        _hand_over(report, by=by, at=at)
    return report


@transaction.atomic
def complete_safety_report(
    *, report_id: UUID, words: SafetyWords, seriousness: str, by: User, at: datetime
) -> SafetyReport:
    """Add what was missing; words already there are replaced, and history keeps the sealed former ones.

    Raises: SafetyReport.DoesNotExist; PermissionDenied for whoever may not read it any more; SafetyReportNotMoved
    once it went to the authority.
    """
    report = _locked(report_id)
    if not permissions.can_complete_safety_report(by, report):
        raise PermissionDenied
    if report.state == SafetyState.SUBMITTED:
        raise SafetyReportNotMoved(_("This report has gone to the authority; a follow-up is a new report."))
    report.seriousness = seriousness or report.seriousness
    _put_words(report, words)
    _set_due(report)
    if safety_vault.elements_of(report).is_valid and report.state == SafetyState.CAPTURED:
        report.state, report.completed_at = SafetyState.COMPLETE, at
    elif not safety_vault.elements_of(report).is_valid and report.state == SafetyState.COMPLETE:
        report.state, report.completed_at = SafetyState.CAPTURED, None
    report.save()
    law.record("activities.safety_completed", subject=f"safety:{report.pk}", by=by, at=at, rows=[report])
    return report


@transaction.atomic
def hand_over_safety_report(*, report_id: UUID, by: User, at: datetime) -> SafetyReport:
    """Hand a report to pharmacovigilance; from now on who captured it cannot read it any more.

    Raises: SafetyReport.DoesNotExist; PermissionDenied. Handing over twice changes nothing.
    """
    report = _locked(report_id)
    if not permissions.can_complete_safety_report(by, report):
        raise PermissionDenied
    if report.handed_over_at is None:
        _hand_over(report, by=by, at=at)
    return report


@transaction.atomic
def submit_safety_report(
    *, report_id: UUID, authority_reference: str, by: User, at: datetime
) -> SafetyReport:
    """Note that a complete report went to the authority, under its number there.

    Raises: SafetyReport.DoesNotExist; PermissionDenied; SafetyReportNotMoved while one of the four elements is missing.
    """
    report = _locked(report_id)
    if not permissions.can_work_on_safety(by):
        raise PermissionDenied
    if not rules.may_move_safety_report(old=report.state, new=SafetyState.SUBMITTED):
        raise SafetyReportNotMoved(
            _("Only a complete report goes to the authority: patient, reporter, product and event.")
        )
    if not authority_reference.strip():
        raise SafetyReportNotMoved(_("Enter the number the authority gave."), field="authority_reference")
    if report.handed_over_at is None:
        _hand_over(report, by=by, at=at)
    report.state, report.submitted_at = SafetyState.SUBMITTED, at
    report.authority_reference = authority_reference.strip()
    report.save()
    law.record("activities.safety_submitted", subject=f"safety:{report.pk}", by=by, at=at, rows=[report])
    return report


def _hand_over(report: SafetyReport, *, by: User, at: datetime) -> None:
    facts = SafetyFacts(
        aware_on=timezone.localtime(report.aware_at).date().isoformat(),
        minutes_to_handoff=visit_facts.minutes_between(report.aware_at, at),
        is_serious=report.seriousness in {Seriousness.SERIOUS, Seriousness.FATAL},
        is_fatal=report.seriousness == Seriousness.FATAL,
        has_patient=report.has_patient,
        has_reporter=report.has_reporter,
        has_product=report.has_product,
        has_event=report.has_event,
        original_kept=report.vault_sealed is not None,
        subjects=(f"safety:{report.pk}",),
    )
    subject = f"safety:{report.pk}"
    verdict = law.judge("safety.handoff", facts, subject=subject, by=by, at=at)
    report.handed_over_at = at
    if safety_vault.elements_of(report).is_valid and report.state == SafetyState.CAPTURED:
        report.state, report.completed_at = SafetyState.COMPLETE, at
    report.save()
    law.record("activities.safety_handed_over", subject=subject, by=by, at=at, verdict=verdict, rows=[report])


def _put_words(report: SafetyReport, words: SafetyWords) -> None:
    kept = {**safety_vault.words_of(report), **{k: v for k, v in asdict(words).items() if v.strip()}}
    report.vault_sealed = safety_vault.seal_words(report, orjson.dumps(kept))
    report.has_event = bool(kept.get("event", "").strip())
    report.has_product = bool(kept.get("product", "").strip()) or report.product_id is not None
    report.has_patient = bool(kept.get("patient", "").strip())
    report.has_reporter = bool(kept.get("reporter", "").strip()) or report.doctor_id is not None


def _set_due(report: SafetyReport) -> None:
    report.submit_due_on = rules.submit_due_on(
        aware_on=timezone.localtime(report.aware_at).date(), seriousness=report.seriousness
    )


def _locked(report_id: UUID) -> SafetyReport:
    return SafetyReport.objects.select_for_update(of=("self",)).get(pk=report_id)


def _next_number(day: date) -> str:
    return f"AE-{day:%y%m%d}-{safety_vault.next_serial():05d}"
