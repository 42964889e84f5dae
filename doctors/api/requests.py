"""REST: the privacy desk. What a doctor wrote is shown to the desk alone; links and codes stay with the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance import actions as law
from doctors import actions, permissions, selectors
from doctors.choices import IdentityCheck, RequestKind, RequestSource, RequestState, Title
from doctors.models import PrivacyRequest
from pharmacrm.common.api import CountsPersons, CursorPages
from pharmacrm.common.ids import uuid7
from pharmacrm.common.rest import Listed, PersonView, shaped

CORRECTED = ("name", "title", "specialty", "department_name")


class PrivacyRequestSerializer(serializers.Serializer[Any]):
    """A request with its clocks: `target_on` is the company's goal, `due_at` the last moment."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    doctor = serializers.UUIDField(source="doctor_id")
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    source = serializers.ChoiceField(choices=RequestSource.choices)  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=RequestState.choices)
    received_at = serializers.DateTimeField()
    target_on = serializers.DateField()
    due_at = serializers.DateTimeField()
    taken_by = serializers.UUIDField(source="taken_by_id", allow_null=True)
    identity = serializers.CharField(help_text="How it was made sure who asks; empty until then.")
    decided_by = serializers.UUIDField(source="decided_by_id", allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    is_granted = serializers.BooleanField(allow_null=True)
    seconded_by = serializers.UUIDField(source="seconded_by_id", allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class PrivacyRequestDetailSerializer(PrivacyRequestSerializer):
    """A request with its words, reason and letter; they are empty for others than the desk."""

    words = serializers.CharField()
    reason = serializers.CharField()
    letter = serializers.CharField()


class TakeRequestSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    source = serializers.ChoiceField(choices=RequestSource.choices)  # type: ignore[assignment]
    words = serializers.CharField(max_length=2000, required=False, allow_blank=True)

    def validate_source(self, source: str) -> str:
        if source == RequestSource.PAGE:
            raise serializers.ValidationError(_("Only the doctor's own page says that."))
        return source


class IdentitySerializer(serializers.Serializer[Any]):
    how = serializers.ChoiceField(
        choices=[one for one in IdentityCheck.choices if one[0] != IdentityCheck.CODE]
    )


class SignedSerializer(serializers.Serializer[Any]):
    """What a signer enters again. Password and code are never kept."""

    password = serializers.CharField(
        write_only=True, required=False, allow_blank=True, trim_whitespace=False, max_length=200
    )
    code = serializers.CharField(write_only=True, required=False, allow_blank=True, max_length=20)


class AnswerSerializer(SignedSerializer):
    """The desk's decision; for a correction also what is right. A yes to an erasure is signed."""

    is_granted = serializers.BooleanField()
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    name = serializers.CharField(max_length=60, required=False)
    title = serializers.ChoiceField(choices=Title.choices, required=False)
    specialty = serializers.CharField(max_length=80, required=False)
    department_name = serializers.CharField(max_length=80, required=False)


class SecondSerializer(SignedSerializer):
    """The second signature under an erasure, or the reason why it is handed back."""

    agrees = serializers.BooleanField()
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class RequestQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=[("under_way", "under_way"), *RequestState.choices], required=False
    )
    kind = serializers.ChoiceField(choices=RequestKind.choices, required=False)
    source = serializers.ChoiceField(choices=RequestSource.choices, required=False)  # type: ignore[assignment]
    late = serializers.ChoiceField(choices=("target", "overdue"), required=False)


class DueFirst(CursorPages):
    ordering = ("due_at", "pk")


class PrivacyRequestsView(CountsPersons, Listed):
    """The desk's work list, what runs out first; others see what they handed in."""

    leaves_as = "privacy requests"

    serializer_class = PrivacyRequestSerializer
    pagination_class = DueFirst
    query = RequestQuery

    def rows(self) -> QuerySet[PrivacyRequest]:
        _may_see(self.request)
        return selectors.requests_listed(self.request.user, at=timezone.now(), **self.chosen())

    @extend_schema(operation_id="privacy_requests_list", tags=["privacy"], parameters=[RequestQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


class PrivacyRequestView(CountsPersons, APIView):
    """One privacy request with its clock."""

    leaves_as = "privacy requests"

    @extend_schema(
        operation_id="privacy_requests_read", tags=["privacy"], responses=PrivacyRequestDetailSerializer
    )
    def get(self, request: Request, pk: UUID) -> Response:
        _may_see(request)
        return _answer(request, pk)


class TakeRequestView(PersonView):
    """Hand in what a doctor asks about their own data; the clock starts."""

    @extend_schema(
        operation_id="privacy_requests_take",
        tags=["privacy"],
        request=TakeRequestSerializer,
        responses={201: PrivacyRequestDetailSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_take_request(request.user):
            raise PermissionDenied
        if not selectors.can_see(request.user, pk, timezone.localdate()):
            raise Http404
        said = {"words": "", **shaped(TakeRequestSerializer, request.data)}
        taken = actions.take_request(doctor_id=pk, **said, by=request.user, at=timezone.now())
        return _answer(request, taken.pk, status.HTTP_201_CREATED)


class CheckIdentityView(PersonView):
    """Say how it was made sure who asks."""

    @extend_schema(
        operation_id="privacy_requests_identity",
        tags=["privacy"],
        request=IdentitySerializer,
        responses=PrivacyRequestDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _may_run(request, pk)
        said = shaped(IdentitySerializer, request.data)
        actions.check_identity(request_id=pk, **said, by=request.user, at=timezone.now())
        return _answer(request, pk)


class AnswerRequestView(PersonView):
    """Do what is asked, or refuse it with its reason. An erasure needs a second person."""

    @extend_schema(
        operation_id="privacy_requests_answer",
        tags=["privacy"],
        request=AnswerSerializer,
        responses=PrivacyRequestDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _may_run(request, pk)
        said = shaped(AnswerSerializer, request.data)
        wanted = {name: said[name] for name in CORRECTED if said.get(name)}
        answer = actions.RequestAnswer(said["is_granted"], said.get("reason", ""), wanted)
        actions.answer_request(
            request_id=pk, answer=answer, by=request.user, at=timezone.now(), proof=_proof(said)
        )
        return _answer(request, pk)


class SecondErasureView(PersonView):
    """Agree to an erasure as the second person, or hand it back."""

    @extend_schema(
        operation_id="privacy_requests_second",
        tags=["privacy"],
        request=SecondSerializer,
        responses=PrivacyRequestDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _may_run(request, pk)
        said = shaped(SecondSerializer, request.data)
        actions.second_erasure(
            request_id=pk,
            agrees=said["agrees"],
            reason=said.get("reason", ""),
            by=request.user,
            at=timezone.now(),
            proof=_proof(said),
        )
        return _answer(request, pk)


def _proof(said: dict[str, Any]) -> law.SignatureProof | None:
    # SECURITY: no session stands behind a token, so every signature over REST takes the one-time code.
    if not said.get("password"):
        return None
    return law.SignatureProof(said["password"], said.get("code", ""), session_key=str(uuid7()))


def _may_see(request: Any) -> None:
    if not permissions.can_see_privacy_desk(request.user) and not permissions.can_take_request(request.user):
        raise PermissionDenied


def _may_run(request: Request, pk: UUID) -> None:
    if not permissions.can_run_privacy_desk(request.user):
        raise PermissionDenied
    get_object_or_404(selectors.requests_visible_to(request.user), pk=pk)


def _answer(request: Request, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
    row = get_object_or_404(selectors.requests_visible_to(request.user), pk=pk)
    is_desk = permissions.can_see_privacy_desk(request.user)
    words = {
        "words": selectors.words_of_request(row) if is_desk else "",
        "reason": selectors.reason_of_request(row) if is_desk else "",
        "letter": selectors.letter_of_request(row) if is_desk else "",
    }
    return Response({**PrivacyRequestSerializer(row).data, **words}, status=code)
