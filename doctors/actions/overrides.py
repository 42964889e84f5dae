"""A tier set by a person: asked by one, decided by another, until a day. Source: PIPL 24, human decision."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision
from compliance.rules import scan_text
from compliance.selectors.approvals import open_request
from doctors import permissions
from doctors.actions.doctors import seal_text
from doctors.choices import OverrideState, Tier, TierReason
from doctors.facts import OverrideFacts
from doctors.models import Doctor, TierAssignment, TierOverride
from doctors.selectors.privacy import open_text
from doctors.selectors.tiers import computed_tier_of
from doctors.selectors.visibility import can_see
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import are_in_one_reporting_line
from pharmacrm.common.errors import DomainError

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

FLOW = "doctors.tier"  # registered in apps.py
DAYS_TO_ANSWER = 5
LONGEST_DAYS = 366


class OverrideNotMade(DomainError):
    """The tier was not set by hand, and nothing has changed."""

    code = "override_not_made"


@transaction.atomic
def ask_override(
    *, doctor_id: UUID, tier: str, reason: str, valid_until: date, by: User, at: datetime, note: str = ""
) -> TierOverride:
    """Ask for another tier than the score gives, with a reason and a last day.

    Raises: PermissionDenied; OverrideNotMade for a day too early or too late, a doctor who refused profiling, or
    while another one is open. The note is kept under the doctor's own key.
    """
    on = localtime(at).date()
    if not permissions.can_ask_override(by) or not can_see(by, doctor_id, on):
        raise PermissionDenied
    doctor = Doctor.objects.select_for_update(of=("self",)).get(pk=doctor_id)
    if doctor.profiling_refused:
        raise OverrideNotMade(_("The doctor refused profiling, so no tier is set."))
    if tier not in Tier.values:
        raise OverrideNotMade(_("Choose a tier."), field="tier")
    if not 0 < (valid_until - on).days <= LONGEST_DAYS:
        raise OverrideNotMade(_("Choose a day within the coming year."), field="valid_until")
    if scan_text(note):
        raise OverrideNotMade(_("The note holds what may not be kept. Leave it out."), field="note")
    try:
        with transaction.atomic():
            override = TierOverride.objects.create(
                doctor=doctor,
                tier=tier,
                reason=reason,
                sealed_note=seal_text(doctor.pk, note) if note else None,
                asked_by=by,
                asked_at=at,
                valid_until=valid_until,
            )
    except IntegrityError as clash:
        raise OverrideNotMade(_("A tier set by hand is open for this doctor already.")) from clash
    law.record("doctors.override_asked", subject=f"doctor:{doctor.pk}", by=by, at=at, rows=[override])
    put_override(override, at=at)
    return override


@transaction.atomic
def decide_override(
    *, override_id: UUID, approve: bool, by: User, at: datetime, reason: str = ""
) -> TierOverride:
    """Approve or refuse a tier asked for: one answer to its request in the approval engine. Approved, it holds at once.

    Raises: PermissionDenied; OverrideNotMade if it is decided already, asked for by the same person, or refused without
    a reason; Refused with the verdict if the law forbids it. Nothing has changed then.
    """
    override = TierOverride.objects.get(pk=override_id)
    verb = ApprovalVerb.AGREE if approve else ApprovalVerb.REFUSE
    _may_decide(override, by)
    if not approve and not reason.strip():
        raise OverrideNotMade(_("Say why, so that the person who asked knows."), field="reason")
    law.answer_approval(
        flow=FLOW,
        subject=f"doctor:{override.doctor_id}",
        verb=verb,
        comment=reason,
        by=by,
        at=at,
        put=lambda: put_override(override, at=at),
    )
    override.refresh_from_db()
    return override


def put_override(override: TierOverride, *, at: datetime) -> ApprovalRequest:
    """Ask those who decide on tiers set by hand. Raises: ApprovalNotOpened."""
    return law.open_approval(
        subject=f"doctor:{override.doctor_id}",
        flow=FLOW,
        by=override.asked_by,
        at=at,
        steps=[law.Stage(roles=permissions.OVERRIDE_DECIDERS)],
        due_at=law.due_after(at, DAYS_TO_ANSWER),
        payload={"override": str(override.pk)},
    )


def put_overrides(at: datetime) -> int:
    """Put every tier that was asked for and has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = TierOverride.objects.filter(state=OverrideState.ASKED).order_by("pk")
    new = [one for one in waiting if open_request(FLOW, f"doctor:{one.doctor_id}") is None]
    for override in new:
        put_override(override, at=at)
    return len(new)


