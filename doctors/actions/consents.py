"""Write down what a doctor answered, in the words that were shown. Source: PIPL 14, 15, 17, 24."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.scoring.publishing import forget_scores_of
from doctors.actions.scoring.touched import touch_doctors
from doctors.choices import Channel, ConsentState, DoctorStatus, LegalBasis, NoticeState
from doctors.facts import ConsentFacts
from doctors.models import ConsentNotice, ConsentPurpose, ConsentRecord, Doctor
from doctors.rules import consents as lattice
from doctors.selectors.consents import answers_of, consent_of, notice_in_force
from doctors.selectors.visibility import subjects_of_doctor
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError

PROFILING = "profiling"


class ConsentNotAccepted(DomainError):
    """The answer was not recorded."""

    code = "consent_not_accepted"


@transaction.atomic
def record_consent(
    *,
    doctor_id: UUID,
    state: str,
    by: User | None,
    at: datetime,
    channel: str = "",
    purpose: str = "",
    product_code: str = "",
    notice_id: UUID | None = None,
    obtained_by: str = "",
    proof_id: UUID | None = None,
    valid_until: datetime | None = None,
    asked_by_company: bool = True,
) -> ConsentRecord:
    """Record one answer for a cell of channel, purpose and product; empty means every value.

    `by` is None when the doctor answered on their own page. A withdrawal ends the consents within its cell too.
    Refusing profiling takes the tier away at once.
    Raises: PermissionDenied; ConsentNotAccepted for an unknown purpose or a `given` without the notice shown;
    Refused with the verdict if the law forbids it. Nothing has changed then.
    Source: PIPL 14 to 17; 24(3) for profiling.
    """
    if by is not None and not permissions.can_record_consent(by):
        raise PermissionDenied
    if state not in ConsentState.values or channel not in ("", *Channel.values):
        raise ConsentNotAccepted(_("This answer is not known."), field="state")
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    wanted = ConsentPurpose.objects.filter(code=purpose).first() if purpose else None
    if purpose and wanted is None:
        raise ConsentNotAccepted(_("This purpose is not known."), field="purpose")
    if state == ConsentState.GIVEN and doctor.status == DoctorStatus.UNVERIFIED:
        raise ConsentNotAccepted(
            _("This record is not verified yet: a consent counts only for a verified doctor.")
        )
    notice = ConsentNotice.objects.filter(pk=notice_id, state=NoticeState.PUBLISHED).first()
    if state == ConsentState.GIVEN and notice is None:
        raise ConsentNotAccepted(_("Consent counts only with the notice that was shown."), field="notice")
    if valid_until is not None and valid_until <= at:
        raise ConsentNotAccepted(_("The consent ends after it begins."), field="valid_until")
    facts = facts_of(
        doctor,
        state,
        channel,
        wanted,
        notice,
        at=at,
        product=product_code,
        proof=bool(proof_id),
        asked=asked_by_company,
        by_doctor=by is None,
    )
    verdict = law.judge(
        "consent.record",
        facts,
        subject=f"doctor:{doctor.pk}",
        by=by,
        at=at,
        heeds_holds=state not in lattice.STOPPED,  # a no counts at once, whatever is stopped
    )
    answers = answers_of([doctor.pk]).get(doctor.pk, [])
    cells = [(channel, purpose, product_code)]
    if state in lattice.STOPPED:
        cells += lattice.narrower_given(answers, cell=cells[0], at=at)
    purposes = {row.code: row for row in ConsentPurpose.objects.filter(code__in=[cell[1] for cell in cells])}
    records = [
        ConsentRecord.objects.create(
            doctor=doctor,
            channel=cell[0],
            purpose=purposes.get(cell[1]),
            product_code=cell[2],
            state=state if cell == cells[0] else ConsentState.WITHDRAWN,
            notice=notice,
            obtained_by=obtained_by,
            recorded_by=by,
            proof_id=proof_id,
            valid_from=at,
            valid_until=valid_until if state == ConsentState.GIVEN else None,
        )
        for cell in cells
    ]
    rows: list[object] = [*records, *follow_profiling(doctor, at)]
    law.record(
        f"doctors.consent_{state}", subject=f"doctor:{doctor.pk}", by=by, at=at, verdict=verdict, rows=rows
    )
    return records[0]


def withdraw_consent(
    *,
    doctor_id: UUID,
    by: User | None,
    at: datetime,
    channel: str = "",
    purpose: str = "",
    product_code: str = "",
    never: bool = False,
    obtained_by: str = "",
    proof_id: UUID | None = None,
) -> ConsentRecord:
    """Withdraw a consent at once, for good with `never`. As easy as giving it. Source: PIPL 15."""
    return record_consent(
        doctor_id=doctor_id,
        state=ConsentState.NEVER if never else ConsentState.WITHDRAWN,
        channel=channel,
        purpose=purpose,
        product_code=product_code,
        obtained_by=obtained_by,
        proof_id=proof_id,
        asked_by_company=False,
        by=by,
        at=at,
    )


def facts_of(
    doctor: Doctor,
    state: str,
    channel: str,
    purpose: ConsentPurpose | None,
    notice: ConsentNotice | None,
    *,
    at: datetime,
    product: str = "",
    proof: bool,
    asked: bool,
    by_doctor: bool,
) -> ConsentFacts:
    """Return what the law judges a consent by. A yes after a never counts as unasked on the doctor's own page alone.

    Cost: three queries.
    """
    code = purpose.code if purpose else ""
    held = lattice.resolve(
        answers_of([doctor.pk]).get(doctor.pk, []), channel=channel, purpose=code, product=product, at=at
    )
    never = held.state == ConsentState.NEVER
    renews_never = never and state == ConsentState.GIVEN
    refused = (
        ConsentRecord.objects.filter(
            doctor=doctor,
            channel__in=["", channel],
            product_code__in=["", product],
            state__in=[ConsentState.REFUSED, ConsentState.WITHDRAWN],
            valid_from__lte=at,
        )
        .filter(Q(purpose=purpose) | Q(purpose__isnull=True))
        .order_by("-valid_from")
        .values_list("valid_from", flat=True)
        .first()
    )
    current = notice_in_force(notice.purpose.code, localtime(at).date()) if notice else None
    is_separate = bool(purpose and purpose.legal_basis == LegalBasis.SEPARATE_CONSENT)
    return ConsentFacts(
        answer=state,
        recorded_on=localtime(at).date().isoformat(),
        channel=channel,
        purpose=purpose.code if purpose else "",
        notice_version=str(notice.version) if notice else "",
        notice_current=bool(notice and current and notice.pk == current.pk),
        notice_names_controller=bool(notice and notice.text_zh),
        covers_sensitive=is_separate,
        separate=is_separate,
        proof_attached=proof,
        never_before=never,
        renews_never=renews_never,
        refused_days_ago=(at - refused).days if refused else -1,
        asked_by_company=not by_doctor and (asked or renews_never),
        subjects=subjects_of_doctor(doctor.pk, localtime(at).date()),
    )


def follow_profiling(doctor: Doctor, at: datetime) -> list[object]:
    """Let a doctor's profiling follow what the answers say, those of merged records too. Returns: the changed rows."""
    held = consent_of(doctor.pk, channel="", purpose=PROFILING, at=at)
    refused = held.is_stopped
    if refused == doctor.profiling_refused:
        return []
    gone = forget_scores_of(doctor.pk, at=at, tier_before=doctor.tier) if refused else []
    doctor.profiling_refused = refused
    doctor.tier = "" if refused else doctor.tier
    doctor.save(update_fields=["profiling_refused", "tier", "updated_at"])
    if not refused:
        touch_doctors([doctor.pk], at=at)
    return [doctor, *gone]
