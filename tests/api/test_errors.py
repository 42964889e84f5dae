"""Every no of the REST doors is problem+json."""

import pytest
from django.core.exceptions import PermissionDenied
from rest_framework import exceptions
from rest_framework.test import APIRequestFactory

from compliance.evaluate import Refusal, Source, Verdict
from compliance.models import LedgerEntry
from pharmacrm.api.errors import problem
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.ids import uuid7

MEAL = Refusal(
    rule="RD-01",
    grade="避免",
    message={"zh": "人均 342 元，超过 300 元", "en": "CNY 342 per head, limit CNY 300"},
    instead={"zh": "降低标准", "en": "Choose a lower menu"},
    sources=(Source("RDPAC 行业行为准则", "7", "2023-04-01", "V-S"),),
    waivable=True,
)
UNREAD = Refusal(rule="X-1", grade="禁止", message={"zh": "不行", "en": "No"}, instead={"zh": "", "en": ""},
                 sources=(Source("某办法", "13", "2020-12-01", "M"),))  # fmt: skip


def _ask(error, user=None):
    request = APIRequestFactory().get("/api/v1/things/")
    request.user = user
    return problem(error, {"request": request, "view": None})


@pytest.mark.django_db
def test_a_refusal_names_rule_clause_and_what_instead_and_is_recorded(rep):
    verdict = Verdict(
        id=str(uuid7()),
        point="expense.submit",
        kind="before",
        subject="expense:1",
        pack="1",
        refusals=(MEAL,),
    )

    answer = _ask(Refused(verdict), rep)

    assert answer.status_code == 409
    assert answer.data["verdict_id"] == verdict.id
    assert answer.data["refusals"] == [
        {
            "rule": "RD-01",
            "grade": "避免",
            "clause": "RDPAC 行业行为准则 7",
            "confidence": "V-S",
            "message": "人均 342 元，超过 300 元",
            "instead": "降低标准",
            "instead_url": "",
            "waivable": True,
        }
    ]
    assert LedgerEntry.objects.filter(event="expense.submit_refused", subject="expense:1").count() == 1


@pytest.mark.django_db
def test_a_source_nobody_has_read_quotes_no_article(rep):
    verdict = Verdict(
        id=str(uuid7()), point="a.b", kind="before", subject="a:1", pack="1", refusals=(UNREAD,)
    )

    answer = _ask(Refused(verdict), rep)

    assert "13" not in answer.data["refusals"][0]["clause"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DomainError("No.", field="level"), 409, "domain_error"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.ValidationError({"level": ["Unknown level."]}), 400, "invalid"),
        (exceptions.Throttled(wait=7), 429, "throttled"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
    ],
)
def test_an_error_becomes_a_problem(error, status, code):
    answer = _ask(error)

    assert answer.status_code == answer.data["status"] == status
    assert answer.data["type"] == f"urn:pharmacrm:problem:{code}"
    assert set(answer.data) >= {"type", "title", "status", "detail", "instance"}


def test_a_wrong_shape_points_at_the_field():
    answer = _ask(exceptions.ValidationError({"rows": [{"level": ["Unknown level."]}]}))

    assert answer.data["errors"] == [
        {"pointer": "#/rows/0/level", "code": "invalid", "detail": "Unknown level."}
    ]


def test_an_error_nobody_foresaw_is_not_hidden():
    assert _ask(RuntimeError("boom")) is None
