"""Keep filings complete and in time: all their fields, changes within thirty days, removal after a departure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.filing_checks import ask_anew, note_entered, put_filing_checks
from compliance.actions.findings import open_finding
from compliance.actions.qualification import QualificationNotRecorded
from compliance.actions.recording import record
from compliance.choices import Grade
from compliance.models import Employment, RepFiling
from compliance.selectors.filings import FilingDuty, filing_duties, filings_ending
from compliance.selectors.people import people_with_role
from pharmacrm.common.crypto import installation_key, seal
from pharmacrm.common.models import StoredFile
from pharmacrm.common.notifications import notify

MAY_BE_SET = (
    "mah_name", "mah_code", "name", "sex", "identity_kind", "major", "degree", "contract_from", "contract_until",
    "drug_category", "therapeutic_area", "is_overseas_mah", "domestic_name", "domestic_code", "truth_stated",
)  # fmt: skip
WARN_DAYS = (7, 1)


@transaction.atomic
def report_change(*, user_id: UUID, what: str, changed_on: date, by: Any, at: datetime) -> Employment:
    """Write down that filed data changed: from that day thirty days run, after which field work stops.

    Raises: PermissionDenied; QualificationNotRecorded for oneself, without words, for a day ahead, for nobody employed, or
    while an earlier change waits. Source: MR-07.
    """
    _may(by, user_id)
    on = localtime(at).date()
    if not what.strip():
        raise QualificationNotRecorded(_("Say what changed."), field="what")
    if changed_on > on:
        raise QualificationNotRecorded(_("The day lies in the future."), field="changed_on")
    row = (
        Employment.objects.select_for_update()
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on), user_id=user_id, valid_from__lte=on)
        .order_by("-valid_from")
        .first()
    )
    if row is None:
        raise QualificationNotRecorded(_("Nobody is employed under this name today."))
    if row.changed_on is not None:
        raise QualificationNotRecorded(_("An earlier change waits to be filed. File it first."))
    row.changed_on, row.changed_what = changed_on, what.strip()[:200]
    row.save()
    record(
        "compliance.filing_change_reported",
        subject=f"user:{user_id}",
        by=by,
        at=at,
        reason=row.changed_what,
        rows=[row],
    )
    return row


@transaction.atomic
def complete_filing(
    *,
    filing_id: UUID,
    reason: str,
    by: Any,
    at: datetime,
    identity_number: str = "",
    photo: StoredFile | None = None,
    evidence: StoredFile | None = None,
    **details: Any,
) -> RepFiling:
    """Fill in or correct what a filing says. A new proof from the platform settles a change that waited to be filed.

    Raises: PermissionDenied; QualificationNotRecorded for one's own or a withdrawn filing, without a reason, when nothing
    is new, or for a field that does not exist. Source: MR-05, MR-07.
    """
    filing = RepFiling.objects.select_for_update(of=("self",)).get(pk=filing_id)
    _may(by, filing.user_id)
    if filing.withdrawn_on:
        raise QualificationNotRecorded(_("This filing was withdrawn already."))
    if not reason.strip():
        raise QualificationNotRecorded(_("Please give the reason."), field="reason")
    if set(details) - set(MAY_BE_SET):
        raise QualificationNotRecorded(_("A filing has no such field."))
    said = {name: value for name, value in details.items() if getattr(filing, name) != value}
    for name, value in said.items():
        setattr(filing, name, value)
    if identity_number:
        key = installation_key("fields")
        filing.identity_sealed = seal(identity_number.encode(), key=key, context=filing.pk.bytes)
    if photo is not None:
        filing.photo, filing.photo_sha256 = photo, photo.sha256
    if evidence is not None:
        filing.evidence, filing.evidence_sha256 = evidence, evidence.sha256
    if not (said or identity_number or photo or evidence):
        raise QualificationNotRecorded(_("Nothing is different from what is filed."))
    if filing.contract_from and filing.contract_until and filing.contract_until <= filing.contract_from:
        raise QualificationNotRecorded(_("The end has to lie after the start."), field="contract_until")
    note_entered(filing, by=by)
    filing.save()
    settled = _settle_change(filing.user_id) if evidence is not None else []
    record(
        "compliance.filing_completed",
        subject=f"user:{filing.user_id}",
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[filing, *settled],
    )
    ask_anew(filing, by=by, at=at)
    return filing


@transaction.atomic
def prove_withdrawal(*, filing_id: UUID, proof: StoredFile, by: Any, at: datetime) -> RepFiling:
    """Keep the platform's proof that a withdrawn filing was removed there. Raises: PermissionDenied; QualificationNotRecorded."""
    filing = RepFiling.objects.select_for_update(of=("self",)).get(pk=filing_id)
    _may(by, filing.user_id)
    if not filing.withdrawn_on:
        raise QualificationNotRecorded(_("Withdraw the filing first."))
    filing.withdrawal_proof = proof
    filing.save()
    record("compliance.filing_removal_proven", subject=f"user:{filing.user_id}", by=by, at=at, rows=[filing])
    return filing


