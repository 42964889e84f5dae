"""Hospital doors, cycles, needs, inquiries, promises: each act and each no."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from activities import actions, selectors
from activities.models import Booking, ClinicalNeed, Cycle, HospitalPolicy, Inquiry, InstitutionConsent
from activities.selectors import hospital_doors
from compliance.models import LedgerEntry
from doctors import selectors as doctor_selectors
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.activities import make_booking, make_consent, make_ground, make_policy, report_of
from tests.factories.doctors import make_hospital, make_territory, put_into

DAY = AT.date()
SLOT = actions.SlotWords(weekday=3, starts=time(15), ends=time(17))


@pytest.mark.django_db
def test_a_hospital_s_rules_begin_on_their_day_and_end_the_former(officer):
    hospital = make_hospital()
    first = actions.set_hospital_policy(
        hospital_id=hospital.pk,
        words=actions.PolicyWords(booking_required=True, slots=(SLOT,)),
        valid_from=DAY - timedelta(days=30),
        by=officer,
        at=AT,
    )

    second = actions.set_hospital_policy(
        hospital_id=hospital.pk, words=actions.PolicyWords(lead_days=5), valid_from=DAY, by=officer, at=AT
    )

    first.refresh_from_db()
    assert first.valid_until == DAY
    assert hospital_doors.policy_of(hospital.pk, DAY) == second
    assert hospital_doors.policy_of(hospital.pk, DAY - timedelta(days=1)) == first


@pytest.mark.django_db
def test_rules_do_not_begin_before_the_present_ones(officer):
    hospital = make_hospital()
    words = actions.PolicyWords()
    actions.set_hospital_policy(hospital_id=hospital.pk, words=words, valid_from=DAY, by=officer, at=AT)

    with pytest.raises(actions.PolicyNotSet):
        actions.set_hospital_policy(hospital_id=hospital.pk, words=words, valid_from=DAY, by=officer, at=AT)

    assert HospitalPolicy.objects.count() == 1


@pytest.mark.django_db
def test_a_representative_does_not_write_a_hospital_s_rules(rep):
    with pytest.raises(PermissionDenied):
        actions.set_hospital_policy(
            hospital_id=make_hospital().pk, words=actions.PolicyWords(), valid_from=DAY, by=rep, at=AT
        )


@pytest.mark.django_db
def test_a_consent_without_its_paper_is_none(officer):
    words = actions.ConsentWords(
        hospital_id=make_hospital().pk,
        department_in_charge="药学部",
        registration_number="R-1",
        valid_from=DAY,
        valid_until=DAY + timedelta(days=365),
    )

    with pytest.raises(actions.ConsentNotRegistered):
        actions.register_institution_consent(words=words, evidence=None, by=officer, at=AT)

    assert not InstitutionConsent.objects.exists()


@pytest.mark.django_db
def test_a_withdrawn_consent_covers_nothing(rep, officer):
    doctor = make_ground(rep)
    consent = InstitutionConsent.objects.get()
    assert hospital_doors.door_of(doctor.hospital_id, rep=rep, at=AT).institution_consents

    actions.withdraw_institution_consent(consent_id=consent.pk, reason="letter", by=officer, at=AT)

    assert not hospital_doors.door_of(doctor.hospital_id, rep=rep, at=AT).institution_consents


@pytest.mark.django_db
def test_a_door_says_everything_of_a_moment_in_one_question(
    rep, other_rep, officer, django_assert_num_queries
):
    hospital = make_hospital()
    make_policy(
        hospital, (AT.isoweekday(), 0, 1), (AT.isoweekday(), 1, 23), booking_required=True, lead_days=3, place="office",
        restricted_areas=["ward"], registers_reps=True,
    )  # fmt: skip
    make_consent(hospital, officer, product_codes=["RB01"])
    mine = make_booking(rep, hospital, AT)
    make_booking(other_rep, hospital, AT - timedelta(minutes=10))

    with django_assert_num_queries(1):
        door = hospital_doors.door_of(
            hospital.pk, rep=rep, at=AT, product_codes=("RB01", "NX02"), place="ward"
        )

    assert (door.booking_required, door.registers_reps, door.lead_days, door.place) == (
        True,
        True,
        3,
        "office",
    )
    assert door.booking_id == mine.pk
    assert not door.place_permitted
    assert not door.institution_consents
    assert door.slots == hospital_doors.slots_of(hospital_doors.policy_of(hospital.pk, DAY))
    assert hospital_doors.door_of(hospital.pk, rep=rep, at=AT, product_codes=("RB01",)).institution_consents


@pytest.mark.django_db
def test_a_booking_is_asked_for_once_and_answered(rep, other_rep):
    hospital = make_hospital()
    start = AT + timedelta(days=1)
    booking = actions.book_hospital(
        hospital_id=hospital.pk, starts_at=start, ends_at=start + timedelta(hours=1), by=rep, at=AT
    )

    with pytest.raises(actions.BookingNotMade):
        actions.book_hospital(
            hospital_id=hospital.pk, starts_at=start, ends_at=start + timedelta(hours=1), by=rep, at=AT
        )
    with pytest.raises(PermissionDenied):
        actions.answer_booking(booking_id=booking.pk, state="accepted", by=other_rep, at=AT)
    actions.answer_booking(booking_id=booking.pk, state="accepted", reference="N-1", by=rep, at=AT)

    assert hospital_doors.accepted_booking(hospital.pk, rep, start).reference == "N-1"
    assert Booking.objects.count() == 1


@pytest.mark.django_db
def test_a_declined_booking_stays_declined(rep):
    start = AT + timedelta(days=1)
    booking = actions.book_hospital(
        hospital_id=make_hospital().pk, starts_at=start, ends_at=start + timedelta(hours=1), by=rep, at=AT
    )
    actions.answer_booking(booking_id=booking.pk, state="declined", by=rep, at=AT)

    with pytest.raises(actions.BookingNotMade):
        actions.answer_booking(booking_id=booking.pk, state="accepted", by=rep, at=AT)


@pytest.mark.django_db
def test_goals_count_doctors_met_and_contacts_and_nothing_in_breach(footing, manager, doctor):
    put_into(manager, make_territory("UP"))
    cycle = actions.open_cycle(
        code="2026Q4",
        name="四季度",
        starts_on=date(2026, 10, 1),
        ends_on=date(2027, 1, 1),
        goals=(actions.Goal("core", "face_to_face", 100, 2),),
        by=manager,
        at=AT,
    )
    for _ in range(3):
        actions.submit_visit(report=report_of(doctor, AT), by=footing, at=AT)

    line = selectors.attainment_of(cycle, footing, on=DAY)[0]

    assert (line.base, line.goal_doctors, line.met) == (1, 1, 1)
    assert (line.goal_contacts, line.contacts) == (2, 2)
    assert line.coverage_bp == 10_000


@pytest.mark.django_db
def test_a_visit_in_breach_reaches_no_goal(rep, manager):
    doctor = make_ground(rep)
    cycle = actions.open_cycle(
        code="Q",
        name="Q",
        starts_on=date(2026, 10, 1),
        ends_on=date(2027, 1, 1),
        goals=(actions.Goal("core", "face_to_face", 100, 1),),
        by=manager,
        at=AT,
    )
    actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    line = selectors.attainment_of(cycle, rep, on=DAY)[0]

    assert (line.base, line.met, line.contacts) == (1, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "goals",
    [(), (actions.Goal("core", "face_to_face", 50, 1),) * 2, (actions.Goal("core", "phone", 101, 1),)],
)
def test_a_cycle_needs_sensible_goals(manager, goals):
    with pytest.raises(actions.CycleNotSet):
        actions.open_cycle(
            code="Q", name="Q", starts_on=DAY, ends_on=DAY + timedelta(days=9), goals=goals, by=manager, at=AT
        )

    assert not Cycle.objects.exists()


@pytest.mark.django_db
def test_a_need_with_a_patient_or_a_quantity_is_not_kept(rep, doctor):
    with pytest.raises(Refused) as refusal:
        actions.capture_need(doctor_id=doctor.pk, question="王主任每月开多少盒？", by=rep, at=AT)

    assert refusal.value.verdict.breached == ["MR-11"]

    assert not ClinicalNeed.objects.exists()


@pytest.mark.django_db
def test_a_need_is_told_back_by_medical_only(rep, medical, doctor):
    need = actions.capture_need(doctor_id=doctor.pk, question="eGFR 30–45 的起始剂量？", by=rep, at=AT)

    with pytest.raises(PermissionDenied):
        actions.close_need(need_id=need.pk, outcome="x", by=rep, at=AT)
    actions.close_need(need_id=need.pk, outcome="已提供指南原文", by=medical, at=AT)

    need.refresh_from_db()
    assert need.state == "answered"
    assert doctor_selectors.interactions_of(doctor.pk).filter(kind="need_told").count() == 1


@pytest.mark.django_db
def test_what_medical_answers_stays_behind_the_wall(rep, manager, medical, officer, doctor, client):
    inquiry = actions.ask_medical(
        question=actions.Question(doctor_id=doctor.pk, text="透析患者能否使用？"), by=rep, at=AT
    )
    actions.take_inquiry(inquiry_id=inquiry.pk, by=medical, at=AT)

    actions.answer_inquiry(
        inquiry_id=inquiry.pk, text="尚无充分证据", references=("指南 2025",), by=medical, at=AT
    )
    actions.announce_inquiry_answer(inquiry_id=inquiry.pk, at=AT)

    inquiry.refresh_from_db()
    assert inquiry.state == "answered"
    assert selectors.answers_behind_the_wall(rep, inquiry) is None
    assert selectors.answers_behind_the_wall(manager, inquiry) is None
    assert selectors.answers_behind_the_wall(medical, inquiry)[0][1] == "尚无充分证据"
    assert "尚无充分证据" not in str(Notification.objects.get(recipient=rep).text)
    client.force_login(rep)
    assert "尚无充分证据" not in client.get(f"/activities/inquiries/{inquiry.pk}/").content.decode()


@pytest.mark.django_db
def test_no_sales_role_answers_and_nobody_answers_twice(rep, medical, doctor):
    inquiry = actions.ask_medical(
        question=actions.Question(doctor_id=doctor.pk, text="透析患者能否使用？"), by=rep, at=AT
    )

    with pytest.raises(PermissionDenied):
        actions.answer_inquiry(inquiry_id=inquiry.pk, text="x", by=rep, at=AT)
    actions.answer_inquiry(inquiry_id=inquiry.pk, text="y", by=medical, at=AT)
    with pytest.raises(actions.InquiryNotMoved):
        actions.answer_inquiry(inquiry_id=inquiry.pk, text="z", by=medical, at=AT)

    assert Inquiry.objects.get().answers.count() == 1


@pytest.mark.django_db
def test_a_promise_is_kept_by_whoever_made_it(rep, other_rep, doctor):
    promise = actions.add_follow_up(doctor_id=doctor.pk, text="带去指南", due_on=DAY, by=rep, at=AT)

    with pytest.raises(PermissionDenied):
        actions.finish_follow_up(follow_up_id=promise.pk, by=other_rep, at=AT)
    actions.finish_follow_up(follow_up_id=promise.pk, by=rep, at=AT)
    actions.finish_follow_up(follow_up_id=promise.pk, by=rep, at=AT)

    assert LedgerEntry.objects.filter(event="activities.follow_up_finished").count() == 1
    assert selectors.open_follow_ups(rep) == []


@pytest.mark.django_db
def test_lists_show_nobody_else_s_branch(rep, other_rep, manager, doctor):
    actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)
    foreign = make_ground(other_rep, name="陆敏")
    actions.submit_visit(report=report_of(foreign, AT), by=other_rep, at=AT)

    assert selectors.visits_visible_to(rep, on=DAY).count() == 1
    assert selectors.visits_visible_to(manager, on=DAY).count() == 0


@pytest.mark.django_db
def test_the_list_of_visits_costs_the_same_for_many_rows(
    client, officer, rep, doctor, django_assert_max_num_queries
):
    for _ in range(8):
        actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)
    client.force_login(officer)

    with django_assert_max_num_queries(20):
        answer = client.get("/activities/visits/")

    assert answer.status_code == 200
    assert "张晓明" in answer.content.decode()
