"""Allow one export beyond a line of the law, once, on a ground of exemption that two people name.

Source: 促进和规范数据跨境流动规定 (2024) 5: a contract with the person, human resources, an emergency; PI-17.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from compliance.actions.approval_answers import ApprovalNotDecided
from compliance.actions.approvals import ApprovalNotOpened, Stage, due_after, open_approval
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer
from compliance.models import ApprovalRequest, ExportRecipient, ExportTally

FLOW = "compliance.export"  # registered in apps.py
DAYS_TO_ANSWER = 3
HOLDS_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Export:
    """One export about to leave: by which door, what, about whom, and whose sensitive data it holds."""

    kind: str
    name: str
    persons: frozenset[UUID]
    sensitive: frozenset[UUID]

    def subject_of(self, by: Any) -> str:
        """Return the subject under which this very export of this person is asked for; other persons, another subject."""
        said = [str(by.pk), self.kind, self.name, "|", *sorted(map(str, self.persons)), "|"]
        digest = hashlib.sha256("\n".join([*said, *sorted(map(str, self.sensitive))]).encode()).hexdigest()
        return f"export:{UUID(digest[:32])}"


@transaction.atomic
def ask_to_export(
    export: Export, recipient: ExportRecipient, *, by: Any, at: datetime
) -> ApprovalRequest | None:
    """Ask Compliance, then a second person, to allow one export once. Returns: None where that is asked already."""
    try:
        return open_approval(
            subject=export.subject_of(by),
            flow=FLOW,
            by=by,
            at=at,
            steps=[
                Stage(roles=("compliance",)),
                Stage(roles=("compliance", "regulatory")),
            ],
            due_at=due_after(at, DAYS_TO_ANSWER),
            payload={
                "recipient": recipient.name,
                "region": recipient.region,
                "door": export.kind,
                "name": export.name,
                "persons": len(export.persons),
                "sensitive": len(export.sensitive),
            },
        )
    except ApprovalNotOpened:
        return None


def permission_for(export: Export, *, by: Any, at: datetime) -> ApprovalRequest | None:
    """Return the decision that allows this very export and was not used yet, locked; it holds for a week."""
    used = ExportTally.objects.filter(approval__isnull=False).values("approval")
    return (
        ApprovalRequest.objects.select_for_update(of=("self",))
        .filter(
            flow=FLOW,
            subject=export.subject_of(by),
            state=ApprovalState.APPROVED,
            decided_at__gt=at - HOLDS_FOR,
        )
        .exclude(pk__in=used)
        .order_by("decided_at")
        .first()
    )


def check_export_answer(answer: Answer) -> None:
    """Let nobody agree without the ground. Raises: ApprovalNotDecided."""
    if answer.verb == ApprovalVerb.AGREE and not answer.comment.strip():
        raise ApprovalNotDecided(
            _("Name the ground: a contract with these persons, human resources, or an emergency."),
            field="comment",
        )
