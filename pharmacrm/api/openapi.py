"""What the schema says of tokens and of keys against doubled effects."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

FIRST_SENTENCE = re.compile(r"(?<=\.) ")


class TokenScheme(OpenApiAuthenticationExtension):
    """OAuth 2: client credentials for services, authorization code with PKCE for people."""

    target_class = "pharmacrm.api.authentication.TokenAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        provider: dict[str, Any] = settings.OAUTH2_PROVIDER
        scopes = dict(provider["SCOPES"])
        return {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/o/token/",
                    "scopes": {name: words for name, words in scopes.items() if name != "act"},
                },
                "authorizationCode": {
                    "authorizationUrl": "/o/authorize/",
                    "tokenUrl": "/o/token/",
                    "scopes": scopes,
                },
            },
        }


class Schema(AutoSchema):
    """An operation with what every door of REST adds to its view: the key against doubled effects, and every no."""

    def get_summary(self) -> str:
        """Return the first sentence of what the view says of itself."""
        words: str = super().get_summary() or self.get_description()
        return FIRST_SENTENCE.split(" ".join(words.split()), maxsplit=1)[0].rstrip(".")

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if self.method == "POST" and asks_for_key(self.view):
            operation.setdefault("parameters", []).append(KEY)
        for status in self._noes(operation):
            operation["responses"].setdefault(
                str(status), {"$ref": f"#/components/responses/Problem{status}"}
            )
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def _noes(self, operation: dict[str, Any]) -> list[int]:
        """Return the statuses by which this operation says no."""
        places = {parameter["in"] for parameter in operation.get("parameters", [])}
        asked = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
        found = [401, 403, 406, 429, 503]
        if "path" in places or "cursor" in asked or "requestBody" in operation:
            found.append(404)
        if self.method == "POST":
            found += [400, 409, 413]
            found += [415] if "requestBody" in operation else []
            found += [422] if asks_for_key(self.view) else []
        elif asked - {"cursor", "limit"} and not getattr(self.view, "reads_filters_leniently", False):
            found.append(400)
        if self.method == "GET" and getattr(self.view, "may_refuse_reading", False):
            found.append(409)
        return found


def asks_for_key(view: Any) -> bool:
    """Return whether a view's POST needs an Idempotency-Key."""
    return not getattr(view, "idempotency_exempt", False)


def _problem(status: int) -> dict[str, Any]:
    headers = {"Retry-After": RETRY} if status in (429, 503) else {}
    return {
        "description": MEANS[status],
        **({"headers": headers} if headers else {}),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def say_problem(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the shape of a problem, and what each status means, to the document's components."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    answers = components.setdefault("responses", {})
    answers.update({f"Problem{status}": _problem(status) for status in MEANS})
    return result


MEANS = {
    400: "The request cannot be read: its shape, a filter, or a missing key.",
    401: "No token, an ended one, or a closed account.",
    403: "The account or its token may not do this.",
    404: "No such record within the account's sight, or no such page.",
    406: "No such form of answer is offered here.",
    409: "Refused by a rule (verdict_id, refusals), or the state does not allow it now.",
    413: "The request is too large.",
    415: "This media type is not read here.",
    422: "The Idempotency-Key came with another request.",
    429: "Too many requests: wait as long as Retry-After says.",
    503: "The service is not ready: repeat with the same key.",
}
RETRY = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "maxLength": 255},
    "description": "Made by the caller for this act; repeat it on a retry and the first answer comes again.",
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem. A refusal names verdict_id and each rule that says no.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "verdict_id": {"type": "string", "format": "uuid"},
        "case_number": {"type": "string", "description": "The case a refused file is kept apart in."},
        "what_to_do": {"type": "string"},
        "fault": {"type": "string", "description": "Stands in the server's log as well."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer to the field."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "refusals": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    name: {"type": "boolean" if name == "waivable" else "string"}
                    for name in (
                        "rule",
                        "grade",
                        "clause",
                        "confidence",
                        "message",
                        "instead",
                        "instead_url",
                        "waivable",
                    )
                },
            },
        },
    },
}
