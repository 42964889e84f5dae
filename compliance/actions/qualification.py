"""Keep what people may do: employment, filing, registration, training, commitment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import CheckResult, ContractKind
from compliance.models import (
    BriberyCheck,
    Certificate,
    Commitment,
    Course,
    CourseAssignment,
    Employment,
    FiledProduct,
    HospitalRegistration,
    RepFiling,
)
from pharmacrm.common.crypto import installation_key, seal
from pharmacrm.common.errors import DomainError

from .duties import ensure_duties, settle_duty
from .filing_checks import drop_filing_check
from .recording import record


class QualificationNotRecorded(DomainError):
    """The record was not taken and nothing has changed."""

    code = "qualification_not_recorded"


@transaction.atomic
def record_employment(
    *,
    user_id: UUID,
    kind: str = ContractKind.EMPLOYMENT,
    valid_from: date,
    valid_until: date | None = None,
    degree_proven: bool = False,
    bribery_checked_on: date | None = None,
    by: Any,
    at: datetime,
) -> Employment:
    """Record a contract with its proofs. Raises: PermissionDenied; QualificationNotRecorded.

    Source: 医药代表管理办法 (征求意见稿 2024), qualification.
    """
    _may(by, user_id)
    _in_order(valid_from, valid_until)
    row = Employment.objects.create(
        user_id=user_id,
        kind=kind,
        valid_from=valid_from,
        valid_until=valid_until,
        degree_proven=degree_proven,
        **{"bribery_checked_on": bribery_checked_on, **_last_check(user_id, bribery_checked_on)},
    )
    return _recorded("employment_recorded", row, user_id, by, at)


@transaction.atomic
def end_employment(*, employment_id: UUID, on: date, by: Any, at: datetime) -> Employment:
    """End a contract: from `on` the person may no longer act. Raises: PermissionDenied; QualificationNotRecorded."""
    row = Employment.objects.select_for_update(of=("self",)).get(pk=employment_id)
    _may(by, row.user_id)
    _in_order(row.valid_from, on)
    row.valid_until = on
    row.save()
    return _recorded("employment_ended", row, row.user_id, by, at)


@transaction.atomic
def file_representative(
    *,
    user_id: UUID,
    number: str,
    name: str,
    mah_name: str,
    mah_code: str,
    product_codes: Sequence[str],
    valid_from: date,
    valid_until: date | None,
    assigned_codes: Sequence[str] = (),
    identity_number: str = "",
    by: Any,
    at: datetime,
    **details: Any,
) -> RepFiling:
    """Record a 备案 with the products in its scope, and those of them the company gives to this person; none: all. The identity number is kept only as ciphertext.

    Raises: PermissionDenied; QualificationNotRecorded for a number already on file, or dates out of order.
    Source: 医药代表备案管理办法(试行) 2020, filing record.
    """
    _may(by, user_id)
    _in_order(valid_from, valid_until)
    if not product_codes:
        raise QualificationNotRecorded(_("A filing names at least one product."), field="product_codes")
    assigned = assigned_within(product_codes, assigned_codes)
    filing = RepFiling(
        user_id=user_id,
        number=number.strip(),
        name=name,
        mah_name=mah_name,
        mah_code=mah_code,
        valid_from=valid_from,
        valid_until=valid_until,
        filed_by=by,
        entered_by=[by.pk],
        **details,
    )
    if identity_number:
        filing.identity_sealed = seal(
            identity_number.encode(), key=installation_key("fields"), context=filing.pk.bytes
        )
    try:
        with transaction.atomic():
            filing.save(force_insert=True)
    except IntegrityError as error:
        raise QualificationNotRecorded(_("This filing number is on file already."), field="number") from error
    products = [
        FiledProduct.objects.create(
            filing=filing,
            product_code=code,
            is_assigned=code in assigned,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        for code in dict.fromkeys(product_codes)
    ]
    record(
        "compliance.representative_filed", subject=f"user:{user_id}", by=by, at=at, rows=[filing, *products]
    )
    ensure_duties(user_ids=[user_id], by=by, at=at)
    return filing


def assigned_within(filed: Sequence[str], assigned: Sequence[str]) -> set[str]:
    """Return the products given to a person: those named, or all filed. Raises: QualificationNotRecorded."""
    outside = [code for code in assigned if code not in filed]
    if outside:
        raise QualificationNotRecorded(
            _("Not in the filing: %(codes)s.") % {"codes": ", ".join(outside)}, field="assigned_codes"
        )
    return set(assigned or filed)


@transaction.atomic
def change_product_scope(
    *, filing_id: UUID, assigned_codes: Sequence[str], reason: str, by: Any, at: datetime
) -> RepFiling:
    """Give a person other products of their filing. What was filed stays as it was filed.

    Raises: PermissionDenied; QualificationNotRecorded for a withdrawn filing, a product not in it, or without a reason.
    Source: MR-08c.
    """
    filing = RepFiling.objects.select_for_update(of=("self",)).get(pk=filing_id)
    _may(by, filing.user_id)
    if filing.withdrawn_on:
        raise QualificationNotRecorded(_("This filing was withdrawn already."))
    if not reason.strip():
        raise QualificationNotRecorded(_("Please give the reason."), field="reason")
    products = list(filing.products.select_for_update().order_by("pk"))
    assigned = assigned_within([one.product_code for one in products], assigned_codes)
    changed = [one for one in products if one.is_assigned != (one.product_code in assigned)]
    for one in changed:
        one.is_assigned = not one.is_assigned
        one.save()
    if changed:
        record(
            "compliance.product_scope_changed",
            subject=f"user:{filing.user_id}",
            by=by,
            at=at,
            reason=reason.strip(),
            rows=changed,
        )
    return filing


@transaction.atomic
def withdraw_filing(*, filing_id: UUID, on: date, reason: str, by: Any, at: datetime) -> RepFiling:
    """Withdraw a filing: at once the person may no longer promote. Raises: PermissionDenied; QualificationNotRecorded."""
    filing = RepFiling.objects.select_for_update(of=("self",)).get(pk=filing_id)
    _may(by, filing.user_id)
    if filing.withdrawn_on:
        raise QualificationNotRecorded(_("This filing was withdrawn already."))
    if not reason.strip():
        raise QualificationNotRecorded(_("Please give the reason."), field="reason")
    filing.withdrawn_on = on
    filing.save()
    drop_filing_check(filing, by=by, at=at)
    return _recorded("filing_withdrawn", filing, filing.user_id, by, at, reason=reason.strip())


@transaction.atomic
def register_at_hospital(
    *,
    user_id: UUID,
    hospital: str,
    number: str = "",
    valid_from: date,
    valid_until: date | None,
    by: Any,
    at: datetime,
) -> HospitalRegistration:
    """Record that a hospital knows the person; `hospital` is its subject string. Raises as above."""
    _may(by, user_id)
    _in_order(valid_from, valid_until)
    row = HospitalRegistration.objects.create(
        user_id=user_id, hospital=hospital, number=number, valid_from=valid_from, valid_until=valid_until
    )
    return _recorded("hospital_registration_recorded", row, user_id, by, at)


@transaction.atomic
def add_course(
    *, code: str, title_zh: str, title_en: str, months_valid: int, pass_mark: int, by: Any, at: datetime
) -> Course:
    """Add a course. Raises: PermissionDenied; QualificationNotRecorded for a code in use."""
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    course, created = Course.objects.get_or_create(
        code=code,
        defaults={
            "title_zh": title_zh,
            "title_en": title_en,
            "months_valid": months_valid,
            "pass_mark": pass_mark,
        },
    )
    if not created:
        raise QualificationNotRecorded(_("This code is in use."), field="code")
    record("compliance.course_added", subject=f"course:{course.pk}", by=by, at=at, rows=[course])
    return course


@transaction.atomic
def assign_course(
    *,
    course_id: UUID,
    role: str,
    product_code: str = "",
    team: str = "",
    points: Sequence[str] = (),
    valid_from: date,
    by: Any,
    at: datetime,
) -> CourseAssignment:
    """Require a course of everybody in a role, in one team or all, for one product or all, from a day. Raises as above."""
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    row, created = CourseAssignment.objects.get_or_create(
        course_id=course_id,
        role=role,
        product_code=product_code,
        team=team,
        valid_from=valid_from,
        defaults={"points": list(points)},
    )
    if not created:
        raise QualificationNotRecorded(_("This course is required already."), field="course")
    record("compliance.course_assigned", subject=f"course:{course_id}", by=by, at=at, rows=[row])
    ensure_duties(by=by, at=at)
    return row


@transaction.atomic
def record_certificate(
    *, user_id: UUID, course_id: UUID, score: int, valid_from: date, valid_until: date, by: Any, at: datetime
) -> Certificate:
    """Record a passed examination. Raises: PermissionDenied; QualificationNotRecorded for a score below the pass mark."""
    _may(by, user_id)
    _in_order(valid_from, valid_until)
    course = Course.objects.get(pk=course_id)
    if score < course.pass_mark:
        raise QualificationNotRecorded(
            _("%(score)s points are below the pass mark of %(mark)s.")
            % {"score": score, "mark": course.pass_mark},
            field="score",
        )
    row, created = Certificate.objects.get_or_create(
        user_id=user_id,
        course=course,
        valid_from=valid_from,
        revoked_at=None,
        attempt=None,
        defaults={"score": score, "valid_until": valid_until, "recorded_by": by},
    )
    if not created:
        raise QualificationNotRecorded(_("A certificate of that day is on file."), field="valid_from")
    if row.valid_until > localtime(at).date():
        settle_duty(certificate=row, at=at)
    return _recorded("certificate_recorded", row, user_id, by, at)


@transaction.atomic
def record_commitment(
    *,
    user_id: UUID,
    text_sha256: str,
    valid_from: date,
    valid_until: date | None = None,
    by: Any,
    at: datetime,
) -> Commitment:
    """Record a signed letter of commitment, by the person themselves or by compliance. Raises as above."""
    if by.pk != user_id:
        _may(by, user_id)
    _in_order(valid_from, valid_until)
    row = Commitment.objects.create(
        user_id=user_id, text_sha256=text_sha256, valid_from=valid_from, valid_until=valid_until
    )
    return _recorded("commitment_recorded", row, user_id, by, at)


def _may(by: Any, user_id: UUID) -> None:
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    if by.pk == user_id:
        raise QualificationNotRecorded(_("Nobody keeps their own qualification."))


def _last_check(user_id: UUID, checked_on: date | None) -> dict[str, Any]:
    """Return what the last bribery check says, for a contract that names no newer one: a record found stays found."""
    last = (
        BriberyCheck.objects.filter(user_id=user_id)
        .exclude(result=CheckResult.OPEN)
        .order_by("-checked_on", "-pk")
        .first()
    )
    if last is None:
        return {}
    found = {"bribery_found": last.result == CheckResult.FOUND, "bribery_due_on": last.due_on}
    return found if checked_on else {**found, "bribery_checked_on": last.checked_on}


def _in_order(valid_from: date, valid_until: date | None) -> None:
    if valid_until is not None and valid_until <= valid_from:
        raise QualificationNotRecorded(_("The end has to lie after the start."), field="valid_until")


def _recorded(event: str, row: Any, user_id: UUID, by: Any, at: datetime, *, reason: str = "") -> Any:
    record(f"compliance.{event}", subject=f"user:{user_id}", by=by, at=at, reason=reason, rows=[row])
    return row
