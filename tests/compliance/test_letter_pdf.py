"""A letter on paper: its words, and each signature with name, moment and zone, meaning and digest."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from compliance import actions as law
from compliance.actions.letters import letter_fingerprint
from compliance.models import ApprovalStep, CaseLetter, Commitment, Signature
from compliance.selectors.letter_pdf import commitment_pdf, letter_pdf
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="梁慎", job_title="合规专员")


@pytest.fixture
def letter(officer, second):
    case = law.open_case(kind="finding", subject="event:1", title="签到不全", by=officer, at=AT)
    made = law.draft_letter(
        case_id=case.pk,
        audience="authority",
        title="关于签到的说明",
        body="我们已核查。\n\n<b>措施</b>如下。",
        by=officer,
        at=AT,
    )
    law.ask_letter(letter_id=made.pk, approvers=[second], by=officer, at=AT)
    return made


def agree(letter, second):
    step = ApprovalStep.objects.get(request__subject=f"letter:{letter.pk}")
    law.decide(step_id=step.pk, verb="agree", by=second, at=AT, proof=proof_of(second, AT))
    letter.refresh_from_db()


def words_of(pdf):
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_agreeing_to_a_letter_takes_a_signature_under_its_words(letter, second):
    step = ApprovalStep.objects.get(request__subject=f"letter:{letter.pk}")
    with pytest.raises(law.ApprovalNotDecided):
        law.decide(step_id=step.pk, verb="agree", by=second, at=AT)

    agree(letter, second)

    signature = Signature.objects.get(subject=f"letter:{letter.pk}")
    assert (signature.signer, signature.meaning) == (second, "letter_approved")
    assert signature.content_sha256 == letter_fingerprint(letter)


def test_a_letter_asked_about_is_printed_as_a_draft_and_an_approved_one_with_its_signature(letter, second):
    before = words_of(letter_pdf(letter, letter_fingerprint(letter)))
    agree(letter, second)

    with translation.override("zh-hans"):
        after = words_of(letter_pdf(letter, letter_fingerprint(letter)))

    assert "草稿" in before
    assert "草稿" not in after
    for said in (
        "关于签到的说明",
        "<b>措施</b>如下。",
        "梁慎",
        "合规专员",
        "Asia/Shanghai",
        letter_fingerprint(letter),
        "可按现稿发出",
    ):
        assert said in after


def test_a_letter_changed_after_it_was_signed_says_on_paper_that_its_signature_is_void(letter, second):
    agree(letter, second)
    other = CaseLetter.objects.get(pk=letter.pk)
    CaseLetter.objects.filter(pk=letter.pk).update(title_sealed=other.case.sealed("另一封信"))

    changed = CaseLetter.objects.get(pk=letter.pk)

    assert "失效" in words_of(letter_pdf(changed, letter_fingerprint(changed)))


def test_the_team_and_the_approver_fetch_a_letter_and_a_stranger_does_not(
    letter, officer, second, rep, client
):
    answers = []
    for reader in (officer, second, rep):
        client.force_login(reader)
        answers.append(client.get(reverse("compliance:letter-file", args=[letter.pk])).status_code)

    assert answers == [200, 200, 404]


def test_a_commitment_is_printed_with_its_text_and_its_one_signature(officer, second, rep, other_rep, client):
    text = law.draft_letter_text(
        text_zh="我承诺不送礼。", text_en="I give no gifts.", months_valid=12, by=officer, at=AT
    )
    law.publish_letter_text(text_id=text.pk, by=second, at=AT, proof=proof_of(second, AT))
    law.sign_commitment(text_id=text.pk, by=rep, at=AT, proof=proof_of(rep, AT))
    later = AT + timedelta(minutes=20)
    law.sign_commitment(text_id=text.pk, by=rep, at=later, proof=proof_of(rep, later))
    row = Commitment.objects.order_by("created_at").first()

    with translation.override("en"):
        said = words_of(commitment_pdf(row))
    client.force_login(rep)
    own = client.get(reverse("compliance:commitment-file", args=[row.pk]))
    client.force_login(other_rep)

    assert "Igivenogifts." in said
    assert said.count(row.text_sha256) >= 2
    assert said.count("Asia/Shanghai") == 1
    assert own["Content-Type"] == "application/pdf"
    assert client.get(reverse("compliance:commitment-file", args=[row.pk])).status_code == 404
