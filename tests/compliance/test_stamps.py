"""A signature on paper: name, post, meaning, moment with its zone, fingerprint. Source: 21 CFR 11.50; ER-08."""

import pypdfium2
import pytest
from django.db import connection

from compliance import actions as law
from compliance.selectors.certificate_pdf import certificate_pdf
from compliance.selectors.signatures import stamps_of
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.training import passed, published

pytestmark = pytest.mark.django_db
SHA = "ab12" * 16


def test_a_stamp_says_everything_that_was_signed(reviewer):
    reviewer.job_title = "医学经理"
    law.sign(
        subject="material:1",
        content_sha256=SHA,
        meaning="approved",
        by=reviewer,
        at=AT,
        proof=proof_of(reviewer, AT),
    )

    (stamp,) = stamps_of("material:1")

    assert stamp.line == (
        f"何若水, 医学经理; approved; 2026-11-23T14:00:00+08:00 Asia/Shanghai; sha256 {SHA}"
    )
    assert stamp.is_untouched


def test_a_changed_signature_says_so(reviewer):
    law.sign(
        subject="material:1",
        content_sha256=SHA,
        meaning="approved",
        by=reviewer,
        at=AT,
        proof=proof_of(reviewer, AT),
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE compliance_signature DISABLE TRIGGER USER")
        cursor.execute("UPDATE compliance_signature SET meaning = 'refused'")
        cursor.execute("ALTER TABLE compliance_signature ENABLE TRIGGER USER")

    assert [stamp.is_untouched for stamp in stamps_of("material:1")] == [False]


def test_a_certificate_shows_who_signed_the_course_and_under_what(officer, person, rep):
    version = published(officer, person("second", Role.COMPLIANCE, name="秦川"), at=AT)
    certificate = passed(version, rep, at=AT)

    page = pypdfium2.PdfDocument(certificate_pdf(certificate, None))[0]
    words = page.get_textpage().get_text_range()

    signature = version.signature
    assert signature.printed_name in words
    assert "+08:00 Asia/Shanghai" in words
    assert signature.content_sha256[:16] in words
