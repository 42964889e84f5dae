"""A scoring model goes into force by the e-signature of somebody who did not write it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from compliance import actions as law
from compliance.actions.approval_answers import ApprovalNotDecided
from compliance.models import ApprovalRequest, ApprovalStep, LedgerEntry, Signature
from compliance.selectors.cockpit import inbox_of
from compliance.selectors.manifest import manifest_of
from compliance.templatetags.signed import holds_now
from doctors import actions
from doctors.actions import model_activation, segmentation
from doctors.models import ScoringRun, SegmentationModel
from doctors.selectors.signed_models import model_fingerprint, signature_holds
from pharmacrm.accounts.choices import Role
from tests.factories.compliance import PASSWORD, proof_of, totp_code
from tests.factories.segmentation import activate, make_model

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 14, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def marketer(person):
    return person("luo", Role.MARKETING, name="罗曼")


@pytest.fixture
def doctor_of_medicine(person):
    return person("he", Role.MEDICAL, name="何若水", job_title="医学经理")


@pytest.fixture
def model(marketer, officer):
    return make_model(marketer, officer, at=AT, state="assessed")


def test_an_assessed_model_waits_in_the_inbox_of_those_who_put_it_in_force(
    model, marketer, officer, doctor_of_medicine
):
    request = ApprovalRequest.objects.get(flow=model_activation.FLOW)

    assert request.due_at > AT
    assert request.opened_by_id == marketer.pk
    assert [inbox_of(one, AT.date()).filter(request=request).exists() for one in (officer, doctor_of_medicine, marketer)] == [
        True, True, False,
    ]  # fmt: skip


def test_putting_a_model_in_force_is_signed_with_name_meaning_and_digest(model, doctor_of_medicine):
    activate(model, doctor_of_medicine, AT)

    model.refresh_from_db()
    signed = manifest_of(f"segmentation_model:{model.pk}")
    assert [(one.printed_name, one.job_title, one.meaning, one.content_sha256, one.time_zone) for one in signed] == [
        ("何若水", "医学经理", "doctors.model_activated", model_fingerprint(model), "Asia/Shanghai")
    ]  # fmt: skip
    assert signed[0].entry is not None
    assert model.signature_id == signed[0].id
    assert model.state == "active"


def test_without_password_and_code_nothing_is_put_in_force(model, officer):
    entries = LedgerEntry.objects.count()

    with pytest.raises(ApprovalNotDecided):
        actions.activate_model(model_id=model.pk, by=officer, at=AT)
    wrong = law.SignatureProof("wrong", proof_of(officer, AT).code)
    with pytest.raises(law.WrongProof):
        actions.activate_model(model_id=model.pk, by=officer, at=AT, proof=wrong)

    model.refresh_from_db()
    assert model.state == "assessed"
    assert not Signature.objects.filter(subject=f"segmentation_model:{model.pk}").exists()
    assert LedgerEntry.objects.count() == entries


def test_an_agreement_in_the_inbox_puts_the_model_in_force(model, officer):
    step = ApprovalStep.objects.get(request__flow=model_activation.FLOW)

    law.decide(step_id=step.pk, verb="agree", by=officer, at=AT, proof=proof_of(officer, AT))

    model.refresh_from_db()
    assert (model.state, model.activated_by_id) == ("active", officer.pk)


def test_a_refused_model_stays_assessed_and_can_be_asked_for_again(model, officer, doctor_of_medicine):
    step = ApprovalStep.objects.get(request__flow=model_activation.FLOW)

    law.decide(step_id=step.pk, verb="refuse", by=officer, at=AT, comment="权重依据不足")

    model.refresh_from_db()
    assert model.state == "assessed"
    assert activate(model, doctor_of_medicine, AT).state == "active"


def test_a_stranger_signs_no_model_and_a_step_passes_to_none(model, rep, officer):
    step = ApprovalStep.objects.get(request__flow=model_activation.FLOW)

    with pytest.raises(PermissionDenied):
        activate(model, rep, AT)
    with pytest.raises(ApprovalNotDecided):
        law.decide(step_id=step.pk, verb="pass_on", by=officer, at=AT, to=rep)

    assert ApprovalStep.objects.filter(request__flow=model_activation.FLOW).count() == 1


def test_taking_a_model_out_of_use_closes_what_was_asked(model, officer):
    segmentation.retire_model(model_id=model.pk, by=officer, at=AT, reason="不再需要")

    assert ApprovalRequest.objects.get(flow=model_activation.FLOW).state == "withdrawn"


def test_a_model_changed_after_it_was_asked_for_is_not_signed(model, officer):
    SegmentationModel.objects.filter(pk=model.pk).update(impact_assessment="PIA-2026-999")

    with pytest.raises(actions.ModelNotMoved):
        activate(model, officer, AT)

    assert not Signature.objects.exists()


@pytest.mark.parametrize("change", [{"hysteresis_bp": 201}, {"version": "x"}, {"impact_assessment": "PIA-1"}])
def test_a_change_of_a_signed_model_voids_its_signature_and_stops_its_runs(
    model, officer, marketer, client, change
):
    activate(model, officer, AT)
    assert signature_holds(SegmentationModel.objects.get(pk=model.pk))

    SegmentationModel.objects.filter(pk=model.pk).update(**change)

    assert not signature_holds(SegmentationModel.objects.get(pk=model.pk))
    with pytest.raises(actions.RunNotStarted):
        actions.open_run(model_id=model.pk, by=marketer, at=AT)
    assert not ScoringRun.objects.exists()
    client.force_login(marketer)
    assert "失效" in client.get(reverse("doctors:model-detail", args=[model.pk])).content.decode()


def test_what_waited_before_is_put_to_the_engine_once(model):
    law.void_approval(
        flow=model_activation.FLOW, subject=f"segmentation_model:{model.pk}", reason="", by=None, at=AT
    )

    assert [model_activation.put_activations(AT), model_activation.put_activations(AT)] == [1, 0]


@time_machine.travel(AT, tick=False)
def test_the_page_signs_and_shows_who_signed(model, officer, client):
    at = AT
    proof_of(officer, at)
    client.force_login(officer)
    address = reverse("doctors:model-move", args=[model.pk, "activate"])

    wrong = client.post(address, {"password": "no", "code": totp_code(officer, at)})
    right = client.post(address, {"password": PASSWORD, "code": totp_code(officer, at)})

    assert (wrong.status_code, right.status_code) == (400, 302)
    shown = client.get(reverse("doctors:model-detail", args=[model.pk])).content.decode()
    assert model_fingerprint(model)[:12] in shown
    assert str(officer) in shown
    told = client.get(reverse("api:doctors-api:scoring-model-detail", args=[model.pk])).json()
    assert told["signature"]["content_sha256"] == model_fingerprint(model)
    sheet = client.get(reverse("compliance:signature-sheet"), {"subject": f"segmentation_model:{model.pk}"})
    assert sheet["Content-Type"] == "application/pdf"


def test_the_line_of_steps_says_of_each_signature_how_it_stands_now(model, officer):
    activate(model, officer, AT)
    asked = ApprovalRequest.objects.get(flow=model_activation.FLOW)
    signature = Signature.objects.get(subject=f"segmentation_model:{model.pk}")
    before = holds_now(asked, signature)

    SegmentationModel.objects.filter(pk=model.pk).update(hysteresis_bp=201)

    assert (before.state, holds_now(asked, signature).state) == ("valid", "changed")
