"""Rows of the kernel for tests."""

from __future__ import annotations

import base64
import hashlib
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.utils.timezone import localtime

from compliance import actions as law
from compliance.actions import SignatureProof
from compliance.actions.signing import code_at
from compliance.models import Course

PASSWORD = "correct horse battery"


def secret_of(user) -> str:
    return base64.b32encode(hashlib.sha256(f"tests:{user.pk}".encode()).digest()[:20]).decode()


def give_totp(user) -> None:
    """Give a person the second factor that signing asks for."""
    Authenticator.objects.get_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": encrypt(secret_of(user))}}
    )


def totp_code(user, at: datetime) -> str:
    """Return the code that the person's app shows at a moment."""
    return code_at(secret_of(user), at)


def proof_of(user, at: datetime, *, session_key: str = "") -> SignatureProof:
    """Return what a person with a second factor enters to sign at a moment; sets the factor up."""
    give_totp(user)
    return SignatureProof(password=PASSWORD, code=totp_code(user, at), session_key=session_key)


# What a filing names besides the holder and the products. Source: MR-05.
FILED_IN_FULL = {
    "sex": "female",
    "identity_kind": "resident",
    "contract_from": date(2025, 1, 1),
    "drug_category": "化学药",
    "evidence_sha256": "cd" * 32,
    "photo_sha256": "ab" * 32,
    "identity_number": "110101199003070000",
    "major": "药学",
    "degree": "本科",
    "therapeutic_area": "心血管",
    "truth_stated": True,
}


def qualify(
    user,
    *products: str,
    by,
    at: datetime,
    contract: str = "employment",
    courses: tuple[str, ...] = (),
    hospital: str = "",
) -> None:
    """Give a person all that field work asks for: contract, filing for products, commitment, certificates."""
    day = localtime(at).date()
    since, until = day - timedelta(days=200), day + timedelta(days=200)
    law.record_employment(
        user_id=user.pk,
        kind=contract,
        valid_from=since,
        degree_proven=True,
        bribery_checked_on=since,
        by=by,
        at=at,
    )
    law.file_representative(
        user_id=user.pk,
        number=f"BA-{user.username}-{user.pk.hex[-6:]}",
        name=str(user),
        mah_name="远山制药有限公司",
        mah_code="91310000MA1FL00000",
        product_codes=products or ("RB01",),
        valid_from=since,
        valid_until=until,
        by=by,
        at=at,
        **FILED_IN_FULL,
    )
    law.record_commitment(
        user_id=user.pk, text_sha256="0" * 64, valid_from=since, valid_until=until, by=by, at=at
    )
    for code in courses:
        course = Course.objects.get(code=code)
        law.record_certificate(
            user_id=user.pk, course_id=course.pk, score=90, valid_from=since, valid_until=until, by=by, at=at
        )
    if hospital:
        law.register_at_hospital(
            user_id=user.pk, hospital=hospital, valid_from=since, valid_until=until, by=by, at=at
        )


def make_assessment(number="PIA-2026-003", *, review_on=None, **fields):
    """An approved impact assessment that holds for long."""
    from compliance.models import ImpactAssessment
    from pharmacrm.accounts.models import User

    keeper, _new = User.objects.get_or_create(username="pia-approver", defaults={"email": "pia@example.com"})
    return ImpactAssessment.objects.get_or_create(
        number=number,
        defaults={
            "title": "医生分层评分",
            "kind": "profiling",
            "state": "approved",
            "lawful_basis": "个人信息保护法第十三条",
            "data_used": "公开职业信息",
            "necessity": "选择学术内容",
            "risks": "被误分层",
            "measures": "可解释、可拒绝、可申诉",
            "approved_by": keeper,
            "approved_on": date(2026, 1, 5),
            "review_on": review_on or date(2099, 1, 1),
            **fields,
        },
    )[0]
