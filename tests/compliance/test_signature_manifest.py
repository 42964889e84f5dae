"""Signatures under a subject, over REST and on paper, for whoever may open the subject."""

import io
import json
from datetime import timedelta

import pypdfium2
import pytest
from django.urls import reverse
from django.utils.translation import override
from pypdf import PdfReader

from compliance import actions as law
from compliance.actions.sealing import seal
from compliance.models import Signature
from compliance.selectors.log import published_key
from compliance.selectors.manifest import may_read_signatures
from compliance.selectors.signature_sheet import signature_sheet
from compliance.verify import verify as program
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.training import published

pytestmark = pytest.mark.django_db
MANIFEST = "/api/v1/compliance/signatures/"


@pytest.fixture
def course(officer, person):
    boss = person("boss", Role.COMPLIANCE, name="钱明")
    return published(officer, boss, at=AT)


def words_of(pdf):
    pages = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_bounded() for page in pages).split())


def test_whoever_may_open_a_course_reads_who_signed_it_with_zone_meaning_hash_and_act(course, rep, client):
    client.force_login(rep)

    answer = client.get(f"{MANIFEST}course:{course.course_id}/")

    (one,) = answer.json()
    signature = Signature.objects.get()
    assert answer.status_code == 200
    assert one["printed_name"] == "钱明"
    assert one["meaning"] == "course_published"
    assert one["signed_at"].endswith("+08:00")
    assert (one["time_zone"], one["content_sha256"]) == ("Asia/Shanghai", signature.content_sha256)
    assert (one["is_untouched"], one["event"]) == (True, "compliance.approval_agreed")
    assert one["entry"]


@pytest.mark.parametrize(
    "subject", ["material_version:0", "privacy_request:x", "nothing:1", "retention:1", "case:1"]
)
def test_what_one_may_not_open_is_not_there(subject, rep, client):
    client.force_login(rep)

    assert client.get(f"{MANIFEST}{subject}/").status_code == 404
    assert client.get(reverse("compliance:signature-sheet"), {"subject": subject}).status_code == 404


def test_whoever_signed_reads_it_and_a_person_without_an_account_does_not(rep, officer, other_rep, client):
    given = law.sign(
        subject="plan:1", content_sha256="0" * 64, meaning="approved", by=rep, at=AT, proof=proof_of(rep, AT)
    )

    read = [may_read_signatures(one, given.subject) for one in (rep, officer, other_rep)]

    assert read == [True, True, False]
    assert client.get(f"{MANIFEST}{given.subject}/").status_code == 401


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "内容正确、完整"), ("en", "The content is right and complete")]
)
def test_the_sheet_names_signer_meaning_moment_zone_digest_and_act(course, language, words):
    with override(language):
        pdf = signature_sheet(f"course:{course.course_id}")

    text = words_of(pdf)
    local = (AT + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S+08:00")
    for said in ("钱明", local, "Asia/Shanghai", Signature.objects.get().content_sha256[:20]):
        assert said in text
    assert words.replace(" ", "") in text


def test_the_sheet_of_what_nobody_signed_says_so():
    with override("en"):
        text = words_of(signature_sheet("rule:RD-01"))

    assert "Nobodyhassigned." in text


def _checked(receipt):
    program.verify_receipt(receipt, published_key(), set())
    (row,) = [one for one in receipt["records"] if one]
    return row


def test_a_signature_has_its_receipt_on_its_page_over_rest_and_inside_the_pdf(course, rep, client):
    signature = Signature.objects.get()
    client.force_login(rep)  # who may open the course reads its signatures
    page = reverse("compliance:signature-receipt", args=[signature.pk])
    early = client.get(page)
    seal(at=AT, sign_now=True, anchor=False)

    downloaded = client.get(page).json()
    (over_rest,) = client.get(f"{MANIFEST}course:{course.course_id}/").json()
    attached = PdfReader(io.BytesIO(signature_sheet(f"course:{course.course_id}"))).attachments

    assert early.status_code == 409
    assert list(attached) == [f"receipt-{signature.pk}.json"]
    in_the_pdf = json.loads(attached[f"receipt-{signature.pk}.json"][0])
    for receipt in (downloaded, over_rest["receipt"], in_the_pdf):
        assert str(signature.pk) in json.dumps(_checked(receipt))
        assert receipt["reason"] == []
    over_rest["receipt"]["entry"] = over_rest["receipt"]["entry"].replace("钱明", "周正")
    with pytest.raises(program.Differs):
        program.verify_receipt(over_rest["receipt"], published_key(), set())


def test_a_receipt_of_what_one_may_not_read_is_not_there(rep, other_rep, client):
    given = law.sign(
        subject="plan:1", content_sha256="0" * 64, meaning="approved", by=rep, at=AT, proof=proof_of(rep, AT)
    )
    client.force_login(other_rep)

    assert client.get(reverse("compliance:signature-receipt", args=[given.pk])).status_code == 404
