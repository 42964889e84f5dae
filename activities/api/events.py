"""REST: an academic event's whole life. It is decided in the inbox; sign-in by code is the doctors' own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activities import permissions
from activities.actions import events as actions
from activities.choices import AttendanceMethod
from activities.forms.events import PROOF_BYTES, proof_media_type
from activities.models import Event
from activities.selectors import events as reads
from pharmacrm.common import files
from pharmacrm.common.api import CountsPersons, CursorPages, JSONParser
from pharmacrm.common.rest import Listed, PersonView, shaped

from .event_shapes import (
    CancelSerializer,
    CloseSerializer,
    EventDetailSerializer,
    EventPlanSerializer,
    EventQuery,
    EventSerializer,
    ExpenseSerializer,
    InviteSerializer,
    ProofUploadSerializer,
    SignInSerializer,
    SpeakerPlanSerializer,
    plan_of,
    speaker_of,
)


class LatestFirst(CursorPages):
    ordering = ("-starts_at", "-pk")


class EventsView(Listed):
    """Events in the caller's sight, the latest first."""

    serializer_class = EventSerializer
    pagination_class = LatestFirst
    query = EventQuery

    def rows(self) -> QuerySet[Event]:
        _may_see(self.request)
        seen = reads.events_visible_to(self.request.user, timezone.localdate())
        return reads.filtered(seen, **self.chosen())

    @extend_schema(operation_id="events_list", tags=["events"], parameters=[EventQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="events_plan",
        tags=["events"],
        request=EventPlanSerializer,
        responses={201: EventDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Plan an event."""
        if not permissions.can_plan_event(request.user):
            raise PermissionDenied
        plan = plan_of(shaped(EventPlanSerializer, request.data))
        event = actions.plan_event(plan=plan, by=request.user, at=timezone.now())
        return _whole(event, status.HTTP_201_CREATED)


class EventView(CountsPersons, APIView):
    """One event: plan, agenda, budget, speakers, who was invited and came, proofs, costs, and what is missing."""

    leaves_as = "events"

    @extend_schema(operation_id="events_read", tags=["events"], responses=EventDetailSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return _whole(_event(request, pk))


class EventActView(PersonView):
    """One act of one event."""

    def answer(self, request: Request, pk: UUID, act: Callable[..., Any], **said: Any) -> Response:
        event = _event(request, pk)
        act(event_id=event.pk, **said, by=request.user, at=timezone.now())
        return _whole(_event(request, pk))


class RequestEventView(EventActView):
    """Ask for approval of the plan."""

    @extend_schema(
        operation_id="events_request", tags=["events"], request=None, responses=EventDetailSerializer
    )
    def post(self, request: Request, pk: UUID) -> Response:
        return self.answer(request, pk, actions.request_event)


class StartEventView(EventActView):
    """Start: sign-in is open."""

    @extend_schema(
        operation_id="events_start", tags=["events"], request=None, responses=EventDetailSerializer
    )
    def post(self, request: Request, pk: UUID) -> Response:
        return self.answer(request, pk, actions.start_event)


class EndEventView(EventActView):
    """End: sign-in is closed."""

    @extend_schema(operation_id="events_end", tags=["events"], request=None, responses=EventDetailSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.answer(request, pk, actions.end_event)


class CancelEventView(EventActView):
    """Cancel, with the reason."""

    @extend_schema(
        operation_id="events_cancel",
        tags=["events"],
        request=CancelSerializer,
        responses=EventDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _event(request, pk)
        return self.answer(request, pk, actions.cancel_event, **shaped(CancelSerializer, request.data))


class InviteView(EventActView):
    """Invite doctors."""

    @extend_schema(
        operation_id="events_invite",
        tags=["events"],
        request=InviteSerializer,
        responses=EventDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _event(request, pk)
        return self.answer(request, pk, actions.invite_doctors, **shaped(InviteSerializer, request.data))


class SignInView(EventActView):
    """Sign a doctor in from the paper sheet."""

    @extend_schema(
        operation_id="events_sign_in",
        tags=["events"],
        request=SignInSerializer,
        responses=EventDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _event(request, pk)
        said = shaped(SignInSerializer, request.data)
        return self.answer(request, pk, actions.sign_in_doctor, method=AttendanceMethod.PAPER, **said)


class ProofsView(EventActView):
    """Add a proof: PDF, JPEG or PNG, up to 20 MB."""

    parser_classes = (MultiPartParser, JSONParser)
    takes_files = True

    @extend_schema(
        operation_id="events_add_proof",
        tags=["events"],
        request={"multipart/form-data": ProofUploadSerializer},
        responses={201: EventDetailSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        event = _event(request, pk)
        said = shaped(ProofUploadSerializer, request.data)
        upload = said["file"]
        media_type = proof_media_type(upload)
        if not media_type:
            raise ValidationError({"file": [_("This is neither a PDF nor a JPEG or PNG picture.")]})
        if not permissions.can_run_event(request.user, event):
            raise PermissionDenied
        by, at = request.user, timezone.now()
        kept = files.store(upload.chunks(), media_type=media_type, by=by, at=at, max_bytes=PROOF_BYTES)
        actions.add_proof(event_id=pk, kind=said["kind"], file=kept, name=upload.name[-120:], by=by, at=at)
        return _whole(_event(request, pk), status.HTTP_201_CREATED)


class ExpensesView(EventActView):
    """Submit a cost."""

    @extend_schema(
        operation_id="events_add_expense",
        tags=["events"],
        request=ExpenseSerializer,
        responses={201: EventDetailSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _event(request, pk)
        said = shaped(ExpenseSerializer, request.data)
        answer = self.answer(request, pk, actions.submit_expense, **said)
        answer.status_code = status.HTTP_201_CREATED
        return answer


class CloseEventView(EventActView):
    """Close, with the summary and the answer about adverse events."""

    @extend_schema(
        operation_id="events_close", tags=["events"], request=CloseSerializer, responses=EventDetailSerializer
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _event(request, pk)
        return self.answer(request, pk, actions.close_event, **shaped(CloseSerializer, request.data))


class SpeakersView(EventActView):
    """Propose a speaker."""

    @extend_schema(
        operation_id="events_propose_speaker",
        tags=["events"],
        request=SpeakerPlanSerializer,
        responses={201: EventDetailSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        event = _event(request, pk)
        if not permissions.can_run_event(request.user, event):
            raise Http404
        said = speaker_of(shaped(SpeakerPlanSerializer, request.data))
        actions.propose_speaker(event_id=pk, said=said, by=request.user, at=timezone.now())
        return _whole(_event(request, pk), status.HTTP_201_CREATED)


class SpeakerActView(PersonView):
    """One act about one speaker."""

    def answer(self, request: Request, pk: UUID, speaker: UUID, act: Callable[..., Any]) -> Response:
        event = _event(request, pk)
        if not event.speakers.filter(pk=speaker).exists():
            raise Http404
        act(speaker_id=speaker, by=request.user, at=timezone.now())
        return _whole(_event(request, pk))


class VerifySpeakerView(SpeakerActView):
    """Verify the choice of a speaker, outside sales."""

    @extend_schema(
        operation_id="events_verify_speaker", tags=["events"], request=None, responses=EventDetailSerializer
    )
    def post(self, request: Request, pk: UUID, speaker: UUID) -> Response:
        return self.answer(request, pk, speaker, actions.verify_speaker)


class InviteSpeakerView(SpeakerActView):
    """Invite a speaker whose choice is verified."""

    @extend_schema(
        operation_id="events_invite_speaker", tags=["events"], request=None, responses=EventDetailSerializer
    )
    def post(self, request: Request, pk: UUID, speaker: UUID) -> Response:
        return self.answer(request, pk, speaker, actions.invite_speaker)


class DropSpeakerView(SpeakerActView):
    """Take a speaker off the plan."""

    @extend_schema(
        operation_id="events_drop_speaker", tags=["events"], request=None, responses=EventDetailSerializer
    )
    def post(self, request: Request, pk: UUID, speaker: UUID) -> Response:
        return self.answer(request, pk, speaker, actions.drop_speaker)


def _event(request: Request, pk: UUID) -> Event:
    _may_see(request)
    return get_object_or_404(reads.events_visible_to(request.user, timezone.localdate()), pk=pk)


def _whole(event: Event, code: int = status.HTTP_200_OK) -> Response:
    return Response(EventDetailSerializer(event).data, status=code)


def _may_see(request: Any) -> None:
    if not permissions.can_see_events(request.user):
        raise PermissionDenied
