"""Academic events from plan to closing: who may, in which order, on whose terms, with what proof."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from activities.actions import events as actions
from activities.actions.events import EventPlan, SessionPlan
from activities.choices import AttendanceMethod, EventState
from activities.models import Attendance, Event, EventProof, Expense, Invitation
from activities.views.event_door import door_token
from compliance import actions as law
from compliance.models import ApprovalStep, Finding, LedgerEntry
from doctors import actions as doctor_actions
from pharmacrm.common.errors import Refused
from pharmacrm.common.files import store
from tests.factories.activities import make_consent, make_ground
from tests.factories.doctors import make_doctor

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(manager, rep):
    rep.line_manager = manager
    rep.save()
    return manager


@pytest.fixture
def doctor(rep):
    return make_ground(rep)


@pytest.fixture
def qualified_rep(footing):
    return footing


@pytest.fixture
def plan(doctor, rep, at):
    return EventPlan(
        kind="department_meeting",
        title="肾功能分层用药科室会",
        need="eGFR 30–45 患者的起始剂量",
        topic="肾功能分层",
        hospital_id=doctor.hospital_id,
        consent_id=make_consent(doctor.hospital, rep).pk,
        venue="内分泌科示教室",
        venue_class="hospital",
        starts_at=at + timedelta(days=3),
        ends_at=at + timedelta(days=3, hours=1),
        people_planned=12,
        sponsor_shown=True,
        sessions=(SessionPlan("分层用药", 30), SessionPlan("讨论", 30, kind="discussion")),
        budget=(("tea", 20_000),),
    )


def approve(event, at, *people):
    for person in people:
        step = ApprovalStep.objects.get(request__subject=f"event:{event.pk}", approver=person)
        law.decide(step_id=step.pk, verb="agree", by=person, at=at)
    event.refresh_from_db()


@pytest.fixture
def approved(plan, qualified_rep, boss, officer, at):
    event = actions.plan_event(plan=plan, by=qualified_rep, at=at)
    actions.request_event(event_id=event.pk, by=qualified_rep, at=at)
    approve(event, at, boss, officer)
    return event


@pytest.fixture
def running(approved, rep, at):
    return actions.start_event(event_id=approved.pk, by=rep, at=at)


def kept_file(content, by, at):
    return store([content], media_type="application/pdf", by=by, at=at, max_bytes=1 << 20)


def prove(event, rep, at, *, but=()):
    for kind in ("agenda", "photo", "sponsor_photo", "sign_in"):
        if kind not in but:
            file = kept_file(f"{event.pk} {kind}".encode(), rep, at)
            actions.add_proof(event_id=event.pk, kind=kind, file=file, name=f"{kind}.pdf", by=rep, at=at)


def test_a_plan_is_kept_as_a_draft_with_its_agenda_and_budget(plan, rep, at, events_of):
    event = actions.plan_event(plan=plan, by=rep, at=at)

    assert event.state == EventState.DRAFT
    assert list(event.sessions.order_by("place").values_list("minutes", flat=True)) == [30, 30]
    assert event.budget_lines.get().estimate_fen == 20_000
    assert event.territory_id is not None
    assert events_of(f"event:{event.pk}") == ["activities.event_planned"]


@pytest.mark.parametrize(
    "change",
    [{"sessions": ()}, {"sessions": (SessionPlan("太长", 600),)}, {"ends_at": None}],
)
def test_a_plan_that_cannot_be_is_turned_down(plan, rep, at, change):
    wrong = replace(plan, **({"ends_at": plan.starts_at} if "ends_at" in change else change))

    with pytest.raises(actions.EventNotPlanned):
        actions.plan_event(plan=wrong, by=rep, at=at)

    assert Event.objects.count() == 0
    assert LedgerEntry.objects.filter(event__startswith="activities.event").count() == 0


def test_a_stranger_plans_nothing(plan, reviewer, officer, at):
    with pytest.raises(PermissionDenied):
        actions.plan_event(plan=plan, by=officer, at=at)

    assert Event.objects.count() == 0


def test_both_the_manager_and_compliance_have_to_agree(plan, qualified_rep, boss, officer, at, events_of):
    event = actions.plan_event(plan=plan, by=qualified_rep, at=at)
    actions.request_event(event_id=event.pk, by=qualified_rep, at=at)

    approve(event, at, boss)
    halfway = event.state
    approve(event, at, officer)

    assert (halfway, event.state) == (EventState.REQUESTED, EventState.APPROVED)
    assert event.approved_terms == actions.terms_of(event)
    assert "activities.event_approved" in events_of(f"event:{event.pk}")


def test_a_refused_request_goes_back_to_draft(plan, qualified_rep, boss, officer, at):
    event = actions.plan_event(plan=plan, by=qualified_rep, at=at)
    actions.request_event(event_id=event.pk, by=qualified_rep, at=at)
    step = ApprovalStep.objects.get(request__subject=f"event:{event.pk}", approver=boss)

    law.decide(step_id=step.pk, verb="refuse", by=boss, at=at, comment="时间冲突")

    event.refresh_from_db()
    assert event.state == EventState.DRAFT


def test_a_request_without_a_line_manager_is_turned_down(plan, qualified_rep, officer, at):
    event = actions.plan_event(plan=plan, by=qualified_rep, at=at)

    with pytest.raises(actions.EventNotMoved):
        actions.request_event(event_id=event.pk, by=qualified_rep, at=at)

    event.refresh_from_db()
    assert event.state == EventState.DRAFT


def test_a_changed_plan_asks_again(approved, plan, rep, at):
    actions.change_event(event_id=approved.pk, plan=replace(plan, people_planned=80), by=rep, at=at)

    approved.refresh_from_db()
    assert approved.state == EventState.DRAFT
    with pytest.raises(actions.EventNotMoved):
        actions.start_event(event_id=approved.pk, by=rep, at=at)


def test_an_event_nobody_approved_does_not_start(plan, rep, at):
    event = actions.plan_event(plan=plan, by=rep, at=at)

    with pytest.raises(actions.EventNotMoved):
        actions.start_event(event_id=event.pk, by=rep, at=at)


def test_a_held_event_does_not_start(approved, rep, officer, at):
    law.place_hold(subjects=[f"event:{approved.pk}"], reason="照片重复", by=officer, at=at)

    with pytest.raises(Refused) as refusal:
        actions.start_event(event_id=approved.pk, by=rep, at=at)

    approved.refresh_from_db()
    assert approved.state == EventState.APPROVED
    assert "HOLD-01" in refusal.value.verdict.breached


def test_a_doctor_is_invited_once(approved, doctor, rep, at):
    first = actions.invite_doctors(event_id=approved.pk, doctor_ids=[doctor.pk], by=rep, at=at)
    again = actions.invite_doctors(event_id=approved.pk, doctor_ids=[doctor.pk], by=rep, at=at)

    assert (first, again) == (1, 0)
    assert Invitation.objects.count() == 1


def test_nobody_is_invited_to_a_held_event_and_no_held_doctor_to_any(approved, doctor, rep, officer, at):
    hold = law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="医生投诉", by=officer, at=at)

    with pytest.raises(Refused) as refusal:
        actions.invite_doctors(event_id=approved.pk, doctor_ids=[doctor.pk], by=rep, at=at)

    assert refusal.value.verdict.breached == ["HOLD-01"]
    assert not Invitation.objects.exists()
    assert hold.reach == []


def test_a_receipt_is_refused_while_the_hospital_of_its_event_is_held(running, rep, officer, at):
    law.place_hold(subjects=[f"hospital:{running.hospital_id}"], reason="核查中", by=officer, at=at)

    with pytest.raises(Refused) as refusal:
        actions.submit_expense(
            event_id=running.pk, kind="tea", cost_fen=9_000, people_present=9, spent_on=at.date(),
            payee="茶歇供应商", receipt_number="R-1", purpose="茶歇", by=rep, at=at,
        )  # fmt: skip

    assert "HOLD-01" in refusal.value.verdict.breached
    assert not Expense.objects.exists()


@pytest.mark.parametrize("cell", [{}, {"channel": "event"}, {"product_code": "P1"}], ids=str)
def test_a_doctor_who_withdrew_is_not_invited(approved, doctor, rep, at, cell):
    approved.products = ["P1"]
    approved.save()
    doctor_actions.withdraw_consent(doctor_id=doctor.pk, by=None, at=at, **cell)

    with pytest.raises(Refused) as refusal:
        actions.invite_doctors(event_id=approved.pk, doctor_ids=[doctor.pk], by=rep, at=at)

    assert "PI-03c" in refusal.value.verdict.breached
    assert not Invitation.objects.exists()


def test_a_refused_invitation_is_shown_and_recorded_on_the_page_too(
    client, approved, doctor, rep, at, time_machine
):
    time_machine.move_to(at, tick=False)
    doctor_actions.withdraw_consent(doctor_id=doctor.pk, by=None, at=at)
    client.force_login(rep)

    answer = client.post(reverse("activities:event-invite", args=[approved.pk]), {"doctor": [str(doctor.pk)]})

    assert answer.status_code == 409
    assert Invitation.objects.count() == 0
    assert LedgerEntry.objects.filter(event="event.invite_refused").count() == 1


def test_a_doctor_of_another_territory_cannot_be_invited(approved, rep, at):
    elsewhere = make_doctor("外区医生", hospital=approved.hospital)

    with pytest.raises(PermissionDenied):
        actions.invite_doctors(event_id=approved.pk, doctor_ids=[elsewhere.pk], by=rep, at=at)

    assert Invitation.objects.count() == 0


def test_a_doctor_signs_in_once_and_it_joins_the_stream(running, doctor, at, events_of):
    _row, first = actions.sign_in_doctor(
        event_id=running.pk, doctor_id=doctor.pk, method=AttendanceMethod.QR, by=None, at=at
    )
    _row, again = actions.sign_in_doctor(
        event_id=running.pk, doctor_id=doctor.pk, method=AttendanceMethod.QR, by=None, at=at
    )

    assert (first, again) == (True, False)
    assert Attendance.objects.count() == 1
    assert doctor.interactions.filter(kind="event_attended").count() == 1
    assert events_of(f"event:{running.pk}").count("activities.doctor_signed_in") == 1


def test_the_organiser_signs_in_no_doctor_out_of_sight(running, rep, at):
    elsewhere = make_doctor("外区医生", hospital=running.hospital)

    with pytest.raises(PermissionDenied):
        actions.sign_in_doctor(
            event_id=running.pk, doctor_id=elsewhere.pk, method=AttendanceMethod.PAPER, by=rep, at=at
        )

    assert Attendance.objects.count() == 0
    assert elsewhere.interactions.count() == 0


def test_nobody_signs_in_before_the_start(approved, doctor, at):
    with pytest.raises(actions.NotSignedIn):
        actions.sign_in_doctor(
            event_id=approved.pk, doctor_id=doctor.pk, method=AttendanceMethod.QR, by=None, at=at
        )

    assert Attendance.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "tail"), [("张晓明", "0000"), ("没有这人", "2046"), ("张晓明", ""), ("", "2046")]
)
def test_at_the_door_a_wrong_name_or_number_says_the_same(running, doctor, rep, at, name, tail):
    with pytest.raises(actions.NotSignedIn) as refusal:
        actions.sign_in_by_name(event_id=running.pk, name=name, phone_tail=tail, at=at)

    assert Attendance.objects.count() == 0
    assert name not in str(refusal.value) or not name


def test_the_same_bytes_at_two_events_open_a_finding(running, plan, rep, boss, officer, at):
    other = actions.plan_event(plan=replace(plan, title="另一场"), by=rep, at=at)
    Event.objects.filter(pk=other.pk).update(state="proof", approved_at=at, approved_terms="x", started_at=at)
    photo = kept_file(b"the same photo", rep, at)
    actions.add_proof(event_id=running.pk, kind="photo", file=photo, name="a.jpg", by=rep, at=at)

    actions.add_proof(event_id=other.pk, kind="photo", file=photo, name="b.jpg", by=rep, at=at)

    assert EventProof.objects.count() == 2
    assert Finding.objects.filter(kind="duplicate_proof", subject=f"event:{other.pk}").count() == 1


def test_a_receipt_is_entered_once_in_the_whole_company(running, rep, at):
    line = {"event_id": running.pk, "kind": "tea", "cost_fen": 12_000, "people_present": 6, "by": rep, "at": at,
            "spent_on": at.date(), "payee": "茶室", "receipt_number": "R-1", "purpose": "茶歇"}  # fmt: skip
    line["receipt"] = kept_file(b"receipt", rep, at)
    actions.submit_expense(**line)

    with pytest.raises((actions.ProofNotAdded, Refused)):
        actions.submit_expense(**line)

    assert Expense.objects.count() == 1


def test_an_event_closes_with_proof_summary_and_the_safety_answer(running, doctor, rep, at, events_of):
    for number in range(12):
        colleague = make_doctor(f"医生{number}", hospital=running.hospital)
        actions.sign_in_doctor(event_id=running.pk, doctor_id=colleague.pk, method="qr", by=None, at=at)
    actions.end_event(event_id=running.pk, by=rep, at=at)
    prove(running, rep, at)

    event = actions.close_event(
        event_id=running.pk, summary="讨论了起始剂量。", safety_answered=True, by=rep, at=at
    )

    assert event.state == EventState.CLOSED
    assert events_of(f"event:{event.pk}")[-1] == "activities.event_closed"


def test_an_event_without_proof_does_not_close(running, doctor, rep, at):
    actions.end_event(event_id=running.pk, by=rep, at=at)
    prove(running, rep, at, but=("photo",))

    with pytest.raises(actions.EventNotMoved) as refusal:
        actions.close_event(event_id=running.pk, summary="有。", safety_answered=True, by=rep, at=at)

    running.refresh_from_db()
    assert running.state == EventState.PROOF
    assert "Photo of the room" in str(refusal.value) or "照片" in str(refusal.value)


def test_what_has_run_cannot_be_called_off(running, rep, at):
    with pytest.raises(actions.EventNotMoved):
        actions.cancel_event(event_id=running.pk, reason="改期", by=rep, at=at)


def test_calling_off_needs_a_reason(approved, rep, at):
    with pytest.raises(actions.EventNotMoved):
        actions.cancel_event(event_id=approved.pk, reason=" ", by=rep, at=at)

    cancelled = actions.cancel_event(event_id=approved.pk, reason="医院停电", by=rep, at=at)
    assert cancelled.state == EventState.CANCELLED


def test_somebody_elses_event_is_not_run(approved, other_rep, at):
    with pytest.raises(PermissionDenied):
        actions.start_event(event_id=approved.pk, by=other_rep, at=at)


def test_the_database_keeps_an_unapproved_event_from_running(plan, rep, at):
    event = actions.plan_event(plan=plan, by=rep, at=at)

    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(state="running")


@pytest.mark.django_db(transaction=True)
def test_two_phones_at_once_sign_a_doctor_in_once(running, doctor, at):
    made = []

    def sign():
        try:
            made.append(
                actions.sign_in_doctor(
                    event_id=running.pk, doctor_id=doctor.pk, method=AttendanceMethod.QR, by=None, at=at
                )[1]
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=sign) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [False, False, False, True]
    assert Attendance.objects.count() == 1


@pytest.fixture
def door(running, doctor, rep, person, at):
    """The address of the page at the place, and a doctor who may sign in there."""
    doctor_actions.add_contact(
        doctor_id=doctor.pk, kind="mobile", value="13812340000", by=person("shen", "steward"), at=at
    )
    cache.clear()
    return reverse("event-door", args=[door_token(running.pk)])


def knock(client, door, name="没有这人", tail="2046", **more):
    return client.post(door, {"name": name, "phone_tail": tail}, **more)


def test_names_cannot_be_tried_out_at_the_door(client, door):
    answers = [knock(client, door, tail=f"{n:04d}").status_code for n in range(10)]

    spent = knock(client, door)
    right_but_spent = knock(client, door, "张晓明", "0000")
    elsewhere = knock(client, door, "张晓明", "0000", REMOTE_ADDR="10.9.8.7")

    assert answers == [200] * 10
    assert (spent.status_code, right_but_spent.status_code) == (429, 429)
    assert "15 分钟" in spent.content.decode()
    assert "现场" in spent.content.decode() or "组织者" in spent.content.decode()
    assert elsewhere.status_code == 200
    assert Attendance.objects.count() == 1


def test_a_hospital_signs_in_from_one_address(client, door):
    for _ in range(30):
        assert knock(client, door, "张晓明", "0000").status_code == 200

    assert Attendance.objects.count() == 1


def test_failures_from_many_addresses_end_as_well(client, door):
    answers = [knock(client, door, REMOTE_ADDR=f"10.0.{n // 200}.{n % 200}").status_code for n in range(201)]

    assert answers[:200] == [200] * 200
    assert answers[200] == 429
