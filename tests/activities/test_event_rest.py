"""An academic event from plan to closed through REST: each step the person's whose it is, none a client's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from activities.models import Event
from compliance.models import ApprovalStep, LedgerEntry
from doctors.models import Doctor, Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from tests.activities import act_rows as ground
from tests.activities.rest_rows import plan_words
from tests.factories.activities import make_consent

pytestmark = pytest.mark.django_db
PROOFS = ground.PROOFS


@pytest.fixture
def sent(client):
    """Send as somebody: sent(rep, "event-start", event)."""

    def send(user, name, event=None, body=None, **more):
        client.force_login(user)
        kwargs = {"pk": event} if event else {}
        address = reverse(f"api:activities-api:{name}", kwargs={**kwargs, **more})
        headers = {"Idempotency-Key": str(uuid7())}
        if body and "file" in body:
            return client.post(address, body, headers=headers)
        return client.post(address, body or {}, content_type="application/json", headers=headers)

    return send


def test_an_event_lives_from_plan_to_closed(person, sent, client):
    rep = person("lin", Role.REP, name="林岚")
    _none, plan = plan_words(rep)
    plan.pop("speakers")
    hospital = Hospital.objects.get(pk=plan["hospital_id"])
    doctor = Doctor.objects.get(hospital=hospital)
    plan |= {"consent_id": str(make_consent(hospital, rep).pk), "sponsor_shown": True}
    plan["sessions"].append({"title": "讨论", "kind": "discussion", "minutes": 30})
    rep.line_manager = person("meng", Role.LINE_MANAGER, name="孟可")
    rep.save()

    planned = sent(rep, "event-list", body=plan)
    event = planned.json()["id"]
    asked = sent(rep, "event-request", event).json()
    answers = [
        _agree(client, step) for step in ApprovalStep.objects.filter(request__subject=f"event:{event}")
    ]
    invited = sent(rep, "event-invitations", event, {"doctor_ids": [str(doctor.pk)]}).json()
    started = sent(rep, "event-start", event).json()
    came = sent(rep, "event-sign-in", event, {"doctor_id": str(doctor.pk)}).json()
    ended = sent(rep, "event-end", event).json()
    for kind in PROOFS:
        file = SimpleUploadedFile(f"{kind}.pdf", f"%PDF-1.7 {kind}".encode())
        proven = sent(rep, "event-proofs", event, {"kind": kind, "file": file})
        assert proven.status_code == 201, proven.content
    closed = sent(rep, "event-close", event, {"summary": "讨论了分层用药", "safety_answered": True})

    assert (planned.status_code, asked["state"]) == (201, "requested")
    assert set(answers) == {(f"event:{event}", 200)}
    assert [one["doctor"] for one in invited["invitations"]] == [str(doctor.pk)]
    assert (started["state"], ended["state"]) == ("running", "proof")
    assert came["attendances"][0]["method"] == "paper"
    assert closed.status_code == 200, closed.content
    assert Event.objects.get().state == closed.json()["state"]
    assert closed.json()["missing"] == []
    assert LedgerEntry.objects.filter(subject=f"event:{event}").count() >= 8


def _agree(client, step):
    client.force_login(step.approver)
    waiting = client.get("/api/v1/compliance/inbox/").json()["results"]
    mine = next(one for one in waiting if one["id"] == str(step.pk))
    agreed = client.post(
        f"/api/v1/compliance/inbox/{mine['id']}/answer/",
        {"verb": "agree"},
        content_type="application/json",
        headers={"Idempotency-Key": f"yes {step.pk}"},
    )
    return mine["subject"], agreed.status_code


def test_a_speaker_is_proposed_with_the_plan_and_verified_outside_sales(person, sent):
    rep, medical = person("lin", Role.REP, name="林岚"), person("yi", Role.MEDICAL, name="易医")
    _none, plan = plan_words(rep)

    planned = sent(rep, "event-list", body=plan)
    assert planned.status_code == 201, planned.content
    event, speaker = planned.json()["id"], planned.json()["speakers"][0]
    own = sent(rep, "speaker-verify", event, speaker=speaker["id"])
    verified = sent(medical, "speaker-verify", event, speaker=speaker["id"]).json()

    assert own.status_code == 403
    assert verified["speakers"][0]["verified_by"] == str(medical.pk)


def test_what_is_no_proof_is_told_so_and_nothing_is_kept(person, sent):
    rep = person("lin", Role.REP, name="林岚")
    event = ground.running(rep)[0]

    answer = sent(
        rep, "event-proofs", event.pk, {"kind": "photo", "file": SimpleUploadedFile("a.pdf", b"<html>")}
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/file"
    assert not event.proofs.exists()
