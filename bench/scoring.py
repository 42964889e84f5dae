"""S1 to S5: scoring, its digest, the doctor list and the search, at a load set by BENCH_DOCTORS and BENCH_INTERACTIONS.

The floor of S1 is one statement that does the same from the same rows, by window functions; its result is compared
with the run's, so that it is not quicker by doing less.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from datetime import UTC, date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.serializers import Serializer

from bench.measure import Figure, Measure, NotMeasured, percentile
from doctors.actions import scoring, segmentation
from doctors.actions.scoring import statements
from doctors.actions.scoring.engagement import first_moment
from doctors.actions.scoring.runs import WORK_MEMORY, digest_of
from doctors.models import (
    Doctor,
    DoctorIdentity,
    DoctorScore,
    Interaction,
    ScoringRun,
    SegmentationModel,
    TouchedDoctor,
)
from doctors.rules.segmentation import FULL, RANK, Lines, weights_of
from pharmacrm.accounts.models import User

DOCTORS = int(os.environ.get("BENCH_DOCTORS", "100000"))
INTERACTIONS = int(os.environ.get("BENCH_INTERACTIONS", "2000000"))
TOUCHED = 10_000
NATIONAL = 1_000_000


def _ready() -> SegmentationModel:
    """Make the load and a model in force, once."""
    if Doctor.objects.count() < DOCTORS:
        call_command("generate_scale", doctors=DOCTORS, interactions=INTERACTIONS, yes=True)
    model = SegmentationModel.objects.filter(state="active").first()
    if model is None:
        author, second = _person("bench_author", "marketing"), _person("bench_second", "compliance")
        at = timezone.now()
        first_day = timezone.localdate().replace(month=1, day=1) - timedelta(days=366)
        model = segmentation.draft_model(
            version="bench", spec=segmentation.default_spec(landmark_on=first_day), by=author, at=at
        )
        segmentation.assess_model(
            model_id=model.pk, impact_assessment="PIA-bench", assessed_on=at.date(), by=second, at=at
        )
        model = segmentation.activate_model(model_id=model.pk, by=second, at=at)
    if not ScoringRun.objects.filter(published_at__isnull=False).exists():
        _run(model, rebuild=True)  # the first one gives everybody a first tier; it is not what a night does
    return model


def _person(name: str, role: str) -> User:
    user, _made = User.objects.get_or_create(username=name, defaults={"display_name": name})
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return User.objects.get(pk=user.pk)


def _run(model: SegmentationModel, **options: Any) -> ScoringRun:
    run = scoring.open_run(model_id=model.pk, by=None, at=timezone.now(), is_queued=False, **options)
    return scoring.carry_out_run(run_id=run.pk, clock=timezone.now)


def _timed(act: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    done = act()
    return time.perf_counter() - began, done


def full_run() -> dict[str, Figure]:
    model = _ready()
    nightly, run = _timed(lambda: _run(model))
    rebuilt, again = _timed(lambda: _run(model, rebuild=True))
    floor = _floor(run)
    note = f"{run.doctor_count:,} doctors, {Interaction.objects.count():,} contacts"
    if run.result_digest != again.result_digest:
        raise AssertionError("the run from kept sums and the one from all contacts differ")
    is_national = run.doctor_count > NATIONAL * 0.9
    return {
        "full run from all contacts": Figure(
            rebuilt,
            "s",
            1,
            floor=floor,
            holds=rebuilt <= 1.5 * floor and (rebuilt <= 30 or not is_national),
            note=note,
        ),
        "full run as every night, from kept sums": Figure(
            nightly,
            "s",
            1,
            floor=floor,
            holds=nightly <= 1.5 * floor and (nightly <= 30 or not is_national),
            note=note,
        ),
    }


def _floor(run: ScoringRun) -> float:
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
        began = time.perf_counter()
        cursor.execute(
            statement,
            {
                "run": twin.pk,
                "model": run.model_id,
                "as_of": run.as_of,
                "landmark": first_moment(date.fromisoformat(spec.landmark_on)).astimezone(UTC),
                "end": end,
                "through": 2**62,
            },
        )
        taken = time.perf_counter() - began
        cursor.execute(statements.drop_temporary())
    compared = "SELECT doctor_id, score_bp, contribution FROM doctors_doctorscore WHERE run_id = '{run}' ORDER BY doctor_id"
    same = digest_of(compared.format(run=twin.pk)) == digest_of(compared.format(run=run.pk))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM doctors_doctorscore WHERE run_id = %s", [twin.pk])
    twin.delete()
    if not same:
        raise AssertionError("the floor's statement gives other scores than the run")
    return taken


def incremental() -> Figure:
    model = _ready()
    ids = list(
        DoctorScore.objects.filter(run__model=model).values_list("doctor_id", flat=True)[: TOUCHED * 3]
    )
    chosen = random.Random(2).sample(sorted(set(ids), key=str), min(TOUCHED, len(set(ids))))
    at = timezone.now()
    TouchedDoctor.objects.all().delete()
    scoring.rescore_touched(at=at)
    with transaction.atomic():
        Interaction.objects.bulk_create(
            Interaction(doctor_id=pk, kind="visit", channel="visit", subject="bench:0", at=at, weight=100)
            for pk in chosen
        )
        scoring.touch_doctors(chosen, at=at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE doctors_toucheddoctor")
    taken, scored = _timed(lambda: scoring.rescore_touched(at=timezone.now(), limit=TOUCHED))
    return Figure(
        taken,
        "s",
        scored,
        holds=taken <= 2 and scored == len(chosen),
        note="sums anew, scores, tiers, history",
    )


def digests() -> Figure:
    model = _ready()
    seen = []
    for workers, chunk in ((0, 250_000), (1, 7_000), (2, 40_000)):
        with connection.cursor() as cursor:
            cursor.execute(f"SET max_parallel_workers_per_gather = {workers}")
            cursor.execute("SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0")
        try:
            run = _run(model, rebuild=True, chunk_doctors=chunk)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(
                    "RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost"
                )
        seen.append((run.input_digest, run.result_digest))
    return Figure(
        len(set(seen)),
        "digests",
        len(seen),
        holds=len(set(seen)) == 1,
        note="0, 1, 2 workers, three chunkings",
    )


class _Rows(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    title = serializers.CharField()
    specialty = serializers.CharField()
    tier = serializers.CharField()
    hospital_name = serializers.CharField()


class _Keyset(CursorPagination):
    page_size = 50
    ordering = "-id"


class _Bare(ListAPIView):
    queryset = Doctor.objects.annotate(name=F("identity__name"), hospital_name=F("hospital__name")).only(
        "id", "title", "specialty", "tier"
    )
    serializer_class = _Rows
    pagination_class = _Keyset
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    filter_backends: list[Any] = []


def doctor_list() -> dict[str, Figure]:
    _ready()
    try:
        address = reverse("doctors:doctor-list")
    except NoReverseMatch:
        raise NotMeasured("the doctor list has no page yet") from None
    bare = _Bare.as_view()
    floor = (
        statistics.median(
            _timed(lambda: bare(RequestFactory(headers={"host": "127.0.0.1"}).get("/")).render())[0]
            for _ in range(15)
        )
        * 1000
    )
    figures = {}
    rep = User.objects.filter(memberships__isnull=False, groups__name="rep").order_by("pk").first()
    for name, user, query in (
        ("doctor list, all", _person("bench_steward", "steward"), ""),
        ("doctor list, core tier", _person("bench_steward", "steward"), "?tier=core"),
        ("doctor list, a rep's own", rep, ""),
    ):
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(user)
        client.get(address + query)
        taken = [
            _timed(lambda client=client, query=query: client.get(address + query))[0] * 1000
            for _ in range(25)
        ]
        p50, p95 = statistics.median(taken), percentile(taken, 95)
        figures[name] = Figure(
            p50, "ms p50", 25, floor=floor, holds=p50 <= 3 * floor and p95 <= 100, note=f"p95 {p95:.0f} ms"
        )
    return figures


def search() -> dict[str, Figure]:
    from doctors.selectors import search_doctors  # a bench reads the public face

    _ready()
    steward, on, dice = _person("bench_steward", "steward"), timezone.localdate(), random.Random(5)
    total = Doctor.objects.count()
    sample = []
    for _draw in range(40):
        place = dice.randrange(max(total - 1, 1))
        sample.append(
            DoctorIdentity.objects.select_related("doctor__hospital")
            .order_by("doctor_id")[place : place + 1]
            .get()
        )
    styles = {
        "full name and hospital": lambda one, place: f"{one.name} {place}",
        "pinyin and hospital": lambda one, place: f"{one.sort_key.replace(' ', '')} {place}",
        "initials and hospital": lambda one, place: f"{''.join(s[0] for s in one.sort_key.split())} {place}",
        "surname and hospital": lambda one, place: f"{one.name[0]} {place}",
        "nickname of the hospital and name": lambda one, place: f"{place[2:6]} {one.name}",
        "one slip in the pinyin": lambda one, place: f"{_slip(one.sort_key.replace(' ', ''), dice)} {place}",
    }
    figures = {}
    for name, style in styles.items():
        taken, right = [], 0
        for one in sample:
            text = style(one, one.doctor.hospital.name)
            seconds, hits = _timed(lambda text=text: search_doctors(steward, text, on))
            taken.append(seconds * 1000)
            same = [
                hit
                for hit in hits[:5]
                if hit.card.name == one.name and hit.card.hospital == one.doctor.hospital.name
            ]
            right += bool(same) or any(hit.card.id == one.doctor_id for hit in hits[:5])
        p95, rate = percentile(taken, 95), right / len(sample)
        figures[f"search by {name}"] = Figure(
            p95, "ms p95", len(sample), holds=p95 <= 100 and rate >= 0.99,
            note=f"right one in the first five: {rate:.0%}",
        )  # fmt: skip
    return figures


def _slip(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, max(len(word) - 1, 2))
    return word[:place] + word[place + 1 :] if len(word) > 4 else word


MEASURES = [
    Measure("S1", "full rescoring against one statement", full_run),
    Measure("S2", "10,000 touched doctors against the frozen distribution", incremental),
    Measure("S3", "one digest whatever the plan", digests),
    Measure("S4", "doctor list against a bare keyset view", doctor_list),
    Measure("S5", "doctor search", search),
]
