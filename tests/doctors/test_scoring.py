"""Runs: the same digits as by hand, the same digest whatever the plan, and nothing half-done."""

from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from compliance.models import LedgerEntry
from doctors import actions
from doctors.actions import scoring, segmentation
from doctors.actions.scoring.engagement import build_engagement
from doctors.models import (
    Assignment,
    Doctor,
    DoctorScore,
    EngagementState,
    Interaction,
    ScoringRun,
    TierAssignment,
    TouchedDoctor,
)
from doctors.selectors import explanations, tiers
from pharmacrm.common import jobs
from pharmacrm.common.choices import JobState
from pharmacrm.common.models import Job, Notification, OutboxMessage
from tests.doctors.scoring_by_hand import score_by_hand
from tests.factories.doctors import make_doctor, make_notice, make_purpose
from tests.factories.segmentation import LANDMARK, make_model, make_population

NOW = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=14, minute=0, second=0, microsecond=0)


@pytest.fixture
def marketer(person):
    return person("marketer", "marketing", name="罗曼")


@pytest.fixture
def model(marketer, officer):
    return make_model(marketer, officer, at=NOW)


def run_of(model, **options):
    run = scoring.open_run(model_id=model.pk, by=None, at=NOW, is_queued=False, **options)
    return scoring.carry_out_run(run_id=run.pk, clock=lambda: NOW)


def result_of(run):
    return {
        row.doctor_id: (row.score_bp, row.tier, row.contribution)
        for row in DoctorScore.objects.filter(run=run)
    }


@pytest.mark.django_db
def test_every_score_equals_the_one_worked_out_by_hand(model):
    make_population()

    run = run_of(model)

    expected = score_by_hand(model.spec, run.as_of)
    assert result_of(run) == expected
    assert len({tier for _score, tier, _parts in expected.values()}) == 3


@pytest.mark.django_db
def test_papers_and_guidelines_count_as_by_hand_with_those_of_merged_records(marketer, officer, person):
    usual = segmentation.default_spec(landmark_on=LANDMARK).features
    features = (
        segmentation.feature_spec("publications", 2500),
        *(one for one in usual if one.key != "society_roles"),
    )
    model = make_model(marketer, officer, at=NOW, features=features)
    make_population(30, 100)
    steward = person("steward", "steward")
    doctors = list(Doctor.objects.filter(merged_into=None, profiling_refused=False).order_by("pk")[:4])
    merged = make_doctor("张并入", merged_into=doctors[0])
    today = NOW.date()
    papers = [
        (today - timedelta(days=30), False), (today - timedelta(days=2000), False), (today, True), (today, False)
    ]  # fmt: skip
    for number, (day, is_retracted) in enumerate(papers):
        paper = actions.Paper(
            f"Paper {number}", "Heart Letters", day, pmid=str(number + 1), is_retracted=is_retracted
        )
        for place, doctor in enumerate((doctors[number], merged, doctors[3 - number]), 1):
            actions.add_authored_paper(
                doctor_id=doctor.pk, paper=paper, position=place, is_corresponding=place == 3, ground="x", by=steward, at=NOW
            )  # fmt: skip
    for doctor, level in ((merged, "national"), (doctors[0], "city"), (doctors[1], "city")):
        work = actions.Guideline("高血压防治指南", "高血压联盟", today.year, "expert", level)
        actions.add_guideline_work(doctor_id=doctor.pk, work=work, by=steward, at=NOW)

    run = run_of(model)

    assert result_of(run) == score_by_hand(model.spec, run.as_of)
    place = [feature.key for feature in model.spec.features].index("publications")
    guideline = [feature.key for feature in model.spec.features].index("guideline_work")
    raw = dict(DoctorScore.objects.filter(run=run).values_list("doctor_id", "raw"))
    assert [raw[one.pk][place] for one in doctors] == [4, 0, 0, 4]
    assert [raw[one.pk][guideline] for one in doctors[:2]] == [2, 1]
    second = run_of(model)
    assert (second.input_digest, second.result_digest) == (run.input_digest, run.result_digest)


