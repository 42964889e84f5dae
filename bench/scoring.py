"""S1 to S3: scoring and its digest, at a load set by BENCH_DOCTORS and BENCH_INTERACTIONS.

The floor of S1 is one statement that does the same from the same rows, by window functions; its result is compared
with the run's, so that it is not quicker by doing less. It keeps no distribution, no history and no digest.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import load
from bench.measure import Figure, Measure, NotMeasured, Spent, backend_seconds, spent
from doctors.actions import scoring
from doctors.actions.scoring import runs as carrying_out
from doctors.actions.scoring import statements
from doctors.actions.scoring.digests import digest_of
from doctors.actions.scoring.engagement import first_moment
from doctors.actions.scoring.sessions import Sessions
from doctors.actions.scoring.working import WORK_MEMORY
from doctors.models import DoctorScore, Interaction, ScoringRun, SegmentationModel, TouchedDoctor
from doctors.rules.segmentation import FULL, RANK, Lines, weights_of

TOUCHED = 10_000
REPEATS = int(os.environ.get("BENCH_REPEATS", "2"))


class _Counted(Sessions):
    """Sessions whose processor time is kept when they end."""

    used = 0.0

    def __exit__(self, *ended: Any) -> None:
        if self.count > 1:
            _Counted.used += sum(self.each(lambda _number: backend_seconds()))
        super().__exit__(*ended)


def _spent(model: SegmentationModel, runs: list[ScoringRun], **options: Any) -> Spent:
    """Time a full run, the processor time of all its sessions counted."""
    _Counted.used = 0.0
    carrying_out.Sessions = _Counted  # type: ignore[misc]
    try:
        taken = spent(lambda: runs.append(load.run_of(model, **options)))
    finally:
        carrying_out.Sessions = Sessions  # type: ignore[misc]
    return Spent(taken.wall, taken.cpu + _Counted.used)


def full_run() -> dict[str, Figure]:
    model = load.ready()
    taken: dict[str, list[Spent]] = {"all contacts": [], "kept sums, as every night": [], "floor": []}
    runs: list[ScoringRun] = []
    for _again in range(REPEATS):  # turn and turn about: what else the machine does falls on all alike
        taken["kept sums, as every night"].append(_spent(model, runs))
        taken["all contacts"].append(_spent(model, runs, rebuild=True))
        taken["floor"].append(_floor(runs[-1]))
        scoring.forget_old_scores(at=timezone.now())
    if len({run.result_digest for run in runs}) != 1:
        raise AssertionError("the run from kept sums and the one from all contacts differ")
    is_national = runs[0].doctor_count > load.NATIONAL * 0.9
    note = f"{runs[0].doctor_count:,} doctors, {Interaction.objects.count():,} contacts"
    floor_wall, floor_cpu = (min(getattr(one, kind) for one in taken["floor"]) for kind in ("wall", "cpu"))
    figures = {}
    for name in ("all contacts", "kept sums, as every night"):
        wall, cpu = (min(getattr(one, kind) for one in taken[name]) for kind in ("wall", "cpu"))
        holds = wall <= 1.5 * floor_wall and (wall <= 30 or not is_national)
        figures[f"full run from {name}"] = Figure(
            wall, "s", REPEATS, floor=floor_wall, holds=holds, note=note
        )
        figures[f"full run from {name}, processor"] = Figure(
            cpu,
            "s CPU",
            REPEATS,
            floor=floor_cpu,
            holds=cpu <= 1.5 * floor_cpu,
            note="of all its sessions, without parallel workers",
        )
    return figures


def _floor(run: ScoringRun) -> Spent:
    """Time one statement that works the same scores out and writes the same rows; then check that it did."""
    plan = statements.Plan(run.model.spec, run.as_of)
    spec = plan.spec
    keys = ", ".join(f"r{place}" for place, _feature in enumerate(spec.features, 1))
    below, given = [], []
    for place, (feature, weight) in enumerate(zip(spec.features, weights_of(spec), strict=True), 1):
        if feature.transform == RANK:
            below.append(f"(rank() OVER (PARTITION BY cohort ORDER BY r{place}) - 1)::int AS b{place}")
            level = f"coalesce(b{place}::bigint * {FULL} / nullif(size - 1, 0), 0)"
        else:
            below.append(f"0 AS b{place}")
            level = f"least(r{place}, {feature.cap})::bigint * {FULL} / {feature.cap}"
        given.append(f"({feature.sign} * ({weight} * ({level}) / {FULL}))::smallint AS c{place}")
    places = range(1, len(spec.features) + 1)
    total = " + ".join(f"c{place}" for place in places)
    lines = Lines(run.core_line_bp or 0, run.potential_line_bp or 0, run.model.hysteresis_bp)
    own = statements.sheet(plan, picked=False).replace("CREATE TEMPORARY TABLE scoring_sheet AS", "")
    own = own.replace("doctors_engagementstate own ON own.model_id = %(model)s AND", "state own ON")
    own = own.replace("doctors_engagementstate s\n", "state s\n").replace(
        "JOIN doctors_engagementstate s  ON s.model_id = %(model)s AND", "JOIN state s ON"
    )
    twin = ScoringRun.objects.create(
        model=run.model, kind="full", state="failed", as_of=run.as_of, based_on=run.based_on
    )
    statement = f"""
        WITH state AS ({statements.engagement_select(plan)}), sheet AS ({own}),
             ranked AS (SELECT doctor_id, cohort, size, {keys}, {", ".join(below)} FROM sheet),
             given AS (SELECT doctor_id, cohort, ARRAY[{keys}]::int[] AS raw,
                              ARRAY[{", ".join(f"b{place}" for place in places)}]::int[] AS below, {", ".join(given)} FROM ranked)
        INSERT INTO doctors_doctorscore (run_id, doctor_id, cohort, score_bp, tier, raw, below, contribution)
        SELECT %(run)s, doctor_id, cohort, {total}, {statements.tier(lines, score=f"({total})", held="''")}, raw, below,
               ARRAY[{", ".join(f"c{place}" for place in places)}]::smallint[] FROM given"""
    end = first_moment(timezone.localdate() + timedelta(days=1)).astimezone(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WORK_MEMORY)
        cursor.execute(statements.drop_temporary())
        cursor.execute(statements.FAMILY.format(also=""))
        cursor.execute(
            """CREATE TEMPORARY TABLE scoring_cohort AS
               SELECT c.specialty, c.band, c.number, c.size FROM doctors_runcohort c WHERE c.run_id = %s""",
            [run.pk],
        )
        if run.cohorts.filter(band="*").exists():
            raise NotMeasured("the floor knows no pooled cohorts: use more doctors")
        cursor.execute("ANALYZE scoring_family; ANALYZE scoring_cohort")
        values = {
            "run": twin.pk,
            "model": run.model_id,
            "as_of": run.as_of,
            "landmark": first_moment(date.fromisoformat(spec.landmark_on)).astimezone(UTC),
            "end": end,
            "through": 2**62,
        }
        taken = spent(lambda: cursor.execute(statement, values))
        cursor.execute(statements.drop_temporary())
    compared = "SELECT doctor_id, score_bp, contribution FROM doctors_doctorscore WHERE run_id = '{run}' ORDER BY doctor_id"
    same = digest_of(compared.format(run=twin.pk)) == digest_of(compared.format(run=run.pk))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM doctors_doctorscore WHERE run_id = %s", [twin.pk])
    twin.delete()
    if not same:
        raise AssertionError("the floor's statement gives other scores than the run")
    return taken


def incremental() -> dict[str, Figure]:
    model = load.ready()
    keys = DoctorScore.objects.filter(run__model=model).values_list("doctor_id", flat=True)[: TOUCHED * 3]
    everybody = sorted(set(keys), key=str)
    taken = []
    for turn in range(3):
        chosen = random.Random(turn).sample(everybody, min(TOUCHED, len(everybody)))
        _touch(chosen)
        scored: list[int] = []
        taken.append(
            spent(
                lambda scored=scored: scored.append(scoring.rescore_touched(at=timezone.now(), limit=TOUCHED))
            )
        )
        if scored != [len(chosen)]:
            raise AssertionError(f"{scored} scored of {len(chosen)}")
    wall, cpu = min(one.wall for one in taken), min(one.cpu for one in taken)
    note = "sums anew, scores, tiers, history"
    return {
        "10,000 touched doctors": Figure(wall, "s", 3, holds=wall <= 2, note=note),
        "10,000 touched doctors, processor": Figure(cpu, "s CPU", 3, holds=cpu <= 2, note=note),
    }


def _touch(chosen: list[object]) -> None:
    at = timezone.now()
    TouchedDoctor.objects.all().delete()
    with transaction.atomic():
        Interaction.objects.bulk_create(
            Interaction(doctor_id=pk, kind="visit", channel="visit", subject="bench:0", at=at, weight=100)
            for pk in chosen
        )
        scoring.touch_doctors(chosen, at=at)  # type: ignore[arg-type]


def digests() -> Figure:
    model = load.ready()
    seen = []
    for workers, chunk, step in ((0, 250_000, 0), (1, 7_000, load.INTERACTIONS // 3), (2, 40_000, 0)):
        with connection.cursor() as cursor:
            cursor.execute(f"SET max_parallel_workers_per_gather = {workers}")
            cursor.execute("SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0")
        try:
            run = load.run_of(model, rebuild=True, chunk_doctors=chunk, interactions_per_step=step)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(
                    "RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost"
                )
        seen.append((run.input_digest, run.result_digest, run.manifest["sums_digest"]))
    return Figure(
        len(set(seen)),
        "digests",
        len(seen),
        holds=len(set(seen)) == 1,
        note="0, 1, 2 workers, three chunkings",
    )


MEASURES = [
    Measure("S1", "full rescoring against one statement", full_run),
    Measure("S2", "10,000 touched doctors against the frozen distribution", incremental),
    Measure("S3", "one digest whatever the plan", digests),
]
