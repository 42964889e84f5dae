"""Words that people typed about a doctor go with the doctor, wherever they stand; the ledger goes on verifying. P9."""

import hashlib
import json

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from activities.models import EventProof, SealedProof
from compliance import actions as law
from compliance.actions import importing
from compliance.actions.sealing import seal
from compliance.actions.verifying import verify
from compliance.models import Case, CaseEvidence, LedgerEntry
from compliance.rules import masked, names_about, names_everywhere
from compliance.selectors.export import write_log
from compliance.selectors.log import published_key, receipt_of
from compliance.verify import verify as program
from doctors import actions
from doctors.actions.erasing import _opened
from doctors.choices import ErasureState
from doctors.models import ConsentRecord, DoctorList, FrozenIdentity, StakeholderRole
from pharmacrm.accounts.choices import Role
from pharmacrm.common.crypto import unwrap_key
from pharmacrm.common.files import away_of, destroy_away, destroy_bytes, path_of, read_away, store
from pharmacrm.common.models import OutboxMessage
from tests.activities import act_rows as event_rows
from tests.compliance.attacks import as_intruder
from tests.doctors.test_erasing import places_with
from tests.factories.compliance import proof_of
from tests.factories.content import content_person, pdf_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def doctor(steward, at):
    one = actions.create_doctor(name="单雄信", by=steward, at=at)
    actions.add_contact(doctor_id=one.pk, kind="phone", value="13912345678", by=steward, at=at)
    return one


def erase(doctor, officer, at, reason="本人要求删除"):
    return actions.erase_doctor(doctor.pk, by=officer, at=at, request_id=None, reason=reason)


def keep_file(text, by, at):
    return store([text.encode()], media_type="text/plain", by=by, at=at, max_bytes=1_000)


def differences(at):
    seal(at=at, sign_now=True, anchor=False)
    return verify(at=at).differences


def test_a_reason_goes_out_of_its_entry_and_the_leaf_stays_whole(doctor, officer, at):
    entry = law.record(
        "doctors.doctor_seen", subject="case:1", by=officer, at=at, reason="单雄信来电 139 1234 5678"
    )
    other = law.record("doctors.doctor_seen", subject="case:2", by=officer, at=at, reason="说明书更新")
    seal(at=at, sign_now=True, anchor=False)
    before = receipt_of(entry)

    erasure = erase(doctor, officer, at, reason="单雄信本人要求")

    entry.refresh_from_db()
    other.refresh_from_db()
    assert (entry.reason, entry.reason_salt, other.reason) == ("", "", "说明书更新")
    assert erasure.removed["reasons"] == 1
    assert (erasure.reason, LedgerEntry.objects.get(event="doctors.doctor_erased").reason) == (
        "□本人要求",
    ) * 2
    assert places_with("单雄信", "1234 5678") == []
    assert differences(at) == []
    after = receipt_of(entry)
    assert (before["entry"], before["reason"][1], after["reason"]) == (
        after["entry"],
        "单雄信来电 139 1234 5678",
        [],
    )
    for receipt in (before, after, receipt_of(other)):
        assert program.verify_receipt(receipt, published_key(), set())
    with pytest.raises(program.Differs, match="reason"):
        program.verify_receipt(
            {**before, "reason": [before["reason"][0], "别的说法"]}, published_key(), set()
        )


def test_reasons_that_somebody_blanks_or_changes_by_hand_are_found(officer, at):
    gone = law.record("x.y", subject="case:1", by=officer, at=at, reason="原来的原因")
    changed = law.record("x.y", subject="case:1", by=officer, at=at, reason="原来的原因")
    with as_intruder() as cursor:
        cursor.execute(
            "UPDATE compliance_ledgerentry SET reason = '', reason_salt = '' WHERE id = %s", [gone.pk]
        )
        cursor.execute("UPDATE compliance_ledgerentry SET reason = '改过' WHERE id = %s", [changed.pk])

    found = {one["pk"]: (one["kind"], one["fields"]) for one in differences(at)}

    assert found == {str(gone.pk): ("deleted", ["reason"]), str(changed.pk): ("changed", ["reason"])}


