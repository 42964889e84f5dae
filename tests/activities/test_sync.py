"""The phone's log: whatever the network does, each operation has one effect and one answer."""

import json
import random
import threading
from datetime import timedelta

import pytest
from django.db import connection

from activities import actions
from activities.models import ClinicalNeed, FollowUp, Inquiry, SafetyReport, SyncOperation, Visit
from compliance import actions as law
from compliance.models import LedgerEntry, WatchedAct
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.activities import make_ground, make_policy, report_of
from tests.factories.content import product

OFFSET = 250


def payload(doctor, *, at=AT, **fields):
    return {
        "visit_id": str(uuid7()),
        "doctor_id": str(doctor.pk),
        "started_at": (at - timedelta(minutes=20)).isoformat(),
        "ended_at": (at - timedelta(minutes=2)).isoformat(),
        "ae_answer": "none",
        "talks": [],
        **fields,
    }


def operation(kind, body, **fields):
    return actions.Operation(
        **{
            "op_id": uuid7(),
            "kind": kind,
            "payload": body,
            "made_at": AT,
            "sent_at": AT,
            "offset_ms": OFFSET,
            **fields,
        }
    )


def submit(doctor, **fields):
    return operation("visit.submit", payload(doctor), **fields)


@pytest.mark.django_db
def test_an_operation_gets_a_receipt_in_the_transaction_of_its_effect(rep, doctor):
    receipt = actions.sync_operation(operation=submit(doctor), by=rep, at=AT)

    kept = SyncOperation.objects.get()
    assert receipt.number == kept.pk
    assert receipt.status == "done"
    assert receipt.answer == kept.answer
    assert Visit.objects.get().op_id == receipt.op_id


@pytest.mark.django_db
def test_an_answer_that_was_lost_fifty_times_is_given_fifty_times(rep, doctor):
    one = submit(doctor)

    receipts = [actions.sync_operation(operation=one, by=rep, at=AT) for _ in range(50)]

    assert {receipt.number for receipt in receipts} == {receipts[0].number}
    assert {json.dumps(receipt.answer, sort_keys=True) for receipt in receipts} == {
        json.dumps(receipts[0].answer, sort_keys=True)
    }
    assert Visit.objects.count() == 1
    assert LedgerEntry.objects.filter(event="activities.visit_submitted").count() == 1


@pytest.mark.django_db
def test_operations_replayed_in_any_order_arrive_once_each(rep, doctor):
    log = [submit(doctor) for _ in range(12)]
    sent = log * 4
    random.Random(7).shuffle(sent)

    for each in sent:
        actions.sync_operation(operation=each, by=rep, at=AT)

    assert Visit.objects.count() == 12
    assert SyncOperation.objects.count() == 12
    on_phone = sorted(each.payload["visit_id"] for each in log)
    assert sorted(str(key) for key in Visit.objects.values_list("pk", flat=True)) == on_phone


@pytest.mark.django_db
def test_every_cut_of_request_or_answer_leaves_each_visit_once(rep, doctor):
    log = [submit(doctor) for _ in range(5)]

    for cuts in range(2**5):  # bit n: the answer to operation n is lost, so the phone sends from n again
        waiting = list(log)
        lost = {n for n in range(5) if cuts >> n & 1}
        while waiting:
            each = waiting[0]
            actions.sync_operation(operation=each, by=rep, at=AT)
            index = log.index(each)
            if index in lost:
                lost.discard(index)
                continue
            waiting.pop(0)

    assert Visit.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_same_operation_at_the_same_moment_has_one_effect(rep, doctor):
    one = submit(doctor)
    numbers, problems = [], []

    def go():
        try:
            numbers.append(actions.sync_operation(operation=one, by=rep, at=AT).number)
        except Exception as error:  # noqa: BLE001
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert len(set(numbers)) == 1
    assert Visit.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_other_content_is_a_conflict(rep, doctor):
    one = submit(doctor)
    actions.sync_operation(operation=one, by=rep, at=AT)
    other = actions.Operation(**{**one.__dict__, "payload": payload(doctor)})

    with pytest.raises(actions.OperationConflict):
        actions.sync_operation(operation=other, by=rep, at=AT)

    assert Visit.objects.count() == 1


@pytest.mark.django_db
def test_two_people_may_use_the_same_key(rep, other_rep, doctor, officer):
    one = submit(doctor)
    foreign = make_ground(other_rep, name="陆敏")

    actions.sync_operation(operation=one, by=rep, at=AT)
    actions.sync_operation(
        operation=operation("visit.submit", payload(foreign), op_id=one.op_id), by=other_rep, at=AT
    )

    assert Visit.objects.count() == 2


@pytest.mark.django_db
def test_a_refused_operation_is_answered_with_the_verdict_and_recorded_once(rep, doctor):
    make_policy(doctor.hospital, booking_required=True)
    plan = {"doctor_id": str(doctor.pk), "planned_at": (AT + timedelta(days=1)).isoformat()}
    one = operation("visit.plan", plan)

    first = actions.sync_operation(operation=one, by=rep, at=AT)
    again = actions.sync_operation(operation=one, by=rep, at=AT)

    assert first.status == "refused"
    assert "MR-16" in first.answer["verdict"]["breached"]
    assert again.answer == first.answer
    assert LedgerEntry.objects.filter(event="visit.plan_refused").count() == 1
    assert not Visit.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("visit.submit", {}),
        ("visit.submit", {"visit_id": "not-a-key"}),
        ("visit.fly", {}),
        ("visit.submit", {"visit_id": "123e4567-e89b-42d3-a456-426614174000"}),
        ("need.capture", {"doctor_id": 7}),
    ],
)
def test_an_operation_nobody_understands_is_answered_and_changes_nothing(rep, doctor, kind, body):
    receipt = actions.sync_operation(operation=operation(kind, body), by=rep, at=AT)

    assert receipt.status == "rejected"
    assert receipt.answer["detail"]
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_an_app_too_new_is_told_so(rep, doctor):
    receipt = actions.sync_operation(operation=submit(doctor, version=99), by=rep, at=AT)

    assert receipt.status == "rejected"


