"""Pages and REST of scoring: what is shown adds up, and costs the same whatever the size."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from doctors.actions import scoring
from doctors.actions.playbooks import PlaybookNotSaved, adopt_default_playbooks, change_playbook
from doctors.forms.segmentation import SpecForm
from doctors.models import Doctor, DoctorScore, Playbook, SegmentationModel, StakeholderRole, TierOverride
from doctors.selectors import playbook_for, playbooks_for
from tests.factories.doctors import make_doctor, make_hospital
from tests.factories.segmentation import make_model, make_population, make_spec


@pytest.fixture
def marketer(person):
    return person("marketer", "marketing", name="罗曼")


@pytest.fixture
def scored(marketer, officer):
    at = timezone.now()
    make_population(120, 1500)
    model = make_model(marketer, officer, at=at, core_cut_bp=4500, potential_cut_bp=3500)
    run = scoring.open_run(model_id=model.pk, by=None, at=at, is_queued=False)
    return scoring.carry_out_run(run_id=run.pk, clock=lambda: at)


@pytest.mark.django_db
def test_the_contributions_printed_on_the_page_add_up_to_the_score_printed(client, marketer, scored):
    client.force_login(marketer)
    score = DoctorScore.objects.filter(run=scored, tier="potential").first()

    page = client.get(reverse("doctors:tier-detail", args=[score.doctor_id]))

    why = page.context["why"]
    printed = [
        round(float(line.contribution_text.replace("−", "-").replace("+", "")) * 100) for line in why.features
    ]
    assert sum(printed) == score.score_bp
    assert f"<b>{why.score_text}</b>" in page.content.decode()
    for line in why.features:
        level = (
            line.below * 10_000 // line.others
            if line.is_ranked
            else min(line.raw, line.cap) * 10_000 // line.cap
        )
        assert line.sign * (line.weight_bp * level // 10_000) == line.contribution_bp


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_scoring_opens_in_both_languages(client, marketer, scored, language):
    marketer.language = language
    marketer.save()
    client.force_login(marketer)
    doctor = DoctorScore.objects.filter(run=scored).first().doctor_id
    pages = [
        reverse("doctors:model-list"),
        reverse("doctors:model-detail", args=[scored.model_id]),
        reverse("doctors:run-detail", args=[scored.pk]),
        reverse("doctors:tier-detail", args=[doctor]),
        reverse("doctors:model-new"),
        reverse("doctors:feature-catalogue"),
        reverse("doctors:playbook-list"),
    ]

    answers = [client.get(page) for page in pages]

    assert [answer.status_code for answer in answers] == [200] * len(pages)
    assert ("核心" in answers[2].content.decode()) is (language == "zh-hans")


@pytest.mark.django_db
def test_the_tier_page_costs_the_same_number_of_queries_whatever_the_population(
    client, marketer, scored, django_assert_max_num_queries
):
    client.force_login(marketer)
    doctor = DoctorScore.objects.filter(run=scored, tier="core").first()

    with django_assert_max_num_queries(22):
        client.get(reverse("doctors:tier-detail", args=[doctor.doctor_id]))


@pytest.mark.django_db
def test_a_new_version_is_drawn_up_on_its_page(client, marketer):
    client.force_login(marketer)
    data = {**SpecForm.initial_of(make_spec()), "version": "2027.1"}

    answer = client.post(reverse("doctors:model-new"), data)

    model = SegmentationModel.objects.get(version="2027.1")
    assert answer.url == reverse("doctors:model-detail", args=[model.pk])
    assert model.spec == make_spec()


@pytest.mark.django_db
def test_weights_that_do_not_sum_are_named_on_the_form(client, marketer):
    client.force_login(marketer)
    data = {**SpecForm.initial_of(make_spec()), "version": "2027.1", "influence": 50}

    answer = client.post(reverse("doctors:model-new"), data)

    assert answer.status_code == 200
    assert "110" in answer.context["form"].errors["influence"][0]
    assert not SegmentationModel.objects.exists()


@pytest.mark.django_db
def test_a_tier_is_asked_for_and_decided_on_the_doctors_page(client, marketer, officer, scored):
    doctor = DoctorScore.objects.filter(run=scored, tier="basic").first().doctor_id
    client.force_login(marketer)
    client.post(
        reverse("doctors:override-ask", args=[doctor]),
        {
            "tier": "core",
            "reason": "new_public_fact",
            "note": "新任常委",
            "valid_until": (timezone.localdate() + timedelta(days=90)).isoformat(),
        },
    )
    asked = TierOverride.objects.get(doctor_id=doctor)
    client.force_login(officer)

    client.post(reverse("doctors:override-decide", args=[asked.pk]), {"answer": "approve"})

    assert Doctor.objects.get(pk=doctor).tier == "core"


@pytest.mark.django_db
def test_a_note_about_prescriptions_is_not_kept(client, marketer, scored):
    doctor = DoctorScore.objects.filter(run=scored).first().doctor_id
    client.force_login(marketer)

    answer = client.post(
        reverse("doctors:override-ask", args=[doctor]),
        {
            "tier": "core",
            "reason": "other",
            "note": "每月处方量 300 盒",
            "valid_until": (timezone.localdate() + timedelta(days=90)).isoformat(),
        },
    )

    assert answer.status_code == 400
    assert not TierOverride.objects.exists()


@pytest.mark.django_db
def test_the_tier_of_a_doctor_out_of_sight_is_not_found(client, rep, scored):
    client.force_login(rep)
    doctor = DoctorScore.objects.filter(run=scored).first().doctor_id

    assert client.get(reverse("doctors:tier-detail", args=[doctor])).status_code == 404
    assert client.get(reverse("api:doctors-api:tier-detail", args=[doctor])).status_code == 404


@pytest.mark.django_db
def test_rest_gives_a_tier_whose_contributions_add_up(client, marketer, scored):
    client.force_login(marketer)
    score = DoctorScore.objects.filter(run=scored, tier="core").first()

    body = client.get(reverse("api:doctors-api:tier-detail", args=[score.doctor_id])).json()

    assert body["tier"] == "core"
    assert (
        sum(feature["contribution_bp"] for feature in body["features"]) == body["score_bp"] == score.score_bp
    )


@pytest.mark.django_db
def test_rest_lists_runs_and_starts_one(client, marketer, scored):
    client.force_login(marketer)

    listed = client.get(reverse("api:doctors-api:scoring-run-list")).json()["results"]
    started = client.post(
        reverse("api:doctors-api:scoring-run-list"),
        {"model": scored.model.version},
        content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )

    assert [run["result_digest"] for run in listed] == [scored.result_digest]
    assert started.status_code == 202
    assert started.json()["state"] == "waiting"


@pytest.mark.django_db
def test_the_most_specific_playbook_applies_and_nobody_is_worse_off_unprofiled(officer, at):
    adopt_default_playbooks(by=officer, at=at)
    hospital = make_hospital(level="1a")
    plain = make_doctor("王一", tier="core", hospital=make_hospital(level="3a"))
    deciding = make_doctor("王二", tier="core")
    StakeholderRole.objects.create(doctor=deciding, role="decision_maker", valid_from=at.date())
    small = make_doctor("王三", tier="potential", hospital=hospital)
    refused = make_doctor("王四", profiling_refused=True)

    found = playbooks_for([plain.pk, deciding.pk, small.pk, refused.pk])

    assert found[plain.pk].visits_per_cycle == 2
    assert found[deciding.pk].contacts_per_cycle == 3
    assert found[small.pk].visits_per_cycle == 1
    assert found[refused.pk].tier == "basic"
    assert playbook_for(plain.pk) == found[plain.pk]


@pytest.mark.django_db
def test_the_proposed_strategy_is_taken_over_once_and_changed_with_a_ledger_entry(marketer, at):
    assert adopt_default_playbooks(by=marketer, at=at) == Playbook.objects.count()
    assert adopt_default_playbooks(by=marketer, at=at) == 0
    cell = Playbook.objects.filter(tier="core", role="").get()

    change_playbook(playbook_id=cell.pk, reason="按季度计划", by=marketer, at=at, visits_per_cycle=3)
    with pytest.raises(PlaybookNotSaved):
        change_playbook(playbook_id=cell.pk, reason="按季度计划", by=marketer, at=at, visits_per_cycle=9)
    with pytest.raises(PlaybookNotSaved):
        change_playbook(playbook_id=cell.pk, reason="按季度计划", by=marketer, at=at, tier="basic")

    cell.refresh_from_db()
    assert cell.visits_per_cycle == 3


@pytest.mark.django_db
def test_a_rep_starts_no_run_by_rest(client, rep, scored):
    client.force_login(rep)

    answer = client.post(
        reverse("api:doctors-api:scoring-run-list"),
        {"model": scored.model.version},
        content_type="application/json",
        headers={"Idempotency-Key": "two"},
    )

    assert answer.status_code == 403
