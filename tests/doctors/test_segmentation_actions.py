"""Models and tiers set by hand: two people, an impact assessment, one ledger entry, nothing half-done."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from compliance.models import LedgerEntry
from doctors.actions import overrides, scoring, segmentation
from doctors.models import Doctor, DoctorScore, SegmentationModel, TierAssignment, TierOverride
from doctors.rules.segmentation import FeatureSpec
from doctors.selectors import explanations, score_words, tiers
from pharmacrm.common.models import OutboxMessage
from tests.conftest import AT
from tests.factories.doctors import make_doctor, make_territory, put_into
from tests.factories.segmentation import activate, make_model, make_population, make_spec

SOON = AT.date() + timedelta(days=90)


@pytest.fixture
def marketer(person):
    return person("marketer", "marketing", name="罗曼")


@pytest.fixture
def doctor(rep):
    territory = make_territory()
    put_into(rep, territory)
    return make_doctor("张晓明", territory=territory)


@pytest.mark.django_db
def test_drafting_a_model_writes_it_with_its_hash_and_one_ledger_entry(marketer):
    model = segmentation.draft_model(version="2026.3", spec=make_spec(), by=marketer, at=AT)

    model.refresh_from_db()
    assert model.spec == make_spec()
    assert model.digest == make_spec().digest
    assert LedgerEntry.objects.get(event="doctors.model_drafted").subject == f"segmentation_model:{model.pk}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"influence_bp": 5000},
        {"features": (*make_spec().features, FeatureSpec("prescriptions", 0))},
        {"features": (*make_spec().features, FeatureSpec("horoscope", 0))},
        {"features": make_spec().features[1:]},
    ],
)
def test_an_unsound_or_unlawful_model_is_not_saved(marketer, changes):
    with pytest.raises(segmentation.ModelNotSaved):
        segmentation.draft_model(version="x", spec=replace(make_spec(), **changes), by=marketer, at=AT)

    assert not SegmentationModel.objects.exists()
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
def test_a_version_is_used_once(marketer):
    segmentation.draft_model(version="2026.3", spec=make_spec(), by=marketer, at=AT)

    with pytest.raises(segmentation.ModelNotSaved):
        segmentation.draft_model(version="2026.3", spec=make_spec(), by=marketer, at=AT)

    assert SegmentationModel.objects.count() == 1


@pytest.mark.django_db
def test_a_rep_draws_up_no_model_and_marketing_assesses_none(rep, marketer):
    model = segmentation.draft_model(version="2026.3", spec=make_spec(), by=marketer, at=AT)

    with pytest.raises(PermissionDenied):
        segmentation.draft_model(version="2026.4", spec=make_spec(), by=rep, at=AT)
    with pytest.raises(PermissionDenied):
        segmentation.assess_model(
            model_id=model.pk, impact_assessment="PIA-2026-003", assessed_on=AT.date(), by=marketer, at=AT
        )
    with pytest.raises(PermissionDenied):
        activate(model, marketer, AT)


@pytest.mark.django_db
def test_a_model_without_an_impact_assessment_cannot_be_put_in_force(marketer, officer):
    model = make_model(marketer, officer, at=AT, state="draft")
    entries = LedgerEntry.objects.count()

    with pytest.raises(segmentation.ModelNotMoved):
        activate(model, officer, AT)
    with pytest.raises(segmentation.ModelNotMoved):
        segmentation.assess_model(
            model_id=model.pk, impact_assessment="  ", assessed_on=AT.date(), by=officer, at=AT
        )

    model.refresh_from_db()
    assert model.state == "draft"
    assert LedgerEntry.objects.count() == entries
    with pytest.raises(IntegrityError, match="live_is_assessed"), transaction.atomic():
        SegmentationModel.objects.filter(pk=model.pk).update(
            state="active", activated_at=AT, activated_by=officer
        )


@pytest.mark.django_db
def test_the_author_cannot_put_the_model_in_force_and_the_database_insists(person, officer):
    author = person("he", "medical", name="何若水")
    model = make_model(author, officer, at=AT, state="assessed")

    with pytest.raises(segmentation.ModelNotMoved):
        activate(model, author, AT)

    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        SegmentationModel.objects.filter(pk=model.pk).update(
            state="active", activated_at=AT, activated_by=author
        )


@pytest.mark.django_db
def test_putting_a_model_in_force_retires_the_one_before_and_asks_for_a_run(marketer, officer):
    first = make_model(marketer, officer, at=AT)

    second = make_model(marketer, officer, at=AT, version="2026.4")

    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "active")
    entry = LedgerEntry.objects.filter(event="doctors.model_activated").latest("at")
    assert entry.reason in {first.digest, second.digest}
    assert entry.verdict is not None
    assert OutboxMessage.objects.filter(task="doctors.score_all").count() == 2


@pytest.mark.django_db
def test_only_a_draft_can_be_changed(marketer, officer):
    model = make_model(marketer, officer, at=AT, state="assessed")

    with pytest.raises(segmentation.ModelNotMoved):
        segmentation.change_model(model_id=model.pk, spec=make_spec(hysteresis_bp=0), by=marketer, at=AT)


@pytest.mark.django_db
def test_a_retired_model_stays_retired(marketer, officer):
    model = make_model(marketer, officer, at=AT)
    segmentation.retire_model(model_id=model.pk, by=officer, at=AT)

    with pytest.raises(segmentation.ModelNotMoved):
        segmentation.retire_model(model_id=model.pk, by=officer, at=AT)
    with pytest.raises(segmentation.ModelNotMoved):
        activate(model, officer, AT)


@pytest.mark.django_db(transaction=True)
def test_of_two_activations_at_once_one_model_is_in_force_afterwards(marketer, officer, person):
    models = [make_model(marketer, officer, at=AT, version=v, state="assessed") for v in ("a", "b")]
    refused = []

    signers = [officer, person("he", "medical", name="何若水")]

    def put_in_force(model, by):
        try:
            activate(model, by, AT)
        except segmentation.ModelNotMoved as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    pairs = zip(models, signers, strict=True)
    threads = [threading.Thread(target=put_in_force, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    states = sorted(SegmentationModel.objects.values_list("state", flat=True))
    assert states == ["active", "retired"]
    assert not refused


@pytest.mark.django_db
def test_asking_for_another_tier_waits_for_a_second_person(doctor, rep):
    asked = overrides.ask_override(
        doctor_id=doctor.pk,
        tier="core",
        reason="new_public_fact",
        valid_until=SOON,
        by=rep,
        at=AT,
        note="新任常委",
    )

    doctor.refresh_from_db()
    assert doctor.tier == ""
    assert asked.state == "asked"
    assert "新任常委".encode() not in bytes(asked.sealed_note)
    assert LedgerEntry.objects.get(event="doctors.override_asked").subject == f"doctor:{doctor.pk}"


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_tier_by_hand_ends_within_a_year(doctor, rep, days):
    with pytest.raises(overrides.OverrideNotMade):
        overrides.ask_override(
            doctor_id=doctor.pk,
            tier="core",
            reason="other",
            valid_until=AT.date() + timedelta(days=days),
            by=rep,
            at=AT,
        )

    assert not TierOverride.objects.exists()


@pytest.mark.django_db
def test_a_doctor_out_of_sight_or_unprofiled_gets_no_tier_by_hand(doctor, rep, other_rep):
    with pytest.raises(PermissionDenied):
        overrides.ask_override(
            doctor_id=doctor.pk, tier="core", reason="other", valid_until=SOON, by=other_rep, at=AT
        )
    Doctor.objects.filter(pk=doctor.pk).update(profiling_refused=True)
    with pytest.raises(overrides.OverrideNotMade):
        overrides.ask_override(
            doctor_id=doctor.pk, tier="core", reason="other", valid_until=SOON, by=rep, at=AT
        )

    assert not TierOverride.objects.exists()


@pytest.mark.django_db
def test_an_approved_tier_holds_until_its_day_and_then_the_score_decides_again(
    doctor, rep, officer, marketer
):
    run = scoring.open_run(model_id=make_model(marketer, officer, at=AT).pk, by=None, at=AT, is_queued=False)
    scoring.carry_out_run(run_id=run.pk, clock=lambda: AT)
    asked = overrides.ask_override(
        doctor_id=doctor.pk, tier="core", reason="contested", valid_until=SOON, by=rep, at=AT
    )

    overrides.decide_override(override_id=asked.pk, approve=True, by=officer, at=AT)

    doctor.refresh_from_db()
    assert doctor.tier == "core"
    assert tiers.tier_of(doctor.pk).is_override
    again = scoring.open_run(model_id=run.model_id, by=None, at=AT, is_queued=False)
    scoring.carry_out_run(run_id=again.pk, clock=lambda: AT)
    doctor.refresh_from_db()
    assert doctor.tier == "core"
    assert DoctorScore.objects.get(run=again, doctor=doctor).tier == "basic"
    assert overrides.end_overrides(on=SOON, at=AT) == 1
    doctor.refresh_from_db()
    assert doctor.tier == "basic"
    reasons = list(
        TierAssignment.objects.filter(doctor=doctor).order_by("pk").values_list("reason", flat=True)
    )
    assert reasons == ["scored", "overridden", "override_ended"]
    assert overrides.end_overrides(on=SOON, at=AT) == 0


@pytest.mark.django_db
def test_who_asked_cannot_decide_and_a_decision_stands(doctor, rep, officer, person):
    medical = person("he", "medical")
    asked = overrides.ask_override(
        doctor_id=doctor.pk, tier="core", reason="other", valid_until=SOON, by=medical, at=AT
    )

    with pytest.raises(overrides.OverrideNotMade):
        overrides.decide_override(override_id=asked.pk, approve=True, by=medical, at=AT)
    with pytest.raises(PermissionDenied):
        overrides.decide_override(override_id=asked.pk, approve=True, by=rep, at=AT)
    with pytest.raises(overrides.OverrideNotMade):
        overrides.decide_override(override_id=asked.pk, approve=False, by=officer, at=AT)
    overrides.decide_override(override_id=asked.pk, approve=False, by=officer, at=AT, reason="依据不足")
    with pytest.raises(overrides.OverrideNotMade):
        overrides.decide_override(override_id=asked.pk, approve=True, by=officer, at=AT)

    doctor.refresh_from_db()
    assert doctor.tier == ""


@pytest.mark.django_db
def test_one_tier_by_hand_is_open_at_a_time(doctor, rep, person):
    overrides.ask_override(doctor_id=doctor.pk, tier="core", reason="other", valid_until=SOON, by=rep, at=AT)

    with pytest.raises(overrides.OverrideNotMade):
        overrides.ask_override(
            doctor_id=doctor.pk,
            tier="basic",
            reason="other",
            valid_until=SOON,
            by=person("m", "medical"),
            at=AT,
        )

    assert TierOverride.objects.count() == 1


@pytest.mark.django_db
def test_an_explanation_adds_up_and_says_what_is_missing_for_the_next_tier(marketer, officer):
    make_population(120, 1500)
    model = make_model(marketer, officer, at=AT)
    run = scoring.open_run(model_id=model.pk, by=None, at=AT, is_queued=False)
    scoring.carry_out_run(run_id=run.pk, clock=lambda: AT)

    for score in DoctorScore.objects.filter(run=run):
        why = explanations.explain_tier(score.doctor_id)

        assert sum(line.contribution_bp for line in why.features) == why.score_bp == score.score_bp
        assert sum(part.contribution_bp for part in why.dimensions) == why.score_bp
        for line in why.features:
            assert line.contribution_bp == line.sign * (line.weight_bp * line.level_bp // 10_000)
        if why.next_tier:
            assert why.gap_bp > 0
            for step in why.steps:
                assert step.value_text


def test_points_are_shown_exactly():
    assert [score_words.points(bp) for bp in (7864, 7500, 5, -400, 0)] == [
        "78.64",
        "75.0",
        "0.05",
        "−4.0",
        "0.0",
    ]
