"""The load of S1 to S6: invented doctors, contacts, visits and papers, a model in force, people who look.

Made once a database; `generate_scale` says what the rows are and what they are not.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench.measure import NotMeasured
from compliance import actions as law
from doctors.actions import scoring, segmentation
from doctors.models import Doctor, ScoringRun, SegmentationModel
from pharmacrm.accounts.models import User
from tests.factories.segmentation import activate

DOCTORS = int(os.environ.get("BENCH_DOCTORS", "100000"))
INTERACTIONS = int(os.environ.get("BENCH_INTERACTIONS", "2000000"))
VISITS = int(os.environ.get("BENCH_VISITS", "1000000"))
PUBLICATIONS = int(os.environ.get("BENCH_PUBLICATIONS", "50000"))
NATIONAL = 1_000_000


def _assessed(author, second, at) -> str:
    """Enter an approved impact assessment, without which no model goes into force."""
    said = dict.fromkeys(("lawful_basis", "data_used", "necessity", "risks", "measures"), "bench")
    words = law.AssessmentWords(title="bench", kind="profiling", **said)
    draft = law.draft_assessment(words=words, by=author, at=at)
    review_on = (at + timedelta(days=700)).date()
    return law.approve_assessment(assessment_id=draft.pk, review_on=review_on, by=second, at=at).number


def ready() -> SegmentationModel:
    """Make the load and a model in force, once. Returns: the model."""
    kept = Doctor.objects.filter(code__startswith="S").count()
    if 0 < kept < DOCTORS:
        raise NotMeasured(
            f"the bench's database holds {kept:,} doctors already: remove var/bench, or ask for as many"
        )
    if not kept:
        call_command(
            "generate_scale",
            doctors=DOCTORS,
            interactions=INTERACTIONS,
            visits=VISITS,
            publications=PUBLICATIONS,
            yes=True,
        )
        _vacuum("doctors_interaction", "doctors_doctor", "doctors_doctoridentity", "doctors_assignment")
        _vacuum("activities_visit", "doctors_publication", "doctors_authorship", "doctors_contactpoint")
    model = SegmentationModel.objects.filter(state="active").first()
    if model is None:
        author, second = person("bench_author", "marketing"), person("bench_second", "compliance")
        at = timezone.now()
        first_day = timezone.localdate().replace(month=1, day=1) - timedelta(days=366)
        model = segmentation.draft_model(
            version="bench", spec=segmentation.default_spec(landmark_on=first_day), by=author, at=at
        )
        segmentation.assess_model(
            model_id=model.pk,
            impact_assessment=_assessed(author, second, at),
            assessed_on=at.date(),
            by=second,
            at=at,
        )
        model = activate(model, second, at)
    if not ScoringRun.objects.filter(published_at__isnull=False).exists():
        run_of(model, rebuild=True)  # the first one gives everybody a first tier; it is not what a night does
        _vacuum("doctors_doctor", "doctors_doctorscore", "doctors_engagementstate")
    return model


def person(name: str, role: str) -> User:
    """Return a person with one role, made at need."""
    user, _made = User.objects.get_or_create(username=name, defaults={"display_name": name})
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return User.objects.get(pk=user.pk)


def rep() -> User:
    """Return a representative with a territory of their own."""
    return User.objects.filter(memberships__isnull=False, groups__name="rep").order_by("pk")[0]


def run_of(model: SegmentationModel, **options: Any) -> ScoringRun:
    """Carry out a full run."""
    run = scoring.open_run(model_id=model.pk, by=None, at=timezone.now(), is_queued=False, **options)
    return scoring.carry_out_run(run_id=run.pk, clock=timezone.now)


def _vacuum(*tables: str) -> None:
    """Do at once what the server would do by itself within minutes of such a load."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}")
