"""The schema that clients are written from is the one the code gives."""

import re
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

KEPT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
NOT_OPERATIONS = {"api:schema", "api:docs", "api:not-found"}


@pytest.fixture(scope="module")
def schema():
    out = StringIO()
    call_command("spectacular", "--validate", "--lang", "en", stdout=out)
    return yaml.safe_load(out.getvalue())


def test_the_kept_schema_is_current(schema):
    kept = yaml.safe_load(KEPT.read_text(encoding="utf-8"))

    assert kept == schema, "Run: manage.py spectacular --validate --lang en --file docs/openapi.yaml"


def test_it_is_openapi_3_1(schema):
    assert schema["openapi"].startswith("3.1")


def test_every_rest_address_is_in_it(schema):
    wanted = set()

    def walk(patterns, prefix=""):
        for entry in patterns:
            if isinstance(entry, URLResolver):
                walk(entry.url_patterns, prefix + str(entry.pattern))
            elif (
                isinstance(entry, URLPattern)
                and entry.name
                and f"api:{entry.name}" not in NOT_OPERATIONS
                and "<format>" not in str(entry.pattern)
                and entry.name != "api-root"
            ):
                wanted.add("/" + prefix + str(entry.pattern))

    api = next(
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and str(entry.pattern) == "api/v1/"
    )
    walk(api.url_patterns, "api/v1/")

    def bare(path):
        path = re.sub(r"\(\?P<[^>]+>[^)]*\)|<[^>]+>|\{[^}]+\}", "{}", path)
        return path.replace("^", "").replace("$", "")

    assert {bare(path) for path in wanted} == {bare(path) for path in schema["paths"]}


def test_each_operation_names_its_problems_and_every_post_its_key(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert "403" in operation["responses"], (path, method)
            if method == "post":
                names = {parameter["name"] for parameter in operation.get("parameters", [])}
                assert "Idempotency-Key" in names, path