@transaction.atomic
def mind_filings(*, at: datetime) -> int:
    """Warn before the last day of what has to be filed and of filings that end; a day passed opens a finding.

    What nobody checked is put to a second officer. Safe to run twice: each thing is said once. Returns: how many are late.
    """
    put_filing_checks(at)
    on, late = localtime(at).date(), 0
    officers = list(people_with_role("compliance"))
    for duty in filing_duties(at):
        left = (duty.due_on - on).days
        if left < 0:
            late += 1
            _open_finding(duty, at)
        elif left <= max(WARN_DAYS):
            step = min(days for days in WARN_DAYS if left <= days)
            for officer in officers:
                notify(
                    recipient=officer,
                    kind=f"filing_due_{step}",
                    zh=f"{duty.person} 的备案须在 {duty.due_on} 前办理，还有 {left} 天",
                    en=f"The filing of {duty.person} is to be brought up to date by {duty.due_on}, in {left} days",
                    at=at,
                    url=f"/compliance/staff/{duty.person.pk}/",
                    subject=f"filing_duty:{duty.person.pk}:{duty.since}",
                )
    for filing in filings_ending(at):
        for told in [filing.user, *officers]:
            notify(
                recipient=told,
                kind="filing_ends",
                zh=f"{filing.name} 的备案 {filing.number} 将于 {filing.valid_until} 到期",
                en=f"Filing {filing.number} of {filing.name} ends on {filing.valid_until}",
                at=at,
                url=f"/compliance/staff/filings/{filing.pk}/",
                subject=f"filing:{filing.pk}:{filing.valid_until}",
            )
    return late


def _open_finding(duty: FilingDuty, at: datetime) -> None:
    why = {
        "change": ("变更未备案", "A change is not filed"),
        "leave": ("离职后备案未注销", "A filing stands after a departure"),
    }
    zh, en = why[duty.cause]
    open_finding(
        kind="filing_late",
        subject=f"user:{duty.person.pk}",
        rule="MR-07",
        grade=Grade.SHALL,
        evidence={
            "text": {
                "zh": f"{zh}：{duty.person}，{duty.what}，应于 {duty.due_on} 前办理",
                "en": f"{en}: {duty.person}, {duty.what}, due on {duty.due_on}",
            },
            "url": f"/compliance/staff/{duty.person.pk}/",
        },
        at=at,
        due_at=at,
        mark=f"filing_late:{duty.person.pk.hex[:20]}:{duty.since:%Y%m%d}",
    )


def _settle_change(user_id: UUID) -> list[Employment]:
    rows = list(
        Employment.objects.select_for_update()
        .filter(user_id=user_id, changed_on__isnull=False)
        .order_by("pk")
    )
    for row in rows:
        row.changed_on, row.changed_what = None, ""
        row.save()
    return rows


def _may(by: Any, user_id: UUID) -> None:
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    if by.pk == user_id:
        raise QualificationNotRecorded(_("Nobody keeps their own qualification."))
