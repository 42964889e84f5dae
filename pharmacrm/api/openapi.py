"""What the schema says of tokens and of keys against doubled effects."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


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


def say_idempotency(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the Idempotency-Key header and the problem answers to every operation they belong to."""
    problem = {"$ref": "#/components/schemas/Problem"}
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for methods in result.get("paths", {}).values():
        for method, operation in methods.items():
            if method == "post" and not operation.get("x-own-keys"):
                operation.setdefault("parameters", []).append(KEY)
            codes = ("401", "403", "404", "409") if method != "get" else ("401", "403", "404")
            for code in (*codes, *(("400", "422") if method == "post" else ())):
                operation.setdefault("responses", {}).setdefault(
                    code,
                    {"description": "Problem", "content": {"application/problem+json": {"schema": problem}}},
                )
    return result


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
        "errors": {"type": "array", "items": {"type": "object"}},
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
