"""Letters of commitment and checks of bribery."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from compliance import actions as law
from compliance.models import BriberyCheck, BriberyListEntry, Commitment, Employment, LedgerEntry, LetterText
from compliance.selectors.gates import gates_of
from compliance.selectors.qualification import qualified, standing_of
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.factories.compliance import proof_of, qualify


@pytest.fixture
def boss(person):
    return person("boss", Role.COMPLIANCE, name="钱明")


def in_force(author, publisher, at, words="我承诺"):
    text = law.draft_letter_text(text_zh=words, text_en=f"{words} en", months_valid=12, by=author, at=at)
    return law.publish_letter_text(
        text_id=text.pk, by=publisher, at=at, proof=proof_of(publisher, at, session_key=words)
    )


def listed(by, at, **line):
    return law.add_list_entries(
        entries=[{"source": "判决书", "published_on": at.date(), **line}], by=by, at=at
    )


@pytest.mark.django_db
def test_the_letter_is_signed_by_the_person_and_counts_at_once(officer, boss, rep, at):
    text = in_force(officer, boss, at)
    assert not qualified(rep.pk, "visit.plan", "", at).commitment_signed

    row = law.sign_commitment(text_id=text.pk, by=rep, at=at, proof=proof_of(rep, at))

    assert qualified(rep.pk, "visit.plan", "", at).commitment_signed
    assert (row.signature.signer, row.signature.content_sha256) == (rep, text.sha256)
    assert row.valid_until.isoformat() == "2027-11-23"
    assert LedgerEntry.objects.filter(event="compliance.commitment_signed", subject=f"user:{rep.pk}").exists()


@pytest.mark.django_db
def test_a_new_text_is_signed_anew_within_thirty_days(officer, boss, rep, at):
    text = in_force(officer, boss, at)
    law.sign_commitment(text_id=text.pk, by=rep, at=at, proof=proof_of(rep, at))
    later = at + timedelta(days=5)

    new = in_force(boss, officer, later, words="我再次承诺")

    def signed(days):
        return qualified(rep.pk, "visit.plan", "", later + timedelta(days=days)).commitment_signed

    assert [signed(days) for days in (0, 30, 31)] == [True, True, False]
    assert Notification.objects.filter(recipient=rep, kind="letter_changed").count() == 1
    with pytest.raises(law.IntegrityNotRecorded):
        law.sign_commitment(text_id=text.pk, by=rep, at=later, proof=proof_of(rep, later))
    law.sign_commitment(text_id=new.pk, by=rep, at=later, proof=proof_of(rep, later))
    assert signed(31)


@pytest.mark.django_db
def test_nobody_puts_their_own_letter_in_force(officer, boss, rep, at):
    text = law.draft_letter_text(text_zh="我", text_en="I", months_valid=12, by=officer, at=at)

    for person in (officer, rep):
        with pytest.raises(PermissionDenied):
            law.publish_letter_text(text_id=text.pk, by=person, at=at, proof=proof_of(person, at))
    with pytest.raises(PermissionDenied):
        law.draft_letter_text(text_zh="我", text_en="I", months_valid=12, by=rep, at=at)
    with pytest.raises(law.IntegrityNotRecorded):
        law.draft_letter_text(text_zh="我", text_en=" ", months_valid=12, by=officer, at=at)

    assert LetterText.objects.get().state == "draft"


@pytest.mark.django_db
def test_a_wrong_password_signs_no_letter(officer, boss, rep, at):
    text = in_force(officer, boss, at)
    proof = proof_of(rep, at)

    with pytest.raises(law.WrongProof):
        law.sign_commitment(
            text_id=text.pk, by=rep, at=at, proof=law.SignatureProof("falsch", proof.code, "s")
        )

    assert not Commitment.objects.exists()


@pytest.mark.django_db
def test_a_clear_check_is_due_again_in_a_year(officer, rep, at):
    law.record_employment(user_id=rep.pk, valid_from=at.date(), by=officer, at=at)

    check = law.check_bribery(user_id=rep.pk, source="裁判文书网", by=officer, at=at)

    assert (check.result, check.due_on.isoformat()) == ("clear", "2027-11-23")
    standing = standing_of(rep.pk, "visit.plan", [], at)
    assert (standing.bribery_checked, standing.bribery_found, standing.bribery_check_overdue) == (
        True,
        False,
        False,
    )
    assert standing_of(rep.pk, "visit.plan", [], at + timedelta(days=366)).bribery_check_overdue


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["林岚", "林 岚", "林·岚"])
def test_a_hit_waits_for_another_officer_and_a_record_found_stops_at_once(officer, boss, rep, at, name):
    qualify(rep, by=officer, at=at)
    listed(officer, at, person=name)

    check = law.check_bribery(user_id=rep.pk, source="名单", by=officer, at=at)

    assert check.result == "open"
    told = Notification.objects.filter(kind="approval_asked")
    assert [one.recipient for one in told] == [boss]
    with pytest.raises(PermissionDenied):
        law.decide_hit(check_id=check.pk, result="other", note="同名", by=officer, at=at)
    law.decide_hit(check_id=check.pk, result="found", note="身份证号一致", by=boss, at=at)
    assert standing_of(rep.pk, "visit.plan", [], at).bribery_found
    assert "MR-06d" in {refusal.rule for refusal in gates_of(rep, at) if refusal.blocks}
    with pytest.raises(law.IntegrityNotRecorded):
        law.decide_hit(check_id=check.pk, result="other", note="x", by=boss, at=at)


@pytest.mark.django_db
def test_somebody_else_of_that_name_is_clear(officer, boss, rep, at):
    qualify(rep, by=officer, at=at)
    listed(officer, at, person="林岚")
    check = law.check_bribery(user_id=rep.pk, source="名单", by=officer, at=at)

    for result, note in (("found", " "), ("clear", "x")):
        with pytest.raises(law.IntegrityNotRecorded):
            law.decide_hit(check_id=check.pk, result=result, note=note, by=boss, at=at)
    law.decide_hit(check_id=check.pk, result="other", note="年龄不符", by=boss, at=at)

    assert not standing_of(rep.pk, "visit.plan", [], at).bribery_found
    assert BriberyCheck.objects.get().reviewed_by == boss


@pytest.mark.django_db
def test_an_earlier_employer_on_a_list_is_a_hit_too(officer, rep, at):
    listed(officer, at, company="某某 医药公司")

    check = law.check_bribery(
        user_id=rep.pk, source="名单", earlier_company="某某医药公司", by=officer, at=at
    )

    assert check.result == "open"


@pytest.mark.django_db
def test_a_record_found_stays_found_in_the_next_contract(officer, boss, rep, at):
    qualify(rep, by=officer, at=at)
    listed(officer, at, person="林岚")
    check = law.check_bribery(user_id=rep.pk, source="名单", by=officer, at=at)
    law.decide_hit(check_id=check.pk, result="found", note="本人", by=boss, at=at)

    row = law.record_employment(user_id=rep.pk, valid_from=at.date(), by=officer, at=at)

    assert Employment.objects.get(pk=row.pk).bribery_found


@pytest.mark.django_db
def test_a_line_is_listed_once_and_names_somebody(officer, rep, at):
    assert listed(officer, at, person="张三") == 1
    assert listed(officer, at, person="张 三") == 0
    with pytest.raises(law.IntegrityNotRecorded):
        listed(officer, at)
    with pytest.raises(PermissionDenied):
        listed(rep, at, person="李四")
    with pytest.raises(law.IntegrityNotRecorded):
        law.check_bribery(user_id=officer.pk, source="名单", by=officer, at=at)
    with pytest.raises(law.IntegrityNotRecorded):
        law.check_bribery(user_id=rep.pk, source=" ", by=officer, at=at)

    assert BriberyListEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_registration_ends_with_a_reason(officer, rep, at):
    row = law.register_at_hospital(
        user_id=rep.pk, hospital="hospital:1", valid_from=at.date() - timedelta(days=9), valid_until=None, by=officer, at=at
    )  # fmt: skip

    with pytest.raises(law.IntegrityNotRecorded):
        law.end_registration(registration_id=row.pk, on=at.date(), reason=" ", by=officer, at=at)
    law.end_registration(registration_id=row.pk, on=at.date(), reason="调岗", by=officer, at=at)

    assert not standing_of(rep.pk, "visit.plan", [], at, hospital="hospital:1").registered_at_hospital
    with pytest.raises(law.IntegrityNotRecorded):
        law.end_registration(registration_id=row.pk, on=at.date(), reason="调岗", by=officer, at=at)
    with pytest.raises(PermissionDenied):
        law.end_registration(registration_id=row.pk, on=at.date(), reason="x", by=rep, at=at)


@pytest.mark.django_db
def test_gates_name_the_rule_and_what_to_do(officer, rep, at):
    lacking = {refusal.rule for refusal in gates_of(rep, at)}
    qualify(rep, by=officer, at=at)

    assert {"MR-01", "MR-06b", "MR-06d", "MR-08"} <= lacking
    (policy,) = gates_of(rep, at)
    assert (policy.rule, policy.blocks) == ("MR-18", False)  # a policy of the company's own, not adopted yet
