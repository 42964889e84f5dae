"""Proposals from the field: decided field by field, new doctors usable at once under limits."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections
from django.urls import reverse

from compliance.models import LedgerEntry
from doctors import actions, selectors
from doctors.models import Assignment, ChangeRequest, ConsentRecord, Doctor
from doctors.selectors.changes import proposed
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.doctors import make_doctor, make_hospital, make_notice, make_territory, put_into

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def east(rep):
    east = make_territory("EAST")
    put_into(rep, east)
    return east


def propose(rep, east, name="王晓明", at=AT, **known):
    return actions.propose_doctor(
        doctor=actions.NewDoctor(name, make_hospital("湖滨医院").pk, **known),
        territory_id=east.pk,
        note="门诊见到",
        by=rep,
        at=at,
    )


def test_a_proposal_is_taken_in_part_with_a_reason_for_each_field_left(rep, steward, east):
    doctor = make_doctor("王晓明", territory=east, specialty="心律失常")
    asked = actions.ask_change(
        doctor_id=doctor.pk,
        wanted={"specialty": "高血压", "title": "chief_physician"},
        note="",
        by=rep,
        at=AT,
    )

    with pytest.raises(actions.ChangeNotTaken):
        actions.decide_change(request_id=asked.pk, accept=True, fields=["title"], by=steward, at=AT)
    actions.decide_change(
        request_id=asked.pk,
        accept=True,
        fields=["title"],
        reasons={"specialty": "官网仍为心律失常"},
        by=steward,
        at=AT,
    )

    doctor.refresh_from_db()
    assert (doctor.title, doctor.specialty) == ("chief_physician", "心律失常")
    shown = {
        line.field: (line.is_taken, line.reason) for line in proposed([ChangeRequest.objects.get()])[0].lines
    }
    assert shown == {"title": (True, ""), "specialty": (False, "官网仍为心律失常")}
    assert ChangeRequest.objects.get().state == "partly"
    assert Notification.objects.filter(recipient=rep, kind="change_decided").count() == 1


def test_a_field_that_was_not_proposed_cannot_be_taken(rep, steward, east):
    doctor = make_doctor(territory=east)
    asked = actions.ask_change(doctor_id=doctor.pk, wanted={"specialty": "x"}, note="", by=rep, at=AT)

    with pytest.raises(actions.ChangeNotTaken):
        actions.decide_change(
            request_id=asked.pk, accept=True, fields=["status"], answer="x", by=steward, at=AT
        )

    assert ChangeRequest.objects.get().state == "open"


def test_a_proposed_doctor_can_be_seen_at_once_and_is_bound_by_limits(rep, steward, east):
    request = propose(rep, east, title="chief_physician")
    doctor = Doctor.objects.get()

    assert (doctor.status, doctor.verify_by) == ("unverified", TODAY + timedelta(days=30))
    assert selectors.can_see(rep, doctor.pk, TODAY)
    assert selectors.unverified_among([doctor.pk]) == {doctor.pk}
    notice = make_notice()
    with pytest.raises(actions.ConsentNotAccepted):
        actions.record_consent(
            doctor_id=doctor.pk, state="given", channel="sms", notice_id=notice.pk, by=rep, at=AT
        )
    assert not ConsentRecord.objects.exists()
    actions.withdraw_consent(doctor_id=doctor.pk, channel="sms", by=rep, at=AT)  # a no is always taken
    assert LedgerEntry.objects.filter(event="doctors.doctor_proposed", subject=f"doctor:{doctor.pk}").exists()

    actions.decide_change(
        request_id=request.pk, accept=True, fields=["name"], answer="职称未证实", by=steward, at=AT
    )

    doctor.refresh_from_db()
    assert (doctor.status, doctor.title, doctor.verify_by) == ("active", "unknown", None)
    assert selectors.unverified_among([doctor.pk]) == set()


def test_a_refused_doctor_is_in_nobodys_territory(rep, steward, east):
    request = propose(rep, east, at=AT - timedelta(days=3))

    actions.decide_change(request_id=request.pk, accept=False, answer="查无此人", by=steward, at=AT)

    doctor = Doctor.objects.get()
    assert doctor.status == "inactive"
    assert not selectors.can_see(rep, doctor.pk, TODAY)


def test_an_unverified_record_lapses_on_its_day_and_may_still_be_taken(rep, steward, east):
    request = propose(rep, east, at=AT - timedelta(days=30))

    assert actions.end_unverified(on=TODAY - timedelta(days=1), at=AT) == 0
    assert [actions.end_unverified(on=TODAY, at=AT) for _ in range(2)] == [1, 0]
    doctor = Doctor.objects.get()
    assert doctor.status == "inactive"
    assert not selectors.can_see(rep, doctor.pk, TODAY)

    actions.decide_change(request_id=request.pk, accept=True, by=steward, at=AT)

    assert Doctor.objects.get().status == "active"
    assert selectors.can_see(rep, doctor.pk, TODAY)


def test_a_person_proposes_for_their_own_territory_and_not_without_end(rep, other_rep, east, monkeypatch):
    monkeypatch.setattr("doctors.actions.proposing.MOST_UNVERIFIED", 1)
    with pytest.raises(PermissionDenied):
        propose(other_rep, east)
    propose(rep, east)

    with pytest.raises(actions.ChangeNotTaken):
        propose(rep, east, "李想")

    assert Doctor.objects.count() == Assignment.objects.count() == 1


def test_who_may_be_meant_is_hinted_before_anything_is_kept(client, rep, east):
    hospital = make_hospital("湖滨医院")
    make_doctor("王晓明", hospital=hospital, territory=east)
    make_doctor("金丝雀", hospital=hospital, territory=make_territory("WEST"))
    client.force_login(rep)
    sent = {"hospital": "湖滨医院", "title": "unknown", "post": "none", "territory_id": str(east.pk)}
    address = reverse("doctors:doctor-propose")

    hinted = client.post(address, {**sent, "name": "王晓明"})
    foreign = client.post(address, {**sent, "name": "金丝雀"})
    another = client.post(address, {**sent, "name": "王晓明", "is_another": "on"})

    assert "perhaps" in hinted.content.decode().lower() or "可能" in hinted.content.decode()
    assert (hinted.status_code, foreign.status_code, another.status_code) == (200, 302, 302)
    assert Doctor.objects.filter(status="unverified").count() == 2


def test_attachments_come_with_a_proposal_and_go_to_who_may_see_it(client, rep, other_rep, steward, east):
    doctor = make_doctor(territory=east)
    client.force_login(rep)
    files = [
        SimpleUploadedFile("card.pdf", b"%PDF-1.7 a"),
        SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n b"),
    ]

    sent = client.post(
        reverse("doctors:change-ask", args=[doctor.pk]), {"note": "名片", "attachments": files}
    )
    bad = client.post(
        reverse("doctors:change-ask", args=[doctor.pk]),
        {"note": "x", "attachments": SimpleUploadedFile("a.pdf", b"MZ")},
    )

    assert (sent.status_code, bad.status_code) == (302, 400)
    attachments = list(
        ChangeRequest.objects.get().attachments.order_by("-file__media_type").values_list("pk", flat=True)
    )
    assert len(attachments) == 2
    address = reverse("doctors:change-attachment", args=[attachments[-1]])
    client.force_login(other_rep)
    assert client.get(address).status_code == 404
    client.force_login(steward)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 a"
    answer.close()


def test_a_steward_decides_by_field_on_the_page(client, rep, steward, east):
    doctor = make_doctor(territory=east)
    asked = actions.ask_change(
        doctor_id=doctor.pk,
        wanted={"specialty": "高血压", "title": "chief_physician"},
        note="",
        by=rep,
        at=AT,
    )
    client.force_login(steward)

    client.post(
        reverse("doctors:change-decide", args=[asked.pk]),
        {"accept": "yes", "is_by_field": "on", "field": ["specialty"], "reason-title": "未证实"},
    )

    doctor.refresh_from_db()
    assert (doctor.specialty, doctor.title) == ("高血压", "unknown")
    client.force_login(rep)
    assert "未证实" in client.get(reverse("doctors:change-request-list") + "?state=decided").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_proposals_at_once_do_not_pass_the_limit_of_one_person(rep, east, monkeypatch):
    monkeypatch.setattr("doctors.actions.proposing.MOST_UNVERIFIED", 1)
    hospital = make_hospital("湖滨医院")
    start, said = threading.Barrier(2), []

    def go(name):
        try:
            start.wait()
            actions.propose_doctor(
                doctor=actions.NewDoctor(name, hospital.pk), territory_id=east.pk, note="", by=rep, at=AT
            )
            said.append("kept")
        except actions.ChangeNotTaken:
            said.append("too many")
        finally:
            close_old_connections()

    threads = [threading.Thread(target=go, args=(name,)) for name in ("王晓明", "李想")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["kept", "too many"]
    assert Doctor.objects.count() == 1