def test_the_database_masks_nothing_of_who_is_not_erased(doctor, officer, at):
    law.record("x.y", subject=f"doctor:{doctor.pk}", by=officer, at=at, reason="单雄信")
    for call in (
        "SELECT compliance_erase_reasons(%s, '单雄信', '', '{}')",
        "SELECT compliance_erase_words(%s, 'doctors_doctorlist', 'doctors_historicaldoctorlist', '{name}', '单', '', '{}')",
    ):
        with (
            pytest.raises(DatabaseError, match="no erasure"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(call, [f"doctor:{doctor.pk}"])
    assert places_with("单雄信") == ["compliance_ledgerentry", "doctors_doctoridentity"]


def test_words_in_records_and_their_versions_are_masked_each_on_record(doctor, officer, steward, at):
    hold = law.place_hold(subjects=["product:A"], reason="据单雄信举报", by=officer, at=at)
    role = StakeholderRole.objects.create(
        doctor=doctor, reason="单雄信是科里的头", role="x", valid_from=at.date()
    )
    law.record("x.y", subject=f"doctor:{doctor.pk}", by=officer, at=at, rows=[role])

    erasure = erase(doctor, officer, at)

    hold.refresh_from_db()
    assert hold.reason == "据□举报"
    assert {one.reason for one in hold.history.all()} == {"据□举报"}
    assert erasure.removed["record_words"] >= 2
    assert places_with("单雄信") == []
    assert differences(at) == []


def test_a_name_that_another_bears_stays_where_nothing_is_about_the_erased(doctor, officer, steward, at):
    other = actions.create_doctor(name="单雄信", by=steward, at=at)
    own = law.record("x.y", subject=f"doctor:{doctor.pk}", by=officer, at=at, reason="单雄信要求")
    others = law.record("x.y", subject=f"doctor:{other.pk}", by=officer, at=at, reason="单雄信要求")

    erase(doctor, officer, at)

    own.refresh_from_db()
    others.refresh_from_db()
    assert (own.reason, others.reason) == ("", "单雄信要求")


def test_waiting_work_and_lists_called_after_the_doctor_are_masked(doctor, officer, steward, at):
    waiting = OutboxMessage.objects.create(
        task="common.sweep_outbox", arguments={"words": "回电单雄信 13912345678"}
    )
    called = DoctorList.objects.create(
        name="单雄信团队", kind="filter", filters={"q": "单雄信"}, owner=steward
    )
    law.record("x.y", subject=f"doctor_list:{called.pk}", by=steward, at=at, rows=[called])

    erase(doctor, officer, at)

    waiting.refresh_from_db()
    called.refresh_from_db()
    assert waiting.arguments == {"words": "回电□ □"}
    assert (called.filters, called.name.startswith("□")) == ({"q": "□"}, True)
    assert places_with("单雄信", "13912345678") == []
    assert differences(at) == []


def test_files_of_the_doctor_are_destroyed_and_one_shared_with_another_stays(doctor, officer, steward, at):
    other = actions.create_doctor(name="王晓明", by=steward, at=at)
    own, attached, shared = (keep_file(text, steward, at) for text in ("同意书", "附件", "签到表"))
    for who, file in ((doctor, own), (doctor, shared), (other, shared)):
        row = ConsentRecord.objects.create(doctor=who, state="withdrawn", proof=file, valid_from=at)
        law.record("x.y", subject=f"doctor:{who.pk}", by=steward, at=at, rows=[row])
    actions.ask_change(
        doctor_id=doctor.pk, wanted={"name": "单某"}, note="更名", by=steward, at=at, files=[attached]
    )

    erasure = erase(doctor, officer, at)

    assert (erasure.removed["files"], erasure.removed["files_of_others"]) == (2, 1)
    assert [destroy_bytes(one.sha256) for one in (own, attached, shared)] == [True, True, False]
    assert default_storage.exists(path_of(shared.sha256))
    assert differences(at) == []


def test_a_case_keeps_its_file_while_it_is_open_and_then_it_goes(doctor, officer, at):
    case = law.open_case(kind="x", subject="file:1", title="x", by=officer, at=at)
    file = keep_file("姓名,统方\n单雄信,300\n", officer, at)
    evidence = CaseEvidence(case=case, kind="file", title_sealed=case.sealed("a.csv"), file=file, added_at=at)
    evidence.save()
    law.record("x.y", subject=f"case:{case.pk}", by=officer, at=at, rows=[evidence])

    frozen = erase(doctor, officer, at)
    kept = [one["what"] for one in frozen.keeps]
    _close(case, officer, at)
    erasure = erase(doctor, officer, at)

    assert kept == ["case_file"]
    assert (frozen.pk, erasure.state, erasure.removed["case_files"]) == (erasure.pk, ErasureState.ERASED, 1)
    assert destroy_bytes(file.sha256)
    assert places_with("单雄信") == []


def _close(case, officer, at):
    fresh = Case.objects.get(pk=case.pk)
    fresh.state, fresh.closed_at = "closed", at
    fresh.closing_signature = law.sign(
        subject=f"case:{case.pk}", content_sha256="0" * 64, meaning="case_closed", by=officer, at=at, proof=proof_of(officer, at)
    )  # fmt: skip
    fresh.save()
    law.record(
        "compliance.case_closed",
        subject=f"case:{case.pk}",
        by=officer,
        at=at,
        rows=[fresh, fresh.closing_signature],
    )


def test_what_a_hold_keeps_is_put_away_under_the_key_and_goes_with_it(
    doctor, officer, steward, at, monkeypatch
):
    entry = law.record("x.y", subject=f"doctor:{doctor.pk}", by=officer, at=at, reason="单雄信说的话")
    proof = keep_file("同意书", steward, at)
    row = ConsentRecord.objects.create(doctor=doctor, state="withdrawn", proof=proof, valid_from=at)
    law.record("x.y", subject=f"doctor:{doctor.pk}", by=steward, at=at, rows=[row])
    law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="调查", by=officer, at=at)

    erase(doctor, officer, at)

    kept = FrozenIdentity.objects.get()
    away = [one for one in _opened(kept)["away"] if one["pk"] == str(entry.pk)]
    assert away[0]["words"] == {"reason": "单雄信说的话"}
    assert hashlib.sha256(f"{away[0]['salt']}单雄信说的话".encode()).hexdigest() == entry.reason_sha256
    assert destroy_bytes(proof.sha256)
    assert read_away(proof, key=unwrap_key(bytes(kept.wrapped_key))).decode() == "同意书"
    assert places_with("单雄信") == []
    assert differences(at) == []

    monkeypatch.setattr("compliance.subjects.kept_of", lambda subject, at: [])
    erasure = erase(doctor, officer, at)

    assert erasure.state == ErasureState.ERASED
    waiting = OutboxMessage.objects.filter(task="common.destroy_bytes", arguments__away=True)
    assert [one.arguments["sha256"] for one in waiting] == [proof.sha256]
    assert destroy_away(proof.sha256)
    assert not default_storage.exists(away_of(proof.sha256))


def test_an_exported_ledger_stands_again_without_the_words_that_were_erased(
    doctor, officer, at, settings, tmp_path
):
    settings.LEDGER_ANCHOR_DIRS = []
    law.record("x.y", subject="case:1", by=officer, at=at, reason="单雄信要求")
    law.record("x.y", subject="case:1", by=officer, at=at, reason="说明书更新")
    erase(doctor, officer, at)
    assert differences(at) == []

    write_log(tmp_path / "log")

    said = [
        json.loads(line) for line in (tmp_path / "log/more/reasons.jsonl").read_text("utf-8").splitlines()
    ]
    assert "说明书更新" in {one["reason"] for one in said}
    assert not any(
        "单雄信" in path.read_text("utf-8", "ignore") for path in tmp_path.rglob("*") if path.is_file()
    )
    exported = importing.read_export(tmp_path / "log", published_key())
    spoken = [entry["reason"] for _number, _raw, entry in exported.entries()]
    assert (spoken.count("说明书更新"), spoken.count("单雄信要求")) == (1, 0)


@hypothesis(max_examples=60, deadline=None)
@given(
    name=st.text("单雄信通王晓明", min_size=3, max_size=4),
    before=st.text("今天和到，。a1 ", max_size=6),
    after=st.text("说到，。a1 ", max_size=6),
)
def test_no_sole_name_and_no_number_survives_the_mask(name, before, after):
    number = "13912345678"
    text = f"{before}{name}{after}{number[:3]} {number[3:7]}-{number[7:]}{before}"

    left = masked(text, names_everywhere([number], [name]))

    assert name not in left
    assert number not in left.replace(" ", "").replace("-", "")
    assert masked(name, names_about([], [name])) == "□"


def test_a_short_name_goes_only_with_a_title_behind_it_where_nothing_is_about_the_person():
    pattern = names_everywhere([], ["高兴"])

    assert masked("很高兴见到高兴主任", pattern) == "很高兴见到□主任"


def test_the_page_of_the_request_says_what_went_what_is_put_away_and_until_when(
    client, doctor, officer, steward, at
):
    client.force_login(officer)
    law.record("x.y", subject=f"doctor:{doctor.pk}", by=officer, at=at, reason="单雄信说的话")
    law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="调查", by=officer, at=at)
    request = actions.take_request(
        doctor_id=doctor.pk, kind="erase", source="page", words="请删除", by=officer, at=at
    )
    page = reverse("doctors:request-detail", args=[request.pk])
    before = client.get(page).content.decode()

    erase(doctor, officer, at)

    after = client.get(page).content.decode()
    assert "erasure-title" not in before
    for words in ("台账中的原因", "暂停", "个人信息保护法 第47条; PI-08", "尚无终止日", "因须留存而封存"):
        assert words in after, words


