"""Letting a version out, and the leases under which devices hold it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision
from compliance.selectors import is_held
from compliance.selectors.approvals import open_request
from content import permissions, rules
from content.choices import MaterialStatus, RoundOutcome, SeatDecision, SeatRole
from content.models import Lease, MaterialFile, MaterialVersion, Release, ReviewRound
from content.selectors.delivery import labels_are_current, stored_bytes_are_right
from content.selectors.dependencies import subjects_of_versions
from pharmacrm.common.crypto import installation_key
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import FileAltered

from .endings import end_version
from .judging import material_facts
from .locking import DAYS_TO_ANSWER, RELEASE, demand, lock_series, locked_version

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest
    from pharmacrm.accounts.models import User

LEASE_TIME = timedelta(hours=24)
LONGEST_VALIDITY = timedelta(days=731)
SERIES = "HY"


class MaterialNotReleased(DomainError):
    """The version is not in a state to be let out; nothing has changed."""

    code = "material_not_released"


@dataclass(frozen=True)
class SignedLease:
    """A lease as a device keeps it: `body` is canonical JSON, `mac` its HMAC-SHA-256 under the installation's key."""

    version_id: UUID
    expires_at: datetime
    body: str
    mac: str


@transaction.atomic
def release_version(
    *, version_id: UUID, expires_on: date, by: Any, at: datetime, ad_approval_number: str = ""
) -> Release:
    """Let an approved version out: it gets its number and its last day; the version before it is superseded.

    One answer to its request in the approval engine, which the review's last signature opened.
    Raises: PermissionDenied, MaterialNotReleased, FileAltered, Refused. Source: RDPAC 2022 art. 13; 21 CFR 11.10(a).
    """
    version = locked_version(version_id)
    details = {"expires_on": expires_on, "ad_approval_number": ad_approval_number}
    _may_release(version, details, by=by, at=at)
    law.answer_approval(
        flow=RELEASE,
        subject=f"material_version:{version.pk}",
        verb=ApprovalVerb.AGREE,
        by=by,
        at=at,
        details=details,
        put=lambda: put_release(version, at=at),
    )
    return Release.objects.get(version=version)


def put_release(version: MaterialVersion, *, at: datetime) -> ApprovalRequest:
    """Ask those who release for an approved version and its file. Its author is who asks, so never who answers."""
    file = MaterialFile.objects.filter(version=version, is_current=True).first()
    return law.open_approval(
        subject=f"material_version:{version.pk}",
        flow=RELEASE,
        by=version.author,
        at=at,
        steps=[law.Stage(roles=permissions.RELEASERS)],
        due_at=law.due_after(at, DAYS_TO_ANSWER),
        payload={"version": str(version.pk), "file_sha256": file.sha256 if file else ""},
    )


def put_releases(at: datetime) -> int:
    """Put every approved version that has no request to the engine. Safe to run twice. Returns: how many are new."""
    rows = MaterialVersion.objects.filter(status=MaterialStatus.APPROVED).select_related("author")
    waiting = [
        one for one in rows.order_by("pk") if open_request(RELEASE, f"material_version:{one.pk}") is None
    ]
    for version in waiting:
        put_release(version, at=at)
    return len(waiting)


