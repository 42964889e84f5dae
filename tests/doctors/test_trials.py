"""What-if and evaluation: exact on everybody, by whatever way, and no live score moves."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from compliance.models import LedgerEntry
from doctors import actions as doctor_actions
from doctors.actions import scoring
from doctors.actions.scoring.digests import digest_of
from doctors.actions.scoring.evaluation import quarter_ends
from doctors.actions.scoring.publishing import forget_scores_of
from doctors.actions.scoring.statements import RESULTS
from doctors.forms.segmentation import SpecForm
from doctors.models import Doctor, DoctorScore, ScoringTrial, TierAssignment, TierOverride, TrialMove
from doctors.rules import trials as rules
from doctors.rules.segmentation import faults_of
from doctors.selectors import trials as found
from doctors.selectors.score_words import level_words
from pharmacrm.common import jobs
from pharmacrm.common.models import Job, OutboxMessage
from tests.factories.segmentation import make_model, make_population, make_spec

OTHER = {"influence_bp": 2000, "potential_bp": 5500, "core_cut_bp": 5000, "potential_cut_bp": 4000}


@pytest.fixture
def marketer(person):
    return person("marketer", "marketing", name="罗曼")


def run_of(model):
    run = scoring.open_run(model_id=model.pk, by=None, at=timezone.now(), is_queued=False)
    return scoring.carry_out_run(run_id=run.pk, clock=timezone.now)


@pytest.fixture
def scored(marketer, officer):
    make_population(120, 1500)
    return run_of(make_model(marketer, officer, at=timezone.now(), core_cut_bp=4500, potential_cut_bp=3500))


def tried(model, by, **options):
    trial = scoring.open_trial(model_id=model.pk, by=by, at=timezone.now(), is_queued=False, **options)
    return scoring.carry_out_trial(trial_id=trial.pk, clock=timezone.now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "ranks"),
    [
        ({}, "kept"),
        ({"cohort_by": "level"}, "new"),
        ({"min_known": 6}, "kept"),
        ({"cut": "share", "core_cut_bp": 1000, "potential_cut_bp": 2500}, "kept"),
        ({"landmark_on": "2025-03-01"}, "new"),
    ],
)
def test_a_what_if_says_exactly_what_a_run_of_that_model_gives(scored, marketer, officer, changes, ranks):
    wanted = make_model(
        marketer, officer, at=timezone.now(), version="trial", state="assessed", **{**OTHER, **changes}
    )

    trial = tried(wanted, marketer)

    run = run_of(wanted)
    held = dict(Doctor.objects.values_list("pk", "tier"))
    would = {row.doctor_id: row.tier for row in DoctorScore.objects.filter(run=run)}
    counted = {}
    for pk, tier in would.items():
        counted[held[pk], tier] = counted.get((held[pk], tier), 0) + 1
    matrix = {(row.tier, after): n for row in found.matrix_of(trial) for after, n, _stays in row.cells if n}
    assert trial.result["ranks"] == ranks
    assert trial.result["lines"] == [run.core_line_bp, run.potential_line_bp]
    assert matrix == counted
    assert {m.doctor_id: m.tier_after for m in TrialMove.objects.filter(trial=trial)} == {
        pk: tier for pk, tier in would.items() if tier != held[pk]
    }


@pytest.mark.django_db
def test_a_what_if_touches_no_live_score_and_no_tier(scored, marketer):
    before = digest_of(RESULTS.format(run=scored.pk))
    tiers = dict(Doctor.objects.values_list("pk", "tier"))
    assigned = TierAssignment.objects.count()

    trial = tried(scored.model, marketer, spec=make_spec(**OTHER))

    assert found.moved_of(trial) > 0
    assert digest_of(RESULTS.format(run=scored.pk)) == before
    assert dict(Doctor.objects.values_list("pk", "tier")) == tiers
    assert TierAssignment.objects.count() == assigned
    assert list(LedgerEntry.objects.filter(event__startswith="doctors.trial").values_list("event", flat=True)) == [
        "doctors.trial_asked", "doctors.trial_done",
    ]  # fmt: skip


@pytest.mark.django_db
def test_without_an_impact_assessment_figures_are_kept_and_nobody_by_name(scored, marketer, officer):
    draft = make_model(marketer, officer, at=timezone.now(), version="draft", state="draft", **OTHER)

    trial = tried(draft, marketer)

    assert found.moved_of(trial) > 0
    assert not TrialMove.objects.exists()


@pytest.mark.django_db
def test_a_tier_set_by_hand_stays_in_a_what_if(scored, marketer, officer):
    doctor = Doctor.objects.filter(tier="basic").first()
    asked = doctor_actions.ask_override(
        doctor_id=doctor.pk, tier="core", reason="other", valid_until=timezone.localdate() + timedelta(days=9),
        by=marketer, at=timezone.now(),
    )  # fmt: skip
    doctor_actions.decide_override(override_id=asked.pk, approve=True, by=officer, at=timezone.now())

    trial = tried(scored.model, marketer)

    assert TierOverride.objects.get().state == "approved"
    assert trial.result["by_hand"] == 1
    assert found.moved_of(trial) == 0


@pytest.mark.django_db
def test_doctors_without_a_hospital_are_a_group_of_their_own_beside_hospitals_without_a_grade(
    scored, marketer, client
):
    astray = Doctor.objects.filter(hospital__isnull=False, profiling_refused=False).first()
    astray.hospital, astray.hospital_level, astray.division_code = None, "unknown", ""
    astray.save()
    model = scored.model

    trial = tried(model, marketer)

    rows = {row.label: row.doctors for row in found.by_level(trial)}
    alone = Doctor.objects.filter(hospital__isnull=True, profiling_refused=False, merged_into__isnull=True)
    assert rows[level_words("-")] == alone.count() >= 1
    assert sum(rows.values()) == trial.result["doctors"]
    client.force_login(marketer)
    page = client.get(reverse("doctors:run-detail", args=[run_of(model).pk]))
    assert level_words("-") in page.content.decode()


@pytest.mark.django_db
def test_who_refuses_profiling_disappears_from_the_movers_at_once(scored, marketer):
    trial = tried(scored.model, marketer, spec=make_spec(**OTHER))
    gone = TrialMove.objects.filter(trial=trial).first().doctor_id

    forget_scores_of(gone, at=timezone.now(), tier_before="core")

    assert not TrialMove.objects.filter(doctor_id=gone).exists()


@pytest.mark.django_db
def test_a_stopped_trial_leaves_nothing_and_a_killed_one_starts_again(scored, marketer, monkeypatch):
    stopped = scoring.open_trial(
        model_id=scored.model_id, by=marketer, at=timezone.now(), is_queued=False, spec=make_spec(**OTHER)
    )
    jobs.ask_to_cancel(stopped.job_id)
    killed = scoring.open_trial(
        model_id=scored.model_id, by=marketer, at=timezone.now(), is_queued=False, spec=make_spec(**OTHER)
    )
    with monkeypatch.context() as patch:
        patch.setattr("doctors.actions.scoring.trials._check", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            scoring.carry_out_trial(trial_id=killed.pk, clock=timezone.now)
    broken = ScoringTrial.objects.get(pk=killed.pk)
    left = TrialMove.objects.count()

    scoring.carry_out_trial(trial_id=stopped.pk, clock=timezone.now)
    again = scoring.carry_out_trial(trial_id=killed.pk, clock=timezone.now)

    stopped.refresh_from_db()
    assert (stopped.state, Job.objects.get(pk=stopped.job_id).state) == ("cancelled", "cancelled")
    assert (broken.state, left) == ("failed", 0)
    assert again.state == "done"
    assert TrialMove.objects.filter(trial=again).count() == found.moved_of(again)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["rep", "line_manager", "steward", "inspector"])
def test_who_decides_nothing_about_models_tries_none(scored, person, role):
    stranger = person("stranger", role)

    with pytest.raises(PermissionDenied):
        scoring.open_trial(model_id=scored.model_id, by=stranger, at=timezone.now())

    assert not ScoringTrial.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"influence_bp": 5000}, {"landmark_on": "2019-01-01"}])
def test_an_unsound_or_aged_model_is_not_tried(scored, marketer, changes):
    with pytest.raises(scoring.TrialNotStarted):
        scoring.open_trial(
            model_id=scored.model_id, by=marketer, at=timezone.now(), spec=make_spec(**changes)
        )

    assert not ScoringTrial.objects.exists()


@pytest.mark.django_db
def test_a_model_nobody_was_scored_with_is_not_evaluated(marketer, officer):
    draft = make_model(marketer, officer, at=timezone.now(), state="draft")

    with pytest.raises(scoring.TrialNotStarted):
        scoring.open_trial(model_id=draft.pk, by=marketer, at=timezone.now(), kind="evaluation")


@pytest.mark.django_db
def test_on_an_empty_master_and_where_all_are_equal_a_what_if_says_so(marketer, officer, client):
    model = make_model(marketer, officer, at=timezone.now(), state="assessed")
    empty = tried(model, marketer)
    client.force_login(marketer)

    page = client.get(reverse("doctors:trial-detail", args=[empty.pk]))

    assert empty.result["doctors"] == 0
    assert page.status_code == 200
    assert page.context["warnings"]


@pytest.mark.django_db
def test_features_that_tell_nobody_apart_are_named(marketer, officer):
    make_population(30, 0)
    model = make_model(marketer, officer, at=timezone.now(), state="assessed")

    trial = tried(model, marketer)

    assert {"visits_held", "content_read"} <= set(trial.result["flat"])


@pytest.mark.django_db
def test_an_evaluation_measures_stability_attention_and_sensitivity(scored, marketer, client):
    quarter_ago = timezone.now() - timedelta(days=150)
    TierAssignment.objects.update(since=quarter_ago)
    some = list(Doctor.objects.filter(tier="basic")[:3])
    for doctor in some:
        TierAssignment.objects.create(
            doctor=doctor, tier="core", tier_before="basic", reason="scored", since=timezone.now()
        )

    trial = tried(scored.model, marketer, kind="evaluation")

    last = found.stability_bars(trial)[-1]
    kept = {one.kind: one.count for one in last.stretches}
    people, contacts = found.attention_bars(trial)
    nudges = found.nudge_rows(trial)
    client.force_login(marketer)
    page = client.get(reverse("doctors:trial-detail", args=[trial.pk]))
    assert kept["up"] == 3
    assert kept["kept"] == scored.doctor_count - 3
    assert people.total == scored.doctor_count
    assert contacts.total > 0
    assert len(nudges) == 3 + len(scored.model.spec.features)
    assert any(row.more or row.less for row in nudges)
    assert page.content.decode().count('<svg class="chart__bar') >= len(nudges)


@pytest.mark.django_db
def test_a_nudged_weight_moves_as_many_as_a_what_if_with_it(scored, marketer):
    evaluation = tried(scored.model, marketer, kind="evaluation")
    told = {(row["where"], row["percent"]): row for row in evaluation.result["sensitivity"]}

    for where in ("potential", "title_grade", "invitations_unanswered"):
        trial = tried(scored.model, marketer, spec=rules.nudged(scored.model.spec, where, 10))
        assert told[where, 10]["moved"] == found.moved_of(trial)
        assert told[where, 10]["tiers"] == found.totals_then(trial)


@pytest.mark.django_db
def test_a_what_if_is_asked_on_the_models_page_and_opens_to_the_doctors(scored, marketer, client):
    client.force_login(marketer)
    data = SpecForm.initial_of(make_spec(**OTHER))

    answer = client.post(reverse("doctors:trial-start", args=[scored.model_id, "what-if"]), data)
    trial = ScoringTrial.objects.get()
    queued = OutboxMessage.objects.get(task="doctors.carry_out_trial")
    waiting = client.get(answer.url)
    scoring.carry_out_trial(trial_id=trial.pk, clock=timezone.now)
    mover = TrialMove.objects.order_by("-score_bp", "-pk").first()
    page = client.get(answer.url)
    some = client.get(answer.url, {"before": mover.tier_before, "after": mover.tier_after})

    assert queued.arguments == {"trial_id": str(trial.pk)}
    assert "job" in waiting.content.decode()
    assert reverse("doctors:tier-detail", args=[mover.doctor_id]) in page.content.decode()
    assert {row.tier_after for row in some.context["page"].rows} == {mover.tier_after}


@pytest.mark.django_db
def test_a_figure_out_of_range_is_shown_on_the_models_page_and_nothing_is_tried(scored, marketer, client):
    client.force_login(marketer)
    data = {**SpecForm.initial_of(make_spec()), "hysteresis": 99}

    answer = client.post(reverse("doctors:trial-start", args=[scored.model_id, "what-if"]), data)

    assert answer.status_code == 400
    assert "hysteresis" in answer.context["form"].errors
    assert not ScoringTrial.objects.exists()


@pytest.mark.django_db
def test_a_rep_sees_only_movers_in_sight(scored, marketer, rep, client):
    trial = tried(scored.model, marketer, spec=make_spec(**OTHER))
    client.force_login(rep)

    page = client.get(reverse("doctors:trial-detail", args=[trial.pk]))

    assert page.context["page"].rows == []
    assert page.context["moved"] > 0


@given(
    where=st.sampled_from(["influence", "potential", "willingness", *(f.key for f in make_spec().features)]),
    percent=st.sampled_from([-10, 10]),
)
def test_a_nudged_model_is_sound_and_its_weight_moved_the_way_it_should(where, percent):
    spec = make_spec()
    nudged = rules.nudged(spec, where, percent)

    assert faults_of(nudged) == []
    if where in spec.dimension_weights:
        now, then = spec.dimension_weights[where], nudged.dimension_weights[where]
    else:
        now, then = (next(f.weight_bp for f in one.features if f.key == where) for one in (spec, nudged))
    assert then == now * (100 + percent) // 100


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_gini_of_counts_is_the_mean_difference_of_pairs(counts):
    heights = sorted({one: counts.count(one) for one in counts}.items())
    pairs = sum(abs(a - b) for a in counts for b in counts)
    whole = sum(counts)

    exact = pairs * 10_000 // (2 * len(counts) * whole) if whole else 0

    assert rules.gini_of(heights) == exact


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60).filter(sum))
def test_a_lorenz_curve_rises_below_the_even_line_from_nothing_to_all(counts):
    heights = sorted({one: counts.count(one) for one in counts}.items())

    curve = rules.lorenz_of(heights)

    assert (curve[0], curve[-1]) == ((0, 0), (10_000, 10_000))
    assert all(y <= x + 1 for x, y in curve)
    assert [y for _x, y in curve] == sorted(y for _x, y in curve)


def test_a_group_is_flagged_outside_four_fifths_and_a_small_one_never():
    assert rules.ratio_of(10, 100, 100, 1000) == 10_000
    assert rules.ratio_of(7, 100, 100, 1000) == 7_000
    assert rules.is_flagged(7_999, 30)
    assert not rules.is_flagged(8_000, 30)
    assert rules.is_flagged(12_501, 30)
    assert not rules.is_flagged(1, 29)
    assert rules.ratio_of(0, 0, 1, 1) is None


def test_quarters_end_where_the_calendar_says():
    assert quarter_ends(date(2026, 11, 22), 3) == [
        date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1), date(2026, 11, 23),
    ]  # fmt: skip
    assert quarter_ends(date(2026, 2, 1), 2)[0] == date(2025, 10, 1)
