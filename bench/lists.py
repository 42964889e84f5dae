"""S4: the doctor list, as page and over REST, against a bare view over the same rows.

The floor is a DRF list view with a cursor: the same 50 rows with the same fields out of the same joins, nobody
signed in, no middleware, nothing written down. Both are asked turn and turn about.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import F
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny

from bench import load
from bench.measure import Figure, Measure, percentile, spent
from doctors import selectors
from doctors.models import Doctor
from pharmacrm.accounts.models import User
from pharmacrm.common.listing import _encoded

TURNS = 30
MOST_QUERIES = 6
DEEP = 10_000
SIZE = 50


class _Rows(serializers.ModelSerializer):
    name = serializers.CharField()
    hospital_name = serializers.CharField()
    listed_department = serializers.CharField()

    class Meta:
        model = Doctor
        fields = (
            "id", "code", "name", "title", "post", "specialty", "status", "tier", "hospital_id", "hospital_name",
            "hospital_level", "department_id", "department_name", "listed_department", "division_code",
            "profiling_refused",
        )  # fmt: skip


class _Keyset(CursorPagination):
    page_size = SIZE
    ordering = "-id"


class _Bare(ListAPIView):
    queryset = Doctor.objects.annotate(
        name=F("identity__name"),
        hospital_name=F("hospital__name"),
        listed_department=F("department__name"),
    )
    serializer_class = _Rows
    pagination_class = _Keyset
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    filter_backends: list[Any] = []
    throttle_classes: list[Any] = []


def doctor_list() -> dict[str, Figure]:
    load.ready()
    steward, rep = load.person("bench_steward", "steward"), load.rep()
    deep = urlencode({"after": _position(DEEP)})
    figures: dict[str, Figure] = {}
    for who, user in (("all", steward), ("a rep's own", rep)):
        asked = {"": "", ", core tier": "tier=core", ", grade 3 in one province": "level=3&division=330000"}
        if user is steward:
            asked[f", page {min(DEEP, load.DOCTORS // SIZE // 2):,}"] = deep
        for door, address in (("page", "/doctors/"), ("REST", "/api/v1/doctors/")):
            for name, query in asked.items():
                size = f"limit={SIZE}&" if door == "REST" else ""
                clock, processor = _compared(user, f"{address}?{size}{query}")
                figures[f"{door}, {who}{name}"] = clock
                figures[f"{door}, {who}{name}, processor"] = processor
    return figures


def _compared(user: User, address: str) -> tuple[Figure, Figure]:
    """Return the figure by the clock and the one by the processor, which a busy machine does not change."""
    ask, bare = _asker(user), _Bare.as_view()
    plain = RequestFactory(headers={"host": "127.0.0.1"})

    def floor() -> HttpResponse:
        answer = bare(plain.get("/")).render()
        if answer.status_code != 200:
            raise AssertionError(f"the floor answers {answer.status_code}")
        return answer

    ask(address), ask(address), floor()
    with CaptureQueriesContext(connection) as seen:
        ask(address)
    queries = len(seen)
    mine, least = [], []
    for _turn in range(TURNS):
        mine.append(spent(lambda: ask(address)))
        least.append(spent(floor))
    wall = [1000 * one.wall for one in mine]
    p50, p95 = statistics.median(wall), percentile(wall, 95)
    base = 1000 * statistics.median(one.wall for one in least)
    cpu, cpu_base = (1000 * statistics.median(one.cpu for one in many) for many in (mine, least))
    is_short = queries <= MOST_QUERIES
    note = f"p95 {p95:.0f} ms, {queries} queries"
    return (
        Figure(
            p50, "ms p50", TURNS, floor=base, holds=p50 <= 3 * base and p95 <= 100 and is_short, note=note
        ),
        Figure(cpu, "ms CPU", TURNS, floor=cpu_base, holds=cpu <= 3 * cpu_base, note="with the database's"),
    )


def _asker(user: User) -> Callable[[str], HttpResponse]:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    session = client.session
    session["second_factor"] = "set"  # the sign-in is not what is measured
    session.save()

    def ask(address: str) -> HttpResponse:
        answer = client.get(address)
        if answer.status_code != 200:
            raise AssertionError(f"{address} answers {answer.status_code}")
        return answer

    return ask


def _position(page: int) -> str:
    """Return the place of a deep page: of half the list, where it is shorter."""
    place = min(page, load.DOCTORS // SIZE // 2) * SIZE
    steward = load.person("bench_steward", "steward")
    row = selectors.doctors_listed(steward, timezone.localdate()).order_by("-pk")[place]
    return _encoded(("-pk",), row)


MEASURES = [Measure("S4", "doctor list against a bare keyset view", doctor_list)]
