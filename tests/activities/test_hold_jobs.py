"""Work that waits or runs while a hold is placed: the job is a door like the others, and stops before its next step."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from celery import current_app
from django.urls import reverse

from activities import actions
from activities.actions import handing_over
from activities.models import Visit
from compliance import actions as law
from compliance.actions import retention
from compliance.models import ApprovalRequest, HospitalRegistration, LedgerEntry
from content.selectors import subjects_of
from doctors import actions as doctors
from doctors.actions import scoring
from doctors.actions.scoring import runs
from doctors.models import DoctorScore, Hospital, TouchedDoctor
from doctors.tasks import territories
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import Job
from pharmacrm.imports import actions as imports
from pharmacrm.imports import tasks as import_tasks
from pharmacrm.imports.actions import committing
from tests.activities.test_plans_realigned import THAT_DAY, carried_out, drafted, plan
from tests.conftest import AT
from tests.factories.activities import make_ground
from tests.factories.compliance import proof_of, qualify
from tests.factories.content import claim, content_person, product, released_material
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into
from tests.factories.imports import make_job
from tests.factories.segmentation import make_model, make_population
from tests.verdict_case import client_of, post_over_rest

pytestmark = pytest.mark.django_db

# Each task there is: the test of this file that places a hold under it, or why no hold stops it.
HEEDS = {
    "activities.hand_over_plans": "plans_are_handed_over",
    "imports.commit": "import",
    "doctors.carry_out_realignment": "realignment",
    "doctors.carry_out_run": "scoring_run",
    "doctors.score_all": "scoring_run",
    "doctors.rescore_touched": "touched",
    "compliance.run_retention": "destroyed",
}
TELLS_COLLEAGUES = "it tells people of the company what already happened; nothing is done to what is held"
KEEPS_THE_RECORD = "it keeps or checks the record, which a hold must never stop"
OWED = "a doctor or the law is owed it, whatever is held"
ENDS = "it ends or takes back what may no longer be used; a hold keeps nothing in use"
LOOKS = "it only looks and works out figures that nobody acts on yet"
HOUSE = "it is the order of the house's own tree or lists, on which no doctor is met"
PASSES_ON = "it starts other tasks, and they heed"
UNTOUCHED = {
    "accounts.carry_out_moves": HOUSE,
    "activities.after_visit": KEEPS_THE_RECORD,
    "activities.announce_inquiry": OWED,
    "activities.announce_inquiry_answer": TELLS_COLLEAGUES,
    "activities.announce_safety_report": OWED,
    "activities.remind_of_safety_clocks": OWED,
    "activities.scan_for_signals": LOOKS,
    "common.destroy_bytes": ENDS,
    "common.run_outbox_message": PASSES_ON,
    "common.sweep_outbox": PASSES_ON,
    "compliance.anchor_checkpoint": KEEPS_THE_RECORD,
    "compliance.dry_run": LOOKS,
    "compliance.forget_pack_file": ENDS,
    "compliance.hear_witness": KEEPS_THE_RECORD,
    "compliance.make_pack": KEEPS_THE_RECORD,
    "compliance.mind_filings": OWED,
    "compliance.mind_training": OWED,
    "compliance.put_to_approval": TELLS_COLLEAGUES,
    "compliance.remove_packs": ENDS,
    "compliance.review_trail": KEEPS_THE_RECORD,
    "compliance.seal_ledger": KEEPS_THE_RECORD,
    "compliance.tell_waivers_of_month": TELLS_COLLEAGUES,
    "compliance.verify_ledger": KEEPS_THE_RECORD,
    "content.expire_materials": ENDS,
    "content.tell_of_ending": TELLS_COLLEAGUES,
    "doctors.announce_tier_changes": TELLS_COLLEAGUES,
    "doctors.carry_out_bulk": HOUSE,
    "doctors.carry_out_trial": LOOKS,
    "doctors.end_overrides": ENDS,
    "doctors.end_unverified": ENDS,
    "doctors.find_duplicates": LOOKS,
    "doctors.fit_matching": LOOKS,
    "doctors.forget_old_scores": ENDS,
    "doctors.remind_of_requests": OWED,
    "doctors.send_code": OWED,
    "doctors.warn_of_overdue_requests": TELLS_COLLEAGUES,
    "doctors.watch_engagement": LOOKS,
    "imports.check": LOOKS,
    "imports.undo": ENDS,
}


def test_every_task_heeds_a_hold_or_says_why_none_stops_it():
    current_app.loader.import_default_modules()
    ours = {name for name in current_app.tasks if not name.startswith(("celery.", "tests.", "drills."))}
    tests = [name for name in globals() if name.startswith("test_")]

    assert ours == HEEDS.keys() | UNTOUCHED.keys()
    assert not HEEDS.keys() & UNTOUCHED.keys()
    assert all(any(part in name for name in tests) for part in HEEDS.values())


def hold(subject, officer, at):
    return law.place_hold(subjects=[subject], reason="核查中", by=officer, at=at)


def refusals(event):
    return LedgerEntry.objects.filter(event=event).count()


# --- plans that change hands -----------------------------------------------------------------------------------


@pytest.fixture
def plans(officer, person):
    """林岚 has planned a visit, with a material that rests on a claim; the doctor goes to 周宁 in a week."""
    root = make_territory("CN")
    east, west = make_territory("EAST", root), make_territory("WEST", root)
    giver, heir = content_person(Role.REP, "林岚"), content_person(Role.REP, "周宁")
    for one, place in ((giver, east), (heir, west)):
        qualify(one, "P1", by=officer, at=AT)
        put_into(one, place)
    doctor = make_ground(giver, territory=east)
    other = make_ground(giver, territory=east, name="王晓明", hospital=make_hospital("江口医院"))
    of = product("P1")
    version = released_material(of, at=AT - timedelta(days=9))
    approved = claim(of, author=version.author, approver=content_person(Role.COMPLIANCE, "吴双"))
    version.claim_uses.create(claim=approved, version=version)
    planned = [
        plan(giver, doctor, 9, product_ids=(of.pk,), material_ids=(version.pk,)),
        plan(giver, other, 9),
    ]
    opened = drafted(person, doctor, west)
    doctors.add_realignment_change(
        realignment_id=opened.pk,
        kind="doctor",
        doctor_id=other.pk,
        to_territory_id=west.pk,
        by=opened.author,
        at=AT,
    )
    opened.refresh_from_db()
    carried_out(person, opened)
    rests = {name.partition(":")[0]: name for name in subjects_of(version)}
    return planned, {
        "material": rests["material"],
        "claim": rests["claim"],
        "product": rests["product"],
        "doctor": f"doctor:{doctor.pk}",
        "person": f"user:{heir.pk}",
        "territory": f"territory:{west.pk}",
        "hospital": f"hospital:{doctor.hospital_id}",
        "rule": "rule:MR-09",
    }


@pytest.mark.parametrize(
    "kind", ["material", "claim", "product", "doctor", "person", "territory", "hospital", "rule"]
)
def test_no_plans_are_handed_over_that_rest_on_what_was_stopped_after_the_job_began(kind, plans, officer):
    (old, _other), held = plans
    hold(held[kind], officer, THAT_DAY + timedelta(minutes=5))  # a job bears the moment at which it began

    actions.hand_over_plans(at=THAT_DAY)

    old.refresh_from_db()
    assert (old.state, old.handed_over_to) == ("cancelled", None)
    refused = LedgerEntry.objects.get(event="visit.plan_refused", subject=f"visit:{old.pk}")
    assert held[kind] in refused.verdict.body["held"]


def test_plans_are_handed_over_until_the_hold_and_not_after_it(plans, officer):
    planned, held = plans
    settle = handing_over._settle

    def settle_and_stop(*args):
        found = settle(*args)
        hold(held["person"], officer, THAT_DAY + timedelta(seconds=1))
        return found

    with patch.object(handing_over, "_settle", settle_and_stop):
        actions.hand_over_plans(at=THAT_DAY)

    handed = Visit.objects.filter(pk__in=[one.pk for one in planned], handed_over_to__isnull=False)
    assert handed.count() == 1
    assert refusals("visit.plan_refused") == 1


# --- a realignment that was approved ------------------------------------------------------------------------------


def test_an_approved_realignment_is_given_back_when_its_territory_is_stopped_while_it_waits(person, officer):
    east, west = make_territory("EAST"), make_territory("WEST")
    doctor = make_doctor(hospital=make_hospital(), territory=east)
    opened = drafted(person, doctor, west)
    other = person("steward2", Role.STEWARD, name="苏蓝")
    doctors.ask_realignment(realignment_id=opened.pk, approver_id=other.pk, by=opened.author, at=AT)
    step = ApprovalRequest.objects.get(subject=f"realignment:{opened.pk}", state="open").steps.get()
    law.decide(step_id=step.pk, verb="agree", by=other, at=AT)
    hold(f"territory:{west.pk}", officer, AT + timedelta(minutes=1))

    with time_machine.travel(AT, tick=False):
        state = territories.carry_out_realignment(realignment_id=str(opened.pk))

    assert state == "draft"
    assert refusals("territory.realign_refused") == 1
    assert not doctor.assignments.filter(territory=west).exists()


# --- an import ----------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting_import(person):
    """A checked file of three hospitals whose rows are asked to be written."""
    steward = person("steward", Role.STEWARD, name="沈思")
    job = make_job(steward, AT, rows=(("医院名称", "等级"), *((f"湖滨{n}院", "三甲") for n in "一二三")))
    imports.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=AT)
    imports.check_rows(import_id=job.pk, at=AT)
    imports.commit_import(import_id=job.pk, by=steward, at=AT, only_good=False)
    job.refresh_from_db()
    return job


def held_of_import(job, kind):
    return {"person": f"user:{job.asked_by_id}", "rule": "rule:MR-10", "import": f"import:{job.pk}"}[kind]


@pytest.mark.parametrize("kind", ["person", "rule", "import"])
def test_an_import_that_waits_is_not_written_once_it_is_stopped(kind, waiting_import, officer):
    hold(held_of_import(waiting_import, kind), officer, AT + timedelta(minutes=1))

    with time_machine.travel(AT, tick=False):
        assert import_tasks.commit(import_id=str(waiting_import.pk)) == "checked"

    waiting_import.refresh_from_db()
    assert not Hospital.objects.filter(name__startswith="湖滨").exists()
    assert waiting_import.state == "checked"
    assert waiting_import.failure
    assert Job.objects.get(pk=waiting_import.job_id).state == "failed"
    assert refusals("column.accept_refused") == 1


@pytest.mark.parametrize("moment", ["_say_aside", "remarked_rows"])
def test_an_import_half_way_writes_nothing_once_it_is_stopped(moment, waiting_import, officer, monkeypatch):
    """Between two batches, and after the last of them."""
    real = getattr(committing, moment)
    placed = []

    def stop(*args):
        if not placed:
            placed.append(hold(f"user:{waiting_import.asked_by_id}", officer, AT + timedelta(minutes=1)))
        return real(*args) if moment == "remarked_rows" else None

    monkeypatch.setattr(committing, "BATCH_ROWS", 1)
    monkeypatch.setattr(committing, moment, stop)

    with pytest.raises(Refused):
        imports.write_rows(import_id=waiting_import.pk, at=AT)

    assert placed
    assert not Hospital.objects.filter(name__startswith="湖滨").exists()
    waiting_import.refresh_from_db()
    assert waiting_import.state == "committing"  # the task then sets it back, as for one that waits


@pytest.mark.parametrize("door", ["page", "REST"])
def test_a_checked_import_is_not_even_asked_for_once_its_person_is_stopped(door, person, officer):
    steward = person("steward", Role.STEWARD, name="沈思")
    job = make_job(steward, AT)
    imports.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=AT)
    imports.check_rows(import_id=job.pk, at=AT)
    hold(f"user:{steward.pk}", officer, AT)

    with time_machine.travel(AT, tick=False):
        if door == "page":
            answer = client_of(steward).post(reverse("imports:commit", args=[job.pk]), {"only_good": ""})
        else:
            answer = post_over_rest(steward, f"imports/{job.pk}/commit/", {"only_good": False})

    job.refresh_from_db()
    assert (answer.status_code, job.state) == (409, "checked")
    assert refusals("column.accept_refused") == 1


# --- scoring ------------------------------------------------------------------------------------------------------


@pytest.fixture
def model(officer):
    make_population(40, 300)
    return make_model(content_person(Role.MARKETING, "罗曼"), officer, at=AT)


def carried_out_run(model):
    run = scoring.open_run(model_id=model.pk, by=None, at=AT, is_queued=False)
    return run, lambda: scoring.carry_out_run(run_id=run.pk, clock=lambda: AT)


@pytest.mark.parametrize("step", ["_collect", "_seal"])
def test_a_scoring_run_stops_at_its_next_step_and_publishes_nothing(step, model, officer, monkeypatch):
    real = getattr(runs, step)

    def do_and_stop(*args):
        real(*args)
        hold(f"segmentation_model:{model.pk}", officer, AT + timedelta(minutes=1))

    monkeypatch.setattr(runs, step, do_and_stop)
    run, carry_out = carried_out_run(model)

    done = carry_out()

    assert (done.state, done.published_at) == ("failed", None)
    assert not DoctorScore.objects.filter(run=run).exists()
    assert Job.objects.get(pk=run.job_id).state == "failed"
    assert refusals("doctor.score_refused") == 1


@pytest.mark.parametrize("kind", ["segmentation_model", "rule"])
def test_a_scoring_run_that_waits_does_not_begin_once_it_is_stopped(kind, model, officer):
    run, carry_out = carried_out_run(model)
    hold(
        f"segmentation_model:{model.pk}" if kind != "rule" else "rule:PI-15",
        officer,
        AT + timedelta(minutes=1),
    )

    assert carry_out().state == "failed"
    assert not DoctorScore.objects.filter(run=run).exists()
    assert refusals("doctor.score_refused") == 1


def test_who_is_touched_waits_while_the_model_is_stopped(model, officer):
    _run, carry_out = carried_out_run(model)
    carry_out()
    scoring.touch_doctors([DoctorScore.objects.first().doctor_id], at=AT)
    stopped = hold(f"segmentation_model:{model.pk}", officer, AT + timedelta(minutes=1))

    assert scoring.rescore_touched(at=AT) == 0
    assert TouchedDoctor.objects.count() == 1

    later = AT + timedelta(minutes=2)
    law.lift_hold(hold_id=stopped.pk, reason="已核实", by=officer, at=later, proof=proof_of(officer, later))
    assert scoring.rescore_touched(at=later) == 1


# --- records over their term --------------------------------------------------------------------------------------


def test_nothing_is_destroyed_that_is_stopped_after_the_run_began(officer, person):
    old = AT - timedelta(days=365 * 11)
    keys = [
        HospitalRegistration.objects.create(
            user=person(name, Role.REP),
            hospital=f"hospital:{name}",
            valid_from=old.date() - timedelta(days=1),
            valid_until=old.date(),
        ).user_id
        for name in ("rep-one", "rep-two")
    ]
    second = content_person(Role.COMPLIANCE, "吴双")
    run = retention.ask_retention(reason="年度清理", by=officer, at=AT, proof=proof_of(officer, AT))
    retention.decide_retention(run_id=run.pk, approve=True, by=second, at=AT, proof=proof_of(second, AT))
    hold(f"user:{keys[0]}", officer, AT + timedelta(minutes=1))

    retention.run_retention(run_id=run.pk, at=AT)

    assert list(HospitalRegistration.objects.values_list("user_id", flat=True)) == [keys[0]]
