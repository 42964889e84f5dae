"""The choice of a speaker is put to the approval engine: somebody of medical or compliance, outside sales, verifies it.

Source: RD-09; PIPL 24 (no speaker by a tier alone).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from activities import permissions
from activities.choices import EventState, SpeakerState
from activities.models import Event, Speaker
from activities.selectors.speakers import engagement_of, speaker_facts
from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision
from compliance.selectors.approvals import requests_about

from .parts import SpeakerNotMoved, locked_event, subject_of

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest
    from pharmacrm.accounts.models import User

FLOW = "activities.speaker"  # registered in apps.py
DAYS_TO_VERIFY = 3
OVER = (EventState.CLOSED, EventState.CANCELLED)


@transaction.atomic
def verify_speaker(*, speaker_id: UUID, by: User, at: datetime, comment: str = "") -> Speaker:
    """Confirm, outside sales, that a speaker was chosen for knowledge of the topic. Source: RD-09.

    One answer to its request in the approval engine.
    Raises: Speaker.DoesNotExist; PermissionDenied; SpeakerNotMoved when verified or refused already, or nothing was
    said to verify; Refused with the verdict if the law forbids it. In every case nothing has changed.
    """
    return _answered(speaker_id, ApprovalVerb.AGREE, by=by, at=at, comment=comment)


@transaction.atomic
def refuse_speaker(*, speaker_id: UUID, reason: str, by: User, at: datetime) -> Speaker:
    """Say, outside sales, why this is no choice for the topic. The organiser takes the speaker off, or proposes anew.

    Raises: as `verify_speaker`; ApprovalNotDecided without words.
    """
    return _answered(speaker_id, ApprovalVerb.REFUSE, by=by, at=at, comment=reason)


def put_speaker(speaker: Speaker, *, at: datetime) -> ApprovalRequest:
    """Ask those outside sales for a speaker as proposed. Who proposed asks, so never verifies."""
    event = speaker.event
    return law.open_approval(
        subject=engagement_of(speaker.pk),
        flow=FLOW,
        by=speaker.proposed_by or event.organiser,
        at=at,
        steps=[law.Stage(roles=permissions.SPEAKER_VERIFIERS)],
        due_at=min(law.due_after(at, DAYS_TO_VERIFY), max(at, event.starts_at)),
        payload={"speaker": str(speaker.pk), "event": str(event.pk), "sha256": choice_sha256(speaker)},
    )


def put_speakers(at: datetime) -> int:
    """Put every proposal with a reason that has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = Speaker.objects.filter(state=SpeakerState.PROPOSED).exclude(event__state__in=OVER)
    rows = waiting.select_related("event__organiser", "proposed_by").order_by("pk")
    new = [
        one
        for one in rows
        if one.selection_reason.strip() and not requests_about(FLOW, engagement_of(one.pk)).exists()
    ]
    for speaker in new:
        put_speaker(speaker, at=at)
    return len(new)


