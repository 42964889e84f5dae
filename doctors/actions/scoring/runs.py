"""Full runs: open one, carry it out step by step, and leave behind all that is needed to repeat it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import django
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compliance import actions as law
from doctors import permissions
from doctors.choices import ModelState, RunKind, RunState
from doctors.facts import ScoreFacts
from doctors.models import (
    DoctorScore,
    EngagementBuild,
    ReferenceDistribution,
    RunCohort,
    ScoringRun,
    SegmentationModel,
)
from doctors.rules import decay
from doctors.rules.segmentation import SHARE, Lines, faults_of, line_of_heights, pools_of
from doctors.selectors.signed_models import signature_holds
from pharmacrm.accounts.models import User
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.outbox import enqueue

from .digests import digest_and_count_of, digest_of
from .engagement import SHANGHAI, build_engagement, refresh_touched
from .publishing import publish_run, settle_run
from .sessions import Sessions, parted, sessions_at_hand
from .statements import (
    FAMILY,
    INPUTS,
    RESULTS,
    SUMS,
    Plan,
    cohort_sizes,
    drop_temporary,
    freeze_ranks,
    insert_scores,
    rank_table,
    score_table,
    sheet,
)
from .working import WORK_MEMORY, map_cohorts

CODE_VERSION = "segmentation/1"
CHUNK_DOCTORS = 250_000
TOUCHED_AT_ONCE = 20_000
SCORING_LOCK = 7_204_411  # one full run at a time holds the working tables and the publication


log = logging.getLogger(__name__)


class RunNotStarted(DomainError):
    """The run was not opened."""

    code = "run_not_started"


@transaction.atomic
def open_run(
    *,
    model_id: UUID,
    by: User | None,
    at: datetime,
    rebuild: bool = False,
    chunk_doctors: int = CHUNK_DOCTORS,
    interactions_per_step: int = 0,
    is_queued: bool = True,
) -> ScoringRun:
    """Ask for a full run of a model; a job shows how far it is. A model in force publishes its tiers, an assessed
    one only shows what they would be. With `is_queued` off the caller carries it out itself.

    `by` is None for the nightly run. Raises: PermissionDenied; RunNotStarted if the model is neither, too old, or
    unsound; Refused with the verdict if the law forbids it. Source: PIPL 24, 55.
    """
    if by is not None and not permissions.can_run_scoring(by):
        raise PermissionDenied
    model = SegmentationModel.objects.select_for_update().get(pk=model_id)
    if model.state not in (ModelState.ACTIVE, ModelState.ASSESSED):
        raise RunNotStarted(_("Only a model with an impact assessment can score doctors."))
    on = at.astimezone(SHANGHAI).date()
    if not 0 <= (on - model.landmark_on).days < decay.DAYS:
        raise RunNotStarted(_("The model's first day is too far away. Make a new version."))
    if faults_of(model.spec):
        raise RunNotStarted(_("The model is not sound. Make a new version."))
    if not signature_holds(model):
        raise RunNotStarted(_("The model no longer says what was signed. Make a new version."))
    subject = f"segmentation_model:{model.pk}"
    verdict = law.judge("doctor.score", facts_of(model), subject=subject, by=by, at=at)
    run = ScoringRun(model=model, as_of=on, asked_by=by, based_on=last_full_run())
    run.job = jobs.open_job(
        kind="doctors.scoring",
        title=_("Scoring with model %(version)s") % {"version": model.version},
        by=by,
        subject=f"scoring_run:{run.pk}",
        total=100,
    )
    run.manifest = {
        "rebuild": rebuild,
        "chunk_doctors": chunk_doctors,
        "interactions_per_step": interactions_per_step,
    }
    run.save(force_insert=True)
    law.record(
        "doctors.scoring_asked", subject=f"scoring_run:{run.pk}", by=by, at=at, verdict=verdict, rows=[run]
    )
    if is_queued:
        enqueue("doctors.carry_out_run", run_id=run.pk)
    return run


def open_nightly_run(*, at: datetime) -> ScoringRun | None:
    """Open the night's run of the model in force, or None where no model is in force. Once a month from raw."""
    model = SegmentationModel.objects.filter(state=ModelState.ACTIVE).first()
    if model is None:
        return None
    on = at.astimezone(SHANGHAI).date()
    already = ScoringRun.objects.filter(model=model, as_of=on, kind=RunKind.FULL, asked_by=None).exclude(
        state__in=[RunState.FAILED, RunState.CANCELLED]
    )
    return already.first() or open_run(model_id=model.pk, by=None, at=at, rebuild=on.day == 1)


