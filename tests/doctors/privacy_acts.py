"""Acts of consents, notices and the privacy desk."""

from __future__ import annotations

from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.doctors.master_rows import own_doctor
from tests.doctors.privacy_rows import a_draft, checked_request, frozen_doctor, own_draft, own_link
from tests.factories.doctors import make_purpose


def answer_of_doctor(person):
    return own_doctor(person), {"state": "withdrawn", "channel": "sms"}


def notice_words(_person):
    make_purpose()
    return {}, {
        "purpose": "academic_contact", "text_zh": "告知", "text_en": "Notice", "valid_from": "2026-12-01",
    }  # fmt: skip


def words_of_doctor(person):
    return own_doctor(person), {"kind": "copy", "source": "rep"}


PRIVACY_ACTS = [
    Act("doctors:consent-lattice", Role.REP, answer_of_doctor),
    Act("doctors:notice-new", Role.COMPLIANCE, notice_words),
    Act(
        "doctors:notice-change",
        Role.COMPLIANCE,
        lambda person: (own_draft(person), {"text_zh": "新", "text_en": "New", "valid_from": "2026-12-01"}),
    ),
    Act("doctors:notice-move", Role.COMPLIANCE, lambda person: (a_draft(person), {})),
    Act("doctors:request-new", Role.REP, words_of_doctor),
    Act(
        "doctors:request-move",
        Role.COMPLIANCE,
        lambda person: (checked_request(person), {"how": "call_back"}),
    ),
    Act(
        "doctors:frozen-read",
        Role.COMPLIANCE,
        lambda person: (frozen_doctor(person), {"purpose": "调查取证"}),
    ),
    Act("doctors:link-move", Role.REP, lambda person: (own_link(person), {})),
]
