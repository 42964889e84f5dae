"""How a signature given at a step stands today, for the line of steps on every page."""

from __future__ import annotations

from django import template
from django.core.exceptions import ObjectDoesNotExist

from compliance.flows import flows
from compliance.models import ApprovalRequest, Signature
from compliance.selectors.signatures import is_valid

register = template.Library()


@register.simple_tag
def holds_now(asked: ApprovalRequest, signature: Signature) -> bool | None:
    """Return whether a signature stands under what its flow signs now; None where the flow signs the request itself.

    Source: 21 CFR 11.70, a signature is void for other content.
    """
    flow = flows().get(asked.flow)
    if flow is None or flow.signs is None:
        return None
    try:
        return is_valid(signature, flow.signs(asked.payload).content_sha256)
    except (ObjectDoesNotExist, KeyError):
        return None
