"""A doctor who asked to be forgotten: what goes, what the law keeps, and that the ledger goes on verifying. P9."""

from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.urls import reverse

from compliance import actions as law
from compliance.actions import inspection
from compliance.actions.verifying import verify
from compliance.models import InspectorPack, LedgerEntry
from doctors import actions, selectors
from doctors.choices import DoctorStatus, ErasureState
from doctors.models import ContactPoint, Doctor, DoctorIdentity, Erasure, FrozenIdentity
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.choices import Role
from pharmacrm.common.crypto import KeyDestroyed
from pharmacrm.common.files import FileErased, destroy_bytes, open_verified, path_of
from pharmacrm.common.models import IdempotencyKey, Notification, StoredFile
from pharmacrm.common.notifications import notify
from pharmacrm.imports import actions as imports
from tests.factories.doctors import make_division, make_hospital, make_territory
from tests.factories.imports import text_table

pytestmark = pytest.mark.django_db
REQUEST = UUID("018f0000-0000-7000-8000-000000000001")


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def doctor(steward, at):
    one = actions.create_doctor(
        name="单雄信",
        title="chief_physician",
        specialty="心血管内科",
        hospital_id=make_hospital("湖滨医院", division=make_division()).pk,
        by=steward,
        at=at,
    )
    actions.rename_doctor(doctor_id=one.pk, name="单通", by=steward, at=at)
    actions.add_contact(doctor_id=one.pk, kind="phone", value="13912345678", by=steward, at=at)
    actions.add_contact(doctor_id=one.pk, kind="email", value="shan@example.com", by=steward, at=at)
    actions.assign_doctor(
        doctor_id=one.pk, territory_id=make_territory("东区").pk, valid_from=at.date(), by=steward, at=at
    )
    return one


def erase(doctor, officer, at, **more):
    wanted = {"request_id": REQUEST, "reason": "本人要求删除", **more}
    return actions.erase_doctor(doctor.pk, by=officer, at=at, **wanted)


