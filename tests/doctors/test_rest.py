"""Master data, scoring, territories and privacy over REST: the same acts, sight and verdicts as on the pages."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.models import LedgerEntry
from doctors.models import DoctorList, DoctorListMember, MergeRecord, Realignment, ScoringTrial
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from tests.doctors import rest_rows as rows
from tests.factories.content import content_person
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into
from tests.factories.duplicates import make_pair
from tests.factories.segmentation import make_model, make_spec

pytestmark = pytest.mark.django_db
V1 = "/api/v1/doctors/"


@pytest.fixture
def ask(client):
    """Ask as somebody: ask(rep, "lists/", {…}) sends, ask(rep, "lists/") reads."""

    def send(user, path, body=None):
        client.force_login(user)
        if body is None:
            return client.get(f"{V1}{path}")
        headers = {"Idempotency-Key": str(uuid7())}
        return client.post(f"{V1}{path}", body, content_type="application/json", headers=headers)

    return send


@pytest.fixture
def steward(person):
    return person("shen", Role.STEWARD, name="沈思")


def test_a_model_is_read_tried_and_its_movers_are_told(person, ask, django_capture_on_commit_callbacks):
    marketing = person("ma", Role.MARKETING)
    model = make_model(marketing, content_person(Role.COMPLIANCE), at=timezone.now())
    for number in range(4):
        make_doctor(f"张{number}")

    read = ask(marketing, "scoring-models/").json()["results"]
    with django_capture_on_commit_callbacks(execute=True):
        started = ask(marketing, f"scoring-models/{model.pk}/trials/", {"kind": "what_if"})
    trial = started.json()["id"]
    done = ask(marketing, f"scoring-trials/{trial}/").json()
    movers = ask(marketing, f"scoring-trials/{trial}/movers/")

    assert [(one["version"], one["digest"]) for one in read] == [(model.version, model.spec.digest)]
    assert (started.status_code, done["state"], done["percent"]) == (202, "done", 100)
    assert done["result"]["doctors"] == 4
    assert movers.status_code == 200
    assert ScoringTrial.objects.get().asked_by == marketing
    assert LedgerEntry.objects.filter(event="doctors.trial_asked", actor=marketing).count() == 1


def test_every_fault_of_a_specification_is_told_and_nothing_is_kept(person, ask):
    marketing = person("ma", Role.MARKETING)
    bad = asdict(
        replace(make_spec(), influence_bp=9_000, hysteresis_bp=999, core_cut_bp=100, potential_cut_bp=200)
    )

    faults = ask(marketing, "scoring-models/validate/", bad).json()["faults"]
    sound = ask(marketing, "scoring-models/validate/", asdict(make_spec())).json()

    assert {"dimensions_do_not_sum", "cuts_out_of_order"} <= {one["code"] for one in faults}
    assert all(one["words"] for one in faults)
    assert (sound["faults"], sound["digest"]) == ([], make_spec().digest)
    assert not LedgerEntry.objects.exists()


def test_a_feature_nobody_may_keep_is_no_choice_at_all(person, ask):
    spec = asdict(make_spec())
    spec["features"] = [{**spec["features"][0], "key": "prescriptions"}]

    answer = ask(person("ma", Role.MARKETING), "scoring-models/validate/", spec)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/features/0/key"


def test_a_list_is_kept_filled_shared_and_dropped(steward, ask, person):
    doctor, far = make_doctor(), uuid7()
    kept = ask(steward, "lists/", {"name": "重点"}).json()

    answer = ask(
        steward, "bulk/", {"act": "add", "doctor_ids": [str(doctor.pk), str(far)], "list_id": kept["id"]}
    )
    on_it = ask(steward, f"?{kept['query']}").json()["results"]
    named = ask(steward, f"lists/{kept['id']}/change/", {"name": "复访"}).json()
    others = ask(person("other", Role.STEWARD), f"lists/{kept['id']}/drop/", {})
    gone = ask(steward, f"lists/{kept['id']}/drop/", {})

    assert {one["doctor"]: one["said"] for one in answer.json()["lines"]} == {
        str(doctor.pk): "done",
        str(far): "not_allowed",
    }
    assert [one["id"] for one in on_it] == [str(doctor.pk)]
    assert (named["name"], others.status_code, gone.status_code) == ("复访", 404, 200)
    assert DoctorListMember.objects.count() == 1
    assert DoctorList.objects.get().dropped_at is not None


def test_a_filter_is_kept_as_a_list_and_many_doctors_become_a_job(
    steward, ask, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("doctors.api.lists.AT_ONCE", 1)
    for number in range(3):
        make_doctor(f"张{number}", tier="core")
    picks = ask(steward, "lists/", {"name": "重点"}).json()
    kept = ask(steward, "lists/", {"name": "核心", "filters": {"tier": "core"}}).json()
    wrong = ask(steward, "lists/", {"name": "错", "filters": {"tier": "gold"}})

    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(
            steward, "bulk/", {"act": "add", "filters": {"tier": "core"}, "list_id": picks["id"]}
        ).json()

    assert (kept["kind"], kept["query"], wrong.status_code) == ("filter", "tier=core", 400)
    assert answer["job"]
    assert DoctorListMember.objects.count() == 3


def test_a_claim_is_made_in_words_and_answered_with_words(steward, ask, rep):
    place = make_territory("OWN")
    put_into(rep, place)
    words = {"name": "王晓明", "hospital": "湖滨医院", "territory_id": str(place.pk), "reason": "我跟进多年"}

    made = ask(rep, "claims/", words).json()
    listed = ask(steward, "claims/?state=open").json()["results"]
    own = ask(rep, f"claims/{made['id']}/decide/", {"accept": True, "answer": "x"})
    refused = ask(steward, f"claims/{made['id']}/decide/", {"accept": False, "answer": "不在辖区"}).json()

    assert (made["who"], made["reason"]) == ("王晓明 · 湖滨医院", "我跟进多年")
    assert [one["id"] for one in listed] == [made["id"]]
    assert own.status_code == 403
    assert (refused["state"], refused["answer"]) == ("refused", "不在辖区")


def test_a_proposal_is_taken_field_by_field(steward, ask, rep):
    place = make_territory("OWN")
    put_into(rep, place)
    doctor = make_doctor(territory=place, hospital=make_hospital())

    asked = ask(rep, f"{doctor.pk}/changes/", {"specialty": "肾内科", "title": "chief_physician"}).json()
    words = {"accept": True, "fields": ["specialty"], "reasons": {"title": "官网未更新"}}
    decided = ask(steward, f"changes/{asked['id']}/decide/", words)

    doctor.refresh_from_db()
    assert decided.status_code == 200, decided.content
    assert {one["field"]: one["is_taken"] for one in decided.json()["lines"]} == {
        "specialty": True,
        "title": False,
    }
    assert doctor.specialty == "肾内科"


def test_two_records_are_merged_and_taken_apart(steward, ask):
    pair = make_pair()

    queue = ask(steward, "duplicates/").json()["results"]
    shown = ask(steward, f"duplicates/{pair.pk}/").json()
    merged = ask(steward, f"duplicates/{pair.pk}/decide/", {"answer": "same_low", "reason": "同一人"})
    again = ask(steward, f"duplicates/{pair.pk}/decide/", {"answer": "same_low", "reason": "同一人"})
    record = ask(steward, "merges/").json()["results"][0]
    apart = ask(steward, f"merges/{record['id']}/undo/", {"reason": "两个人"}).json()

    assert [one["id"] for one in queue] == [str(pair.pk)]
    assert any(one["differs"] for one in shown["sides"])
    assert len(shown["reasons"]) > 3
    assert (merged.status_code, again.status_code) == (200, 409)
    assert (record["kept"], apart["undo_reason"]) == (str(pair.low_id), "两个人")
    assert MergeRecord.objects.get().undone_at is not None


def test_a_realignment_is_drawn_up_previewed_and_proposed(steward, ask, person):
    home, away = make_territory("A"), make_territory("B")
    doctor = make_doctor(territory=home, hospital=make_hospital())
    approver = person("guan", Role.ADMINISTRATOR)
    day = (timezone.localdate() + timedelta(days=9)).isoformat()

    drawn = ask(steward, "realignments/", {"name": "春季", "reason": "扩张", "effective_on": day}).json()
    where = f"realignments/{drawn['id']}/"
    line = {"kind": "hospital", "hospital_id": str(doctor.hospital_id), "to_territory_id": str(away.pk)}
    with_line = ask(steward, f"{where}lines/", line).json()
    previewed = ask(steward, f"{where}preview/", {}).json()
    moves = ask(steward, f"{where}moves/").json()["results"]
    asked = ask(steward, f"{where}propose/", {"approver_id": str(approver.pk)})

    assert (with_line["moving"], len(with_line["changes"])) == (1, 1)
    assert previewed["moves_sha256"] == with_line["moves_sha256"] != ""
    assert [(one["doctor"], one["to_territory"]) for one in moves] == [(str(doctor.pk), str(away.pk))]
    assert {one["name"]: (one["doctors_before"], one["doctors_after"]) for one in previewed["loads"]} == {
        home.name: (1, 0),
        away.name: (0, 1),
    }
    assert (asked.status_code, asked.json()["state"]) == (200, "asked")
    assert Realignment.objects.get().approver == approver


def test_the_privacy_desk_answers_and_who_handed_in_reads_no_words(ask, rep, person):
    place = make_territory("OWN")
    put_into(rep, place)
    doctor = make_doctor(territory=place)
    desk = person("he", Role.COMPLIANCE, name="何规")

    taken = ask(
        rep, f"{doctor.pk}/privacy-requests/", {"kind": "copy", "source": "rep", "words": "请给我一份"}
    ).json()
    where = f"privacy-requests/{taken['id']}/"
    early = ask(desk, f"{where}answer/", {"is_granted": True})
    ask(desk, f"{where}identity/", {"how": "call_back"})
    done = ask(desk, f"{where}answer/", {"is_granted": True}).json()
    own = ask(rep, where).json()
    nobody = ask(person("other", Role.REP), where)

    assert (taken["state"], taken["words"]) == ("open", "")
    assert early.status_code == 409
    assert (done["state"], done["is_granted"], done["words"]) == ("closed", True, "请给我一份")
    assert done["letter"]
    assert (own["letter"], own["words"]) == ("", "")
    assert nobody.status_code == 404


def test_an_erasure_takes_two_people(person, ask):
    desk = person("he", Role.COMPLIANCE, name="何规")
    asked = rows.erasure_decided(desk)["pk"]
    unsigned = ask(desk, f"privacy-requests/{asked}/second/", {"agrees": True})

    agreed = ask(desk, f"privacy-requests/{asked}/second/", rows.signed_yes(desk)).json()

    assert (agreed["seconded_by"], agreed["is_granted"]) == (str(desk.pk), True)
    assert agreed["decided_by"] != agreed["seconded_by"]
    assert unsigned.status_code == 409
