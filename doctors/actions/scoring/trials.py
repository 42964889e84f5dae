"""What-if and evaluation: tried on everybody in a job, kept as figures, and never touching a live score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compliance import actions as law
from doctors import permissions
from doctors.choices import ModelState, RunKind, RunState, TrialKind
from doctors.models import (
    DoctorScore,
    EngagementBuild,
    ScoringRun,
    ScoringTrial,
    SegmentationModel,
    TrialMove,
)
from doctors.rules import decay
from doctors.rules.segmentation import (
    SHARE,
    FeatureSpec,
    Lines,
    ModelSpec,
    faults_of,
    pools_of,
    share_lines,
)
from doctors.selectors.model_words import words_of
from pharmacrm.accounts.models import User
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue

from . import trial_statements as sql
from .engagement import ROOM_TO_SUM, SHANGHAI, window_of
from .evaluation import evaluation_steps
from .runs import daytime_run_of, last_full_run
from .statements import (
    FAMILY,
    Plan,
    cohort_sizes,
    drop_temporary,
    engagement_select,
    rank_table,
    scored,
    sheet,
)
from .working import WORK_MEMORY, execute_large, map_cohorts


class TrialNotStarted(DomainError):
    """The trial was not opened."""

    code = "trial_not_started"


@transaction.atomic
def open_trial(
    *,
    model_id: UUID,
    by: User,
    at: datetime,
    kind: str = TrialKind.WHAT_IF,
    spec: ModelSpec | None = None,
    is_queued: bool = True,
) -> ScoringTrial:
    """Ask what a model, or the same with other figures, would change on everybody; or how the model behaves.

    Raises: PermissionDenied; TrialNotStarted for a specification that is not sound or too old, or for an evaluation
    of a model nobody was scored with yet.
    """
    if not permissions.can_try_model(by):
        raise PermissionDenied
    model = SegmentationModel.objects.get(pk=model_id)
    wanted = spec or model.spec
    on = at.astimezone(SHANGHAI).date()
    if faults := faults_of(wanted):
        raise TrialNotStarted(words_of(faults[0]))
    if not 0 <= (on - date.fromisoformat(wanted.landmark_on)).days < decay.DAYS:
        raise TrialNotStarted(_("The model's first day is too far away. Make a new version."))
    baseline = last_full_run() if kind == TrialKind.WHAT_IF else _scored_with(model)
    if kind == TrialKind.EVALUATION and baseline is None:
        raise TrialNotStarted(_("Run the model once, then it can be evaluated."))
    trial = ScoringTrial(
        model=model,
        kind=kind,
        spec=asdict(wanted),
        spec_digest=wanted.digest,
        baseline=baseline,
        as_of=on,
        asked_by=by,
    )
    words = _("What if: %(version)s") if kind == TrialKind.WHAT_IF else _("Evaluation of %(version)s")
    trial.job = jobs.open_job(
        kind="doctors.trial",
        title=words % {"version": model.version},
        by=by,
        subject=f"scoring_trial:{trial.pk}",
        total=100,
    )
    trial.save(force_insert=True)
    law.record("doctors.trial_asked", subject=f"scoring_trial:{trial.pk}", by=by, at=at, rows=[trial])
    if is_queued:
        enqueue("doctors.carry_out_trial", trial_id=trial.pk)
    return trial


def carry_out_trial(*, trial_id: UUID, clock: Callable[[], datetime]) -> ScoringTrial:
    """Carry out a trial step by step; a finished one is left alone, a killed one starts again.

    Returns: the trial. Raises: whatever a step raises, after job and trial say so.
    """
    trial = ScoringTrial.objects.select_related("model", "baseline__model").get(pk=trial_id)
    if trial.state in (RunState.DONE, RunState.CANCELLED):
        return trial
    started = clock()
    jobs.start(trial.job_id, at=started, total=100)
    ended = RunState.DONE
    try:
        for percent, stage, step in _steps(trial):
            jobs.advance(trial.job_id, done=percent, stage=stage)
            with transaction.atomic():
                step()
    except jobs.JobCancelled:
        ended = RunState.CANCELLED
    except Exception as error:
        _clear(trial)
        _end(trial, RunState.FAILED, at=clock())
        jobs.fail(trial.job_id, at=clock(), error=str(error)[:500])
        raise
    if ended == RunState.CANCELLED:
        _clear(trial)
        _end(trial, ended, at=clock())
        jobs.cancelled(trial.job_id, at=clock())
        return trial
    trial.result["milliseconds"] = int((clock() - started) / timedelta(milliseconds=1))
    _drop_tables()
    _end(trial, ended, at=clock())
    jobs.finish(trial.job_id, at=clock(), result={"doctors": trial.result.get("doctors", 0)})
    return trial


def _steps(trial: ScoringTrial) -> Iterator[tuple[int, str, Callable[[], None]]]:
    yield 1, gettext_noop("Clearing"), lambda: _clear(trial)
    if trial.kind == TrialKind.EVALUATION:
        yield from evaluation_steps(trial, spec_of(trial))
        return
    spec = spec_of(trial)
    full = trial.baseline
    if full is not None and _ranks_are_kept(full, spec):
        day = daytime_run_of(full)
        trial.result["ranks"] = "kept"
        kept = sql.score_from_kept_ranks(spec, full.pk, day.pk if day else None)
        yield 10, gettext_noop("Scoring"), lambda: execute_large(kept)
    else:
        trial.result["ranks"] = "new"
        yield from _ranking_steps(trial, spec)
    yield 70, gettext_noop("Drawing the lines"), lambda: _draw(trial, spec)
    yield 80, gettext_noop("Counting who would move"), lambda: _count(trial)
    yield 95, gettext_noop("Checking"), lambda: _check(trial, spec)


def _ranking_steps(trial: ScoringTrial, spec: ModelSpec) -> Iterator[tuple[int, str, Callable[[], None]]]:
    plan = Plan(spec, trial.as_of)
    sums: dict[str, Any] = {}
    yield 3, gettext_noop("Adding up engagement"), lambda: sums.update(_sums_for(trial, plan))
    yield 25, gettext_noop("Collecting facts"), lambda: _collect(trial, plan, sums)
    for done, place in enumerate(plan.ranked):
        yield (
            40 + done,
            gettext_noop("Ranking within cohorts"),
            lambda place=place: execute_large(rank_table(place)),
        )
    full = trial.baseline
    day = daytime_run_of(full)
    score = sql.score_from_new_ranks(
        scored(plan, lookup=False), full.pk if full else None, day.pk if day else None
    )
    yield 60, gettext_noop("Scoring"), lambda: execute_large(score)


def spec_of(trial: ScoringTrial) -> ModelSpec:
    """Return the specification a trial is about."""
    given = dict(trial.spec)
    features = tuple(FeatureSpec(**feature) for feature in given.pop("features"))
    return ModelSpec(features=features, **given)


def _ranks_are_kept(full: ScoringRun, spec: ModelSpec) -> bool:
    return sql.ranks_alike(full.model.spec, spec) and DoctorScore.objects.filter(run=full).exists()


def _scored_with(model: SegmentationModel) -> ScoringRun | None:
    runs = ScoringRun.objects.filter(model=model, kind=RunKind.FULL, state=RunState.DONE).order_by("-pk")
    return next((run for run in runs[:3] if DoctorScore.objects.filter(run=run).exists()), None)


def _sums_for(trial: ScoringTrial, plan: Plan) -> dict[str, Any]:
    """Find kept engagement sums that fade alike, else add all contacts up in a working table."""
    for build in EngagementBuild.objects.select_related("model").order_by("model_id"):
        if sql.sums_alike(build.model.spec, plan.spec):
            return {"table": "doctors_engagementstate", "model": build.model_id}
    if not plan.engagement:
        return {"table": "doctors_engagementstate", "model": trial.model_id}
    with connection.cursor() as cursor:
        cursor.execute(ROOM_TO_SUM)
        cursor.execute(
            sql.own_sums(engagement_select(plan, "")),
            {**window_of(date.fromisoformat(plan.spec.landmark_on), plan.as_of), "model": trial.model_id},
        )
        cursor.execute(f"ANALYZE {sql.OWN_SUMS}")
    return {"table": sql.OWN_SUMS, "model": trial.model_id}


def _collect(trial: ScoringTrial, plan: Plan, sums: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(WORK_MEMORY)
        cursor.execute(cohort_sizes())
        sizes = {(specialty, band): count for specialty, band, count in cursor.fetchall()}
        pools = pools_of(sizes, plan.spec.min_cohort, plan.spec.cohort_by)
        totals: dict[tuple[str, str], int] = {}
        for cell, pool in pools.items():
            totals[pool] = totals.get(pool, 0) + sizes[cell]
        numbers = {pool: number for number, pool in enumerate(sorted(totals), 1)}
        map_cohorts(cursor, {cell: (numbers[pool], totals[pool]) for cell, pool in pools.items()})
        cursor.execute(FAMILY.format(also=""))
        cursor.execute("ANALYZE scoring_family")
        cursor.execute(
            sheet(plan, picked=False, sums=sums["table"]), {"model": sums["model"], "as_of": trial.as_of}
        )
        cursor.execute("ANALYZE scoring_sheet")
    trial.result["cohorts"] = len(totals)
    trial.result["smallest_cohort"] = min(totals.values(), default=0)


def _draw(trial: ScoringTrial, spec: ModelSpec) -> None:
    core, potential = spec.core_cut_bp, spec.potential_cut_bp
    with connection.cursor() as cursor:
        if spec.cut == SHARE:
            cursor.execute("SELECT score_bp, count(*) FROM trial_score GROUP BY 1 ORDER BY 1 DESC")
            core, potential = share_lines(cursor.fetchall(), spec)
        trial.result["lines"] = [core, potential]
        lines = Lines(core, potential, spec.hysteresis_bp, spec.min_known)
        cursor.execute(WORK_MEMORY)
        cursor.execute(sql.place(lines, len(spec.features)), {"on": trial.as_of})


def _count(trial: ScoringTrial) -> None:
    """Keep the figures; who would move is kept by name only where an impact assessment is on file."""
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNTED)
        rows = cursor.fetchall()
        if trial.model.state in (ModelState.ASSESSED, ModelState.ACTIVE):
            cursor.execute(sql.KEEP_MOVERS, {"trial": trial.pk})
            trial.result["movers_kept"] = True
    trial.result["doctors"] = sum(row[4] for row in rows)
    trial.result["by_hand"] = sum(row[5] for row in rows)
    trial.result["cells"] = [
        [before, after, band, province, n] for before, after, band, province, n, _h in rows
    ]


def _check(trial: ScoringTrial, spec: ModelSpec) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.flat_features(spec))
        flat = cursor.fetchone()
    trial.result["flat"] = [f.key for f, is_flat in zip(spec.features, flat, strict=True) if is_flat]


def _drop_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{drop_temporary()}; {sql.drop()}")


def _clear(trial: ScoringTrial) -> None:
    TrialMove.objects.filter(trial=trial).delete()
    _drop_tables()


def _end(trial: ScoringTrial, state: str, *, at: datetime) -> None:
    with transaction.atomic():
        trial.state, trial.finished_at = state, at
        trial.save()
        law.record(
            f"doctors.trial_{state}",
            subject=f"scoring_trial:{trial.pk}",
            by=trial.asked_by,
            at=at,
            rows=[trial],
        )