def everything():
    """Return all text that the database holds, table by table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row


def places_with(*words):
    return sorted({table for table, row in everything() for word in words if word in row})


def test_nothing_in_the_database_says_who_an_erased_doctor_was(doctor, officer, at):
    assert places_with("单通", "3912345678", "shan@example") == ["doctors_doctoridentity"]

    erasure = erase(doctor, officer, at)

    assert erasure.state == ErasureState.ERASED
    assert erasure.asked_in == REQUEST
    assert erasure.removed == {"assignments": 1, "contacts": 2, "identity": 1}
    assert places_with("单通", "单雄信", "3912345678", "****5678", "shan@example") == []
    assert not DoctorIdentity.objects.filter(pk=doctor.pk).exists()
    sealed = ContactPoint.history.filter(doctor=doctor).values_list("sealed", flat=True)
    assert {open_text(doctor.pk, one) for one in sealed} == {""}
    with pytest.raises(KeyDestroyed):
        actions.seal_text(doctor.pk, "新的说法")
    doctor.refresh_from_db()
    assert (doctor.status, doctor.hospital_id, doctor.profiling_refused) == (DoctorStatus.ERASED, None, True)
    assert selectors.doctor_card(doctor.pk).name == doctor.code
    entry = LedgerEntry.objects.get(event="doctors.doctor_erased")
    assert (entry.reason, entry.actor, entry.subject) == ("本人要求删除", officer, f"doctor:{doctor.pk}")


def test_the_record_agrees_with_the_ledger_after_an_erasure(doctor, officer, at):
    erase(doctor, officer, at)

    assert verify(at=at).differences == []


def test_to_erase_twice_changes_nothing_the_second_time(doctor, officer, at):
    first = erase(doctor, officer, at)

    assert erase(doctor, officer, at, reason="again").reason == first.reason
    assert LedgerEntry.objects.filter(event="doctors.doctor_erased").count() == 1


def test_a_hold_keeps_the_name_where_only_compliance_reads_it(doctor, officer, rep, at):
    law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="调查", by=officer, at=at)

    erasure = erase(doctor, officer, at)

    assert (erasure.state, erasure.keeps[0]["what"], erasure.frozen_until) == (
        ErasureState.FROZEN,
        "hold",
        None,
    )
    assert places_with("单通", "3912345678") == []
    assert actions.read_frozen(doctor_id=doctor.pk, by=officer, at=at, purpose="调查取证") == "单通"
    assert LedgerEntry.objects.get(event="doctors.frozen_identity_read").reason == "调查取证"
    with pytest.raises(PermissionDenied):
        actions.read_frozen(doctor_id=doctor.pk, by=rep, at=at, purpose="想看")
    with pytest.raises(actions.ErasureNotDone):
        actions.read_frozen(doctor_id=doctor.pk, by=officer, at=at, purpose=" ")
    assert verify(at=at).differences == []


def test_the_page_shows_a_kept_name_once_with_a_reason_and_to_compliance_alone(
    doctor, officer, rep, at, client
):
    law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="调查", by=officer, at=at)
    erase(doctor, officer, at)
    address = reverse("doctors:frozen-read", args=[doctor.pk])
    client.force_login(officer)

    asked = client.get(address)
    silent = client.post(address, {"purpose": " "})
    told = client.post(address, {"purpose": "调查取证"})
    client.force_login(rep)

    assert "单通" not in asked.content.decode() + silent.content.decode()
    assert (asked.status_code, silent.status_code, told.status_code) == (200, 400, 200)
    assert "单通" in told.content.decode()
    assert "no-store" in told["Cache-Control"]
    assert LedgerEntry.objects.get(event="doctors.frozen_identity_read").reason == "调查取证"
    assert client.post(address, {"purpose": "想看"}).status_code == 403


def test_what_was_frozen_is_destroyed_once_nothing_keeps_it(doctor, officer, at, monkeypatch):
    law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="调查", by=officer, at=at)
    erase(doctor, officer, at)
    monkeypatch.setattr("compliance.subjects.kept_of", lambda subject, at: [])

    erasure = erase(doctor, officer, at)

    assert erasure.state == ErasureState.ERASED
    assert not FrozenIdentity.objects.exists()
    with pytest.raises(actions.ErasureNotDone):
        actions.read_frozen(doctor_id=doctor.pk, by=officer, at=at, purpose="调查取证")


def test_a_stranger_and_a_request_without_reason_destroy_nothing(doctor, officer, steward, at):
    with pytest.raises(PermissionDenied):
        erase(doctor, steward, at)
    with pytest.raises(actions.ErasureNotDone):
        erase(doctor, officer, at, reason=" ")
    with pytest.raises(actions.ErasureNotDone):
        actions.erase_doctor(REQUEST, by=officer, at=at, request_id=None, reason="本人要求删除")

    assert DoctorIdentity.objects.filter(pk=doctor.pk).exists()
    assert not Erasure.objects.exists()


def test_the_rows_and_the_file_a_doctor_came_in_are_blanked_with_them(officer, steward, at):
    make_hospital("湖滨医院", division=make_division())
    table = [
        ["工号", "姓名", "医院", "手机"],
        ["D1", "单雄信", "湖滨医院", "139 1234 5678"],
        ["D2", "王晓明", "湖滨医院", ""],
    ]
    job = imports.upload_file(kind="doctor", file_name="a.csv", chunks=[text_table(table)], by=steward, at=at)
    imports.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    imports.check_rows(import_id=job.pk, at=at)
    imports.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)
    imports.write_rows(import_id=job.pk, at=at)
    left, stays = Doctor.objects.get(code="D1"), Doctor.objects.get(code="D2")

    erasure = erase(left, officer, at)

    assert (erasure.removed["import_rows"], erasure.removed["import_files"]) == (1, 1)
    assert places_with("单雄信", "1234 5678", "12345678") == []
    assert selectors.doctor_card(stays.pk).name == "王晓明"
    kept = StoredFile.objects.get(pk=job.file_id)
    with pytest.raises(FileErased):
        open_verified(kept)
    assert destroy_bytes(kept.sha256)
    assert not default_storage.exists(path_of(kept.sha256))
    assert verify(at=at).differences == []


def test_a_pack_that_shows_the_doctor_is_removed_and_another_stays(doctor, officer, at):
    about = [
        inspection.ask_for_pack(subject=subject, since=None, until=None, reason="检查", by=officer, at=at)
        for subject in (f"doctor:{doctor.pk}", f"user:{officer.pk}")
    ]
    for pack in about:
        inspection.make_pack(pack_id=pack.pk, at=at)

    erasure = erase(doctor, officer, at)

    assert erasure.removed["packs"] == 1
    assert [InspectorPack.objects.get(pk=pack.pk).state for pack in about] == ["removed", "ready"]
    assert places_with("单通") == []


def test_messages_and_kept_answers_about_the_doctor_are_blanked_and_a_namesake_is_left_alone(
    doctor, officer, steward, at
):
    other = actions.create_doctor(name="单通", by=steward, at=at)
    for one in (doctor, other):
        notify(
            recipient=steward,
            kind="tests.said",
            zh="单通医生有更正",
            en="A correction",
            at=at,
            subject=f"doctor:{one.pk}",
        )
        IdempotencyKey.objects.create(
            user=steward,
            key=str(one.pk),
            request_sha256="0" * 64,
            answer={"id": str(one.pk), "name": "单通"},
            created_at=at,
        )

    erase(doctor, officer, at)

    assert [row.text["zh-hans"] for row in Notification.objects.order_by("pk")] == ["□", "单通医生有更正"]
    assert IdempotencyKey.objects.get(key=str(doctor.pk)).answer == {"erased": True}
    assert IdempotencyKey.objects.get(key=str(other.pk)).answer["name"] == "单通"


def test_a_restored_backup_is_brought_up_to_date_from_the_list_beside_it(
    doctor, officer, steward, at, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.ERASURES_LIST = tmp_path / "erasures" / "list.jsonl"
    other = actions.create_doctor(name="王晓明", by=steward, at=at)
    savepoint = transaction.savepoint()
    with django_capture_on_commit_callbacks(execute=True):
        erase(doctor, officer, at)
    said = settings.ERASURES_LIST.read_text("utf-8")
    assert str(doctor.pk) in said
    assert "单通" not in said
    transaction.savepoint_rollback(savepoint)  # the backup of before
    assert selectors.doctor_card(doctor.pk).name == "单通"

    assert actions.reapply_erasures(at=at) == 1

    assert places_with("单通", "3912345678") == []
    assert selectors.doctor_card(other.pk).name == "王晓明"
    entry = LedgerEntry.objects.get(event="doctors.doctor_erased")
    assert (entry.actor, entry.reason[-1] != "") == (None, True)
    assert actions.reapply_erasures(at=at) == 0
    assert verify(at=at).differences == []


def test_the_list_beside_the_database_is_written_anew_and_forgets_nobody(
    doctor, officer, at, settings, tmp_path
):
    settings.ERASURES_LIST = tmp_path / "list.jsonl"
    settings.ERASURES_LIST.write_text(
        '{"doctor": "018f0000-0000-7000-8000-00000000000f", "asked_in": "", "at": "2026-01-01"}\n'
    )
    erase(doctor, officer, at)

    assert actions.write_erasures() == 2
    assert actions.write_erasures() == 2
