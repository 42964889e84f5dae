"""Ask the law about one act."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from compliance import points
from compliance.evaluate import Verdict
from pharmacrm.common.ids import uuid7


def judge(point: str, facts: Any, *, subject: str, by: Any, at: datetime, pack: str | None = None) -> Verdict:
    """Return the law's verdict for one act.

    Raises: Refused at a point before the act when a rule stops it, and nothing has changed;
    UndeclaredPoint when no app declares `point`.
    """
    declared = points.point_of(point)
    return Verdict(
        id=str(uuid7()),
        point=point,
        kind=declared.kind,
        subject=subject,
        pack=pack or "",
        facts=asdict(facts),
    )
