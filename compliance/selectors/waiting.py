"""The kernel's own decisions that wait for a person: exceptions, figures and texts of rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance import permissions
from compliance.choices import ParameterState, RuleState, WaiverState
from compliance.flows import Waiting
from compliance.models import Parameter, RuleVersion, Waiver
from compliance.selectors.rulebook import waiver_role

MOST = 50


def waiting_in_the_kernel(user: Any) -> Iterable[Waiting]:
    """Return exceptions a person may decide, and drafts of figures and rules they may sign. Cost: at most three queries."""
    if not user.is_active or not user.roles:
        return
    asked = (
        Waiver.objects.filter(state=WaiverState.REQUESTED)
        .exclude(requested_by=user)
        .select_related("requested_by")
    )
    for waiver in asked.order_by("requested_at")[:MOST]:
        role = waiver_role(waiver.rule, waiver.requested_at)
        if role and permissions.can_decide_waiver(user, waiver, approver_role=role):
            yield Waiting(
                _("Exception"),
                f"{waiver.rule}: {waiver.reason}"[:120],
                reverse("compliance:waiver-detail", args=[waiver.pk]),
                str(waiver.requested_by),
            )
    if not permissions.can_sign_rules(user):
        return
    drafts = (
        (Parameter.objects.filter(state=ParameterState.DRAFT), _("Figure of a rule"), "parameter-detail"),
        (RuleVersion.objects.filter(state=RuleState.DRAFT), _("Text of a rule"), "rule-draft-detail"),
    )
    for rows, kind, page in drafts:
        mine = Q(drafted_by=user) | Q(first_signed_by=user)
        for row in rows.exclude(mine).select_related("drafted_by").order_by("-pk")[:MOST]:
            yield Waiting(
                kind, str(row), reverse(f"compliance:{page}", args=[row.pk]), str(row.drafted_by or "")
            )
