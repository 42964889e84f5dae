"""Plan, start, save, submit, amend: each act and each no."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from activities import actions
from activities.choices import Lateness, VisitState
from activities.models import ClinicalNeed, FollowUp, Visit, VisitAmendment, VisitMaterial
from activities.selectors import visit_facts
from compliance import actions as law
from compliance.models import Case, GuardAlarm, StoredVerdict
from doctors import selectors as doctor_selectors
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import OutboxMessage
from tests.conftest import AT
from tests.factories.activities import make_ground, report_of
from tests.factories.content import product, released_material
from tests.factories.doctors import make_territory, put_into

TOMORROW = AT + timedelta(days=1)


def plan_of(doctor, **fields):
    return actions.VisitPlan(**{"doctor_id": doctor.pk, "planned_at": TOMORROW, **fields})


@pytest.mark.django_db
def test_a_visit_is_planned_with_its_verdict_in_the_ledger(rep, doctor, events_of):
    visit = actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)

    assert visit.state == VisitState.PLANNED
    assert visit.hospital_id == doctor.hospital_id
    assert events_of(f"visit:{visit.pk}") == ["activities.visit_planned"]
    assert visit.verdict_id is not None


@pytest.mark.django_db
def test_a_plan_in_the_past_is_not_made(rep, doctor):
    with pytest.raises(actions.VisitNotPlanned):
        actions.plan_visit(plan=plan_of(doctor, planned_at=AT - timedelta(hours=1)), by=rep, at=AT)

    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_doctor_out_of_sight_cannot_be_planned(rep, other_rep, doctor):
    stranger = make_ground(other_rep, name="陆敏")

    with pytest.raises(actions.VisitNotPlanned):
        actions.plan_visit(plan=plan_of(stranger), by=rep, at=AT)

    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_nobody_but_a_representative_plans_a_visit(manager, doctor):
    with pytest.raises(PermissionDenied):
        actions.plan_visit(plan=plan_of(doctor), by=manager, at=AT)


@pytest.mark.django_db
def test_the_same_key_plans_one_visit(rep, doctor):
    plan = plan_of(doctor, visit_id=uuid7())

    first = actions.plan_visit(plan=plan, by=rep, at=AT)
    again = actions.plan_visit(plan=plan, by=rep, at=AT)

    assert first == again
    assert Visit.objects.count() == 1


@pytest.mark.django_db
def test_a_planned_visit_is_started_once(rep, doctor, events_of):
    visit = actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)

    actions.start_visit(visit_id=visit.pk, by=rep, at=TOMORROW)
    actions.start_visit(visit_id=visit.pk, by=rep, at=TOMORROW)

    visit.refresh_from_db()
    assert visit.state == VisitState.STARTED
    assert visit.started_at == TOMORROW
    assert events_of(f"visit:{visit.pk}").count("activities.visit_started") == 1


@pytest.mark.django_db
def test_another_representative_cannot_start_it(rep, other_rep, doctor):
    visit = actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)

    with pytest.raises(PermissionDenied):
        actions.start_visit(visit_id=visit.pk, by=other_rep, at=TOMORROW)


@pytest.mark.django_db
def test_a_cancelled_visit_is_neither_started_nor_submitted(rep, doctor):
    visit = actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)
    actions.cancel_visit(visit_id=visit.pk, by=rep, at=AT, reason="doctor away")

    with pytest.raises(actions.VisitNotMoved):
        actions.start_visit(visit_id=visit.pk, by=rep, at=TOMORROW)
    with pytest.raises(actions.VisitNotMoved):
        actions.submit_visit(report=report_of(doctor, AT, visit_id=visit.pk), by=rep, at=AT)


@pytest.mark.django_db
def test_a_submitted_visit_keeps_everything_that_was_reported(rep, doctor, events_of):
    version = released_material(product("P1"))
    code = version.material.product_uses.first().product
    report = report_of(
        doctor,
        AT,
        talks=(actions.Talk(product_id=code.pk, reaction="interested"),),
        shown=(
            actions.Shown(
                version_id=version.pk,
                shown_at=AT - timedelta(minutes=10),
                pages=(actions.PageView(page=1, dwell_ms=4200),),
            ),
        ),
        needs=("eGFR 30–45 的患者起始剂量怎么定？",),
        follow_up=actions.Promise(text="带去指南原文", due_on=(AT + timedelta(days=7)).date()),
        note="谈到肾功能分层。",
    )

    visit = actions.submit_visit(report=report, by=rep, at=AT)

    visit.refresh_from_db()
    assert visit.state == VisitState.SUBMITTED
    assert visit.products.get().reaction == "interested"
    assert visit.materials.get().views.get().dwell_ms == 4200
    assert ClinicalNeed.objects.get().question.startswith("eGFR")
    follow_up = FollowUp.objects.get()
    assert doctor_selectors.open_text(doctor.pk, follow_up.text_sealed) == "带去指南原文"
    assert doctor_selectors.open_text(doctor.pk, visit.note_sealed) == "谈到肾功能分层。"
    assert "肾功能" not in bytes(visit.note_sealed).decode("latin-1")
    assert events_of(f"visit:{visit.pk}")[-1] == "activities.visit_submitted"
    assert OutboxMessage.objects.filter(task="activities.after_visit").count() == 1


@pytest.mark.django_db
def test_a_visit_without_the_safety_answer_is_not_submitted(rep, doctor):
    with pytest.raises(actions.VisitIncomplete) as missing:
        actions.submit_visit(report=report_of(doctor, AT, ae_answer="unasked"), by=rep, at=AT)

    assert missing.value.field == "ae_answer"
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_visit_cannot_end_before_it_begins(rep, doctor):
    report = replace(report_of(doctor, AT), ended_at=AT - timedelta(hours=2))

    with pytest.raises(actions.VisitIncomplete):
        actions.submit_visit(report=report, by=rep, at=AT)


@pytest.mark.django_db
def test_the_same_operation_submits_one_visit(rep, doctor, events_of):
    report = report_of(doctor, AT, op_id=uuid7())

    actions.submit_visit(report=report, by=rep, at=AT)
    actions.submit_visit(report=report, by=rep, at=AT)

    assert Visit.objects.count() == 1
    assert events_of(f"visit:{report.visit_id}") == ["activities.visit_submitted"]


@pytest.mark.django_db
def test_a_second_report_of_one_visit_is_kept_beside_the_first(rep, doctor):
    first = report_of(doctor, AT, op_id=uuid7(), note="手机甲")
    second = replace(first, op_id=uuid7(), note="手机乙", place="meeting_room")

    visit = actions.submit_visit(report=first, by=rep, at=AT)
    actions.submit_visit(report=second, by=rep, at=AT)

    amendment = VisitAmendment.objects.get()
    visit.refresh_from_db()
    assert doctor_selectors.open_text(doctor.pk, visit.note_sealed) == "手机甲"
    assert doctor_selectors.open_text(doctor.pk, amendment.note_sealed) == "手机乙"
    assert amendment.changes["second_report.place"] == ["reception_room", "meeting_room"]


@pytest.mark.django_db
def test_another_person_cannot_write_into_a_visit(rep, other_rep, doctor):
    report = report_of(doctor, AT)
    actions.submit_visit(report=report, by=rep, at=AT)

    with pytest.raises(PermissionDenied):
        actions.submit_visit(report=replace(report, op_id=uuid7()), by=other_rep, at=AT)


@pytest.mark.django_db
def test_a_saved_visit_may_be_saved_again_and_then_submitted(rep, doctor):
    goods = [product("P1"), product("P2")]
    report = report_of(doctor, AT, talks=(actions.Talk(product_id=goods[0].pk),))

    actions.save_visit(report=report, by=rep, at=AT)
    actions.save_visit(report=replace(report, talks=(actions.Talk(product_id=goods[1].pk),)), by=rep, at=AT)
    visit = actions.submit_visit(
        report=replace(report, talks=(actions.Talk(product_id=goods[1].pk),)), by=rep, at=AT
    )

    assert visit.state == VisitState.SUBMITTED
    assert [row.product_id for row in visit.products.all()] == [goods[1].pk]


@pytest.mark.django_db
def test_a_submitted_visit_is_not_saved_over(rep, doctor):
    report = report_of(doctor, AT)
    actions.submit_visit(report=report, by=rep, at=AT)

    with pytest.raises(actions.VisitNotMoved):
        actions.save_visit(report=report, by=rep, at=AT)


@pytest.mark.django_db
def test_lateness_counts_to_the_device_and_not_to_the_server(rep, doctor):
    ended = AT - timedelta(days=5)
    report = replace(
        report_of(doctor, AT),
        started_at=ended - timedelta(minutes=20),
        ended_at=ended,
        device_saved_at=ended + timedelta(hours=1),
        was_offline=True,
    )

    visit = actions.submit_visit(report=report, by=rep, at=AT)

    assert visit.lateness == Lateness.IN_TIME
    assert visit.was_offline


@pytest.mark.django_db
@pytest.mark.parametrize(("unproven", "day"), [(False, "2026-07-30"), (True, "2026-11-23")])
def test_a_visit_that_arrives_months_later_is_judged_by_the_law_of_its_day(rep, doctor, unproven, day):
    ended = AT.replace(month=7, day=30)
    report = replace(
        report_of(doctor, AT),
        started_at=ended - timedelta(minutes=20),
        ended_at=ended,
        device_saved_at=ended + timedelta(hours=1),
        was_offline=True,
        is_clock_unproven=unproven,
    )

    visit = actions.submit_visit(report=report, by=rep, at=AT)

    verdict = StoredVerdict.objects.get(pk=visit.verdict_id)
    assert verdict.body["on"] == day


@pytest.mark.django_db
def test_a_note_that_may_not_be_kept_is_not_kept_but_the_visit_is(rep, doctor):
    visit = actions.submit_visit(report=report_of(doctor, AT, note="张主任上月处方量 30 支"), by=rep, at=AT)

    assert visit.note_sealed is None
    assert visit.note_hits
    assert visit.is_reported


@pytest.mark.django_db
def test_an_amendment_stands_beside_the_visit(rep, doctor, events_of):
    visit = actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    amendment = actions.amend_visit(
        visit_id=visit.pk, reason="wrong place", changes={"place": "office"}, by=rep, at=AT
    )

    visit.refresh_from_db()
    assert visit.state == VisitState.AMENDED
    assert amendment.changes == {"place": ["reception_room", "office"]}
    assert visit.history.order_by("history_date").first().place == "reception_room"
    assert events_of(f"visit:{visit.pk}")[-1] == "activities.visit_amended"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "changes"), [("", {"place": "office"}), ("why", {}), ("why", {"rep_id": "x"})]
)
def test_an_amendment_says_why_and_what(rep, doctor, reason, changes):
    visit = actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    with pytest.raises(actions.VisitIncomplete):
        actions.amend_visit(visit_id=visit.pk, reason=reason, changes=changes, by=rep, at=AT)

    assert not VisitAmendment.objects.exists()


@pytest.mark.django_db
def test_the_stream_of_a_doctor_gets_a_visit_once(rep, doctor):
    visit = actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    first = actions.after_visit(visit_id=visit.pk, at=AT)
    second = actions.after_visit(visit_id=visit.pk, at=AT)

    assert (first, second) == (1, 0)
    assert doctor_selectors.interactions_of(doctor.pk).filter(kind="visit").count() == 1


@pytest.mark.django_db
def test_each_need_heard_in_a_visit_counts_once_in_the_doctor_s_stream(rep, doctor):
    question = "eGFR 30–45 患者的起始剂量如何选择"
    visits = [
        actions.submit_visit(
            report=report_of(doctor, AT - timedelta(hours=hours), needs=(question,)), by=rep, at=AT
        )
        for hours in (3, 0)
    ]

    for visit in [*visits, visits[0]]:
        actions.after_visit(visit_id=visit.pk, at=AT)

    told = (
        doctor_selectors.interactions_of(doctor.pk).filter(kind="need_told").values_list("subject", flat=True)
    )
    assert sorted(told) == sorted(f"need:{need.pk}" for need in ClinicalNeed.objects.all())
    assert len(told) == 2


@pytest.mark.django_db
def test_the_database_itself_holds_a_submitted_visit_whole(rep, doctor):
    visit = actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(ae_answer="unasked")


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_make_one_visit(rep, doctor):
    report = report_of(doctor, AT, op_id=uuid7())
    problems = []

    def go(op_id):
        try:
            actions.submit_visit(report=replace(report, op_id=op_id), by=rep, at=AT)
        except Exception as error:  # noqa: BLE001
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(uuid7(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert Visit.objects.count() == 1
    assert VisitAmendment.objects.count() == 3


@pytest.mark.django_db
def test_showing_a_released_material_is_recorded_with_its_pages(rep, doctor, events_of):
    version = released_material(product("P1"))

    showing = actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)
    actions.record_page_views(
        showing_id=showing.pk, pages=(actions.PageView(1, 1000), actions.PageView(2, 500)), by=rep, at=AT
    )
    actions.record_page_views(showing_id=showing.pk, pages=(actions.PageView(1, 3000),), by=rep, at=AT)

    assert dict(showing.views.values_list("page", "dwell_ms")) == {1: 3000, 2: 500}
    assert events_of(f"showing:{showing.pk}")[0] == "activities.material_shown"


@pytest.mark.django_db
def test_a_material_is_not_shown_to_a_doctor_out_of_sight(rep, other_rep):
    version = released_material(product("P1"))
    stranger = make_ground(other_rep, name="陆敏")

    with pytest.raises(PermissionDenied):
        actions.show_material(version_id=version.pk, doctor_id=stranger.pk, by=rep, at=AT)

    assert not VisitMaterial.objects.exists()


@pytest.mark.django_db
def test_flagged_words_of_an_amendment_are_kept_apart_and_given_back_by_two(rep, doctor, officer, person):
    second = person("second", Role.COMPLIANCE)
    visit = actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)
    words = "张主任上月处方量 30 支"

    amendment = actions.amend_visit(visit_id=visit.pk, reason="补记", note=words, by=rep, at=AT)

    alarm = GuardAlarm.objects.get(subject=f"visit_amendment:{amendment.pk}")
    visit.refresh_from_db()
    assert amendment.note_sealed is None
    assert visit.in_breach
    assert Case.objects.filter(kind="visit_in_breach", subject=f"visit:{visit.pk}").count() == 1
    for one in (officer, second):
        law.release_alarm(alarm_id=alarm.pk, reason="举例，不是统计", by=one, at=AT)
    amendment.refresh_from_db()
    assert doctor_selectors.open_text(doctor.pk, amendment.note_sealed) == words
    assert "note_hits" not in amendment.changes


@pytest.mark.django_db
def test_a_territory_made_after_a_hold_above_it_is_held_too(rep, officer):
    parent = make_territory("DQ")
    law.place_hold(subjects=[f"territory:{parent.pk}"], reason="核查中", by=officer, at=AT)
    below = make_territory("DQ-2", parent)
    put_into(rep, below)
    doctor = make_ground(rep, territory=below)

    with pytest.raises(Refused, match="HOLD-01"):
        actions.plan_visit(
            plan=actions.VisitPlan(doctor_id=doctor.pk, planned_at=AT + timedelta(days=1)), by=rep, at=AT
        )


@pytest.mark.django_db
def test_a_visit_of_four_doctors_is_judged_by_as_few_questions_as_one_of_two(
    rep, doctor, django_assert_num_queries
):
    met = [make_ground(rep, name=name, hospital=doctor.hospital) for name in ("陆敏", "何静", "马超", "高洁")]
    actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    def judged(others):
        facts_of = visit_facts.facts_before
        about = visit_facts.Circumstances(
            rep=rep, doctor_ids=(doctor.pk, *(one.pk for one in others)), hospital_id=doctor.hospital_id,
            starts_at=AT, channel="face_to_face", purpose="academic", place="", asked_at=AT,
        )  # fmt: skip
        return facts_of(about)

    with django_assert_num_queries(9):
        few = judged(met[:1])
    with django_assert_num_queries(9):
        many = judged(met)

    assert (len(few.doctors), len(many.doctors)) == (2, 5)
    assert many.doctors_outside_territory == ()


@pytest.mark.django_db
def test_a_plain_visit_is_submitted_in_few_queries(rep, doctor, django_assert_max_num_queries):
    actions.submit_visit(report=report_of(doctor, AT, note="讨论了分层用药"), by=rep, at=AT)

    with django_assert_max_num_queries(24):
        actions.submit_visit(report=report_of(doctor, AT, note="讨论了分层用药"), by=rep, at=AT)
