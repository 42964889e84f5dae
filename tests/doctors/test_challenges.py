"""Claims about who belongs to whom: said with words, decided by somebody else, in force from a day."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections
from django.urls import reverse
from django.utils import timezone

from doctors import actions, selectors
from doctors.models import Challenge, Doctor
from doctors.selectors.challenges import candidates_for, claims
from pharmacrm.accounts.choices import Role
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def places(rep, other_rep, manager):
    root = make_territory("CN")
    east, west = make_territory("EAST", root), make_territory("WEST", root)
    put_into(rep, east), put_into(other_rep, west), put_into(manager, east, role="line_manager")
    return east, west


def test_an_accepted_claim_moves_the_doctor_from_its_day_and_tells_the_asker(rep, steward, places):
    east, west = places
    doctor = make_doctor("王晓明", hospital=make_hospital("湖滨医院"), territory=west)
    claim = actions.claim_doctor(
        name="王晓明", hospital="湖滨医院", territory_id=east.pk, reason="每周在我院出诊", by=rep, at=AT
    )
    assert [card.id for card in candidates_for("王晓明", "湖滨医院", steward, TODAY)] == [doctor.pk]

    day = TODAY + timedelta(days=3)
    actions.decide_challenge(
        challenge_id=claim.pk, accept=True, answer="属实", on=day, doctor_id=doctor.pk, by=steward, at=AT
    )

    assert not selectors.can_see(rep, doctor.pk, TODAY)
    assert selectors.can_see(rep, doctor.pk, day)
    assert Notification.objects.filter(recipient=rep, kind="challenge_decided").exists()
    kept = claims([Challenge.objects.select_related("territory").get()])[0]
    assert (kept.reason, kept.answer) == ("", "属实")  # its key is gone with the decision


def test_a_declined_doctor_goes_to_another_territory(rep, steward, places):
    east, west = places
    doctor = make_doctor(territory=east)
    claim = actions.decline_doctor(doctor_id=doctor.pk, reason="已调离", by=rep, at=AT)
    assert claims([claim])[0].reason == "已调离"

    actions.decide_challenge(
        challenge_id=claim.pk, accept=True, answer="同意", to_territory_id=west.pk, by=steward, at=AT
    )

    assert selectors.territory_ids_of_doctor(doctor.pk, TODAY) == [west.pk]


def test_a_refused_claim_changes_nothing_but_its_answer(rep, steward, places):
    east, _west = places
    doctor = make_doctor(territory=east)
    claim = actions.decline_doctor(doctor_id=doctor.pk, reason="太远", by=rep, at=AT)

    with pytest.raises(actions.ChallengeNotTaken):
        actions.decide_challenge(challenge_id=claim.pk, accept=False, answer=" ", by=steward, at=AT)
    actions.decide_challenge(challenge_id=claim.pk, accept=False, answer="距离不是理由", by=steward, at=AT)
    with pytest.raises(actions.ChallengeNotTaken):
        actions.decide_challenge(challenge_id=claim.pk, accept=True, answer="x", by=steward, at=AT)

    assert selectors.territory_ids_of_doctor(doctor.pk, TODAY) == [east.pk]


def test_a_manager_decides_for_their_own_branch_and_sees_no_other(rep, manager, places):
    east, west = places
    theirs = make_doctor("王晓明", territory=west)
    own = make_doctor("李想", territory=east)
    claimed = actions.claim_doctor(
        name="王晓明", hospital="x", territory_id=east.pk, reason="x", by=rep, at=AT
    )
    declined = actions.decline_doctor(doctor_id=own.pk, reason="x", by=rep, at=AT)

    assert candidates_for("王晓明", "x", manager, TODAY) == []
    with pytest.raises(actions.ChallengeNotTaken):
        actions.decide_challenge(
            challenge_id=claimed.pk, accept=True, answer="x", doctor_id=theirs.pk, by=manager, at=AT
        )
    with pytest.raises(actions.ChallengeNotTaken):
        actions.decide_challenge(
            challenge_id=declined.pk, accept=True, answer="x", to_territory_id=west.pk, by=manager, at=AT
        )
    actions.decide_challenge(challenge_id=declined.pk, accept=True, answer="x", by=manager, at=AT)

    assert selectors.territory_ids_of_doctor(theirs.pk, TODAY) == [west.pk]
    assert selectors.territory_ids_of_doctor(own.pk, TODAY) == []


def test_strangers_claim_and_decide_nothing(rep, other_rep, places):
    east, _west = places
    doctor = make_doctor(territory=east)
    claim = actions.decline_doctor(doctor_id=doctor.pk, reason="x", by=rep, at=AT)

    with pytest.raises(PermissionDenied):
        actions.decline_doctor(doctor_id=doctor.pk, reason="x", by=other_rep, at=AT)
    with pytest.raises(PermissionDenied):
        actions.claim_doctor(name="x", hospital="x", territory_id=east.pk, reason="x", by=other_rep, at=AT)
    with pytest.raises(PermissionDenied):
        actions.decide_challenge(challenge_id=claim.pk, accept=True, answer="x", by=other_rep, at=AT)
    with pytest.raises(actions.ChallengeNotTaken):
        actions.decline_doctor(doctor_id=doctor.pk, reason="again", by=rep, at=AT)

    assert Challenge.objects.count() == 1


def test_what_may_not_be_stored_stands_in_no_claim_proposal_or_realignment(rep, steward, places):
    east, _west = places
    doctor = make_doctor(territory=east)
    words = "他每月开方120盒"

    with pytest.raises(actions.ChallengeNotTaken):
        actions.decline_doctor(doctor_id=doctor.pk, reason=words, by=rep, at=AT)
    with pytest.raises(actions.ChangeNotTaken):
        actions.ask_change(doctor_id=doctor.pk, wanted={}, note=words, by=rep, at=AT)
    with pytest.raises(actions.ChangeNotTaken):
        actions.propose_doctor(
            doctor=actions.NewDoctor("李想", make_hospital().pk),
            territory_id=east.pk,
            note=words,
            by=rep,
            at=AT,
        )
    with pytest.raises(actions.RealignmentNotMoved):
        actions.open_realignment(name="x", reason=words, effective_on=TODAY, by=steward, at=AT)

    assert (Challenge.objects.count(), Doctor.objects.count()) == (0, 1)


def test_the_answer_to_a_claim_is_the_same_whether_or_not_the_doctor_is_kept(client, rep, places):
    east, west = places
    make_doctor("金丝雀", hospital=make_hospital("湖滨医院"), territory=west)
    client.force_login(rep)
    answers = [
        client.post(
            reverse("doctors:claim-new"),
            {"name": name, "hospital": "湖滨医院", "territory_id": str(east.pk), "reason": "x"},
            follow=True,
        ).content.decode()
        for name in ("金丝雀", "无此人")
    ]

    assert answers[0].count("金丝雀") == 1
    assert "/doctors/0" not in answers[0]


def test_evidence_is_what_its_bytes_say(client, rep, places):
    east, _west = places
    doctor = make_doctor(territory=east)
    client.force_login(rep)
    address = reverse("doctors:doctor-decline", args=[doctor.pk])

    refused = client.post(address, {"reason": "x", "evidence": SimpleUploadedFile("a.pdf", b"<html>")})
    taken = client.post(address, {"reason": "x", "evidence": SimpleUploadedFile("a.txt", b"%PDF-1.7 x")})

    assert (refused.status_code, taken.status_code) == (400, 302)
    claim = Challenge.objects.get()
    answer = client.get(reverse("doctors:claim-evidence", args=[claim.pk]))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 x"
    assert answer["Content-Type"] == "application/pdf"
    answer.close()


def test_a_claim_past_its_day_is_told_to_every_steward_once_a_day(rep, steward, places):
    east, _west = places
    actions.decline_doctor(doctor_id=make_doctor(territory=east).pk, reason="x", by=rep, at=AT)
    later = AT + timedelta(days=9)

    found = [actions.warn_of_overdue_requests(on=timezone.localdate(later), at=later) for _ in range(2)]

    assert found == [1, 1]
    assert Notification.objects.filter(recipient=steward, kind="requests_overdue").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_one_claim_at_once_decide_it_once(person, rep, steward, places):
    east, west = places
    other = person("steward2", Role.STEWARD, name="苏蓝")
    doctor = make_doctor(territory=east)
    claim = actions.decline_doctor(doctor_id=doctor.pk, reason="x", by=rep, at=AT)
    start, said = threading.Barrier(2), []

    def go(by):
        try:
            start.wait()
            actions.decide_challenge(
                challenge_id=claim.pk, accept=True, answer="x", to_territory_id=west.pk, by=by, at=AT
            )
            said.append("decided")
        except actions.ChallengeNotTaken:
            said.append("too late")
        finally:
            close_old_connections()

    threads = [threading.Thread(target=go, args=(by,)) for by in (steward, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["decided", "too late"]
    assert selectors.territory_ids_of_doctor(doctor.pk, TODAY) == [west.pk]
