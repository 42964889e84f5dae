"""Send a version to its review, once the pre-check is met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions, rules
from content.choices import MaterialStatus, SeatRole
from content.models import MaterialFile, MaterialVersion, ReviewRound, ReviewSeat
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError

from .judging import material_facts
from .locking import demand, locked_version
from .precheck import open_must_findings
from .reviews import put_review

DAYS_TO_REVIEW = 5


class NotSubmitted(DomainError):
    """The version cannot go to review as it stands; nothing has changed."""

    code = "not_submitted"


@transaction.atomic
def submit_version(
    *, version_id: UUID, by: Any, at: datetime, reviewers: Mapping[str, UUID] | None = None
) -> ReviewRound:
    """Send a version to medical, regulatory and compliance review. Reviewers may be named or left open.

    Raises: PermissionDenied; NotSubmitted without a file, with open pre-check findings, an old label, unapproved
    claims, from another state, or with the author among the reviewers; Refused.
    """
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version))
    file = _ready_file(version)
    facts = material_facts(version, file, None, by=by, at=at)
    if not facts.label_current:
        raise NotSubmitted(_("The label changed since this was written. Renew the label and check the text."))
    if facts.claims_unapproved:
        raise NotSubmitted(
            _("%(count)d claims used here are not approved.") % {"count": facts.claims_unapproved}
        )
    verdict = law.judge("material.submit", facts, subject=f"material_version:{version.pk}", by=by, at=at)
    last = version.rounds.order_by("-number").values_list("number", flat=True).first() or 0
    passage = ReviewRound.objects.create(
        version=version,
        file=file,
        number=last + 1,
        opened_by=by,
        opened_at=at,
        due_at=law.due_after(at, DAYS_TO_REVIEW),
    )
    seats = [_seat(passage, version, role, (reviewers or {}).get(role)) for role in SeatRole.values]
    version.status, version.submitted_at = MaterialStatus.IN_REVIEW, at
    version.save()
    law.record(
        "content.material_submitted",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        verdict=verdict,
        rows=[version, passage, *seats],
    )
    put_review(passage, seats, at=at)
    return passage


def _ready_file(version: MaterialVersion) -> MaterialFile:
    if not rules.may_material_move(version.status, MaterialStatus.IN_REVIEW):
        raise NotSubmitted(
            _("Version %(version)s is %(state)s and cannot be submitted.")
            % {"version": version, "state": version.get_status_display()}
        )
    file = MaterialFile.objects.select_related("stored").filter(version=version, is_current=True).first()
    if file is None:
        raise NotSubmitted(_("Attach a file first."), field="file")
    if file.prechecked_at is None or file.precheck_edition != rules.EDITION:
        raise NotSubmitted(_("Run the pre-check first."))
    if count := open_must_findings(file):
        raise NotSubmitted(
            _("%(count)d findings of the pre-check must be fixed or answered first.") % {"count": count}
        )
    return file


def _seat(passage: ReviewRound, version: MaterialVersion, role: str, reviewer: UUID | None) -> ReviewSeat:
    person = User.objects.get(pk=reviewer) if reviewer else None
    if person is not None and not permissions.can_take_seat(person, version, role):
        raise NotSubmitted(_("%(person)s cannot take this seat.") % {"person": person}, field=role)
    seat = ReviewSeat(round=passage, role=role, author=version.author, reviewer=person)
    try:
        with transaction.atomic():
            seat.save()
    except IntegrityError as error:
        raise NotSubmitted(_("One person takes one seat."), field=role) from error
    return seat
