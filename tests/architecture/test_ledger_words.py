"""Nobody reads a key: every act in the ledger, every point of decision and every kind of subject has words."""

import ast
from functools import cache

import pytest
from django.conf import settings

from compliance import points, subjects
from compliance.words.events import EVENTS
from compliance.words.points import POINTS

APPS = ("activities", "compliance", "content", "doctors", "pharmacrm")
# Calls whose subject comes to stand in the ledger, in a finding, in a case or in a verdict.
KEPT = {"record", "judge", "open_finding", "open_case", "open_approval"}


@cache
def calls():
    """Return name and node of each such call in the product."""
    found = []
    for app in APPS:
        for place in sorted((settings.BASE_DIR / app).rglob("*.py")):
            text = place.read_text("utf-8")
            if "migrations" in place.parts or not any(f"{name}(" in text for name in KEPT):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                    if name in KEPT:
                        found.append((name, node))
    return found


def test_every_recorded_act_has_words():
    recorded = {
        call.args[0].value
        for name, call in calls()
        if name == "record" and call.args and isinstance(call.args[0], ast.Constant)
    }

    assert len(recorded) > 100
    assert sorted(event for event in recorded if event not in EVENTS and not event.endswith("_refused")) == []


def test_every_point_of_decision_has_words():
    assert sorted(set(points.declared()) - set(POINTS)) == []


def test_every_kind_of_subject_has_a_title():
    kinds = {
        keyword.value.values[0].value.partition(":")[0]
        for _name, call in calls()
        for keyword in call.keywords
        if keyword.arg == "subject" and isinstance(keyword.value, ast.JoinedStr)
        if isinstance(keyword.value.values[0], ast.Constant)
    }

    assert len(kinds) > 20
    assert sorted(kinds - set(subjects.kinds())) == []


@pytest.mark.parametrize(
    "kind", ["approval", "client", "finding", "import", "notice", "playbook", "scoring_run"]
)
def test_a_subject_whose_row_is_gone_is_shown_by_its_key(db, kind):
    nowhere = f"{kind}:00000000-0000-0000-0000-000000000000"

    assert subjects.title_of(nowhere) == nowhere