def carry_out_run(*, run_id: UUID, clock: Callable[[], datetime]) -> ScoringRun:
    """Carry out a run, step by step, each in its own transaction; safe to call again after a kill.

    A finished run is left alone; an unfinished one starts again from its first step, engagement sums that were
    completed are kept. What is put on hold while it waits or runs ends it before its next step.
    Returns: the run. Raises: whatever a step raises, after job and run say so.
    """
    with _only_one():
        run = ScoringRun.objects.select_related("model", "based_on").get(pk=run_id)
        if run.state not in (RunState.DONE, RunState.CANCELLED):
            _carry_out(run, clock)
        if run.state == RunState.DONE:
            settle_run(run, clock=clock)
        return run


def _carry_out(run: ScoringRun, clock: Callable[[], datetime]) -> None:
    started = clock()
    jobs.start(run.job_id, at=started, total=100)
    _mark(run, at=started, state=RunState.RUNNING, started_at=started)
    try:
        with Sessions(sessions_at_hand()) as sessions:
            for percent, stage, step in _steps(run, started, sessions):
                jobs.advance(run.job_id, done=percent, stage=stage)
                _ask_the_law(run, at=clock())
                with transaction.atomic():
                    step()
        jobs.advance(run.job_id, done=95, stage=gettext_noop("Publishing"))
        with transaction.atomic():
            _ask_the_law(run, at=clock())
            publish_run(run, at=clock())
    except Refused as refusal:
        _discard(run)
        ended = clock()
        _mark(run, at=ended, state=RunState.FAILED, finished_at=ended)
        law.record_refused(refusal, by=run.asked_by, at=ended)
        jobs.fail(run.job_id, at=ended, error=str(refusal))
    except jobs.JobCancelled:
        _discard(run)
        ended = clock()
        _mark(run, at=ended, state=RunState.CANCELLED, finished_at=ended)
        jobs.cancelled(run.job_id, at=clock())
    except Exception as error:
        _discard(run)
        ended = clock()
        _mark(run, at=ended, state=RunState.FAILED, finished_at=ended)
        jobs.fail(run.job_id, at=clock(), error=str(error)[:500])
        raise


def _ask_the_law(run: ScoringRun, *, at: datetime) -> None:
    """Judge a run that is under way once more. Raises: Refused. Cost: three queries."""
    law.judge(
        "doctor.score",
        facts_of(run.model),
        subject=f"segmentation_model:{run.model_id}",
        by=run.asked_by,
        at=at,
    )


def facts_of(model: SegmentationModel) -> ScoreFacts:
    """Return what the law judges a scoring by."""
    return ScoreFacts(
        model_live=model.state in (ModelState.ACTIVE, ModelState.ASSESSED),
        impact_assessment=model.impact_assessment,
        assessed_on=model.assessed_on.isoformat() if model.assessed_on else "",
        explains_itself=True,
        subjects=(f"segmentation_model:{model.pk}",),
    )


def last_full_run() -> ScoringRun | None:
    """Return the full run whose tiers hold now."""
    return (
        ScoringRun.objects.filter(kind=RunKind.FULL, published_at__isnull=False)
        .order_by("-published_at", "-pk")
        .first()
    )


def daytime_run_of(full: ScoringRun | None) -> ScoringRun | None:
    """Return the daytime run on top of a full run, if doctors were touched since."""
    return ScoringRun.objects.filter(kind=RunKind.DAYTIME, based_on=full).first() if full else None