def check_override_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; OverrideNotMade."""
    _may_decide(_override_of(answer.payload), answer.by)


@transaction.atomic
def carry_out_override(*, decision: Decision) -> None:
    """Set the tier that was agreed to, or leave it as it is.

    Raises: OverrideNotMade for a doctor who refused profiling; Refused with the verdict.
    """
    override, by, at = _override_of(decision.payload), decision.by, decision.at
    doctor = Doctor.objects.select_for_update(of=("self",)).get(pk=override.doctor_id)
    subject, verdict = f"doctor:{doctor.pk}", None
    rows: list[object] = [override]
    if decision.outcome == ApprovalState.WITHDRAWN:
        override.state = OverrideState.ENDED
        override.save()
        law.record(
            "doctors.override_ended", subject=subject, by=by, at=at, reason=decision.comment, rows=rows
        )
        return
    if decision.outcome == ApprovalState.APPROVED:
        verdict = law.judge(
            "override.tier", facts_of(override, doctor, by, at), subject=subject, by=by, at=at
        )
        if doctor.profiling_refused:
            raise OverrideNotMade(_("The doctor refused profiling, so no tier is set."))
        override.state = OverrideState.APPROVED
    else:
        override.state = OverrideState.REFUSED
    override.decided_by, override.decided_at = by, at
    override.save()
    if override.state == OverrideState.APPROVED:
        rows += set_tier(doctor, override.tier, TierReason.OVERRIDDEN, at=at, override=override)
    law.record(
        f"doctors.override_{override.state}",
        subject=subject,
        by=by,
        at=at,
        verdict=verdict,
        reason=decision.comment,
        rows=rows,
    )


@transaction.atomic
def end_overrides(*, on: date, at: datetime) -> int:
    """End the tiers set by hand whose last day has passed; the score decides again. Safe to run twice."""
    over = {"state__in": [OverrideState.APPROVED, OverrideState.ASKED], "valid_until__lte": on}
    for doctor_id in (
        TierOverride.objects.filter(**over).order_by("doctor_id").values_list("doctor_id", flat=True)
    ):
        law.lock_request(FLOW, f"doctor:{doctor_id}")
    ended = list(TierOverride.objects.select_for_update(of=("self",)).filter(**over).order_by("doctor_id"))
    for override in ended:
        was_live = override.state == OverrideState.APPROVED
        override.state = OverrideState.ENDED
        override.save()
        rows: list[object] = [override]
        if was_live:
            doctor = Doctor.objects.select_for_update(of=("self",)).get(pk=override.doctor_id)
            tier = "" if doctor.profiling_refused else computed_tier_of(doctor.pk)
            rows += set_tier(doctor, tier, TierReason.OVERRIDE_ENDED, at=at, override=override)
        else:
            law.void_approval(
                flow=FLOW, subject=f"doctor:{override.doctor_id}", reason=_("Its last day is past."), by=None, at=at
            )  # fmt: skip
        law.record(
            "doctors.override_ended", subject=f"doctor:{override.doctor_id}", by=None, at=at, rows=rows
        )
    return len(ended)


def set_tier(
    doctor: Doctor, tier: str, reason: str, *, at: datetime, override: TierOverride | None = None
) -> list[object]:
    """Give a locked doctor a tier and note it in the tier history. Returns: the rows written."""
    if doctor.tier == tier:
        return []
    assignment = TierAssignment.objects.create(
        doctor=doctor, tier=tier, tier_before=doctor.tier, reason=reason, override=override, since=at
    )
    doctor.tier = tier
    doctor.save(update_fields=["tier", "updated_at"])
    return [doctor, assignment]


def facts_of(override: TierOverride, doctor: Doctor, by: User, at: datetime) -> OverrideFacts:
    """Return what the law judges a tier set by hand by."""
    on = localtime(at).date()
    return OverrideFacts(
        reason=override.reason,
        approver_is_requester=override.asked_by_id == by.pk,
        approver_in_line=are_in_one_reporting_line(override.asked_by, by),
        has_approver=True,
        until=override.valid_until.isoformat(),
        asked_on=localtime(override.asked_at).date().isoformat(),
        months_valid=-(-(override.valid_until - on).days // 31),
        reason_flags=tuple(
            sorted({finding.category for finding in scan_text(open_text(doctor.pk, override.sealed_note))})
        ),
        profiling_refused=doctor.profiling_refused,
        subjects=(f"doctor:{doctor.pk}",),
    )


def _override_of(payload: dict[str, str]) -> TierOverride:
    rows = TierOverride.objects.select_for_update(of=("self",)).select_related("asked_by")
    return rows.get(pk=UUID(payload["override"]))


def _may_decide(override: TierOverride, by: User) -> None:
    if not permissions.can_decide_override(by):
        raise PermissionDenied
    if override.state != OverrideState.ASKED:
        raise OverrideNotMade(_("This has been decided already."))
    if override.asked_by_id == by.pk:
        raise OverrideNotMade(_("Who asked cannot decide."))
