"""Put what waited for a decision before there was one approval engine to that engine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from compliance.choices import ApprovalState, ParameterState, RuleState, WaiverState
from compliance.flows import flows
from compliance.models import ApprovalRequest, Parameter, RuleVersion, Waiver

from . import parameters, rule_signing, waivers


@transaction.atomic
def put_to_approval(*, at: datetime) -> int:
    """Open a request for everything that waits for a decision and has none; answers and signatures given stand.

    Safe to run twice. Returns: how many requests are new.
    """
    new = 0
    kinds: tuple[tuple[Any, str, str, Any], ...] = (
        (Waiver.objects.filter(state=WaiverState.REQUESTED), waivers.FLOW, "waiver", waivers.put_waiver),
        (Parameter.objects.filter(state=ParameterState.DRAFT), parameters.FLOW, "figure", parameters.put_figure),
        (RuleVersion.objects.filter(state=RuleState.DRAFT), rule_signing.FLOW, "rule_text", rule_signing.put_text),
    )  # fmt: skip
    for rows, flow, kind, put in kinds:
        answered = _subjects(flow)
        for row in rows.order_by("pk"):
            if f"{kind}:{row.pk}" not in answered:
                put(row, at=at)
                new += 1
    return new + sum(flow.put(at) for flow in flows().values() if flow.put)


def _subjects(flow: str) -> set[str]:
    """Subjects that wait, or went back to their author."""
    standing = ApprovalRequest.objects.filter(
        flow=flow, state__in=[ApprovalState.OPEN, ApprovalState.RETURNED]
    )
    return set(standing.values_list("subject", flat=True))
