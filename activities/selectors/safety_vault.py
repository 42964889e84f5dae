"""Reads of safety reports. What stands in the vault is opened only here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q, QuerySet

from activities import permissions, rules
from activities.models import SafetyReport
from content.selectors import products
from doctors import selectors as doctors
from pharmacrm.accounts.choices import Role
from pharmacrm.common.crypto import KeyDestroyed, seal, unseal, unwrap_key

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

SOON = timedelta(hours=12)


@dataclass(frozen=True)
class SafetyClock:
    """One running clock: the hand-over to pharmacovigilance, or the report to the authority."""

    report_id: UUID
    number: str
    what: str  # hand_over, submit
    due_at: datetime


def next_serial() -> int:
    """Return the next number of the safety series. Cost: one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('activities_safety_serial')")
        return int(cursor.fetchone()[0])


def known_doctor(doctor_id: UUID | None) -> UUID | None:
    """Return the key if a doctor has it: a report is kept without a detail that points nowhere."""
    return doctor_id if doctor_id is not None and doctors.doctor_card(doctor_id) else None


def known_product(product_id: UUID | None) -> UUID | None:
    """Return the key if a product has it: a report is kept without a detail that points nowhere."""
    return product_id if product_id is not None and products().filter(pk=product_id).exists() else None


def seal_words(report: SafetyReport, plain: bytes) -> bytes:
    """Encrypt a report's words under its own key, bound to the report."""
    return seal(plain, key=unwrap_key(_bytes(report.data_key)), context=str(report.pk).encode())


def words_of(report: SafetyReport) -> dict[str, str]:
    """Open the vault of one report. The caller has asked `can_read_safety_vault`. Empty when its key is destroyed."""
    if not report.vault_sealed:
        return {}
    try:
        key = unwrap_key(_bytes(report.data_key))
    except KeyDestroyed:
        return {}
    return orjson.loads(unseal(_bytes(report.vault_sealed), key=key, context=str(report.pk).encode()))


def safety_reports_visible_to(user: User) -> QuerySet[SafetyReport]:
    """Return the reports a person may know of, newest first: pharmacovigilance all of them, others their own.

    Knowing of a report is its number, state and clocks; its words need `can_read_safety_vault`.
    """
    reports = SafetyReport.objects.select_related("captured_by", "product").order_by("-id")
    if permissions.can_work_on_safety(user):
        return reports
    return reports.filter(captured_by=user)


def readable_words(user: User, report: SafetyReport) -> dict[str, str] | None:
    """Return a report's words, or None behind the wall."""
    return words_of(report) if permissions.can_read_safety_vault(user, report) else None


def open_clocks_of(user: User) -> list[SafetyClock]:
    """Return the running hand-over clocks a person has to act on, soonest first."""
    waiting = safety_reports_visible_to(user).filter(handed_over_at__isnull=True)
    return [
        SafetyClock(report.pk, report.number, "hand_over", report.hand_over_due_at)
        for report in waiting.order_by("hand_over_due_at")[:20]
    ]


def reports_with_running_clocks() -> QuerySet[SafetyReport]:
    """Return every report that still has to be handed over or submitted."""
    return SafetyReport.objects.filter(
        Q(handed_over_at__isnull=True) | Q(submitted_at__isnull=True)
    ).select_related("captured_by")


def elements_of(report: SafetyReport) -> rules.FourElements:
    """Return which of the four elements a report gives."""
    return rules.FourElements(report.has_patient, report.has_reporter, report.has_product, report.has_event)


def roles_behind_the_wall() -> tuple[str, ...]:
    """Return the roles that may open any vault."""
    return (Role.PV,)


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return bytes(value) if value is not None else None


def all_reports() -> QuerySet[SafetyReport]:
    """Return every report for pharmacovigilance and inspectors: numbers, states and clocks, never words."""
    return SafetyReport.objects.select_related("captured_by", "product")
