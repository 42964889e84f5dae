"""Nine kinds of things on hold, at every door that acts on them: the table of what stops where. Jobs: test_hold_jobs."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from activities.actions.events.parts import terms_of
from activities.models import Attendance, Event, EventSession, Visit
from activities.selectors import visit_facts
from activities.views.event_door import DOOR_SALT
from activities.views.field_bundle import bundle_parts
from compliance import actions as law
from compliance import subjects
from compliance.choices import Grade
from compliance.models import Finding, LedgerEntry, StoredVerdict
from content.actions import issue_leases
from content.selectors import subjects_of, withdrawn_since
from doctors import actions as doctor_actions
from doctors import selectors as doctors
from doctors.choices import ConsentState
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from tests.activities import act_rows
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.content import claim, content_person, product, released_material
from tests.same_verdict import DOORS, Case, _arrange
from tests.verdict_case import client_of, post_over_rest

pytestmark = pytest.mark.django_db

IN_ORDER = Case(
    point="visit.plan", filing="in scope", consent=True, booking="not needed", registers=False,
    channel="face_to_face", purpose="deliver_information", place="reception_room", note="", ae_answer="none",
    days_ago=0, material="released", column="备注", held=False, names_material=True,
)  # fmt: skip
KINDS = ("material", "claim", "doctor", "person", "product", "territory", "hospital", "rule")
TABLE = {
    "visit.plan": KINDS,
    "visit.start": KINDS,
    "visit.submit": tuple(
        kind for kind in KINDS if kind not in {"material", "claim"}
    ),  # shown ones are told apart
    "material.show": tuple(kind for kind in KINDS if kind != "rule"),  # MR-09 does not judge a showing
}


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def ground(clock):
    """One representative, one doctor, one planned visit with a material that rests on an approved claim."""
    found = _arrange(IN_ORDER)
    of = found.version.material.product_uses.get().product
    approver = content_person(Role.COMPLIANCE, "吴双")
    found.version.claim_uses.create(
        claim=claim(of, author=found.version.author, approver=approver), version=found.version
    )
    return found


def held_in(ground, kind):
    """Return the subject by which an officer would stop it."""
    rests = {name.partition(":")[0]: name for name in subjects_of(ground.version)}
    territory = doctors.subjects_of_doctor(ground.doctor.pk, AT.date())[-1]
    return {
        "material": rests["material"],
        "claim": rests["claim"],
        "product": rests["product"],
        "doctor": f"doctor:{ground.doctor.pk}",
        "person": f"user:{ground.rep.pk}",
        "hospital": f"hospital:{ground.doctor.hospital_id}",
        "territory": territory,
        "rule": "rule:MR-09",
    }[kind]


def stop(subject, officer):
    return law.place_hold(subjects=[subject], reason="核查中", by=officer, at=AT)


def verdict_of(point, act):
    """Return the one verdict that an act met at a point; nothing of it stays."""
    with transaction.atomic():
        before = set(StoredVerdict.objects.values_list("pk", flat=True))
        act()
        found = StoredVerdict.objects.filter(point=point).exclude(pk__in=before).get()
        transaction.set_rollback(True)
    return found


def stop_all(ground, officer, kinds=KINDS):
    """Stop each of several things by a hold of its own. Returns: what was stopped, by kind."""
    held = {kind: held_in(ground, kind) for kind in kinds}
    for subject in held.values():
        stop(subject, officer)
    return held


@pytest.mark.parametrize("point", TABLE)
def test_every_door_of_field_work_meets_each_kind_of_hold(point, ground, officer):
    held = stop_all(ground, officer)
    expected = {held[kind] for kind in TABLE[point]}

    for name, door in DOORS[point].items():
        found = verdict_of(point, lambda door=door: door(replace(IN_ORDER, point=point), ground))
        assert expected <= set(found.body["held"]), name
        assert "HOLD-01" in found.breached


def test_a_visit_reported_in_spite_of_holds_is_stored_and_marked_by_every_door(ground, officer):
    stop_all(ground, officer)

    for name, door in DOORS["visit.submit"].items():
        with transaction.atomic():
            door(replace(IN_ORDER, point="visit.submit"), ground)
            assert Visit.objects.get(state="submitted").in_breach, name
            transaction.set_rollback(True)


def test_the_phone_s_own_pack_names_each_thing_on_hold(ground, officer):
    def pack():
        request = RequestFactory().get("/field/bundle/")
        request.user, request.LANGUAGE_CODE = ground.rep, "zh-hans"
        return bundle_parts(request)

    before = pack()
    held = stop_all(ground, officer)
    after = pack()

    assert (before["rules"]["held"], len(before["materials"])) == ([], 1)
    assert set(held.values()) <= set(after["rules"]["held"])
    assert after["materials"] == []
    card = next(one for one in after["doctors"] if one["id"] == str(ground.doctor.pk))
    assert card["held"] == sorted(held[kind] for kind in ("doctor", "hospital", "territory"))


def test_a_visit_that_tells_of_a_held_message_is_marked(ground, officer):
    use = ground.version.claim_uses.get()
    stop(f"claim:{use.claim_id}", officer)

    about = visit_facts.circumstances_of(ground.visit, starts_at=AT, asked_at=AT)
    facts = visit_facts.facts_before(replace(about, shown=(), claim_ids=(use.claim_id,)))

    assert f"claim:{use.claim_id}" in facts.subjects


@pytest.mark.parametrize("kind", ["material", "claim", "product"])
def test_a_held_material_leaves_the_phones_that_hold_it(kind, ground, officer):
    issue_leases(user=ground.rep, version_ids=[ground.version.pk], at=AT)
    assert withdrawn_since(ground.rep, AT) == []

    stop(held_in(ground, kind), officer)

    assert withdrawn_since(ground.rep, AT) == [ground.version.pk]


def test_a_phone_is_told_that_something_was_stopped_and_let_go(ground, officer):
    told = client_of(ground.rep)
    address = reverse("activities:field-withdrawn")
    before = told.get(address).json()["holds_at"]

    hold = stop(f"doctor:{ground.doctor.pk}", officer)
    placed = told.get(address).json()["holds_at"]
    with time_machine.travel(AT + timedelta(minutes=1), tick=False):
        later = AT + timedelta(minutes=1)
        law.lift_hold(hold_id=hold.pk, reason="已核实", by=officer, at=later, proof=proof_of(officer, later))
        lifted = told.get(address).json()["holds_at"]

    assert before == "" < placed < lifted


# --- events ----------------------------------------------------------------------------------------------------


@pytest.fixture
def meeting(clock, rep):
    """An approved event with a slide deck and a speaker, and the doctor who would come."""
    event, doctor = act_rows.approved(rep)
    event.refresh_from_db()
    of = product("P1")
    event.products = ["P1"]
    event.save()
    version = released_material(of, at=AT - timedelta(days=9))
    approver = content_person(Role.COMPLIANCE, "吴双")
    version.claim_uses.create(claim=claim(of, author=version.author, approver=approver), version=version)
    EventSession.objects.filter(event=event, place=1).update(material_version=version)
    speaker = event.speakers.create(doctor=doctor, topic="肾功能分层", state="verified")
    event = Event.objects.get(pk=event.pk)
    event.approved_terms = terms_of(event)
    event.save()
    return event, doctor, version, speaker


EVENT_KINDS = ("material", "claim", "event", "engagement", "doctor", "person", "product", "territory", "hospital")  # fmt: skip


def held_of_event(meeting, kind):
    event, doctor, version, speaker = meeting
    rests = {name.partition(":")[0]: name for name in subjects_of(version)}
    return {
        "material": rests["material"],
        "claim": rests["claim"],
        "product": rests["product"],
        "event": f"event:{event.pk}",
        "engagement": f"engagement:{speaker.pk}",
        "doctor": f"doctor:{doctor.pk}",
        "person": f"user:{event.organiser_id}",
        "hospital": f"hospital:{event.hospital_id}",
        "territory": f"territory:{event.territory_id}",
    }[kind]


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_a_hold_counts_the_event_among_what_it_stopped(kind, meeting, officer):
    hold = stop(held_of_event(meeting, kind), officer)

    assert [f"event:{meeting[0].pk}"] in [line["subjects"] for line in hold.reach]


def test_every_door_of_an_event_meets_each_kind_of_hold(meeting, officer, rep):
    event, doctor, _version, _speaker = meeting
    held = {held_of_event(meeting, kind) for kind in EVENT_KINDS} | {"rule:HOLD-01"}
    for subject in held:
        stop(subject, officer)
    page, rest = {"doctor": str(doctor.pk)}, f"activities/events/{event.pk}/"
    acts = {
        ("event.start", "page"): lambda: client_of(rep).post(
            reverse("activities:event-move", args=[event.pk, "start"])
        ),
        ("event.start", "REST"): lambda: post_over_rest(rep, f"{rest}start/", {}),
        ("event.invite", "page"): lambda: client_of(rep).post(
            reverse("activities:event-invite", args=[event.pk]), page
        ),
        ("event.invite", "REST"): lambda: post_over_rest(
            rep, f"{rest}invitations/", {"doctor_ids": [page["doctor"]]}
        ),
    }

    for (point, door), act in acts.items():
        assert held <= set(verdict_of(point, act).body["held"]), (point, door)

    Event.objects.filter(pk=event.pk).update(state="running", started_at=AT)
    sheet = (
        lambda: client_of(rep).post(reverse("activities:event-sign-in", args=[event.pk]), page),
        lambda: post_over_rest(rep, f"{rest}sign-in/", {"doctor_id": page["doctor"]}),
    )
    for door in sheet:
        assert held <= set(verdict_of("event.sign_in", door).body["held"])


def test_a_doctor_at_a_held_door_is_stopped_and_the_paper_sheet_is_stored_and_marked(meeting, officer, rep):
    event, doctor, _version, _speaker = meeting
    steward = content_person(Role.STEWARD)
    doctor_actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13812340000", by=steward, at=AT)
    Event.objects.filter(pk=event.pk).update(state="running", started_at=AT)
    stop(f"event:{event.pk}", officer)
    door = reverse("event-door", args=[signing.dumps(str(event.pk), salt=DOOR_SALT)])

    answer = Client().post(door, {"name": "张晓明", "phone_tail": "0000"})

    assert answer.status_code == 409
    assert "核查中" in answer.content.decode()
    assert not Attendance.objects.exists()
    assert LedgerEntry.objects.filter(event="event.sign_in_refused").count() == 1

    client_of(rep).post(reverse("activities:event-sign-in", args=[event.pk]), {"doctor": str(doctor.pk)})

    assert Attendance.objects.get().doctor_id == doctor.pk
    assert LedgerEntry.objects.get(event="activities.doctor_signed_in").verdict.breached == ["HOLD-01"]
    finding = Finding.objects.get(kind="event_in_breach")
    assert (finding.subject, finding.grade) == (f"event:{event.pk}", Grade.BAN)


def test_the_hold_s_page_names_the_engagement_and_leads_to_its_event(meeting):
    event, _doctor, _version, speaker = meeting

    assert event.code in subjects.title_of(f"engagement:{speaker.pk}")
    assert subjects.url_of(f"engagement:{speaker.pk}") == f"/activities/events/{event.pk}/"


# --- imports, jobs, and what no hold stops ----------------------------------------------------------------------


@pytest.mark.parametrize("held", ["person", "rule"])
def test_a_hold_stops_an_import_at_the_page_over_rest_and_from_the_shell(held, ground, officer):
    stop(f"user:{ground.steward.pk}" if held == "person" else "rule:HOLD-01", officer)
    case = replace(IN_ORDER, point="column.accept", column="处方量")

    for door in DOORS["column.accept"].values():
        assert "HOLD-01" in verdict_of("column.accept", lambda door=door: door(case, ground)).breached


@pytest.mark.parametrize("kind", ["doctor", "person", "hospital", "territory", "rule"])
def test_a_doctor_withdraws_whatever_is_on_hold(kind, ground, officer):
    stop("rule:HOLD-01" if kind == "rule" else held_in(ground, kind), officer)

    said = doctor_actions.withdraw_consent(doctor_id=ground.doctor.pk, by=None, at=AT)

    assert said.state == ConsentState.WITHDRAWN


def test_a_yes_waits_while_its_doctor_is_on_hold(ground, officer):
    stop(f"doctor:{ground.doctor.pk}", officer)

    with pytest.raises(Refused) as refusal:
        law.judge(
            "consent.record",
            doctor_actions.consents.facts_of(
                ground.doctor, "given", "", None, None, at=AT, proof=False, asked=False, by_doctor=True
            ),
            subject=f"doctor:{ground.doctor.pk}",
            by=None,
            at=AT,
        )

    assert "HOLD-01" in refusal.value.verdict.breached
