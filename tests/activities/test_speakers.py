"""Speakers of an event: proposed, verified outside sales, invited under the law, and each no."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from activities.actions import events as actions
from activities.actions.events import EventPlan, SessionPlan, SpeakerPlan
from activities.choices import EventState, SpeakerState
from activities.models import Event, Speaker, Visit
from activities.rules import rests_on_tier_alone
from activities.selectors.speakers import speaker_facts
from compliance import actions as law
from compliance.doors import recorded_refusals
from compliance.models import ApprovalStep, LedgerEntry
from doctors.models import Doctor, DoctorIdentity
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from tests.conftest import AT
from tests.factories.activities import make_consent, make_ground
from tests.factories.doctors import make_doctor, make_hospital

pytestmark = pytest.mark.django_db

APPROVAL = "院科教〔2026〕12 号"


@pytest.fixture
def boss(manager, rep):
    rep.line_manager = manager
    rep.save()
    return manager


@pytest.fixture
def event(footing, boss, doctor):
    plan = EventPlan(
        kind="salon",
        title="肾功能分层用药沙龙",
        need="eGFR 30–45 患者的起始剂量",
        topic="肾功能分层",
        hospital_id=doctor.hospital_id,
        consent_id=make_consent(doctor.hospital, footing).pk,
        venue="示教室",
        starts_at=AT + timedelta(days=3),
        ends_at=AT + timedelta(days=3, hours=1),
        people_planned=12,
        sponsor_shown=True,
        sessions=(SessionPlan("分层用药", 30), SessionPlan("讨论", 30, kind="discussion")),
    )
    return actions.plan_event(plan=plan, by=footing, at=AT)


def said_of(doctor=None, **fields):
    return SpeakerPlan(
        **{
            "topic": "eGFR 下降患者的起始剂量",
            "doctor_id": doctor.pk if doctor else None,
            "hospital_approval_number": APPROVAL,
            "selection_reason": "指南作者",
            **fields,
        }
    )


def guest(**fields):
    return said_of(name="陆敏", institution="云江大学附属医院", department_name="肾内科", **fields)


def refused(by, act):
    with pytest.raises(Refused) as no, recorded_refusals(by=by, at=AT):
        act()
    verdict = no.value.verdict
    assert LedgerEntry.objects.filter(event__endswith="_refused").count() == 1
    assert all(one.instead["zh"] and one.message["en"] for one in verdict.refusals)
    return verdict


@pytest.fixture
def caps(monkeypatch):
    """Let the company have set its yearly limits."""

    def set_to(**figures):
        own = {"talks_cap": 6, "fees_cap_fen": 5_000_000, "services_cap": 8, **figures}
        monkeypatch.setattr("activities.selectors.speakers.figure_on", lambda _rule, name, _at: own[name])

    return set_to


def verified(event, said, rep, reviewer):
    speaker = actions.propose_speaker(event_id=event.pk, said=said, by=rep, at=AT)
    return actions.verify_speaker(speaker_id=speaker.pk, by=reviewer, at=AT)


def test_a_speaker_is_proposed_verified_outside_sales_and_invited(event, rep, reviewer, doctor, events_of):
    speaker = verified(event, said_of(doctor), rep, reviewer)

    invited = actions.invite_speaker(speaker_id=speaker.pk, by=rep, at=AT)

    assert (invited.state, invited.invited_at) == (SpeakerState.INVITED, AT)
    assert invited.verdict_id is not None
    assert events_of(f"event:{event.pk}")[-3:] == [
        "activities.speaker_proposed", "activities.speaker_verified", "activities.speaker_invited"
    ]  # fmt: skip
    assert actions.invite_speaker(speaker_id=speaker.pk, by=rep, at=AT) == invited


def test_without_a_check_outside_sales_nobody_is_invited(event, rep, doctor):
    speaker = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)

    verdict = refused(rep, lambda: actions.invite_speaker(speaker_id=speaker.pk, by=rep, at=AT))

    assert verdict.breached == ["RD-09"]
    speaker.refresh_from_db()
    assert (speaker.state, speaker.invited_at) == (SpeakerState.PROPOSED, None)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"hospital_approval_number": ""}, "SP-01"),
        ({"fee_fen": 100_000, "fee_payer": "company", "host_standard_fen": 100_000}, "SP-02"),
        ({"fee_fen": 100_001, "fee_payer": "host", "host_standard_fen": 100_000}, "SP-02b"),
        (
            {"fee_fen": 1, "fee_payer": "host", "host_standard_fen": 1, "inviter_kind": "company"},
            "SP-01b",
        ),
        ({"topic": "舒泽安的起始剂量"}, "SP-02c"),
    ],
)
def test_each_thing_out_of_order_stops_the_invitation(change, rule, event, rep, reviewer, caps, monkeypatch):
    caps()
    monkeypatch.setattr(
        "activities.selectors.speakers.rx_names_in", lambda topic: ("舒泽安",) if "舒泽安" in topic else ()
    )
    speaker = verified(event, guest(**change), rep, reviewer)

    verdict = refused(rep, lambda: actions.invite_speaker(speaker_id=speaker.pk, by=rep, at=AT))

    assert verdict.breached == [rule]


def test_a_fee_within_one_department_is_refused_and_one_from_elsewhere_is_not(
    event, rep, reviewer, caps, doctor
):
    caps()
    paid = {"fee_fen": 80_000, "fee_payer": "host", "host_standard_fen": 100_000, "inviter_kind": "society"}
    own = verified(event, said_of(doctor, **paid), rep, reviewer)
    outside = verified(event, guest(**paid), rep, reviewer)

    verdict = refused(rep, lambda: actions.invite_speaker(speaker_id=own.pk, by=rep, at=AT))
    invited = actions.invite_speaker(speaker_id=outside.pk, by=rep, at=AT)

    assert verdict.breached == ["RD-10"]
    assert (verdict.facts["audience_total"], verdict.facts["audience_same_department"]) == (12, 12)
    assert invited.state == SpeakerState.INVITED


def test_a_fee_before_the_company_has_set_its_limits_is_refused(event, rep, reviewer):
    paid = {"fee_fen": 80_000, "fee_payer": "host", "host_standard_fen": 100_000}
    speaker = verified(event, guest(**paid), rep, reviewer)

    verdict = refused(rep, lambda: actions.invite_speaker(speaker_id=speaker.pk, by=rep, at=AT))

    assert verdict.breached == ["RD-08b"]


def test_what_was_paid_at_other_events_of_the_year_counts(event, rep, reviewer, caps):
    caps(fees_cap_fen=100_000)
    paid = {"fee_fen": 60_000, "fee_payer": "host", "host_standard_fen": 100_000}
    speaker = verified(event, guest(**paid), rep, reviewer)
    earlier = Event.objects.create(
        code="E-1", kind="salon", title="一月沙龙", organiser=rep, starts_at=AT - timedelta(days=60),
        ends_at=AT - timedelta(days=60) + timedelta(hours=1),
    )  # fmt: skip
    Speaker.objects.create(
        event=earlier, doctor_id=speaker.doctor_id, state="invited", invited_at=AT, verdict_id=speaker.pk,
        selection_verified_by=reviewer, topic=speaker.topic.upper(), fee_fen=60_000, fee_payer="host",
    )  # fmt: skip

    verdict = refused(rep, lambda: actions.invite_speaker(speaker_id=speaker.pk, by=rep, at=AT))

    assert verdict.breached == ["RD-08"]
    assert [one.rule for one in verdict.refusals] == ["RD-08", "RD-12"]
    assert verdict.facts["fees_this_year_fen"] == 60_000


def test_a_speaker_from_elsewhere_is_kept_in_the_identity_room_only(event, rep):
    speaker = actions.propose_speaker(event_id=event.pk, said=guest(), by=rep, at=AT)

    assert DoctorIdentity.objects.get(pk=speaker.doctor_id).name == "陆敏"
    assert Doctor.objects.get(pk=speaker.doctor_id).status == "unverified"
    assert "陆敏" not in str(Speaker.objects.filter(pk=speaker.pk).values().get())
    assert LedgerEntry.objects.filter(event="doctors.outside_doctor_noted").count() == 1


@pytest.mark.parametrize(
    "said",
    [
        said_of(topic=" ", name="陆敏", institution="某院", department_name="肾内科"),
        said_of(),
        said_of(name="陆敏"),
        said_of(name="陆敏", institution="某院", department_name="肾内科", fee_fen=1),
    ],
    ids=["no topic", "nobody", "no place", "no payer"],
)
def test_half_a_proposal_is_none(said, event, rep):
    with pytest.raises(actions.SpeakerNotMoved), transaction.atomic():
        actions.propose_speaker(event_id=event.pk, said=said, by=rep, at=AT)

    assert not Speaker.objects.exists()
    assert not LedgerEntry.objects.filter(event__contains="speaker").exists()


def test_a_speaker_is_proposed_once(event, rep, doctor):
    actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)

    with pytest.raises(actions.SpeakerNotMoved), transaction.atomic():
        actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)

    assert Speaker.objects.count() == 1


def test_a_doctor_out_of_sight_is_not_proposed(event, rep, other_rep):
    stranger = make_ground(other_rep, name="方宁")

    with pytest.raises(PermissionDenied):
        actions.propose_speaker(event_id=event.pk, said=said_of(stranger), by=rep, at=AT)


def test_strangers_and_sales_neither_propose_nor_verify_nor_invite(event, rep, other_rep, manager, doctor):
    speaker = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)

    for person in (other_rep, manager):
        with pytest.raises(PermissionDenied):
            actions.propose_speaker(event_id=event.pk, said=guest(), by=person, at=AT)
        with pytest.raises(PermissionDenied):
            actions.invite_speaker(speaker_id=speaker.pk, by=person, at=AT)
        with pytest.raises(PermissionDenied):
            actions.drop_speaker(speaker_id=speaker.pk, by=person, at=AT)
    for person in (rep, manager):
        with pytest.raises(PermissionDenied):
            actions.verify_speaker(speaker_id=speaker.pk, by=person, at=AT)
    assert Speaker.objects.get().state == SpeakerState.PROPOSED


def test_a_medical_organiser_does_not_verify_their_own_speaker(event, reviewer, rep, doctor):
    speaker = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)
    Event.objects.filter(pk=event.pk).update(organiser=reviewer)

    with pytest.raises(PermissionDenied):
        actions.verify_speaker(speaker_id=speaker.pk, by=reviewer, at=AT)


def test_nothing_is_verified_twice_or_without_a_reason(event, rep, reviewer, doctor):
    without = actions.propose_speaker(
        event_id=event.pk, said=said_of(doctor, selection_reason=""), by=rep, at=AT
    )
    with pytest.raises(actions.SpeakerNotMoved):
        actions.verify_speaker(speaker_id=without.pk, by=reviewer, at=AT)

    speaker = verified(event, guest(), rep, reviewer)
    with pytest.raises(actions.SpeakerNotMoved):
        actions.verify_speaker(speaker_id=speaker.pk, by=reviewer, at=AT)


def approve(event, *people):
    actions.request_event(event_id=event.pk, by=event.organiser, at=AT)
    for person in people:
        step = ApprovalStep.objects.filter(request__subject=f"event:{event.pk}", approver=person).latest("pk")
        law.decide(step_id=step.pk, verb="agree", by=person, at=AT)
    event.refresh_from_db()


def test_an_approved_event_asks_again_when_a_speaker_comes_or_goes(
    event, rep, boss, officer, reviewer, doctor
):
    approve(event, boss, officer)
    assert event.state == EventState.APPROVED

    speaker = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)
    event.refresh_from_db()
    after_proposal = event.state
    actions.drop_speaker(speaker_id=speaker.pk, by=rep, at=AT)

    assert after_proposal == EventState.DRAFT
    assert not Speaker.objects.exists()
    assert LedgerEntry.objects.filter(event="activities.speaker_dropped").count() == 1


def test_an_event_with_an_unverified_speaker_is_not_approved(event, rep, boss, officer, doctor):
    actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)

    with pytest.raises(Refused) as no:
        approve(event, boss, officer)

    assert "RD-09" in no.value.verdict.breached


def test_after_the_event_began_no_speaker_comes_or_goes(event, rep, reviewer, doctor):
    speaker = verified(event, said_of(doctor), rep, reviewer)
    Event.objects.filter(pk=event.pk).update(
        state="running", approved_at=AT, approved_terms=actions.terms_of(event)
    )

    for act in (
        lambda: actions.invite_speaker(speaker_id=speaker.pk, by=rep, at=AT),
        lambda: actions.drop_speaker(speaker_id=speaker.pk, by=rep, at=AT),
        lambda: actions.propose_speaker(event_id=event.pk, said=guest(), by=rep, at=AT),
    ):
        with pytest.raises(actions.SpeakerNotMoved):
            act()


def test_a_fee_changes_the_terms_that_were_approved(event, rep, doctor):
    before = actions.terms_of(event)
    speaker = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)
    with_speaker = actions.terms_of(event)
    speaker.fee_fen, speaker.fee_payer = 1, "host"
    speaker.save()

    assert len({before, with_speaker, actions.terms_of(event)}) == 3


def test_the_database_itself_knows_no_invitation_without_check_and_verdict(event, rep, doctor):
    speaker = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        Speaker.objects.filter(pk=speaker.pk).update(state="invited")


def test_listeners_invited_from_the_same_department_are_counted(event, rep, reviewer, doctor):
    speaker = verified(event, said_of(doctor), rep, reviewer)
    there = make_doctor("甲", hospital=doctor.hospital)
    elsewhere = make_doctor("乙", hospital=make_hospital("云溪市第二人民医院"))
    for each in (there, elsewhere):
        event.invitations.create(doctor=each)

    facts = speaker_facts(speaker, event, at=AT)

    assert (facts.audience_total, facts.audience_same_department) == (12, 1)
    assert replace(facts, subjects=()) != facts
    assert f"doctor:{doctor.pk}" in facts.subjects


def page_of(client, person, event):
    client.force_login(person)
    return client.get(reverse("activities:event-detail", args=[event.pk])).content.decode()


def test_the_pages_carry_a_speaker_from_the_form_to_the_refusal(client, event, rep, doctor, reviewer):
    client.force_login(rep)
    address = reverse("activities:event-speakers", args=[event.pk])
    half = client.post(address, {"topic": "分层", "selection_reason": "指南作者", "inviter_kind": "hospital"})
    assert half.status_code == 400

    whole = client.post(
        address,
        {"doctor": str(doctor.pk), "topic": "分层", "selection_reason": "指南作者", "inviter_kind": "hospital",
         "fee_yuan": "800", "fee_payer": "company", "host_standard_yuan": "1000"},
    )  # fmt: skip
    speaker = Speaker.objects.get()
    assert whole.status_code == 302
    assert speaker.fee_fen == 80_000
    invite = reverse("activities:event-speaker-move", args=[event.pk, speaker.pk, "invite"])
    answer = client.post(invite)

    assert answer.status_code == 409
    assert all(rule in answer.content.decode() for rule in ("RD-09", "SP-01", "SP-02"))
    assert "800" in page_of(client, rep, event)
    assert f"/speakers/{speaker.pk}/verify/" not in page_of(client, rep, event)
    assert f"/speakers/{speaker.pk}/verify/" in page_of(client, reviewer, event)


def test_the_form_of_a_new_event_takes_its_speakers(client, footing, doctor):
    client.force_login(footing)
    form = {
        "kind": "salon", "title": "沙龙", "need": "起始剂量", "hospital": str(doctor.hospital_id), "venue": "示教室",
        "venue_class": "hospital", "starts_at": "2027-01-05T12:00", "ends_at": "2027-01-05T13:00",
        "people_planned": "12", "meal_yuan_per_head": "0", "agenda_1_title": "分层", "agenda_1_kind": "talk",
        "agenda_1_minutes": "30", "speaker_1-name": "陆敏", "speaker_1-institution": "云江大学附属医院",
        "speaker_1-department_name": "肾内科", "speaker_1-topic": "分层", "speaker_1-selection_reason": "指南作者",
        "speaker_1-inviter_kind": "society", "speaker_2-inviter_kind": "hospital",
    }  # fmt: skip

    half = client.post(reverse("activities:event-create"), {**form, "speaker_1-topic": ""})
    assert (half.status_code, Event.objects.count()) == (200, 0)

    answer = client.post(reverse("activities:event-create"), form)

    assert answer.status_code == 302
    assert Speaker.objects.get().institution == "云江大学附属医院"
    without = {name: value for name, value in form.items() if not name.startswith("speaker_")}
    assert client.post(reverse("activities:event-create"), without).status_code == 302
    assert (Event.objects.count(), Speaker.objects.count()) == (2, 1)


def test_the_phone_shows_its_owner_the_events_ahead_with_their_speakers(client, event, rep, doctor, person):
    actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)
    Event.objects.filter(pk=event.pk).update(
        starts_at=AT + timedelta(days=400), ends_at=AT + timedelta(days=401)
    )
    client.force_login(rep)
    far = client.get(reverse("activities:today")).content.decode()
    Event.objects.filter(pk=event.pk).update(state="proof", approved_at=AT, approved_terms="x")
    due = client.get(reverse("activities:today")).content.decode()
    client.force_login(person("third", Role.REP))
    stranger = client.get(reverse("activities:today")).content.decode()

    assert event.title not in far
    assert event.title in due
    assert doctor.identity.name in due
    assert event.title not in stranger


def test_what_did_not_take_place_is_called_so_on_the_phone_and_the_desk(client, event, rep, doctor):
    visit = Visit.objects.create(
        rep=rep, doctor=doctor, hospital=doctor.hospital, state="planned", planned_at=AT + timedelta(days=3)
    )
    rep.language = "zh-hans"
    rep.save()
    with time_machine.travel(event.starts_at + timedelta(hours=20), tick=False):  # the next morning
        client.force_login(rep)
        phone = client.get(reverse("activities:today")).content.decode()
        desk = client.get(reverse("activities:visit-detail", args=[visit.pk])).content.decode()

    assert ("未举行" in phone, "草稿" in phone) == (True, False)
    assert ("未执行" in desk, "已计划" in desk) == (True, False)


@pytest.mark.parametrize(
    ("reason", "alone"),
    [
        ("核心专家", True),
        ("因为该医生属于核心专家，评分 78.64，排名第 3", True),
        ("系统推荐的潜力医生", True),
        ("Core expert", True),
        ("Tier: core, score 78.64", True),
        ("指南作者", False),
        ("核心专家，主持 CKD 起始剂量指南修订", False),
        ("Core expert who wrote the guideline on eGFR", False),
        ("", False),
    ],
)
def test_a_tier_by_itself_is_no_reason_for_a_speaker(reason, alone):
    assert rests_on_tier_alone(reason) is alone