def _steps(
    run: ScoringRun, at: datetime, sessions: Sessions
) -> Iterator[tuple[int, str, Callable[[], None]]]:
    plan = Plan(run.model.spec, run.as_of)
    rebuild = run.manifest.get("rebuild") or not EngagementBuild.objects.filter(model=run.model).exists()
    yield 1, gettext_noop("Clearing"), lambda: _discard(run)
    if rebuild:
        yield 2, gettext_noop("Adding up engagement"), lambda: _rebuild(run, at)
    else:
        yield 2, gettext_noop("Adding up new engagement"), lambda: _refresh_all(at)
    yield 40 if rebuild else 10, gettext_noop("Collecting facts"), lambda: _collect(run, plan, sessions)
    base = 50 if rebuild else 30
    for done, place in enumerate(plan.ranked):
        yield base + done, gettext_noop("Ranking within cohorts"), partial(_rank, run, place, sessions)
    lines: list[Lines] = []
    yield base + 12, gettext_noop("Scoring"), lambda: _work_out(run, plan, sessions)
    yield base + 20, gettext_noop("Drawing the lines"), lambda: lines.append(_draw_lines(run, sessions))
    chunks = _chunks(run)
    for done, cohorts in enumerate(chunks):
        yield (
            base + 22 + (84 - base - 22) * done // len(chunks),
            gettext_noop("Writing scores"),
            lambda cohorts=cohorts: _write(run, plan, lines[0], cohorts, sessions),
        )
    yield 85, gettext_noop("Checking"), lambda: _seal(run, sessions)


def _rebuild(run: ScoringRun, at: datetime) -> None:
    """Add up all contacts anew; where sums were kept, note whether they agree to the last digit."""
    kept = EngagementBuild.objects.filter(model=run.model).exists()
    if kept:
        _refresh_all(at)
    corrected = build_engagement(run.model, at=at, ids_per_step=run.manifest.get("interactions_per_step", 0))
    run.manifest = {
        **run.manifest,
        "sums_digest": digest_of(SUMS.format(model=run.model_id)),
        "kept_sums_agreed": not corrected if kept else None,
    }
    if kept and corrected:
        log.error("Kept engagement sums differ from the contacts: model %s, run %s.", run.model_id, run.pk)


def _refresh_all(at: datetime) -> None:
    while refresh_touched(at=at, limit=TOUCHED_AT_ONCE):
        pass


def _collect(run: ScoringRun, plan: Plan, sessions: Sessions) -> None:
    with connection.cursor() as cursor:
        cursor.execute(WORK_MEMORY)
        cursor.execute(cohort_sizes())
        sizes = {(specialty, band): count for specialty, band, count in cursor.fetchall()}
    pools = pools_of(sizes, run.model.min_cohort, run.model.cohort_by)
    totals: dict[tuple[str, str], int] = {}
    for cell, pool in pools.items():
        totals[pool] = totals.get(pool, 0) + sizes[cell]
    numbers = {pool: number for number, pool in enumerate(sorted(totals), 1)}
    RunCohort.objects.bulk_create(
        RunCohort(run=run, number=number, specialty=pool[0], band=pool[1], size=totals[pool])
        for pool, number in numbers.items()
    )
    parts = parted({numbers[pool]: size for pool, size in totals.items()}, sessions.count)
    cells = {cell: (numbers[pool], totals[pool]) for cell, pool in pools.items()}
    look_alike = sessions.one_look()

    def collect(session: int) -> None:
        with connection.cursor() as cursor:
            look_alike(cursor)
            cursor.execute(WORK_MEMORY)
            cursor.execute(drop_temporary())
            map_cohorts(
                cursor, {cell: cohort for cell, cohort in cells.items() if cohort[0] in parts[session]}
            )
            cursor.execute(FAMILY.format(also=""))
            cursor.execute("ANALYZE scoring_family")
            cursor.execute(sheet(plan, picked=False), {"model": run.model_id, "as_of": run.as_of})
            cursor.execute("ANALYZE scoring_sheet")

    sessions.each(collect)


