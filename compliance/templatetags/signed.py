"""How a signature given at a step stands today, for the line of steps on every page."""

from __future__ import annotations

from django import template
from django.core.exceptions import ObjectDoesNotExist

from compliance.flows import flows
from compliance.models import ApprovalRequest, Signature
from compliance.selectors.signatures import is_valid
from compliance.selectors.standing import Standing

register = template.Library()


@register.simple_tag
def standing_under(signature: Signature, content_sha256: str) -> Standing:
    """Return how a signature stands under content as it is now. Source: 21 CFR 11.70."""
    return Standing("valid" if is_valid(signature, content_sha256) else "changed")


@register.simple_tag
def holds_now(asked: ApprovalRequest, signature: Signature) -> Standing | None:
    """Return how a signature stands under what its flow signs now; None where the flow signs the request itself.

    Source: 21 CFR 11.70, a signature is void for other content.
    """
    flow = flows().get(asked.flow)
    if flow is None or flow.signs is None:
        return None
    try:
        return standing_under(signature, flow.signs(asked.payload).content_sha256)
    except (ObjectDoesNotExist, KeyError):
        return None
