"""RFC 9457 problem+json: one shape for every no of the REST doors."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from compliance.evaluate import Refusal, Verdict

CONTENT_TYPE = "application/problem+json"
SHOWN_AS_LAW = frozenset({"V-P", "V-S"})


def problem_body(
    *, status: int, code: str, title: str, detail: str, instance: str, **more: Any
) -> dict[str, Any]:
    """Return the members of one problem. Source: RFC 9457, 3.1."""
    return {
        "type": f"urn:pharmacrm:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": instance,
        **more,
    }


def refused_body(
    verdict: Verdict, *, instance: str, case_number: str = "", is_asked: bool = False
) -> dict[str, Any]:
    """Return a refusal with each rule that says no, in the reader's language."""
    blocking = [refusal for refusal in verdict.refusals if refusal.blocks]
    return problem_body(
        status=HTTPStatus.CONFLICT,
        code="refused",
        title=_("The rules do not allow this."),
        detail=" ".join(in_language(refusal.message) for refusal in blocking),
        instance=instance,
        verdict_id=verdict.id,
        refusals=[refusal_body(refusal) for refusal in verdict.refusals],
        **(_kept_apart(case_number) if case_number else {}),
        **(
            {
                "what_to_do": _(
                    "Compliance has been asked to allow this once. When it is allowed, do the same again."
                )
            }
            if is_asked
            else {}
        ),
    )


def _kept_apart(case_number: str) -> dict[str, str]:
    words = _(
        "The file is kept apart in case %(number)s; only compliance opens it. Take out what may not be stored and send the file again."
    )
    return {"case_number": case_number, "what_to_do": words % {"number": case_number}}


def refusal_body(refusal: Refusal) -> dict[str, Any]:
    """Return one rule's breach. A source nobody has read is company policy and quotes no article."""
    read = [source for source in refusal.sources if source.confidence in SHOWN_AS_LAW]
    clause = "; ".join(f"{source.instrument} {source.clause}" for source in read)
    return {
        "rule": refusal.rule,
        "grade": refusal.grade,
        "clause": clause or _("Company policy (legal source not yet checked)"),
        "confidence": min((source.confidence for source in refusal.sources), key=_doubt, default="M"),
        "message": in_language(refusal.message),
        "instead": in_language(refusal.instead),
        "instead_url": refusal.instead_url,
        "waivable": refusal.waivable,
    }


def in_language(words: dict[str, str]) -> str:
    """Return the reader's words; Chinese where the language is unknown."""
    return words.get("en" if (get_language() or "").startswith("en") else "zh") or next(
        iter(words.values()), ""
    )


def _doubt(confidence: str) -> int:
    return {"V-P": 0, "V-S": 1}.get(confidence, 2)
