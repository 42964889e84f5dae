"""Holds every REST answer of the suite against docs/openapi.yaml: what the document does not say fails the test."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse
from jsonschema import Draft202012Validator, FormatChecker

KEPT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
OF_EVERY_ADDRESS = {"405", "500"}  # a method the document does not offer, and a fault of ours


class AnswerNotInTheDocument(AssertionError):
    """An answer has a status, a media type or a shape that docs/openapi.yaml does not name."""


class AsWritten:
    """A middleware of the test settings, around all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/api/v1/") and request.resolver_match:
            check(request.method or "", request.resolver_match.route, response)
        return response


def check(method: str, route: str, response: HttpResponse) -> None:
    """Raise AnswerNotInTheDocument where an answer is not as the document says."""
    path = bare("/" + route)
    operation = operations().get((method.lower(), path))
    status = str(response.status_code)
    if operation is None or status in OF_EVERY_ADDRESS:
        return
    where = f"{method} {path} {status}"
    if status not in operation["responses"]:
        raise AnswerNotInTheDocument(f"{where}: the document knows {sorted(operation['responses'])}")
    said = operation["responses"][status]
    if "$ref" in said:
        said = document()["components"]["responses"][said["$ref"].rsplit("/", 1)[1]]
    kind = response.headers.get("Content-Type", "").split(";")[0]
    if not said.get("content"):
        return
    if kind not in said["content"]:
        raise AnswerNotInTheDocument(f"{where}: {kind}, the document knows {sorted(said['content'])}")
    if "json" in kind and response.content:
        found = next(
            _validator(method.lower(), path, status, kind).iter_errors(json.loads(response.content)), None
        )
        if found:
            raise AnswerNotInTheDocument(f"{where} at {found.json_path}: {found.message[:300]}")


@cache
def document() -> dict[str, Any]:
    return yaml.load(KEPT.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, bare(path)): operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def bare(path: str) -> str:
    """Return a path with nameless places, as the document and the code can be compared by."""
    path = re.sub(r"\(\?P<[^>]+>[^)]*\)|<[^>]+>|\{[^}]+\}", "{}", path)
    return path.replace("^", "").replace("$", "").replace("\\Z", "")


@cache
def _validator(method: str, path: str, status: str, kind: str) -> Draft202012Validator:
    said = operations()[method, path]["responses"][status]
    if "$ref" in said:
        said = document()["components"]["responses"][said["$ref"].rsplit("/", 1)[1]]
    schema = {**said["content"][kind]["schema"], "components": _closed()}
    return Draft202012Validator(schema, format_checker=FormatChecker())


@cache
def _closed() -> dict[str, Any]:
    """Return the components with every object closed: a field that the document does not name is drift as well."""
    components = copy.deepcopy(document()["components"])
    for schema in components["schemas"].values():
        if schema.get("type") == "object" and schema.get("properties"):
            schema.setdefault("additionalProperties", False)
    return components
