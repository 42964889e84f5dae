"""A filing names everything the law asks for; what changes is filed within thirty days; who left is removed, with proof."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from compliance import actions as law
from compliance.models import Employment, Finding, LedgerEntry, RepFiling
from compliance.selectors.filings import card_words, filing_duties, missing_of_filing
from compliance.selectors.qualification import standing_of
from pharmacrm.accounts.choices import Role
from pharmacrm.common.files import store
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.compliance import qualify
from tests.factories.content import pdf_bytes

pytestmark = pytest.mark.django_db
DAY = AT.date()
DETAILS = {
    "sex": "female", "identity_kind": "resident", "major": "药学", "degree": "本科", "contract_from": DAY,
    "drug_category": "化学药品", "therapeutic_area": "心血管", "truth_stated": True,
}  # fmt: skip
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@pytest.fixture
def filing(rep, officer):
    qualify(rep, "P1", by=officer, at=AT)
    row = RepFiling.objects.get(user=rep)
    for name, empty in (
        ("sex", ""),
        ("major", ""),
        ("degree", ""),
        ("therapeutic_area", ""),
        ("photo_sha256", ""),
        ("identity_kind", ""),
        ("contract_from", None),
        ("drug_category", ""),
        ("evidence_sha256", ""),
    ):
        setattr(row, name, empty)
    row.truth_stated, row.identity_sealed = False, None
    row.save()
    return row


def kept(content, officer, media_type="application/pdf"):
    return store([content], media_type=media_type, by=officer, at=AT, max_bytes=1 << 20)


def test_a_filing_says_what_it_lacks_until_all_fields_of_the_law_are_there(filing, officer):
    assert len(missing_of_filing(filing)) == 11

    done = law.complete_filing(
        filing_id=filing.pk, **DETAILS, identity_number="110101199003070000", reason="补齐",
        photo=kept(PNG, officer, "image/png"), evidence=kept(b"%PDF-1.7 platform", officer), by=officer, at=AT,
    )  # fmt: skip

    assert missing_of_filing(done) == []
    assert "110101199003070000" not in str(RepFiling.history.values())
    entry = LedgerEntry.objects.get(event="compliance.filing_completed")
    assert (entry.subject, entry.reason) == (f"user:{filing.user_id}", "补齐")


def test_a_holder_abroad_names_who_acts_for_it_here(filing, officer):
    done = law.complete_filing(filing_id=filing.pk, is_overseas_mah=True, reason="x", by=officer, at=AT)

    assert {"domestic_name", "domestic_code"} <= set(missing_of_filing(done))


@pytest.mark.parametrize(
    "change",
    [{"reason": " ", "major": "药学"}, {"reason": "x"}, {"reason": "x", "number": "2"},
     {"reason": "x", "contract_from": DAY, "contract_until": DAY}],
)  # fmt: skip
def test_a_filing_is_not_changed_without_a_reason_or_anything_new(filing, officer, change):
    with pytest.raises(law.QualificationNotRecorded):
        law.complete_filing(filing_id=filing.pk, **change, by=officer, at=AT)

    assert not LedgerEntry.objects.filter(event="compliance.filing_completed").exists()


def test_nobody_but_an_officer_keeps_a_filing_and_nobody_their_own(filing, rep, manager):
    for by in (rep, manager):
        with pytest.raises(PermissionDenied):
            law.complete_filing(filing_id=filing.pk, major="药学", reason="x", by=by, at=AT)
        with pytest.raises(PermissionDenied):
            law.report_change(user_id=filing.user_id, what="学历", changed_on=DAY, by=by, at=AT)


def test_a_change_runs_thirty_days_then_stops_field_work_until_its_proof_is_there(filing, officer, rep):
    law.report_change(user_id=rep.pk, what="治疗领域变更", changed_on=DAY, by=officer, at=AT)
    (duty,) = filing_duties(AT, user_id=rep.pk)
    assert (duty.cause, duty.what, duty.due_on) == ("change", "治疗领域变更", DAY + timedelta(days=30))
    with pytest.raises(law.QualificationNotRecorded):
        law.report_change(user_id=rep.pk, what="再次", changed_on=DAY, by=officer, at=AT)
    late = AT + timedelta(days=31)
    assert standing_of(rep.pk, "visit.plan", ["P1"], late).change_open_days == 31

    law.mind_filings(at=late)
    law.mind_filings(at=late)

    finding = Finding.objects.get(kind="filing_late")
    assert (finding.rule, finding.subject) == ("MR-07", f"user:{rep.pk}")
    law.complete_filing(
        filing_id=filing.pk, therapeutic_area="内分泌", evidence=kept(b"%PDF-1.7 new", officer), reason="变更", by=officer,
        at=late,
    )  # fmt: skip
    assert filing_duties(late, user_id=rep.pk) == []
    assert standing_of(rep.pk, "visit.plan", ["P1"], late).change_open_days == 0


def test_who_leaves_stops_at_once_and_the_filing_is_to_be_removed_with_proof(filing, officer, rep):
    law.end_employment(employment_id=Employment.objects.get(user=rep).pk, on=DAY, by=officer, at=AT)
    assert not standing_of(rep.pk, "visit.plan", ["P1"], AT).employed
    (duty,) = filing_duties(AT, user_id=rep.pk)
    assert (duty.cause, duty.filing, duty.due_on) == ("leave", filing, DAY + timedelta(days=30))

    law.withdraw_filing(filing_id=filing.pk, on=DAY, reason="离职", by=officer, at=AT)
    assert len(filing_duties(AT, user_id=rep.pk)) == 1  # the proof is not there yet
    law.prove_withdrawal(filing_id=filing.pk, proof=kept(b"%PDF-1.7 gone", officer), by=officer, at=AT)

    assert filing_duties(AT, user_id=rep.pk) == []


def test_a_filing_that_ends_within_thirty_days_is_told_once(filing, officer, rep):
    filing.valid_until = DAY + timedelta(days=20)
    filing.save()

    for _time in (1, 2):
        law.mind_filings(at=AT)

    assert set(Notification.objects.filter(kind="filing_ends").values_list("recipient", flat=True)) == {rep.pk, officer.pk}  # fmt: skip
    assert Notification.objects.filter(kind="filing_ends").count() == 2


def test_an_officer_completes_a_filing_on_its_page_and_the_person_shows_their_card(
    client, filing, officer, rep
):
    client.force_login(officer)
    page = reverse("compliance:filing-show", args=[filing.pk])
    said = {
        **DETAILS, "name": filing.name, "mah_name": filing.mah_name, "mah_code": filing.mah_code, "reason": "补齐",
        "contract_from": DAY.isoformat(), "identity_number": "110101199003070000",
        "photo": SimpleUploadedFile("a.png", PNG, "image/png"),
        "evidence": SimpleUploadedFile("a.pdf", pdf_bytes(), "application/pdf"),
    }  # fmt: skip

    answer = client.post(page, said)

    filing.refresh_from_db()
    assert answer.status_code == 302, answer.context["form"].errors
    assert missing_of_filing(filing) == []
    client.force_login(rep)
    card = client.get(reverse("compliance:filing-card", args=[filing.pk])).content.decode()
    assert filing.number in card
    assert filing.mah_code in card_words(filing)
    photo = client.get(reverse("compliance:filing-file", args=[filing.pk, "photo"]))
    assert photo["Content-Type"] == "image/png"


def test_a_stranger_reads_no_filing_of_somebody_else(client, filing, person):
    client.force_login(person("stranger", Role.REP, name="别人"))

    for name, args in (("filing-show", []), ("filing-card", []), ("filing-file", ["photo"])):
        assert client.get(reverse(f"compliance:{name}", args=[filing.pk, *args])).status_code == 404