def test_proofs_of_events_that_name_the_doctor_inside_a_pdf_are_counted_on_the_request(
    doctor, officer, steward, at
):
    rep = steward
    event, _other = event_rows.draft(content_person("rep", "林岚"))
    for number, words in enumerate(("签到表 单雄信", "签到表 陈静")):
        file = store([pdf_bytes((words,))], media_type="application/pdf", by=rep, at=at, max_bytes=1 << 20)
        proof = EventProof.objects.create(
            event=event, kind="sign_in", file=file, name=f"{number}.pdf", added_at=at, added_by=rep
        )
        law.record("x.y", subject=f"event:{event.pk}", by=rep, at=at, rows=[proof])
    asked = event.invitations.create(doctor=doctor)
    law.record("x.y", subject=f"event:{event.pk}", by=rep, at=at, rows=[asked])

    erasure = erase(doctor, officer, at)

    assert erasure.removed["proofs_left"] == 1
    proof = EventProof.objects.order_by("name").first()
    assert default_storage.exists(path_of(proof.file.sha256))
    sealed = SealedProof.objects.get()
    assert (sealed.file, sealed.doctor_id) == (proof.file, doctor.pk)
    assert LedgerEntry.objects.get(event="activities.proofs_sealed").rows
    assert differences(at) == []
    assert actions.erase_doctor(doctor.pk, by=officer, at=at, request_id=None, reason="再次") == erasure
    assert SealedProof.objects.count() == 1