@pytest.mark.django_db
def test_a_visit_made_days_ago_without_signal_arrives_unharmed(rep, doctor):
    made = AT - timedelta(days=6)
    one = operation("visit.submit", payload(doctor, at=made), made_at=made)

    actions.sync_operation(operation=one, by=rep, at=AT)

    visit = Visit.objects.get()
    assert visit.was_offline
    assert visit.lateness == "in_time"
    assert not visit.is_clock_unproven


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"offset_ms": None},
        {"offset_ms": 6 * 60_000},
        {"offset_ms": -3 * 24 * 3_600_000},
        {"sent_at": AT - timedelta(days=3)},
    ],
)
def test_a_clock_that_was_off_marks_the_times_unproven(rep, doctor, fields):
    actions.sync_operation(operation=submit(doctor, **fields), by=rep, at=AT)

    assert Visit.objects.get().is_clock_unproven


@pytest.mark.django_db
def test_a_safety_report_is_kept_whatever_else_its_body_holds(rep):
    body = {"words": {"event": "皮疹"}, "aware_at": "yesterday", "doctor_id": "?", "seriousness": "dreadful"}

    receipt = actions.sync_operation(operation=operation("safety.report", body), by=rep, at=AT)

    assert receipt.status == "done"
    assert receipt.answer["number"] == SafetyReport.objects.get().number


@pytest.mark.django_db
def test_needs_questions_and_promises_come_by_the_log_too(rep, doctor):
    doctor_id = str(doctor.pk)
    log = [
        operation("need.capture", {"doctor_id": doctor_id, "question": "eGFR 30–45 怎么起始？"}),
        operation("inquiry.ask", {"doctor_id": doctor_id, "text": "透析患者能用吗？"}),
        operation("follow_up.add", {"doctor_id": doctor_id, "text": "带去指南", "due_on": "2026-12-01"}),
    ]

    for each in log * 2:
        assert actions.sync_operation(operation=each, by=rep, at=AT).status == "done"

    assert ClinicalNeed.objects.count() == 1
    assert Inquiry.objects.count() == 1
    assert FollowUp.objects.count() == 1


@pytest.mark.django_db
def test_someone_who_lost_the_role_gets_an_answer_and_loses_no_record(rep, doctor):
    rep.groups.clear()
    rep = type(rep).objects.get(pk=rep.pk)

    receipt = actions.sync_operation(operation=submit(doctor), by=rep, at=AT)

    assert receipt.status == "rejected"
    assert receipt.answer["code"] == "not_allowed"
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_the_sync_door_answers_in_order(client, rep, doctor):
    client.force_login(rep)
    product("P1")
    rows = [
        {"op_id": str(uuid7()), "kind": "visit.submit", "v": 1, "made_at": AT.isoformat(), "clock": {"offset_ms": 0},
         "payload": payload(doctor)}
        for _ in range(3)
    ]  # fmt: skip

    first = client.post(
        "/field/sync/", json.dumps({"operations": rows}), content_type="application/json"
    ).json()
    again = client.post(
        "/field/sync/", json.dumps({"operations": rows}), content_type="application/json"
    ).json()

    assert [answer["op_id"] for answer in first["answers"]] == [row["op_id"] for row in rows]
    assert [answer["receipt"] for answer in again["answers"]] == [
        answer["receipt"] for answer in first["answers"]
    ]
    assert Visit.objects.count() == 3


@pytest.mark.django_db
def test_the_log_of_one_person_is_not_taken_from_another(client, rep, other_rep, doctor):
    client.force_login(other_rep)

    answer = client.post(
        "/field/sync/",
        json.dumps({"operations": []}),
        content_type="application/json",
        headers={"X-Field-User": str(rep.pk)},
    )

    assert answer.status_code == 409


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"operations": 7}', '{"operations": [{"op_id": "x"}]}', "half{"]
)
def test_a_half_sent_body_is_told_so(client, rep, body):
    client.force_login(rep)

    answer = client.post("/field/sync/", body, content_type="application/json")

    assert answer.status_code == 400
    assert not SyncOperation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reasons", "state", "reason", "told"),
    [
        ({"SG-01": "新指南发布后的答疑", "RD-01": "无关"}, "answered", "新指南发布后的答疑", 0),
        ({"SG-01": "  "}, "asked", "", 1),
        ({"SG-01": 7}, "asked", "", 1),
        ("x", "asked", "", 1),
    ],
)
def test_a_reason_for_what_is_watched_comes_with_the_operation(
    rep, officer, doctor, reasons, state, reason, told
):
    law.adopt_book(by=officer, at=AT - timedelta(days=90), adopt_policies=True)
    for days in range(1, 5):
        actions.submit_visit(
            report=report_of(doctor, AT - timedelta(days=days)), by=rep, at=AT - timedelta(days=days)
        )
    plan = {
        "doctor_id": str(doctor.pk),
        "planned_at": (AT + timedelta(days=1)).isoformat(),
        "reasons": reasons,
    }

    actions.sync_operation(operation=operation("visit.plan", plan), by=rep, at=AT)

    watched = WatchedAct.objects.get(rule="SG-01")
    assert (watched.state, watched.reason) == (state, reason)
    assert WatchedAct.objects.exclude(rule="SG-01").filter(state="answered").count() == 0
    assert (
        Notification.objects.filter(kind="compliance.reason_asked", subject=f"watched:{watched.pk}").count()
        == told
    )
