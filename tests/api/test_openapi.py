"""The schema that clients are written from is the one the code gives."""

import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("openapi")]  # the schema is made once
KEPT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
NOT_OPERATIONS = {"api:schema", "api:docs", "api:not-found"}


@pytest.fixture(scope="module")
def schema():
    out = StringIO()
    call_command("spectacular", "--validate", "--lang", "en", stdout=out)
    return read(out.getvalue())


def read(text):
    """Read YAML as `safe_load` does, by the parser in C where there is one: the schema is long."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def test_the_kept_schema_is_current(schema):
    kept = read(KEPT.read_text(encoding="utf-8"))

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


def test_each_operation_names_its_problems(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            wanted = {"401", "403", "429", "503"} | ({"400", "409", "413"} if method == "post" else set())
            assert wanted <= set(operation["responses"]), (path, method)


def test_each_operation_says_in_a_line_what_it_does_and_no_two_say_the_same(schema):
    said = Counter(
        operation.get("summary", "") for methods in schema["paths"].values() for operation in methods.values()
    )

    assert "" not in said
    assert [words for words, times in said.items() if times > 1] == []
    assert max(len(words) for words in said) <= 120


def test_a_post_without_a_key_is_refused_exactly_where_the_document_asks_for_one(schema, person, client):
    client.force_login(person("admin", Role.ADMINISTRATOR))
    nowhere = {"id": uuid7(), "pk": uuid7(), "page": 1}

    for path, methods in schema["paths"].items():
        if "post" not in methods:
            continue
        asks = any(one["name"] == "Idempotency-Key" for one in methods["post"].get("parameters", []))
        places = {name: nowhere.get(name, "none") for name in re.findall(r"{(\w+)}", path)}
        answer = client.post(path.format(**places), {}, content_type="application/json")

        is_missed = answer.status_code == 400 and answer.json()["type"].endswith("idempotency_key_missing")
        assert is_missed is asks, (path, answer.status_code)
        assert asks is ("422" in methods["post"]["responses"]), path