@pytest.mark.django_db
def test_a_doctor_of_whom_nothing_is_known_is_scored_nought_and_told_so(model):
    make_population(40, 300)
    blank = make_doctor("无名氏", hospital=None, title="unknown", post="none", specialty="")

    run_of(model)

    why = explanations.explain_tier(blank.pk)
    assert (why.score_bp, why.score_tier, why.known) == (0, "basic", 0)
    assert {line.contribution_bp for line in why.features} == {0}
    assert why.next_tier


@pytest.mark.django_db
def test_contributions_add_up_to_the_score_and_the_database_insists(model):
    make_population(40, 300)

    run = run_of(model)

    assert all(row.score_bp == sum(row.contribution) for row in DoctorScore.objects.filter(run=run))
    one = DoctorScore.objects.filter(run=run).first()
    with pytest.raises(IntegrityError, match="contributions_add_up"), transaction.atomic():
        DoctorScore.objects.filter(run=run, doctor_id=one.doctor_id).update(score_bp=one.score_bp + 1)


@pytest.mark.django_db
def test_a_second_run_on_the_same_data_has_the_same_digests_and_moves_nobody(model):
    make_population()

    first, second = run_of(model), run_of(model)

    assert second.based_on_id == first.pk
    assert (second.input_digest, second.result_digest) == (first.input_digest, first.result_digest)
    assert second.changed_count == 0
    assert first.changed_count == first.doctor_count


@pytest.mark.django_db
@pytest.mark.parametrize("workers", [0, 1, 2])
@pytest.mark.parametrize(("chunk", "step"), [(1, 0), (40, 700), (250_000, 1)])
def test_the_digest_does_not_depend_on_parallel_plans_or_on_how_the_work_is_split(
    model, workers, chunk, step
):
    make_population(60, 300)
    whole = run_of(model)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL max_parallel_workers_per_gather = {workers}")
        cursor.execute("SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0")
        cursor.execute("SET LOCAL min_parallel_table_scan_size = 0")

    split = run_of(model, rebuild=True, chunk_doctors=chunk, interactions_per_step=step)

    assert (split.input_digest, split.result_digest) == (whole.input_digest, whole.result_digest)


@pytest.mark.django_db
def test_a_doctor_touched_by_day_stands_where_a_full_run_over_the_same_cohort_would_put_them(model):
    make_population(80, 800)
    full = run_of(model)
    lucky = DoctorScore.objects.filter(run=full, tier="basic").order_by("score_bp").last().doctor_id
    for back in range(12):
        actions.record_interaction(
            doctor_id=lucky,
            kind="event_attended",
            channel="event",
            subject=f"event:{back}",
            by=None,
            at=NOW - timedelta(days=back),
        )

    scored = scoring.rescore_touched(at=NOW)

    assert scored == 1
    assert not TouchedDoctor.objects.exists()
    kept = EngagementState.objects.get(model=model, doctor_id=lucky).strength
    with transaction.atomic():
        build_engagement(model, at=NOW)
    assert EngagementState.objects.get(model=model, doctor_id=lucky).strength == kept
    by_hand = score_by_hand(model.spec, full.as_of)[lucky]
    day = tiers.score_in_force(lucky)
    assert day.run.kind == "daytime"
    assert day.raw == tiers.score_in_force(lucky).raw
    places = [i for i, f in enumerate(model.spec.features) if f.key != "events_attended"]
    assert [day.contribution[i] for i in places] == [by_hand[2][i] for i in places]
    assert day.score_bp > DoctorScore.objects.get(run=full, doctor_id=lucky).score_bp
    assert scoring.rescore_touched(at=NOW) == 0


@pytest.mark.django_db
def test_scoring_again_a_doctor_whom_nothing_touched_changes_no_figure(model):
    make_population(80, 800)
    full = run_of(model)
    ids = list(DoctorScore.objects.filter(run=full).values_list("doctor_id", flat=True))
    before = result_of(full)

    scoring.touch_doctors(ids, at=NOW)
    scoring.rescore_touched(at=NOW)

    day = ScoringRun.objects.get(kind="daytime")
    assert result_of(day) == before
    assert day.changed_count == 0
    assert LedgerEntry.objects.get(event="doctors.touched_scored").subject == f"scoring_run:{day.pk}"


