"""A signature over words that a decision erased later: neither forged nor valid over other bytes. Promises P5 and P9."""

from datetime import timedelta

import pypdfium2
import pytest
from django.urls import reverse
from django.utils.translation import override

from compliance import actions as law
from compliance.actions.reviews import mark_item, review_fingerprint, review_last_month, sign_review
from compliance.actions.sealing import seal
from compliance.actions.verifying import verify
from compliance.models import LedgerEntry, TrailReviewItem
from compliance.selectors.log import published_key, receipt_of
from compliance.selectors.manifest import manifest_of
from compliance.selectors.signature_sheet import signature_sheet
from compliance.selectors.signatures import is_untouched, is_valid
from compliance.selectors.standing import signed_rows, standing_of
from compliance.verify import verify as program
from doctors import actions as doctors
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
WHY = "Privacy request PR-2026-00007"


@pytest.fixture
def doctor(person):
    steward = person("steward", Role.STEWARD, name="沈思")
    return doctors.create_doctor(name="单雄信", by=steward, at=AT)


@pytest.fixture
def review(rep, officer, person, doctor):
    person("officer2", Role.COMPLIANCE, name="吴双")
    law.record("test.done", subject=f"doctor:{doctor.pk}", by=rep, at=AT - timedelta(days=30))
    seal(at=AT, sign_now=True, anchor=False)
    drawn = review_last_month(on=AT.date(), at=AT)
    for item in drawn.items.all():
        mark_item(item_id=item.pk, mark="fine", note="已向单雄信本人核实", by=officer, at=AT)
    return sign_review(
        review_id=drawn.pk, conclusion="无异常", by=officer, at=AT, proof=proof_of(officer, AT)
    )


def erase(doctor, officer):
    doctors.erase_doctor(doctor.pk, by=officer, at=LATER, request_id=None, reason=WHY)
    return LedgerEntry.objects.get(event="doctors.doctor_erased")


def standing(review):
    review.refresh_from_db()
    return standing_of(review.signature, review_fingerprint(review), signed_rows(review))


def words_of(pdf):
    pages = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_bounded() for page in pages).split())


def test_the_signature_of_erased_words_is_neither_valid_nor_void_and_names_the_decision(
    review, doctor, officer
):
    assert standing(review).state == "valid"

    entry = erase(doctor, officer)

    now = standing(review)
    assert "单雄信" not in review.items.first().note
    assert not is_valid(review.signature, review_fingerprint(review))
    assert is_untouched(review.signature)
    assert (now.state, now.erased.decision, now.erased.entry) == ("erased", WHY, entry.pk)


def test_page_manifest_list_and_paper_say_by_which_decision(review, doctor, officer, client):
    client.force_login(officer)
    page, shown = reverse("compliance:review-detail", args=[review.pk]), "void: the content changed"
    before = client.get(page, headers={"Accept-Language": "en"}).content.decode()
    entry = erase(doctor, officer)

    after = client.get(page, headers={"Accept-Language": "en"}).content.decode()
    listed = client.get(reverse("compliance:signature-list")).content.decode()
    (one,) = client.get(f"/api/v1/compliance/signatures/trail_review:{review.pk}/").json()
    with override("zh-hans"):
        paper = words_of(signature_sheet(f"trail_review:{review.pk}"))

    assert WHY not in before
    assert shown not in before + after
    assert WHY in after
    assert WHY in listed
    assert (one["is_untouched"], one["erased_by"], one["erased_entry"]) == (True, WHY, str(entry.pk))
    assert WHY.replace(" ", "") in paper
    assert "被改动" not in paper


def test_the_whole_check_and_the_program_of_others_still_agree(review, doctor, officer):
    erase(doctor, officer)
    seal(at=LATER, sign_now=True, anchor=False)

    assert verify(at=LATER).differences == []
    for signed in manifest_of(f"trail_review:{review.pk}"):
        receipt = receipt_of(LedgerEntry.objects.get(pk=signed.entry))
        assert program.verify_receipt(receipt, published_key(), set())


@pytest.mark.parametrize("change", [{"note": "后来改的"}, {"mark": "question"}])
def test_a_change_beside_an_erasure_still_voids_the_signature(review, doctor, officer, change):
    erase(doctor, officer)

    TrailReviewItem.objects.filter(review=review).update(**change)

    assert standing(review).state == "changed"


def test_a_change_that_keeps_its_history_voids_it_too(review, doctor, officer):
    erase(doctor, officer)
    item = review.items.first()
    item.note = "后来改的"
    item.save()
    law.record("test.changed", subject=f"trail_review:{review.pk}", by=officer, at=LATER, rows=[item])

    assert standing(review).state == "changed"


def test_an_erasure_before_the_signature_says_nothing_of_it(rep, officer, person, doctor):
    person("officer2", Role.COMPLIANCE, name="吴双")
    law.record("test.done", subject=f"doctor:{doctor.pk}", by=rep, at=AT - timedelta(days=30))
    seal(at=AT, sign_now=True, anchor=False)
    drawn = review_last_month(on=AT.date(), at=AT)
    for item in drawn.items.all():
        mark_item(item_id=item.pk, mark="fine", note="已向单雄信本人核实", by=officer, at=AT)
    erase(doctor, officer)
    after = LATER + timedelta(hours=1)

    signed = sign_review(
        review_id=drawn.pk, conclusion="无异常", by=officer, at=after, proof=proof_of(officer, after)
    )

    assert standing(signed).state == "valid"
    assert manifest_of(f"trail_review:{drawn.pk}")[0].erased_by == ""
