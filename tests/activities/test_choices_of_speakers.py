"""The choice of a speaker is a request: in the inbox of who verifies it, with deputies, given the same answer everywhere."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from activities.actions import events as actions
from activities.actions.events import EventPlan, SessionPlan, SpeakerPlan, speaker_choice
from activities.choices import SpeakerState
from activities.models import Event, Speaker
from compliance import actions as law
from compliance.actions.carrying import put_to_approval
from compliance.doors import recorded_refusals
from compliance.models import ApprovalRequest, ApprovalStep, LedgerEntry
from compliance.selectors.cockpit import inbox_of
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.ids import uuid7
from tests.conftest import AT
from tests.factories.activities import make_consent

pytestmark = pytest.mark.django_db
TODAY = AT.date()


def plan_of(doctor, footing, **more):
    return EventPlan(
        **{
            "kind": "salon",
            "title": "肾功能分层用药沙龙",
            "need": "eGFR 30–45 患者的起始剂量",
            "hospital_id": doctor.hospital_id,
            "consent_id": make_consent(doctor.hospital, footing).pk,
            "venue": "示教室",
            "starts_at": AT + timedelta(days=9),
            "ends_at": AT + timedelta(days=9, hours=1),
            "people_planned": 12,
            "sponsor_shown": True,
            "sessions": (SessionPlan("分层用药", 30),),
            **more,
        }
    )


@pytest.fixture
def event(footing, manager, rep, doctor):
    rep.line_manager = manager
    rep.save()
    return actions.plan_event(plan=plan_of(doctor, footing), by=footing, at=AT)


def said_of(doctor, **fields):
    return SpeakerPlan(
        **{"topic": "起始剂量", "doctor_id": doctor.pk, "selection_reason": "指南作者", **fields}
    )


@pytest.fixture
def speaker(event, rep, doctor):
    return actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)


def request_about(speaker_id):
    return ApprovalRequest.objects.filter(
        flow=speaker_choice.FLOW, subject=f"engagement:{speaker_id}"
    ).latest("opened_at", "pk")


def step_of(speaker):
    return ApprovalStep.objects.get(request=request_about(speaker.pk), state="open")


def waits_for(*people):
    return [inbox_of(one, TODAY).filter(request__flow=speaker_choice.FLOW).exists() for one in people]


def test_a_proposal_waits_for_medical_and_compliance_and_for_no_sales(
    reviewer, officer, manager, rep, speaker, doctor
):
    assert waits_for(reviewer, officer) == [True, True]
    assert waits_for(rep, manager) == [False, False]
    request = request_about(speaker.pk)
    assert (request.opened_by, request.due_at) == (rep, AT + timedelta(days=3))
    assert str(doctor.pk) not in str(request.payload)
    assert doctor.identity.name not in f"{request.payload} {request.title} {request.heading}"


def test_it_is_due_before_its_event_begins(footing, manager, rep, doctor):
    soon = AT + timedelta(hours=20)
    plan = plan_of(doctor, footing, starts_at=soon, ends_at=soon + timedelta(hours=1))
    event = actions.plan_event(plan=plan, by=footing, at=AT)

    speaker = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)

    assert request_about(speaker.pk).due_at == soon


def test_a_yes_in_the_inbox_verifies_it_as_the_button_does(speaker, event, reviewer):
    law.decide(step_id=step_of(speaker).pk, verb="agree", by=reviewer, at=AT, comment="近三年有相关论文")

    speaker.refresh_from_db()
    assert (speaker.state, speaker.selection_verified_by) == (SpeakerState.VERIFIED, reviewer)
    entry = LedgerEntry.objects.get(event="activities.speaker_verified")
    assert (entry.subject, entry.reason) == (f"event:{event.pk}", "近三年有相关论文")
    assert waits_for(reviewer) == [False]


def test_a_refused_choice_is_verified_by_nobody_until_it_is_proposed_anew(
    speaker, event, reviewer, officer, rep, doctor
):
    with pytest.raises(law.ApprovalNotDecided), transaction.atomic():
        actions.refuse_speaker(speaker_id=speaker.pk, reason=" ", by=reviewer, at=AT)
    actions.refuse_speaker(speaker_id=speaker.pk, reason="与议题无关", by=reviewer, at=AT)
    for again in (actions.verify_speaker, actions.refuse_speaker):
        words = {"reason": "x"} if again is actions.refuse_speaker else {}
        with pytest.raises(actions.SpeakerNotMoved), transaction.atomic():
            again(speaker_id=speaker.pk, by=officer, at=AT, **words)
    assert speaker_choice.put_speakers(AT) == 0
    assert LedgerEntry.objects.get(event="activities.speaker_refused").reason == "与议题无关"

    actions.drop_speaker(speaker_id=speaker.pk, by=rep, at=AT)
    anew = actions.propose_speaker(
        event_id=event.pk, said=said_of(doctor, selection_reason="主持指南修订"), by=rep, at=AT
    )
    actions.verify_speaker(speaker_id=anew.pk, by=officer, at=AT)

    assert Speaker.objects.get().state == SpeakerState.VERIFIED


def test_who_proposed_and_who_organises_verify_nothing(event, speaker, rep, reviewer, person):
    step = step_of(speaker)
    with pytest.raises(PermissionDenied), transaction.atomic():
        law.decide(step_id=step.pk, verb="agree", by=rep, at=AT)
    Event.objects.filter(pk=event.pk).update(organiser=reviewer)
    with pytest.raises(PermissionDenied), transaction.atomic():
        law.decide(step_id=step.pk, verb="agree", by=reviewer, at=AT)
    both = person("both", Role.MEDICAL, Role.MARKETING)
    with pytest.raises(PermissionDenied), transaction.atomic():
        law.decide(step_id=step.pk, verb="agree", by=both, at=AT)

    assert Speaker.objects.get().state == SpeakerState.PROPOSED


def test_a_medical_organiser_finds_their_own_proposal_with_others_alone(reviewer, officer, doctor, event):
    Event.objects.filter(pk=event.pk).update(organiser=reviewer)
    speaker = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=reviewer, at=AT)

    assert waits_for(reviewer, officer) == [False, True]
    with pytest.raises(PermissionDenied):
        law.decide(step_id=step_of(speaker).pk, verb="agree", by=reviewer, at=AT)


def test_it_passes_only_to_somebody_outside_sales_and_a_deputy_answers_for_them(
    speaker, reviewer, officer, manager, person
):
    step = step_of(speaker)
    with pytest.raises(law.ApprovalNotDecided), transaction.atomic():
        law.decide(step_id=step.pk, verb="pass_on", by=reviewer, at=AT, to=manager)
    law.decide(step_id=step.pk, verb="pass_on", by=reviewer, at=AT, to=officer)
    deputy = person("deputy", Role.COMPLIANCE, name="代理")
    with pytest.raises(PermissionDenied), transaction.atomic():
        actions.verify_speaker(speaker_id=speaker.pk, by=deputy, at=AT)
    law.name_deputy(
        deputy=deputy, first_day=TODAY, last_day=TODAY + timedelta(days=3), reason="休假", by=officer, at=AT
    )

    actions.verify_speaker(speaker_id=speaker.pk, by=deputy, at=AT)

    assert Speaker.objects.get().selection_verified_by == deputy


def test_a_proposal_that_changed_behind_its_request_is_not_verified(speaker, reviewer):
    Speaker.objects.filter(pk=speaker.pk).update(fee_fen=100_000, fee_payer="company")

    with pytest.raises(actions.SpeakerNotMoved):
        law.decide(step_id=step_of(speaker).pk, verb="agree", by=reviewer, at=AT)


def refused(by, act):
    with pytest.raises(Refused) as no, recorded_refusals(by=by, at=AT):
        act()
    return no.value.verdict.breached


def test_a_tier_alone_is_verified_by_nobody_and_invited_by_nobody(event, rep, reviewer, doctor):
    said = said_of(doctor, selection_reason="核心专家，评分 82.5", hospital_approval_number="院科教 12")
    speaker = actions.propose_speaker(event_id=event.pk, said=said, by=rep, at=AT)

    step = step_of(speaker)
    inbox = refused(reviewer, lambda: law.decide(step_id=step.pk, verb="agree", by=reviewer, at=AT))
    page = refused(reviewer, lambda: actions.verify_speaker(speaker_id=speaker.pk, by=reviewer, at=AT))

    assert inbox == page == ["PI-12c"]
    assert request_about(speaker.pk).state == "open"
    assert LedgerEntry.objects.filter(event="speaker.verify_refused").count() == 2
    Speaker.objects.filter(pk=speaker.pk).update(state=SpeakerState.VERIFIED, selection_verified_by=reviewer)
    assert "PI-12c" in refused(rep, lambda: actions.invite_speaker(speaker_id=speaker.pk, by=rep, at=AT))
    assert Speaker.objects.get().state == SpeakerState.VERIFIED


@pytest.mark.parametrize("held", ["event", "doctor", "engagement", "hospital"])
def test_a_hold_stops_the_choice_and_a_no_is_given_all_the_same(
    held, event, speaker, doctor, reviewer, officer
):
    names = {
        "event": f"event:{event.pk}",
        "doctor": f"doctor:{doctor.pk}",
        "engagement": f"engagement:{speaker.pk}",
        "hospital": f"hospital:{doctor.hospital_id}",
    }
    law.place_hold(subjects=[names[held]], reason="核查", by=officer, at=AT)

    assert refused(reviewer, lambda: actions.verify_speaker(speaker_id=speaker.pk, by=reviewer, at=AT)) == [
        "HOLD-01"
    ]
    actions.refuse_speaker(speaker_id=speaker.pk, reason="核查中", by=reviewer, at=AT)

    assert request_about(speaker.pk).state == "refused"


def test_who_goes_off_the_plan_takes_the_request_along(speaker, event, rep, reviewer, doctor, footing):
    step = step_of(speaker)
    actions.drop_speaker(speaker_id=speaker.pk, by=rep, at=AT)
    with pytest.raises(law.ApprovalNotDecided), transaction.atomic():
        law.decide(step_id=step.pk, verb="agree", by=reviewer, at=AT)
    again = actions.propose_speaker(event_id=event.pk, said=said_of(doctor), by=rep, at=AT)
    actions.change_event(event_id=event.pk, plan=plan_of(doctor, footing), by=rep, at=AT)

    assert not Speaker.objects.exists()
    assert [request_about(key).state for key in (speaker.pk, again.pk)] == ["withdrawn", "withdrawn"]
    assert request_about(again.pk).heading  # a request whose speaker is gone still has a name
    assert waits_for(reviewer) == [False]


def test_a_change_that_keeps_the_speaker_keeps_the_request(speaker, event, rep, doctor, footing):
    actions.change_event(
        event_id=event.pk,
        plan=plan_of(doctor, footing, venue="二楼", speaker_ids=(doctor.pk,)),
        by=rep,
        at=AT,
    )

    assert request_about(speaker.pk).state == "open"


def test_an_event_that_is_called_off_withdraws_all_that_was_asked_about_it(
    speaker, event, rep, reviewer, officer
):
    Speaker.objects.filter(pk=speaker.pk).update(state=SpeakerState.VERIFIED, selection_verified_by=reviewer)
    law.void_approval(flow=speaker_choice.FLOW, subject=f"engagement:{speaker.pk}", reason="x", by=rep, at=AT)
    actions.request_event(event_id=event.pk, by=rep, at=AT)
    Speaker.objects.filter(pk=speaker.pk).update(state=SpeakerState.PROPOSED, selection_verified_by=None)
    speaker_choice.put_speaker(Speaker.objects.get(), at=AT)

    actions.cancel_event(event_id=event.pk, reason="医院改期", by=rep, at=AT)

    assert not ApprovalRequest.objects.filter(state="open").exists()
    assert waits_for(reviewer, officer) == [False, False]


def test_speakers_of_a_new_plan_are_asked_about_and_those_without_a_reason_are_not(
    footing, manager, rep, doctor, reviewer
):
    plan = plan_of(doctor, footing, speakers=(said_of(doctor), SpeakerPlan(
        topic="分层", name="陆敏", institution="云江大学附属医院", department_name="肾内科"
    )))  # fmt: skip

    actions.plan_event(plan=plan, by=footing, at=AT)

    assert Speaker.objects.count() == 2
    asked = ApprovalRequest.objects.get()
    assert asked.subject == f"engagement:{Speaker.objects.get(doctor=doctor).pk}"


def test_the_inbox_and_the_event_over_rest_verify_it(speaker, event, reviewer, rep, client):
    client.force_login(reviewer)
    waiting = client.get("/api/v1/compliance/inbox/").json()["results"]
    (one,) = [row for row in waiting if row["flow"] == speaker_choice.FLOW]

    answer = client.post(
        f"/api/v1/compliance/inbox/{one['id']}/answer/", {"verb": "agree"}, content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )  # fmt: skip
    late = client.post(
        f"/api/v1/activities/events/{event.pk}/speakers/{speaker.pk}/verify/", {}, content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )  # fmt: skip

    assert (answer.status_code, late.status_code) == (200, 409)
    assert Speaker.objects.get().selection_verified_by == reviewer


def test_the_pages_say_who_and_why_and_take_the_answer(speaker, event, doctor, reviewer, rep, client):
    address = reverse("activities:event-detail", args=[event.pk])
    move = {
        verb: reverse("activities:event-speaker-move", args=[event.pk, speaker.pk, verb])
        for verb in ("verify", "refuse")
    }
    client.force_login(rep)
    own = client.get(address).content.decode()
    client.force_login(reviewer)
    page = client.get(address).content.decode()
    told = client.get(reverse("compliance:step-detail", args=[step_of(speaker).pk])).content.decode()
    wordless = client.post(move["refuse"])
    client.post(move["refuse"], {"comment": "与议题无关"})
    client.force_login(rep)
    after = client.get(address).content.decode()

    assert (move["verify"] in own, move["refuse"] in own) == (False, False)
    assert (move["verify"] in page, move["refuse"] in page) == (True, True)
    assert all(words in told for words in (doctor.identity.name, "指南作者", "起始剂量", event.title))
    assert wordless.status_code == 302
    assert request_about(speaker.pk).state == "refused"
    assert "与议题无关" in after


def test_the_page_costs_the_same_however_many_speakers(
    event, rep, speaker, reviewer, client, django_assert_max_num_queries
):
    def cost():
        client.force_login(reviewer)
        with django_assert_max_num_queries(200) as counted:
            client.get(reverse("activities:event-detail", args=[event.pk]))
        return len(counted)

    first = cost()
    for number in range(3):
        plan = SpeakerPlan(
            topic="分层",
            name=f"陆敏{number}",
            institution="某院",
            department_name="肾内科",
            selection_reason="作者",
        )
        actions.propose_speaker(event_id=event.pk, said=plan, by=rep, at=AT)

    assert cost() <= first + 1


def test_what_waited_before_is_put_to_the_engine_once(speaker, event, rep, reviewer):
    ApprovalStep.objects.all().delete()
    ApprovalRequest.objects.all().delete()

    made = [put_to_approval(at=AT + timedelta(days=1)), put_to_approval(at=AT + timedelta(days=1))]

    assert made[1] == 0
    assert ApprovalRequest.objects.filter(flow="activities.speaker").count() == 1
    assert request_about(speaker.pk).opened_by == rep
    actions.verify_speaker(speaker_id=speaker.pk, by=reviewer, at=AT + timedelta(days=1))
    assert Speaker.objects.get().state == SpeakerState.VERIFIED
