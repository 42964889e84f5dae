"""S7: a visit submitted through rules, history, ledger and outbox. S8: REST lists against a plain ModelViewSet."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmacrm.settings.dev")
    django.setup()

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.viewsets import ReadOnlyModelViewSet

from activities import actions
from activities.api.views import VisitsView
from activities.models import Visit
from bench.measure import Figure, Measure, percentile
from doctors.api.views import DoctorsView
from doctors.models import Doctor, Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.api import CursorPages
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import OutboxMessage
from pharmacrm.runtime.home import ROOT
from tests.factories.activities import make_consent, report_of
from tests.factories.compliance import qualify
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

SUBMITTED = int(os.environ.get("BENCH_SUBMITTED", "300"))
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "40"))
PAGE = 100


def _ground() -> tuple[User, Doctor]:
    now, rep = timezone.now(), _person(Role.REP)
    qualify(rep, "P1", by=_person(Role.COMPLIANCE), at=now)
    key = uuid7().hex[-12:]
    hospital, territory = make_hospital("云溪市第一人民医院", code=f"H{key}"), make_territory(f"T{key}")
    put_into(rep, territory)
    make_consent(hospital, rep)
    return rep, make_doctor(
        "张晓明", code=f"D{key}", hospital=hospital, territory=territory, tier="core", title="chief_physician"
    )


def _person(role: str) -> User:
    key = uuid7().hex[-12:]
    person = User.objects.create(username=f"bench-{key}", email=f"{key}@bench.example", display_name=key)
    person.groups.set([Group.objects.get_or_create(name=str(role))[0]])
    return person


def _submit(rep: User, doctor: Doctor, number: int) -> list[float]:
    taken = []
    for _ in range(number):
        now = timezone.now()
        report = report_of(doctor, now, note="讨论了分层用药")
        began = time.perf_counter()
        actions.submit_visit(report=report, by=rep, at=now)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _plain_inserts(visit: Visit, number: int) -> list[float]:
    """Insert the rows of a submitted visit and nothing more: visit and outbox message, one transaction each."""
    taken = []
    for _ in range(number):
        began = time.perf_counter()
        with transaction.atomic():
            visit.pk = uuid7()
            Visit.objects.bulk_create([visit])
            OutboxMessage.objects.bulk_create([OutboxMessage(task="activities.after_visit")])
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def visit_submit() -> dict[str, Figure]:
    """Submit visits one after another, then on two workers; the floor inserts the same rows without more."""
    with transaction.atomic():
        rep, doctor = _ground()
        _submit(rep, doctor, 10)
        taken = _submit(rep, doctor, SUBMITTED)
        floor = _plain_inserts(Visit.objects.order_by("pk").last(), SUBMITTED)
        queries = _queries(rep, doctor)
        transaction.set_rollback(True)
    p95, rate = percentile(taken, 95), _on_two_workers()
    return {
        "p95": Figure(
            round(p95, 1), "ms", SUBMITTED, floor=round(percentile(floor, 95), 1), holds=p95 <= 60, note=f"{queries} queries"
        ),
        "two workers": Figure(round(rate, 1), "1/s", 2 * SUBMITTED, holds=rate >= 100),
    }  # fmt: skip


def _queries(rep: User, doctor: Doctor) -> int:
    with CaptureQueriesContext(connection) as seen:
        _submit(rep, doctor, 1)
    return len(seen)


def _on_two_workers() -> float:
    """Return visits a second of two processes that begin together."""
    command = [sys.executable, "-m", "bench.doors"]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        for _ in range(2)
    ]
    for worker in workers:
        worker.stdout.readline()
    began = time.perf_counter()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        worker.stdout.readline()
    spent = time.perf_counter() - began
    for worker in workers:
        worker.communicate()
    return 2 * SUBMITTED / spent


def _work() -> None:
    """Submit visits in transactions of their own, as a web worker does; the rows stay in the bench's database."""
    rep, doctor = _ground()
    _submit(rep, doctor, 5)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    _submit(rep, doctor, SUBMITTED)
    sys.stdout.write("done\n")


class _HospitalShape(serializers.ModelSerializer):
    class Meta:
        model = Hospital
        fields = "__all__"


class _DoctorShape(serializers.ModelSerializer):
    hospital = _HospitalShape()

    class Meta:
        model = Doctor
        fields = "__all__"


class _VisitShape(serializers.ModelSerializer):
    doctor = _DoctorShape()
    hospital = _HospitalShape()

    class Meta:
        model = Visit
        exclude = ("note_sealed",)


class _PlainPages(CursorPages):
    page_size = PAGE


class _PlainVisits(ReadOnlyModelViewSet):
    queryset = Visit.objects.select_related("doctor__hospital", "hospital")
    serializer_class = _VisitShape
    permission_classes = (AllowAny,)
    pagination_class = _PlainPages
    throttle_classes = ()


class _PlainDoctors(_PlainVisits):
    queryset = Doctor.objects.select_related("hospital")
    serializer_class = _DoctorShape


def rest_lists() -> dict[str, Figure]:
    """Ask for a page of 100 of each hot list again and again; the floor is a plain ModelViewSet on the same rows."""
    with transaction.atomic():
        rep, doctor = _ground()
        territory = rep.memberships.get().territory
        now = timezone.now()
        Visit.objects.bulk_create(
            Visit(
                rep=rep,
                doctor=doctor,
                hospital=doctor.hospital,
                state="planned",
                planned_at=now + timedelta(hours=n),
            )
            for n in range(PAGE)
        )
        for number in range(PAGE - 1):
            make_doctor(
                f"张{number}", code=f"B{uuid7().hex[-12:]}", hospital=doctor.hospital, territory=territory
            )
        figures = {
            "visits": _against(VisitsView.as_view(), _PlainVisits, rep),
            "doctors": _against(DoctorsView.as_view(), _PlainDoctors, rep),
        }
        transaction.set_rollback(True)
    return figures


def _against(view, plain, rep) -> Figure:  # type: ignore[no-untyped-def]
    mine = _per_second(view, rep)
    floor = _per_second(plain.as_view({"get": "list"}), rep)
    return Figure(
        round(mine, 1), "1/s", REQUESTS, floor=round(floor, 1), holds=mine >= 2.5 * floor, note="pages of 100"
    )


def _per_second(view, rep) -> float:  # type: ignore[no-untyped-def]
    factory = APIRequestFactory()
    taken = []
    for turn in range(REQUESTS + 3):
        request = factory.get("/api/v1/list/", {"limit": PAGE}, HTTP_HOST="127.0.0.1")
        force_authenticate(request, rep)
        began = time.process_time()
        answer = view(request)
        answer.render()
        if turn >= 3:
            taken.append(time.process_time() - began)
        assert len(answer.data["results"]) == PAGE
    return 1 / percentile(taken, 50)


MEASURES = [
    Measure("S7", "Visit submit", visit_submit),
    Measure("S8", "REST list of 100", rest_lists),
]

if __name__ == "__main__":
    _work()