def check_release_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; MaterialNotReleased, also for an answer that names no last day."""
    _may_release(locked_version(UUID(answer.payload["version"])), answer.details, by=answer.by, at=answer.at)


def hand_release(answer: Answer, to: User) -> None:
    """Raises: MaterialNotReleased where a step passes to somebody who may not release this version."""
    version = MaterialVersion.objects.get(pk=UUID(answer.payload["version"]))
    if not permissions.can_release(to, version):
        raise MaterialNotReleased(_("%(person)s may not release this material.") % {"person": to}, field="to")


@transaction.atomic
def carry_out_release(*, decision: Decision) -> None:
    """Let out the version that somebody other than its author released. Raises: MaterialNotReleased, FileAltered, Refused."""
    if decision.outcome != ApprovalState.APPROVED:
        return
    version, by, at = locked_version(UUID(decision.payload["version"])), decision.by, decision.at
    expires_on, day = decision.details["expires_on"], timezone.localtime(at).date()
    file, passage = _signed_file(version)
    if file.sha256 != decision.payload["file_sha256"]:
        raise MaterialNotReleased(
            _("The file changed since its release was asked for. Look at the new one first.")
        )
    if number := decision.details.get("ad_approval_number"):
        version.ad_approval_number = number
    facts = material_facts(version, file, passage, by=by, at=at, expires_on=expires_on)
    verdict = law.judge("material.release", facts, subject=f"material_version:{version.pk}", by=by, at=at)
    before = (
        MaterialVersion.objects.select_for_update(of=("self",))
        .select_related("material")
        .filter(material_id=version.material_id, status=MaterialStatus.RELEASED)
        .first()
    )
    if before is not None:
        why = _("Version %(version)d took its place.") % {"version": version.version}
        end_version(before, MaterialStatus.SUPERSEDED, reason=why, by=by, at=at)
    version.status, version.released_by, version.released_at = MaterialStatus.RELEASED, by, at
    version.approval_number, version.expires_on = _next_number(day), expires_on
    version.save()
    release = Release.objects.create(
        version=version,
        approval_number=version.approval_number,
        file_sha256=file.sha256,
        released_by=by,
        released_at=at,
        valid_from=day,
        expires_on=expires_on,
    )
    law.record(
        "content.material_released",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        verdict=verdict,
        rows=[version, release],
    )


@transaction.atomic
def issue_leases(*, user: Any, version_ids: Sequence[UUID], at: datetime) -> list[SignedLease]:
    """Give a person's device leave to hold versions for a day. What may not be shown now gets none.

    Cost: six queries and one row a version. Returns: one signed lease a version, in the order asked.
    """
    versions = {
        version.pk: version
        for version in MaterialVersion.objects.filter(
            pk__in=version_ids, status=MaterialStatus.RELEASED, expires_on__gt=timezone.localtime(at).date()
        ).select_related("release")
    }
    chains = subjects_of_versions(versions.values())
    some_held = is_held({subject for chain in chains.values() for subject in chain}, at)
    leases, rows = [], []
    for key in dict.fromkeys(version_ids):
        version = versions.get(UUID(str(key)))
        if version is None or (some_held and is_held(chains[version.pk], at)):
            continue
        row = Lease.objects.create(
            user=user,
            version=version,
            file_sha256=version.release.file_sha256,
            issued_at=at,
            expires_at=min(at + LEASE_TIME, _end_of(version)),
        )
        rows.append(row)
        leases.append(_signed(row))
    if rows:
        law.record("content.leases_issued", subject=f"user:{user.pk}", by=user, at=at, rows=rows)
    return leases


def lease_is_good(*, body: str, mac: str, at: datetime) -> bool:
    """Return whether a lease was signed by this installation and still runs."""
    if not hmac.compare_digest(mac, _mac(body)):
        return False
    return bool(datetime.fromisoformat(json.loads(body)["expires_at"]) > at)


def _may_release(version: MaterialVersion, details: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    demand(permissions.can_release(by, version))
    if not rules.may_material_move(version.status, MaterialStatus.RELEASED):
        raise MaterialNotReleased(
            _("Version %(version)s is %(state)s; only an approved version is released.")
            % {"version": version, "state": version.get_status_display()}
        )
    expires_on, day = details.get("expires_on"), timezone.localtime(at).date()
    if expires_on is None:
        raise MaterialNotReleased(_("Open the material and name its last day; it is released there."))
    if not day < expires_on <= day + LONGEST_VALIDITY:
        raise MaterialNotReleased(
            _("The last day lies after today and within two years."), field="expires_on"
        )


def _signed_file(version: MaterialVersion) -> tuple[MaterialFile, ReviewRound]:
    """Return the file all three signed. Raises: MaterialNotReleased, FileAltered."""
    file = MaterialFile.objects.select_related("stored").filter(version=version, is_current=True).first()
    passage = (
        ReviewRound.objects.select_for_update()
        .filter(version=version, outcome=RoundOutcome.APPROVED)
        .order_by("-number")
        .first()
    )
    if file is None or passage is None or passage.file_id != file.pk:
        raise MaterialNotReleased(_("No review has approved this file."))
    agreed = {seat.role: seat.signed_sha256 for seat in passage.seats.filter(decision=SeatDecision.AGREED)}
    if set(agreed) != set(SeatRole.values) or set(agreed.values()) != {file.sha256}:
        raise MaterialNotReleased(_("Not all three reviews have signed this file."))
    if not labels_are_current(version):
        raise MaterialNotReleased(_("The label changed since this was reviewed. Draft a new version."))
    if not stored_bytes_are_right(file):
        raise FileAltered(_("The content differs from what was recorded. Compliance has been told."))
    return file, passage


def _next_number(day: date) -> str:
    lock_series("approval")
    start = f"{SERIES}-{day.year}-"
    last = (
        Release.objects.filter(approval_number__startswith=start)
        .order_by("-approval_number")
        .values_list("approval_number", flat=True)
        .first()
    )
    return f"{start}{int(last.removeprefix(start)) + 1 if last else 1:05d}"


def _end_of(version: MaterialVersion) -> datetime:
    midnight = datetime.combine(version.expires_on, datetime.min.time())
    return timezone.make_aware(midnight, timezone.get_default_timezone())


def _signed(row: Lease) -> SignedLease:
    body = json.dumps(
        {
            "lease": str(row.pk),
            "user": str(row.user_id),
            "version": str(row.version_id),
            "sha256": row.file_sha256,
            "issued_at": row.issued_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
        },
        separators=(",", ":"),
        sort_keys=True,
    )
    return SignedLease(row.version_id, row.expires_at, body, _mac(body))


def _mac(body: str) -> str:
    return hmac.new(installation_key("leases"), body.encode(), hashlib.sha256).hexdigest()