def test_a_sealed_proof_shows_its_decision_and_is_opened_by_compliance_with_a_reason_alone(
    client, doctor, officer, steward, at, person
):
    event, _other = event_rows.draft(content_person("rep", "林岚"))
    file = store(
        [pdf_bytes(("签到表 单雄信",))], media_type="application/pdf", by=steward, at=at, max_bytes=1 << 20
    )
    event.proofs.create(kind="sign_in", file=file, name="签到表.pdf", added_at=at, added_by=steward)
    event.invitations.create(doctor=doctor)
    asked = actions.take_request(
        doctor_id=doctor.pk, kind="erase", source="page", words="请删除", by=officer, at=at
    )
    actions.erase_doctor(doctor.pk, by=officer, at=at, request_id=asked.pk, reason="本人要求删除")
    address = reverse("activities:sealed-proof", args=[SealedProof.objects.get().pk])
    page = reverse("activities:event-detail", args=[event.pk])

    client.force_login(event.organiser)
    staff = client.get(page).content.decode()
    assert asked.number in staff
    assert address not in staff
    assert client.post(address, {"purpose": "核对"}).status_code == 403

    client.force_login(officer)
    assert address in client.get(page).content.decode()
    assert client.post(address, {"purpose": " "}).status_code == 400
    assert not LedgerEntry.objects.filter(event="activities.sealed_proof_read").exists()
    answer = client.post(address, {"purpose": "市场监管局核查"})
    assert answer.content.startswith(b"%PDF")
    entry = LedgerEntry.objects.get(event="activities.sealed_proof_read")
    assert (entry.reason, entry.actor, entry.subject) == ("市场监管局核查", officer, f"doctor:{doctor.pk}")
    client.force_login(person("auditor", "inspector"))
    assert client.post(address, {"purpose": "现场检查"}).status_code == 200
