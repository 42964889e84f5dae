"""Both engines on the language's own conformance cases, as far as rules use the language. Promise P8."""

import json
import subprocess
from pathlib import Path

import cel
import pytest
from django.conf import settings

from compliance.evaluate import ENGINE_ERRORS
from compliance.rules.expressions import ExpressionError, ListOf, check
from tests.compliance.phone import node

HERE = Path(__file__).parent
PACKAGES = settings.NODE_MODULES / "@bufbuild"


def _plain(value):
    if isinstance(value, dict):
        return int(value["int"])
    return [_plain(member) for member in value] if isinstance(value, list) else value


def _type(value):
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, list):
        return ListOf(_type(value[0])) if value else None
    return {int: "int", str: "string"}[type(value)]


def _is_ours(case):
    roots = {name: _type(_plain(value)) for name, value in case["bindings"].items()}
    try:
        check(case["expression"], roots)
    except ExpressionError:
        return False
    return True


def _server(case):
    bindings = {name: _plain(value) for name, value in case["bindings"].items()}
    try:
        value = cel.compile(case["expression"]).execute(cel.Context(variables=bindings))
    except (*ENGINE_ERRORS, LookupError):
        return {"error": True}
    return {"value": _shown(value)}


def _shown(value):
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    return [_shown(member) for member in value] if isinstance(value, list) else {"other": repr(value)}


pytestmark = pytest.mark.xdist_group("conformance")


@pytest.fixture(scope="module")
def cases():
    """Every case of the specification whose values rules know, with the phone's answer."""
    run = subprocess.run(
        [
            node(),
            HERE / "conformance.mjs",
            PACKAGES / "cel" / "dist" / "esm" / "index.js",
            PACKAGES / "cel-spec" / "dist" / "esm" / "testdata" / "conformance.js",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_both_engines_answer_every_case_of_the_subset_as_the_language_says(cases):
    ours = [case for case in cases if _is_ours(case)]

    server = [case["name"] for case in ours if _server(case) != case["wanted"]]
    phone = [case["name"] for case in ours if case["phone"] != case["wanted"]]

    assert len(cases) > 400
    assert len(ours) > 150
    assert server == []
    assert phone == []


def table_of(cases):
    """Return the lines of the table in docs/rules-language.md: by suite, what each engine answers otherwise."""
    suites: dict[str, list] = {}
    for case in cases:
        suites.setdefault(case["name"].partition("/")[0], []).append(case)
    lines = []
    for name, found in sorted(suites.items()):
        ours = [case for case in found if _is_ours(case)]
        server = sum(_server(case) != case["wanted"] for case in found)
        phone = sum(case["phone"] != case["wanted"] for case in found)
        lines.append(f"| {name} | {len(found)} | {len(ours)} | {server} | {phone} |")
    return lines


def test_the_differences_outside_the_subset_stand_in_the_docs(cases):
    written = (settings.BASE_DIR / "docs" / "rules-language.md").read_text(encoding="utf-8")

    assert [line for line in table_of(cases) if line not in written.splitlines()] == []


def test_the_length_of_a_text_is_no_part_of_the_subset():
    with pytest.raises(ExpressionError):
        check("size('π') == 1", {})
    with pytest.raises(ExpressionError):
        check("x.size() == 1", {"x": "string"})
