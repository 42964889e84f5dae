"""Proposals and claims nobody answered in time."""

from __future__ import annotations

from datetime import date, datetime

from doctors.choices import ChangeState
from doctors.models import Challenge, ChangeRequest
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.selectors import people_with_role
from pharmacrm.common.notifications import notify


def warn_of_overdue_requests(*, on: date, at: datetime) -> int:
    """Tell every steward once a day how many proposals and claims are past their day. Returns: how many are."""
    changes = ChangeRequest.objects.filter(state=ChangeState.OPEN, due_on__lt=on).count()
    claims = Challenge.objects.filter(state=ChangeState.OPEN, due_on__lt=on).count()
    if changes or claims:
        for steward in people_with_role(Role.STEWARD):
            notify(
                recipient=steward,
                kind="requests_overdue",
                zh=f"已超期：{changes} 条变更申请、{claims} 条归属异议，请尽快处理。",
                en=f"Past their day: {changes} change requests, {claims} claims. Please decide them.",
                at=at,
                url="/doctors/changes/" if changes else "/doctors/territories/claims/",
                subject=f"overdue:{on.isoformat()}",
            )
    return changes + claims
