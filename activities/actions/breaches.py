"""A breach found after the act becomes work for compliance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from compliance import actions as law
from compliance.evaluate import Verdict

if TYPE_CHECKING:
    from activities.models import Visit

DUE = timedelta(days=5)


def open_breach_case(visit: Visit, verdict: Verdict, *, at: datetime) -> None:
    """Hand a visit in breach to compliance as one finding in one case, inside the transaction that stored it."""
    subject = f"visit:{visit.pk}"
    worst = next(refusal for refusal in verdict.refusals if refusal.blocks)
    finding = law.open_finding(
        kind="visit_in_breach",
        subject=subject,
        rule=worst.rule,
        grade=worst.grade,
        evidence={
            "text": worst.message,
            "rules": verdict.breached,
            "verdict": verdict.id,
            "url": f"/activities/visits/{visit.pk}/",
        },
        at=at,
        due_at=at + DUE,
    )
    law.open_case(
        kind="visit_in_breach",
        subject=subject,
        title=worst.message.get("zh", worst.rule)[:200],
        by=None,
        at=at,
        finding=finding,
        due_at=at + DUE,
    )