def _rank(run: ScoringRun, place: int, sessions: Sessions) -> None:
    def rank(_session: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WORK_MEMORY)
            cursor.execute(rank_table(place))
            cursor.execute(freeze_ranks(place), {"run": run.pk})

    sessions.each(rank)


def _work_out(run: ScoringRun, plan: Plan, sessions: Sessions) -> None:
    day = daytime_run_of(run.based_on)
    held_in = [one.pk for one in (day, run.based_on) if one and run.model.hysteresis_bp]

    def work_out(_session: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WORK_MEMORY)
            # The planner takes a fresh run for an empty one, and sorts a million rows where a small table is looked up.
            cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off")
            cursor.execute(score_table(plan, held_in=len(held_in)), held_in)

    sessions.each(work_out)


def _draw_lines(run: ScoringRun, sessions: Sessions) -> Lines:
    model = run.model
    core, potential = model.core_cut_bp, model.potential_cut_bp
    if model.cut == SHARE:
        heights = Counter[int]()
        for found in sessions.each(_heights):
            heights.update(found)
        falling = sorted(heights.items(), reverse=True)
        core = line_of_heights(falling, model.core_cut_bp)
        potential = min(line_of_heights(falling, model.core_cut_bp + model.potential_cut_bp), core)
    run.core_line_bp, run.potential_line_bp = core, potential
    return Lines(core, potential, model.hysteresis_bp, model.min_known)


def _heights(_session: int) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT score_bp, count(*) FROM scoring_score GROUP BY 1")
        return dict(cursor.fetchall())


def _chunks(run: ScoringRun) -> list[list[int]]:
    size = run.manifest.get("chunk_doctors") or CHUNK_DOCTORS
    chunks: list[list[int]] = []
    room = 0
    for number, count in RunCohort.objects.filter(run=run).order_by("number").values_list("number", "size"):
        if room < count or not chunks:
            chunks.append([])
            room = size
        chunks[-1].append(number)
        room -= count
    return chunks


def _write(run: ScoringRun, plan: Plan, lines: Lines, cohorts: list[int], sessions: Sessions) -> None:
    def write(_session: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WORK_MEMORY)
            cursor.execute(insert_scores(plan, lines), {"run": run.pk, "cohorts": cohorts})

    sessions.each(write)


def _seal(run: ScoringRun, sessions: Sessions) -> None:
    """Write down what went in and what came out, as SHA-256 over rows in the order of the doctors' keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM doctors_interaction")
        watermark = cursor.fetchone()[0]
        cursor.execute(drop_temporary())
    wanted = (INPUTS.format(run=run.pk), RESULTS.format(run=run.pk))
    found = sessions.all_of([partial(digest_and_count_of, select) for select in wanted])
    (run.input_digest, run.doctor_count), (run.result_digest, _count) = found
    day = daytime_run_of(run.based_on)
    run.manifest = {
        **run.manifest,
        "model_digest": run.model.digest,
        "code_version": CODE_VERSION,
        "django": django.get_version(),
        "as_of": run.as_of.isoformat(),
        "through_interaction": watermark,
        "sessions": sessions.count,
        "hysteresis_against": [str(pk) for pk in (run.based_on_id, day.pk if day else None) if pk],
        "doctors": run.doctor_count,
        "input_digest": run.input_digest,
        "result_digest": run.result_digest,
    }


def _discard(run: ScoringRun) -> None:
    for rows in (DoctorScore, ReferenceDistribution, RunCohort):
        rows.objects.filter(run=run)._raw_delete(rows.objects.db)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(drop_temporary())


def _mark(run: ScoringRun, *, at: datetime, **fields: Any) -> None:
    """Move a run to a state, with its ledger entry."""
    for name, value in fields.items():
        setattr(run, name, value)
    with transaction.atomic():
        run.save(update_fields=[*fields, "updated_at"])
        law.record(
            f"doctors.scoring_{run.state}",
            subject=f"scoring_run:{run.pk}",
            by=run.asked_by,
            at=at,
            rows=[run],
        )


class _only_one:
    """Hold the scoring lock of this session; a second run waits its turn."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [SCORING_LOCK])

    def __exit__(self, *_error: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SCORING_LOCK])