@pytest.mark.django_db
def test_who_refuses_profiling_is_not_scored_and_loses_score_and_rank_at_once(model, rep):
    make_population(60, 400)
    run_of(model)
    doctor = Doctor.objects.filter(tier="potential").first()
    make_notice(make_purpose("profiling"))

    actions.record_consent(doctor_id=doctor.pk, state="refused", purpose="profiling", by=rep, at=NOW)

    assert not DoctorScore.objects.filter(doctor=doctor).exists()
    assert not EngagementState.objects.filter(doctor=doctor).exists()
    explained = explanations.explain_tier(doctor.pk)
    assert explained.now.tier == "unprofiled"
    assert not explained.is_scored
    assert explained.now.playbook_tier == "basic"
    assert TierAssignment.objects.filter(doctor=doctor).latest("pk").reason == "refused"
    assert doctor.pk not in result_of(run_of(model))
    scoring.touch_doctors([doctor.pk], at=NOW)
    scoring.rescore_touched(at=NOW)
    assert not DoctorScore.objects.filter(doctor=doctor).exists()


@pytest.mark.django_db
def test_contacts_of_a_merged_doctor_count_for_the_one_that_stays(model):
    make_population(40, 300)
    kept = make_doctor("王晓明")
    gone = make_doctor("王小明")
    further = make_doctor("王筱明", merged_into=gone)
    gone.merged_into = kept
    gone.save()
    for doctor in (kept, gone, further):
        Interaction.objects.create(
            doctor=doctor, kind="visit", channel="visit", subject="visit:1", at=NOW - timedelta(days=1)
        )

    run = run_of(model, rebuild=True)

    place = [f.key for f in model.spec.features].index("visits_held")
    assert DoctorScore.objects.get(run=run, doctor=kept).raw[place] >= 290
    assert not DoctorScore.objects.filter(run=run, doctor__in=[gone, further]).exists()
    assert result_of(run)[kept.pk][0] == sum(DoctorScore.objects.get(run=run, doctor=kept).contribution)


@pytest.mark.django_db
def test_an_empty_master_and_a_doctor_alone_are_scored_without_fault(model):
    empty = run_of(model)
    make_doctor("独孤求")

    alone = run_of(model)

    assert empty.state == alone.state == "done"
    assert empty.doctor_count == 0
    assert DoctorScore.objects.get(run=alone).below == [0] * len(model.features)


@pytest.mark.django_db
def test_a_tier_held_is_kept_within_the_hysteresis(marketer, officer):
    make_population(80, 600)
    high = run_of(make_model(marketer, officer, at=NOW, core_cut_bp=4000, potential_cut_bp=3000))
    close = DoctorScore.objects.filter(run=high, tier="core").order_by("score_bp").first()
    changed = make_model(
        marketer,
        officer,
        at=NOW,
        version="2026.4",
        core_cut_bp=close.score_bp + 100,
        potential_cut_bp=3000,
        hysteresis_bp=100,
    )

    after = run_of(changed)

    kept = DoctorScore.objects.get(run=after, doctor=close.doctor_id)
    assert kept.score_bp < after.core_line_bp
    assert kept.tier == "core"
    assert explanations.explain_tier(close.doctor_id).is_kept