def check_speaker_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; SpeakerNotMoved, also where the proposal is no longer the one that was asked about."""
    speaker, event = locked_speaker(UUID(answer.payload["speaker"]))
    _may_verify(speaker, event, answer.by)
    if choice_sha256(speaker) != answer.payload["sha256"]:
        raise SpeakerNotMoved(_("The proposal changed after it was put up. The organiser proposes anew."))


def hand_speaker(answer: Answer, to: User) -> None:
    """Raises: ApprovalNotDecided for somebody who may not verify a speaker of this event."""
    event = Event.objects.filter(pk=UUID(answer.payload["event"])).first()
    if event is None or not permissions.can_verify_speaker(to, event):
        raise law.ApprovalNotDecided(_("This person may not decide it."), field="to")


@transaction.atomic
def carry_out_speaker(*, decision: Decision) -> None:
    """Note the verified choice, once the law was asked. Refused, the speaker stays proposed and is invited by nobody.

    Raises: Refused with the verdict, for a choice by a tier alone or one that a hold stops. Source: PIPL 24.
    """
    by, at = decision.by, decision.at
    if decision.outcome not in {ApprovalState.APPROVED, ApprovalState.REFUSED}:
        return
    speaker, event = locked_speaker(UUID(decision.payload["speaker"]))
    subject = subject_of(event)
    if decision.outcome == ApprovalState.APPROVED:
        verdict = law.judge(
            "speaker.verify", speaker_facts(speaker, event, at=at), subject=subject, by=by, at=at
        )
        speaker.state, speaker.selection_verified_by = SpeakerState.VERIFIED, by
        speaker.save()
        law.record(
            "activities.speaker_verified",
            subject=subject,
            by=by,
            at=at,
            verdict=verdict,
            reason=decision.comment,
            rows=[speaker],
        )
    else:
        law.record(
            "activities.speaker_refused",
            subject=subject,
            by=by,
            at=at,
            reason=decision.comment,
            rows=[speaker],
        )


def lock_choices(event_id: UUID) -> dict[UUID, ApprovalRequest | None]:
    """Lock what is asked about the speakers of an event, and return it by speaker. A request comes before its event."""
    keys = Speaker.objects.filter(event_id=event_id).order_by("pk").values_list("pk", flat=True)
    return {key: law.lock_request(FLOW, engagement_of(key)) for key in keys}


def void_choices(speaker_ids: Any, *, reason: str, by: User, at: datetime) -> None:
    """Withdraw what is asked about speakers who are not to speak any more; it was locked by `lock_choices` before."""
    for key in sorted(speaker_ids):
        law.void_approval(flow=FLOW, subject=engagement_of(key), reason=reason, by=by, at=at)


def locked_speaker(speaker_id: UUID) -> tuple[Speaker, Event]:
    """Return a speaker and their event, both locked. Raises: Speaker.DoesNotExist."""
    event = locked_event(Speaker.objects.values_list("event_id", flat=True).get(pk=speaker_id))
    return Speaker.objects.select_for_update(of=("self",)).get(pk=speaker_id), event


def choice_sha256(speaker: Speaker) -> str:
    """Return the SHA-256 of what is verified: who speaks on what, why, invited and paid by whom."""
    said = [
        str(speaker.doctor_id), speaker.topic, speaker.selection_reason, speaker.inviter_kind, speaker.fee_payer,
        speaker.fee_fen, speaker.institution, speaker.department_name,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _answered(speaker_id: UUID, verb: str, *, by: User, at: datetime, comment: str = "") -> Speaker:
    speaker = Speaker.objects.select_related("event__organiser", "proposed_by").get(pk=speaker_id)
    _may_verify(speaker, speaker.event, by)

    def put() -> ApprovalRequest:
        if requests_about(FLOW, engagement_of(speaker.pk)).filter(state=ApprovalState.REFUSED).exists():
            raise SpeakerNotMoved(
                _("This choice was refused. The organiser takes the speaker off, or proposes anew.")
            )
        return put_speaker(speaker, at=at)

    law.answer_approval(
        flow=FLOW,
        subject=engagement_of(speaker.pk),
        verb=verb,
        comment=comment.strip(),
        by=by,
        at=at,
        put=put,
    )
    speaker.refresh_from_db()
    return speaker


def _may_verify(speaker: Speaker, event: Event, by: User) -> None:
    if not permissions.can_verify_speaker(by, event):
        raise PermissionDenied
    if speaker.state != SpeakerState.PROPOSED:
        raise SpeakerNotMoved(_("The choice of this speaker is verified already."))
    if not speaker.selection_reason.strip():
        raise SpeakerNotMoved(
            _("Nobody has said yet why this speaker. The organiser proposes anew, with the reason.")
        )


def speaker_of(payload: Mapping[str, Any]) -> Speaker | None:
    """Return the speaker a request is about, with the event; None once they are off the plan."""
    return Speaker.objects.select_related("event").filter(pk=UUID(payload["speaker"])).first()
