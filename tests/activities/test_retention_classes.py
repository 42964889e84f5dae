"""Each class of records ends when its own term is over, and not a day before; what rests on it goes with it."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from activities.models import Event, EventProof, Expense, SafetyReport, SyncOperation, VisitMaterial
from activities.selectors.ended import EVENT_TREE, EXPIRED
from compliance import actions as law
from compliance import retention as classes
from compliance.actions import retention as actions
from compliance.actions.retention import RetentionNotRun
from compliance.actions.verifying import verify
from compliance.models import Case, ExportTally, LedgerEntry
from compliance.selectors.retention import retention_plan
from content.models import MaterialFile, Product
from doctors.models import ConsentRecord
from pharmacrm.accounts.choices import Role
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import store
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import IdempotencyKey, OutboxMessage, StoredFile
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.content import content_person, material, material_file, material_version, product
from tests.factories.doctors import make_doctor
from tests.factories.retention import closed_case

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="秦川")


def due(term):
    return next(one for one in retention_plan(TODAY, AT) if one.term.id == term).due


def run(officer, second, at=AT):
    asked = actions.ask_retention(reason="年度清理", by=officer, at=at, proof=proof_of(officer, at))
    actions.decide_retention(run_id=asked.pk, approve=True, by=second, at=at, proof=proof_of(second, at))
    return actions.run_retention(run_id=asked.pk, at=at)


def event(by, *, days, code, **fields):
    ended = AT - timedelta(days=days)
    one = Event.objects.create(
        code=code, kind="department_meeting", title="科室会", organiser=by, starts_at=ended - timedelta(hours=2),
        ends_at=ended, state="cancelled", cancelled_at=ended, cancel_reason="改期", **fields,
    )  # fmt: skip
    proof = EventProof.objects.create(
        event=one, kind="photo", file=kept(f"照片{code}", by), name="照片", added_by=by, added_at=ended
    )
    law.record("tests.held", subject=f"event:{one.pk}", by=by, at=AT, rows=[one, proof])
    return one


def kept(words, by):
    return store([words.encode()], media_type="text/plain", by=by, at=AT, max_bytes=1_000)


def test_an_event_goes_ten_years_after_its_end_and_one_with_vouchers_after_thirty(officer, second, rep):
    old, young, paid = (event(rep, days=days, code=f"E{days}") for days in (3_660, 3_640, 4_000))
    ancient = event(rep, days=365 * 32, code="E0")
    for one, number in ((paid, "1"), (ancient, "2")):
        spent = Expense.objects.create(
            event=one, kind="meal", cost_fen=100, spent_on=one.starts_at.date(), payee="饭店", receipt_number=number,
            submitted_by=rep,
        )  # fmt: skip
        law.record("tests.spent", subject=f"event:{one.pk}", by=rep, at=AT, rows=[spent])

    assert (due("event_evidence"), due("accounting_voucher")) == (1, 1)
    run(officer, second)

    assert set(Event.objects.values_list("pk", flat=True)) == {young.pk, paid.pk}
    assert Event.history.filter(id__in=[old.pk, ancient.pk]).count() == 0
    erased = StoredFile.objects.filter(scan_state=ScanState.ERASED).count()
    assert erased == 2
    assert verify(at=AT).differences == []


def test_what_goes_with_an_event_is_all_that_rests_on_it():
    listed = {label.lower() for label, _path in EVENT_TREE}

    resting = {
        field.related_model._meta.label_lower
        for label, _path in EVENT_TREE
        for field in apps.get_model(label)._meta.get_fields(include_hidden=True)
        if (field.one_to_many or field.one_to_one) and field.auto_created and not field.concrete
        if "historical" not in field.related_model._meta.model_name
    }

    assert resting <= listed
    for term in ("accounting_voucher", "event_evidence"):
        assert {one.lower() for one in classes.term_of(term).objects} <= listed


def test_a_hold_on_who_spoke_keeps_an_event(officer, second, rep):
    one = event(rep, days=4_000, code="E1")
    law.place_hold(subjects=[f"user:{rep.pk}"], reason="调查", by=officer, at=AT)

    with pytest.raises(RetentionNotRun):
        run(officer, second)

    assert Event.objects.filter(pk=one.pk).exists()


def test_a_consent_goes_three_years_after_another_took_its_place_and_the_newest_stays(
    officer, second, steward
):
    doctor, proof = make_doctor("单雄信"), kept("同意书", officer)
    moments = [AT - timedelta(days=days) for days in (2_000, 1_500, 400)]
    rows = [
        ConsentRecord.objects.create(
            doctor=doctor, state="withdrawn", valid_from=at, proof=proof if n == 0 else None
        )
        for n, at in enumerate(moments)
    ]
    law.record("tests.said", subject=f"doctor:{doctor.pk}", by=officer, at=AT, rows=rows)

    assert due("consent_record") == 1
    run(officer, second)

    assert set(ConsentRecord.objects.values_list("pk", flat=True)) == {rows[1].pk, rows[2].pk}
    proof.refresh_from_db()
    assert proof.scan_state == ScanState.ERASED
    assert verify(at=AT).differences == []


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def test_kept_answers_finished_work_and_export_records_end_and_a_key_in_its_term_still_answers(
    officer, second
):
    for days in (100, 80):
        IdempotencyKey.objects.create(
            user=officer,
            key=str(days),
            request_sha256="0" * 64,
            answer={},
            created_at=AT - timedelta(days=days),
        )
        OutboxMessage.objects.create(
            task="common.sweep_outbox", arguments={}, state="done", done_at=AT - timedelta(days=days)
        )
    OutboxMessage.objects.create(task="common.sweep_outbox", arguments={}, state="waiting")
    ExportTally.objects.create(by=officer, at=AT - timedelta(days=1_100), kind="list", name="x", persons=3)
    operation = SyncOperation.objects.create(
        user=officer, op_id=uuid7(), kind="visit.start", request_sha256="0" * 64, answer={"name": "x"},
        received_at=AT - timedelta(days=200),
    )  # fmt: skip

    done = run(officer, second)

    done.refresh_from_db()
    assert done.done == {"finished_work": 1, "request_answer": 1, "sharing_record": 1, "sync_answer": 1}
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["80"]
    operation.refresh_from_db()
    assert operation.answer == EXPIRED
    assert due("sync_answer") == 0


def test_a_safety_report_is_due_ten_years_after_the_registration_ended(officer, rep):
    product = Product.objects.create(
        code="P1",
        name_zh="甲",
        generic_name="甲",
        holder="公司",
        stage="pre_launch",
        registration_ended_on=date(2016, 11, 22),
    )
    law.record("tests.made", subject="product:P1", by=rep, at=AT, rows=[product])
    report = SafetyReport.objects.create(
        number="S1",
        captured_by=rep,
        product=product,
        aware_at=AT,
        hand_over_due_at=AT,
        submit_due_on=AT.date(),
    )
    law.record("tests.made", subject=f"safety:{report.pk}", by=rep, at=AT, rows=[report])

    assert due("pharmacovigilance") == 1
    product.registration_ended_on = date(2016, 11, 24)
    product.save()
    assert due("pharmacovigilance") == 0


def test_the_bytes_of_a_material_go_three_years_after_its_last_showing_and_its_row_stays(
    officer, second, rep
):
    writer = content_person(Role.MARKETING, "苏怡")
    versions = []
    for days, number in ((1_200, 1), (1_200, 2), (1_000, 3)):
        one = material_version(
            material(product(), owner=writer),
            author=writer,
            status="withdrawn",
            ended_at=AT - timedelta(days=days),
        )
        file = material_file(one, f"资料 {number}".encode())
        law.record("tests.made", subject=f"material:{one.pk}", by=writer, at=AT, rows=[one, file])
        versions.append(one)
    shown = VisitMaterial.objects.create(
        rep=rep, doctor=make_doctor("单雄信"), version=versions[1], shown_at=AT - timedelta(days=900)
    )
    law.record("tests.shown", subject=f"material:{versions[1].pk}", by=rep, at=AT, rows=[shown])

    assert due("material_archive") == 1
    run(officer, second)

    files = MaterialFile.objects.select_related("stored").in_bulk(field_name="id").values()
    states = {file.version_id: file.stored.scan_state for file in files}
    assert [states[one.pk] == ScanState.ERASED for one in versions] == [True, False, False]
    assert due("material_archive") == 0
    assert LedgerEntry.objects.filter(
        event="content.archive_ended", subject=f"material:{versions[0].pk}"
    ).exists()


def test_two_signatures_destroy_the_key_and_files_of_a_closed_case(officer, second):
    case = closed_case(officer)
    file = StoredFile.objects.get()

    asked = actions.ask_case_erasure(
        case_id=case.pk, reason="本人要求", by=officer, at=AT, proof=proof_of(officer, AT)
    )
    assert Case.objects.get(pk=case.pk).cause_words == "王晓明说的话"
    actions.decide_retention(run_id=asked.pk, approve=True, by=second, at=AT, proof=proof_of(second, AT))
    actions.run_retention(run_id=asked.pk, at=AT)

    case.refresh_from_db()
    file.refresh_from_db()
    assert (case.data_key, file.scan_state) == (None, ScanState.ERASED)
    assert not Case.history.filter(id=case.pk, data_key__isnull=False).exists()
    assert case.cause_words in {"（已由两人签名销毁）", "(destroyed by two signatures)"}
    assert LedgerEntry.objects.filter(event="compliance.case_key_destroyed").count() == 1
    assert verify(at=AT).differences == []


def test_a_case_is_destroyed_by_its_term_too_and_a_hold_keeps_it(officer, second):
    case = closed_case(officer)
    Case.objects.filter(pk=case.pk).update(closed_at=AT - timedelta(days=3_700))
    assert due("case_file") == 1

    law.place_hold(subjects=[f"case:{case.pk}"], reason="调查", by=officer, at=AT)

    with pytest.raises(RetentionNotRun):
        run(officer, second)
    with pytest.raises(RetentionNotRun):
        actions.ask_case_erasure(case_id=case.pk, reason="x", by=officer, at=AT, proof=proof_of(officer, AT))


def test_an_open_case_a_stranger_one_person_and_an_unsigned_call_destroy_no_key(officer, second, rep):
    opened = law.open_case(kind="x", subject="file:2", title="x", by=officer, at=AT)
    ended = closed_case(officer)
    with pytest.raises(PermissionDenied):
        actions.ask_case_erasure(case_id=ended.pk, reason="x", by=rep, at=AT, proof=proof_of(rep, AT))
    for case, reason, proof in ((opened, "x", True), (ended, " ", True), (ended, "x", False)):
        with pytest.raises(RetentionNotRun):
            actions.ask_case_erasure(
                case_id=case.pk,
                reason=reason,
                by=officer,
                at=AT,
                proof=proof_of(officer, AT) if proof else None,
            )
    asked = actions.ask_case_erasure(
        case_id=ended.pk, reason="x", by=officer, at=AT, proof=proof_of(officer, AT)
    )
    with pytest.raises(RetentionNotRun):
        actions.decide_retention(
            run_id=asked.pk, approve=True, by=officer, at=AT, proof=proof_of(officer, AT)
        )
    with (
        pytest.raises(DatabaseError, match="not signed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT compliance_destroy_case_key(%s, %s)", [str(asked.pk), str(ended.pk)])

    assert Case.objects.filter(data_key__isnull=False).count() == 2