@pytest.mark.django_db
def test_shares_draw_the_lines_where_the_shares_end(marketer, officer):
    make_population(200, 2000)
    model = make_model(marketer, officer, at=NOW, cut="share", core_cut_bp=1000, potential_cut_bp=2500)

    run = run_of(model)

    scores = sorted(DoctorScore.objects.filter(run=run).values_list("score_bp", flat=True), reverse=True)
    assert run.core_line_bp == scores[len(scores) // 10 - 1]
    assert run.potential_line_bp == scores[len(scores) * 35 // 100 - 1]


@pytest.mark.django_db
def test_a_published_run_changes_doctor_history_and_tier_history_together_under_one_ledger_entry(model):
    make_population(40, 300)

    run = run_of(model)

    assert TierAssignment.objects.filter(run=run).count() == run.doctor_count
    versions = Doctor.history.model.objects.filter(history_change_reason=f"scoring_run:{run.pk}")
    assert versions.count() == run.doctor_count
    assert set(versions.values_list("id", "tier")) == set(
        Doctor.objects.exclude(tier="").values_list("pk", "tier")
    )
    events = list(LedgerEntry.objects.filter(subject=f"scoring_run:{run.pk}").values_list("event", flat=True))
    assert sorted(events) == [
        "doctors.scoring_asked",
        "doctors.scoring_published",
        "doctors.scoring_running",
        "doctors.scoring_settled",
        "doctors.tiers_settled",
    ]
    assert Job.objects.get(pk=run.job_id).state == JobState.DONE
    assert run.manifest["result_digest"] == run.result_digest


@pytest.mark.django_db
def test_carrying_out_a_finished_run_again_changes_nothing(model):
    make_population(40, 300)
    run = run_of(model)
    entries = LedgerEntry.objects.count()

    scoring.carry_out_run(run_id=run.pk, clock=lambda: NOW)

    assert LedgerEntry.objects.count() == entries
    assert TierAssignment.objects.count() == run.doctor_count


@pytest.mark.django_db
def test_a_cancelled_run_leaves_no_score_and_no_tier(model, monkeypatch):
    make_population(40, 300)
    run = scoring.open_run(model_id=model.pk, by=None, at=NOW, is_queued=False)
    jobs.ask_to_cancel(run.job_id)

    done = scoring.carry_out_run(run_id=run.pk, clock=lambda: NOW)

    assert done.state == "cancelled"
    assert Job.objects.get(pk=run.job_id).state == JobState.CANCELLED
    assert not DoctorScore.objects.exists()
    assert not Doctor.objects.exclude(tier="").exists()


@pytest.mark.django_db
def test_a_run_that_breaks_half_way_says_so_and_runs_again_from_the_start(model, monkeypatch):
    make_population(40, 300)
    run = scoring.open_run(model_id=model.pk, by=None, at=NOW, is_queued=False)
    with monkeypatch.context() as broken:
        broken.setattr("doctors.actions.scoring.runs.digest_of", lambda select: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            scoring.carry_out_run(run_id=run.pk, clock=lambda: NOW)
    assert ScoringRun.objects.get(pk=run.pk).state == "failed"
    assert not DoctorScore.objects.exists()

    again = scoring.carry_out_run(run_id=run.pk, clock=lambda: NOW)

    assert again.state == "done"
    assert (
        DoctorScore.objects.filter(run=run).count()
        == 40 - Doctor.objects.filter(profiling_refused=True).count()
    )


@pytest.mark.django_db
def test_tier_changes_are_announced_once_and_first_tiers_are_no_news(marketer, officer):
    make_population(60, 500)
    first = run_of(make_model(marketer, officer, at=NOW))
    assert scoring.announce_tier_changes(run_id=first.pk, at=NOW) == 0
    second = run_of(
        make_model(marketer, officer, at=NOW, version="2026.4", core_cut_bp=3000, potential_cut_bp=1000)
    )
    assert second.changed_count

    told = scoring.announce_tier_changes(run_id=second.pk, at=NOW)
    scoring.announce_tier_changes(run_id=second.pk, at=NOW)

    assert told == Assignment.objects.values("territory").distinct().count()
    assert Notification.objects.filter(kind="doctors.tier_changes").count() == told


@pytest.mark.django_db
def test_an_assessed_model_shows_its_tiers_without_giving_them(marketer, officer):
    make_population(40, 300)
    trial = make_model(marketer, officer, at=NOW, state="assessed")

    run = run_of(trial)

    assert run.state == "done"
    assert run.published_at is None
    assert DoctorScore.objects.filter(run=run).exists()
    assert not Doctor.objects.exclude(tier="").exists()


@pytest.mark.django_db
def test_a_draft_cannot_score(marketer, officer):
    draft = make_model(marketer, officer, at=NOW, state="draft")

    with pytest.raises(scoring.RunNotStarted):
        run_of(draft)

    assert not ScoringRun.objects.exists()


@pytest.mark.django_db
def test_a_stranger_cannot_start_a_run(model, rep):
    with pytest.raises(PermissionDenied):
        scoring.open_run(model_id=model.pk, by=rep, at=NOW)

    assert not ScoringRun.objects.exists()


@pytest.mark.django_db
def test_asking_for_a_run_queues_it_with_its_job(model, marketer):
    run = scoring.open_run(model_id=model.pk, by=marketer, at=NOW)

    assert OutboxMessage.objects.filter(
        task="doctors.carry_out_run", arguments={"run_id": str(run.pk)}
    ).exists()
    assert Job.objects.get(pk=run.job_id).state == JobState.WAITING


@pytest.mark.django_db
def test_a_night_has_one_run(model):
    first = scoring.open_nightly_run(at=NOW)

    assert scoring.open_nightly_run(at=NOW).pk == first.pk


@pytest.mark.django_db
def test_old_scores_go_and_the_run_with_its_digest_stays(model):
    make_population(40, 300)
    runs = [run_of(model) for _ in range(4)]
    later = NOW + timedelta(days=500)

    emptied = scoring.forget_old_scores(at=later)

    assert emptied == 2
    assert DoctorScore.objects.values("run_id").distinct().count() == 2
    assert ScoringRun.objects.get(pk=runs[0].pk).result_digest
    assert scoring.forget_old_scores(at=later) == 0


@pytest.mark.django_db
def test_interactions_before_the_landmark_and_inactive_doctors_do_not_count(marketer, officer):
    model = make_model(marketer, officer, at=NOW, landmark_on=(NOW.date() - timedelta(days=30)).isoformat())
    doctor, left = make_doctor("周全"), make_doctor("吴用", status="inactive")
    for back in (10, 40):
        Interaction.objects.create(
            doctor=doctor, kind="visit", channel="visit", subject="visit:1", at=NOW - timedelta(days=back)
        )

    run = run_of(model)

    assert list(DoctorScore.objects.filter(run=run).values_list("doctor_id", flat=True)) == [doctor.pk]
    place = [f.key for f in model.spec.features].index("visits_held")
    assert 0 < DoctorScore.objects.get(run=run).raw[place] <= 100
    assert left.tier == ""


@pytest.mark.django_db
def test_a_run_leaves_no_change_of_a_doctor_unaccounted_for(model):
    make_population(40, 300)
    call_command("guard_tables", stdout=StringIO())

    run = run_of(model)

    assert run.changed_count
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM compliance_rowintake WHERE table_name IN ('doctors_doctor', 'doctors_historicaldoctor')"
            " AND row_pk = ANY(%s)",
            [[str(pk) for pk in Doctor.objects.exclude(tier="").values_list("pk", flat=True)]],
        )
        assert cursor.fetchone()[0] == 0
    settled = LedgerEntry.objects.get(event="doctors.tiers_settled")
    claimed = {row["pk"] for row in settled.rows}
    assert claimed >= {str(pk) for pk in Doctor.objects.exclude(tier="").values_list("pk", flat=True)}


@pytest.mark.django_db
def test_adding_up_anew_says_whether_the_kept_sums_agreed(model):
    make_population(40, 300)
    first = run_of(model)
    touched = DoctorScore.objects.filter(run=first).first().doctor_id
    actions.record_interaction(
        doctor_id=touched,
        kind="visit",
        channel="visit",
        subject="visit:1",
        by=None,
        at=NOW - timedelta(days=2),
    )

    honest = run_of(model, rebuild=True)
    EngagementState.objects.filter(doctor_id=touched).update(strength=[1, 2, 3, 4, 5])
    altered = run_of(model, rebuild=True)

    assert first.manifest["kept_sums_agreed"] is None
    assert honest.manifest["kept_sums_agreed"] is True
    assert altered.manifest["kept_sums_agreed"] is False
    assert altered.result_digest == honest.result_digest
