"""What the tasks of scoring work on, for the test that runs each of them twice."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from compliance import actions as law
from compliance.models import ApprovalStep
from doctors import actions as doctor_actions
from doctors.actions import overrides, scoring
from doctors.models import DoctorScore, ScoringRun, TierAssignment
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.content import content_person
from tests.factories.doctors import assign, make_doctor, make_hospital, make_territory, put_into
from tests.factories.duplicates import make_model as make_match_model
from tests.factories.duplicates import make_pair
from tests.factories.segmentation import make_model, make_population


def _model(officer):
    return make_model(content_person(Role.MARKETING, "罗曼"), officer, at=AT)


def _scored(officer, model=None) -> ScoringRun:
    if model is None:
        model = _model(officer)
        make_population(40, 300)
    run = scoring.open_run(model_id=model.pk, by=None, at=AT, is_queued=False)
    return scoring.carry_out_run(run_id=run.pk, clock=lambda: AT)


def model_in_force(officer) -> dict:
    _model(officer)
    return {}


def waiting_run(officer) -> dict:
    model = _model(officer)
    make_population(40, 300)
    return {"run_id": str(scoring.open_run(model_id=model.pk, by=None, at=AT).pk)}


def waiting_trial(officer) -> dict:
    model = _model(officer)
    make_population(40, 300)
    _scored(officer, model)
    return {"trial_id": str(scoring.open_trial(model_id=model.pk, by=officer, at=AT).pk)}


def run_that_moved_somebody(officer) -> dict:
    run = _scored(officer)
    rep, territory = content_person(Role.REP, "林岚"), make_territory("T1", line="cardio")
    put_into(rep, territory)
    moved = DoctorScore.objects.filter(run=run).order_by("doctor_id").first()
    assign(moved.doctor, territory)
    TierAssignment.objects.create(
        doctor=moved.doctor, run=run, tier="core", tier_before="basic", reason="scored", since=AT
    )
    return {"run_id": str(run.pk)}


def touched_doctor(officer) -> dict:
    run = _scored(officer)
    doctor_id = DoctorScore.objects.filter(run=run).order_by("doctor_id").first().doctor_id
    doctor_actions.record_interaction(
        doctor_id=doctor_id, kind="event_attended", channel="event", subject="event:1", by=None, at=AT
    )
    return {}


def override_past_its_day(officer) -> dict:
    rep, territory = content_person(Role.REP, "林岚"), make_territory("T1")
    put_into(rep, territory)
    doctor = make_doctor(hospital=make_hospital(), territory=territory)
    early = AT - timedelta(days=30)
    asked = overrides.ask_override(
        doctor_id=doctor.pk,
        tier="core",
        reason="contested",
        valid_until=AT.date() - timedelta(days=1),
        by=rep,
        at=early,
    )
    overrides.decide_override(override_id=asked.pk, approve=True, by=officer, at=early)
    return {}


def runs_of_past_years(officer) -> dict:
    model = _model(officer)
    make_population(40, 300)
    for _ in range(4):
        _scored(officer, model)
    ScoringRun.objects.update(created_at=AT - timedelta(days=800))
    return {}


def approved_realignment(officer) -> dict:
    steward, other = content_person(Role.STEWARD, "沈思"), content_person(Role.STEWARD, "苏蓝")
    place = make_territory("T1")
    hospital = make_hospital()
    make_doctor(hospital=hospital)
    opened = doctor_actions.open_realignment(
        name="春季调整",
        reason="",
        effective_on=timezone.localdate() + timedelta(days=9),
        by=steward,
        at=timezone.now(),
    )
    doctor_actions.add_realignment_change(
        realignment_id=opened.pk,
        kind="hospital",
        hospital_id=hospital.pk,
        to_territory_id=place.pk,
        by=steward,
        at=timezone.now(),
    )
    doctor_actions.ask_realignment(
        realignment_id=opened.pk, approver_id=other.pk, by=steward, at=timezone.now()
    )
    step = ApprovalStep.objects.get(approver=other)
    law.decide(step_id=step.pk, verb="agree", by=other, at=timezone.now())
    return {"realignment_id": str(opened.pk)}


def claim_past_its_day(officer) -> dict:
    content_person(Role.STEWARD, "沈思")
    rep, territory = content_person(Role.REP, "林岚"), make_territory("T1")
    put_into(rep, territory)
    doctor = make_doctor(territory=territory)
    doctor_actions.decline_doctor(doctor_id=doctor.pk, reason="x", by=rep, at=AT - timedelta(days=60))
    return {}


def waiting_fit(_officer) -> dict:
    make_pair()
    steward = content_person(Role.STEWARD, "沈思")
    return {"model_id": str(doctor_actions.ask_fit(by=steward, at=AT).pk)}


def doctors_alike(_officer) -> dict:
    make_match_model(merges_alone=True)
    hospital = make_hospital()
    for _twice in range(2):
        make_doctor("覃若涵", hospital=hospital, title="attending_physician", specialty="心律失常")
    return {}


def unverified_past_its_day(officer) -> dict:
    rep, territory = content_person(Role.REP, "林岚"), make_territory("T1")
    put_into(rep, territory)
    doctor_actions.propose_doctor(
        doctor=doctor_actions.NewDoctor("王晓明", make_hospital().pk),
        territory_id=territory.pk,
        note="",
        by=rep,
        at=AT - timedelta(days=60),
    )
    return {}


def request_that_runs_out(officer) -> dict:
    asked = doctor_actions.take_request(
        doctor_id=make_doctor().pk, kind="copy", source="page", words="", by=None, at=AT - timedelta(days=40)
    )
    assert asked.due_at < AT
    return {}


def code_that_waits(officer) -> dict:
    doctor = make_doctor()
    steward = content_person(Role.STEWARD, "沈思")
    doctor_actions.add_contact(doctor_id=doctor.pk, kind="email", value="w@example.com", by=steward, at=AT)
    link = doctor_actions.make_link(doctor_id=doctor.pk, by=steward, at=AT)
    doctor_actions.send_code(link_id=link.pk, channel="email", at=AT)
    return {"link_id": str(link.pk)}


def doctor_who_rises(_officer) -> dict:
    doctor = make_doctor(hospital=make_hospital())
    for back in range(4):
        doctor_actions.record_interaction(
            doctor_id=doctor.pk, kind="event_attended", channel="event", subject=f"event:{back}", by=None,
            at=AT - timedelta(days=back),
        )  # fmt: skip
    return {}


def bulk_order(officer) -> dict:
    steward = content_person(Role.STEWARD, "沈思")
    doctor = make_doctor()
    kept = doctor_actions.save_list(name="重点", kind="picks", by=steward, at=AT)
    order = doctor_actions.BulkOrder("add", list_id=kept.pk)
    job = doctor_actions.order_bulk(order=order, doctor_ids=[doctor.pk], by=steward, at=AT, title="x")
    return {"job_id": str(job.pk), "act": "add", "list_id": str(kept.pk), "doctor_ids": [str(doctor.pk)]}


TASKS = {
    "doctors.watch_engagement": doctor_who_rises,
    "doctors.carry_out_bulk": bulk_order,
    "doctors.end_unverified": unverified_past_its_day,
    "doctors.carry_out_realignment": approved_realignment,
    "doctors.warn_of_overdue_requests": claim_past_its_day,
    "doctors.send_code": code_that_waits,
    "doctors.remind_of_requests": request_that_runs_out,
    "doctors.announce_tier_changes": run_that_moved_somebody,
    "doctors.carry_out_run": waiting_run,
    "doctors.carry_out_trial": waiting_trial,
    "doctors.end_overrides": override_past_its_day,
    "doctors.find_duplicates": doctors_alike,
    "doctors.fit_matching": waiting_fit,
    "doctors.forget_old_scores": runs_of_past_years,
    "doctors.rescore_touched": touched_doctor,
    "doctors.score_all": model_in_force,
}
