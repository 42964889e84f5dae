"""A model from its draft to the tiers it gives, a fit of weights and a consent, all over REST."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import LedgerEntry
from doctors.models import ConsentRecord, MatchModel, SegmentationModel, TierOverride
from doctors.rules.segmentation import ModelSpec
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from tests.doctors.rest_rows import spec_words
from tests.doctors.rest_scoring_rows import to_assess, to_sign
from tests.factories.doctors import make_doctor, make_territory, put_into

pytestmark = pytest.mark.django_db
URL = "/api/v1/doctors/"


def post(person, path, said=None):
    client = Client()
    client.force_login(person)
    return client.post(
        f"{URL}{path}",
        json.dumps(said or {}),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )


def test_a_model_is_drawn_up_and_an_unsound_one_names_its_fault(person):
    marketer = person("marketer", Role.MARKETING)

    sound = post(marketer, "scoring-models/", {"version": "2027.1", "spec": spec_words()})
    askew = post(
        marketer, "scoring-models/", {"version": "2027.2", "spec": {**spec_words(), "influence_bp": 9000}}
    )

    assert sound.status_code == 201
    assert sound.json()["state"] == "draft"
    assert isinstance(SegmentationModel.objects.get().spec, ModelSpec)
    assert (askew.status_code, askew.json()["type"].rsplit(":", 1)[-1]) == (409, "model_not_saved")


@pytest.mark.parametrize("key", ["prescriptions", "处方量", "total_claims"])
def test_what_must_not_exist_is_no_feature_over_rest_either(person, key):
    words = spec_words()
    words["features"] = [*words["features"], {"key": key, "weight_bp": 0}]

    said = post(person("marketer", Role.MARKETING), "scoring-models/", {"version": "x", "spec": words})

    assert said.status_code == 400
    assert not SegmentationModel.objects.exists()


def test_no_model_is_assessed_by_a_number_the_register_does_not_hold(person, officer):
    pk = to_assess()["pk"]

    said = post(
        officer,
        f"scoring-models/{pk}/assess/",
        {"impact_assessment": "无此编号", "assessed_on": "2026-10-01"},
    )

    assert said.status_code == 409
    assert SegmentationModel.objects.get(pk=pk).state == "draft"


def test_a_model_is_put_in_force_by_a_signature_alone(officer):
    kwargs, proof = to_sign(officer)
    path = f"scoring-models/{kwargs['pk']}/activate/"

    wrong = post(officer, path, {**proof, "password": "no"})
    right = post(officer, path, proof)

    assert wrong.status_code >= 400
    assert right.status_code == 200
    assert right.json()["state"] == "active"
    assert right.json()["signature"]["printed_name"]
    assert LedgerEntry.objects.filter(event="doctors.model_activated").count() == 1


def test_lines_of_weights_are_drawn_in_bits(person):
    steward = person("steward", Role.STEWARD)
    asked = post(steward, "duplicates/weights/")
    model = MatchModel.objects.get()
    early = post(steward, f"duplicates/weights/{model.pk}/lines/", {"lower": 1, "upper": 2})
    model.state = "fitted"
    model.save()

    drawn = post(steward, f"duplicates/weights/{model.pk}/lines/", {"lower": 4.5, "upper": 9})
    askew = post(steward, f"duplicates/weights/{model.pk}/lines/", {"lower": 9, "upper": 1})

    model.refresh_from_db()
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert (early.status_code, drawn.status_code, askew.status_code) == (409, 200, 409)
    assert (model.lower, model.upper) == (450, 900)


def test_a_tier_by_hand_asked_over_rest_waits_for_another_person(person):
    doctor = make_doctor(tier="basic")
    until = (timezone.localdate() + timezone.timedelta(days=30)).isoformat()

    said = post(
        person("steward", Role.STEWARD),
        f"{doctor.pk}/override/",
        {"tier": "core", "reason": "wrong_fact", "valid_until": until},
    )

    doctor.refresh_from_db()
    assert (said.status_code, said.json()["state"]) == (201, TierOverride.objects.get().state)
    assert doctor.tier == "basic"


def test_a_withdrawal_over_rest_holds_at_once_and_a_stranger_records_none(rep, other_rep):
    place = make_territory("EAST")
    put_into(rep, place)
    doctor = make_doctor(territory=place)
    never = {"state": "never", "channel": "sms", "obtained_by": "visit", "unasked": True}

    far = post(other_rep, f"{doctor.pk}/consents/", never)
    said = post(rep, f"{doctor.pk}/consents/", never)

    assert (far.status_code, said.status_code) == (404, 201)
    assert ConsentRecord.objects.get().state == "never"
    refused = post(rep, f"{doctor.pk}/consents/", {"state": "given", "channel": "sms"})
    assert refused.status_code == 409
