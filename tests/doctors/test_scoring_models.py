"""Drawing up a model: every fault beside its field, copies and comparisons, cohorts, and what must not be a feature."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from compliance.models import LedgerEntry
from compliance.rules import scan_header, scan_text
from doctors.actions import scoring, segmentation
from doctors.forms.segmentation import SpecForm
from doctors.models import DoctorScore, RunCohort, SegmentationModel
from doctors.rules import segmentation as rules
from doctors.rules.features import ALLOWED
from doctors.selectors import explain_tier, model_words
from tests.doctors.scoring_by_hand import score_by_hand
from tests.factories.segmentation import make_model, make_population, make_spec

NEW = "doctors:model-new"


@pytest.fixture
def marketer(person):
    return person("marketer", "marketing", name="罗曼")


def filled(spec=None, **changes):
    given = {**SpecForm.initial_of(spec or make_spec()), "version": "2027.1", **changes}
    return {key: value for key, value in given.items() if value is not None}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"w_title_grade": 99}, "influence"),
        ({"influence": 50}, "influence"),
        ({"t_title_grade": "capped", "c_title_grade": ""}, None),
        ({"core_cut": 10, "potential_cut": 20}, "core_cut"),
        ({"min_known": 16}, "min_known"),
        ({"w_invitations_unanswered": 30}, "w_invitations_unanswered"),
        ({"h_events_attended": 10}, "h_events_attended"),
        ({"min_cohort": 1}, "min_cohort"),
        ({"cohort_by": "mood"}, "cohort_by"),
    ],
)
def test_what_is_wrong_with_a_model_stands_beside_its_field(client, marketer, changes, field):
    client.force_login(marketer)

    answer = client.post(reverse(NEW), filled(**changes))

    if field is None:  # the catalogue's own value takes the place of none
        assert answer.status_code == 302
        return
    assert list(answer.context["form"].errors) == [field]
    assert not SegmentationModel.objects.exists()


@pytest.mark.django_db
def test_several_faults_are_all_said_at_once(client, marketer):
    client.force_login(marketer)

    answer = client.post(reverse(NEW), filled(w_title_grade=99, core_cut=10, potential_cut=20))

    assert set(answer.context["form"].errors) == {"influence", "core_cut"}


@pytest.mark.django_db
def test_a_scale_and_a_cap_of_ones_own_reach_the_model(client, marketer):
    client.force_login(marketer)

    client.post(
        reverse(NEW),
        filled(t_hospital_beds="capped", c_hospital_beds=2000, cohort_by="level", min_known=3),
    )

    spec = SegmentationModel.objects.get().spec
    beds = next(feature for feature in spec.features if feature.key == "hospital_beds")
    assert (beds.transform, beds.cap) == ("capped", 2000)
    assert (spec.cohort_by, spec.min_known) == ("level", 3)


@pytest.mark.django_db
def test_a_copy_begins_as_the_version_it_was_made_from(client, marketer, officer):
    make_model(marketer, officer, at=timezone.now(), version="live")
    other = make_model(marketer, officer, at=timezone.now(), version="mine", state="draft", hysteresis_bp=150)
    client.force_login(marketer)

    page = client.get(reverse(NEW), {"copy": str(other.pk)})
    of_live = client.get(reverse(NEW))

    assert page.context["form"]["hysteresis"].initial == SpecForm.initial_of(other.spec)["hysteresis"]
    assert page.context["base"] == other
    assert of_live.context["base"].version == "live"


@pytest.mark.django_db
def test_a_draft_is_changed_on_its_page_and_an_assessed_model_is_not(client, marketer, officer, person):
    draft = make_model(marketer, officer, at=timezone.now(), version="a", state="draft")
    firm = make_model(marketer, officer, at=timezone.now(), version="b", state="assessed")
    second = person("second", "medical", name="秦雪")
    client.force_login(second)

    client.post(reverse("doctors:model-edit", args=[draft.pk]), filled(hysteresis=1))
    kept = client.post(reverse("doctors:model-edit", args=[firm.pk]), filled(hysteresis=1))

    draft.refresh_from_db()
    firm.refresh_from_db()
    assert (draft.hysteresis_bp, draft.author) == (100, second)
    assert firm.hysteresis_bp == 200
    assert kept.context["form"].non_field_errors()
    assert LedgerEntry.objects.filter(event="doctors.model_changed").count() == 1


@pytest.mark.django_db
def test_two_versions_side_by_side_show_what_differs_and_nothing_else(client, marketer, officer):
    before = make_model(marketer, officer, at=timezone.now(), version="a")
    after = make_model(
        marketer, officer, at=timezone.now(), version="b", state="draft", influence_bp=3900, potential_bp=3600,
        cohort_by="specialty",
    )  # fmt: skip
    client.force_login(marketer)

    page = client.get(reverse("doctors:model-compare", args=[after.pk]), {"with": str(before.pk)})

    assert [(row.before, row.after) for row in page.context["rows"]][:2] == [("40%", "39%"), ("35%", "36%")]
    assert len(page.context["rows"]) == 3


def test_a_model_differs_from_itself_in_nothing():
    assert model_words.differences(make_spec(), make_spec()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["rx_volume", "处方量", "统方", "actual_claims", "sales_amount", "统 方 数"])
def test_what_must_not_exist_is_no_feature_under_any_name(marketer, key):
    spec = replace(make_spec(), features=(*make_spec().features, rules.FeatureSpec(key, 0)))

    with pytest.raises(segmentation.ModelNotSaved) as refusal:
        segmentation.draft_model(version="x", spec=spec, by=marketer, at=timezone.now())

    assert [fault.code for fault in refusal.value.faults] == ["forbidden_feature"]
    assert "MR-11" in str(refusal.value)
    assert not SegmentationModel.objects.exists()


@pytest.mark.django_db
def test_a_feature_nobody_knows_is_called_unknown_and_not_forbidden(marketer):
    spec = replace(make_spec(), features=(*make_spec().features, rules.FeatureSpec("horoscope", 0)))

    with pytest.raises(segmentation.ModelNotSaved) as refusal:
        segmentation.draft_model(version="x", spec=spec, by=marketer, at=timezone.now())

    assert [fault.code for fault in refusal.value.faults] == ["unknown_feature"]


def test_every_feature_of_the_catalogue_passes_the_guard_against_what_must_not_exist():
    for feature in ALLOWED:
        assert not scan_header(feature.key.replace("_", " "))
        assert not scan_header(feature.label)
        assert not scan_text(feature.definition)


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["specialty_level", "specialty", "level", "all"])
def test_scores_equal_those_by_hand_in_cohorts_of_every_kind(marketer, officer, by):
    model = make_model(marketer, officer, at=timezone.now(), cohort_by=by, min_known=4)
    make_population(80, 700)

    run = scoring.open_run(model_id=model.pk, by=None, at=timezone.now(), is_queued=False)
    run = scoring.carry_out_run(run_id=run.pk, clock=timezone.now)

    expected = score_by_hand(model.spec, run.as_of)
    found = {
        row.doctor_id: (row.score_bp, row.tier, list(row.contribution))
        for row in DoctorScore.objects.filter(run=run)
    }
    cohorts = RunCohort.objects.filter(run=run)
    assert found == expected
    assert by != "all" or cohorts.count() == 1
    assert by != "level" or set(cohorts.values_list("specialty", flat=True)) == {"*"}


@pytest.mark.django_db
def test_of_whom_too_little_is_known_stays_basic_and_the_page_says_so(marketer, officer, client):
    model = make_model(
        marketer, officer, at=timezone.now(), min_known=15, core_cut_bp=1000, potential_cut_bp=500
    )
    make_population(40, 300)
    run = scoring.open_run(model_id=model.pk, by=None, at=timezone.now(), is_queued=False)
    run = scoring.carry_out_run(run_id=run.pk, clock=timezone.now)
    client.force_login(marketer)
    row = DoctorScore.objects.filter(run=run, score_bp__gte=1000).first()

    why = explain_tier(row.doctor_id)
    page = client.get(reverse("doctors:tier-detail", args=[row.doctor_id]))

    assert row.tier == "basic"
    assert why.is_little_known
    assert not why.is_kept
    assert str(why.known) in page.content.decode()


@given(
    cells=st.dictionaries(
        st.tuples(st.sampled_from("ABC"), st.sampled_from("3210")),
        st.integers(1, 60),
        min_size=1,
        max_size=10,
    ),
    least=st.integers(2, 40),
    by=st.sampled_from(["specialty_level", "specialty", "level", "all"]),
)
def test_every_cell_has_one_cohort_and_only_the_rest_may_be_small(cells, least, by):
    pools = rules.pools_of(cells, least, by)

    totals = {}
    for cell, pool in pools.items():
        totals[pool] = totals.get(pool, 0) + cells[cell]
    assert set(pools) == set(cells)
    assert all(size >= least for pool, size in totals.items() if pool != ("*", "*"))
    assert by != "all" or set(pools.values()) == {("*", "*")}


def test_a_model_that_asks_for_nothing_new_keeps_the_hash_it_had():
    plain = make_spec()

    assert replace(plain, cohort_by="specialty_level", min_known=0).digest == plain.digest
    assert replace(plain, min_known=1).digest != plain.digest
    assert replace(plain, cohort_by="all").digest != plain.digest


def test_the_hash_of_a_model_is_the_one_older_runs_were_made_with():
    assert make_spec().digest == "ca61a61a6c888997723e302a138725cdb876699d6d1d6bd3091bb861ebc217e0"
