"""REST: the inbox of everything that asks for an answer. Answers are a person's; a signed one takes the one-time code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance import actions, subjects
from compliance.choices import ApprovalState, ApprovalVerb, StepState
from compliance.flows import flows
from compliance.models import ApprovalStep
from compliance.selectors import cockpit as seen
from pharmacrm.common.api import CountsPersons
from pharmacrm.common.ids import uuid7
from pharmacrm.common.rest import Listed, PersonView, shaped


class ApprovalStepSerializer(serializers.Serializer[Any]):
    """One step of a request: who is asked, about what, until when. `is_signed`: agreeing takes password and code."""

    id = serializers.UUIDField()
    request = serializers.UUIDField(source="request_id")
    flow = serializers.CharField(source="request.flow")
    subject = serializers.CharField(source="request.subject")
    title = serializers.CharField(source="request.heading", help_text="In the language asked for.")
    about = serializers.SerializerMethodField()
    content_sha256 = serializers.CharField(source="request.content_sha256")
    request_state = serializers.ChoiceField(choices=ApprovalState.choices, source="request.state")
    state = serializers.ChoiceField(choices=StepState.choices)
    stage = serializers.IntegerField()
    name = serializers.CharField()
    approver = serializers.UUIDField(source="approver_id", allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    asked_by = serializers.UUIDField(source="request.opened_by_id", allow_null=True)
    asked_at = serializers.DateTimeField(source="request.opened_at")
    due_at = serializers.DateTimeField(source="request.due_at", allow_null=True)
    comment = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    is_signed = serializers.SerializerMethodField()
    room = serializers.SerializerMethodField(
        help_text="Address of the page on which it is decided, where that takes more than a request shows."
    )

    def get_about(self, step: ApprovalStep) -> str:
        known = getattr(step, "about", None)
        return str(subjects.title_of(step.request.subject) if known is None else known)

    def get_is_signed(self, step: ApprovalStep) -> bool:
        flow = flows().get(step.request.flow)
        return bool(flow and flow.signed)

    def get_room(self, step: ApprovalStep) -> str:
        flow = flows().get(step.request.flow)
        return flow.room(step.request.payload) if flow and flow.room else ""


class StepAnswerSerializer(serializers.Serializer[Any]):
    """One answer. `to` is the person for pass_on, add_signer and copy. Password and code are never kept."""

    verb = serializers.ChoiceField(choices=ApprovalVerb.choices)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    to = serializers.UUIDField(required=False, allow_null=True)
    password = serializers.CharField(
        write_only=True, required=False, allow_blank=True, trim_whitespace=False, max_length=200
    )
    code = serializers.CharField(write_only=True, required=False, allow_blank=True, max_length=20)


class BoxQuery(serializers.Serializer[Any]):
    box = serializers.ChoiceField(
        choices=("waiting", "asked"),
        required=False,
        help_text="What waits for one (default), or what one asked.",
    )


class InboxView(CountsPersons, Listed):
    """What waits for one's answer, for oneself or for whom one stands in; or what one asked of others."""

    leaves_as = "inbox"

    serializer_class = ApprovalStepSerializer
    query = BoxQuery

    def rows(self) -> QuerySet[ApprovalStep]:
        if self.chosen().get("box") == "asked":
            return seen.asked_by(self.request.user)
        return seen.inbox_of(self.request.user, timezone.localdate())

    def shown(self, rows: list[ApprovalStep]) -> list[ApprovalStep]:
        titles = subjects.titles_of(step.request.subject for step in rows)
        for step in rows:
            step.about = titles[step.request.subject]  # type: ignore[attr-defined]
        return rows

    @extend_schema(operation_id="inbox_list", tags=["approvals"], parameters=[BoxQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


class StepView(CountsPersons, APIView):
    """One step of a request one has to do with."""

    leaves_as = "inbox"

    @extend_schema(operation_id="inbox_read", tags=["approvals"], responses=ApprovalStepSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(ApprovalStepSerializer(_step(request, pk)).data)


class AnswerStepView(PersonView):
    """Answer: agree, refuse, return, pass on, add a signer, withdraw, urge or copy."""

    @extend_schema(
        operation_id="inbox_answer",
        tags=["approvals"],
        request=StepAnswerSerializer,
        responses=ApprovalStepSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _step(request, pk)
        said = shaped(StepAnswerSerializer, request.data)
        to = get_object_or_404(get_user_model(), pk=said["to"], is_active=True) if said.get("to") else None
        # SECURITY: no session stands behind a token, so every signature over REST takes the one-time code.
        proof = actions.SignatureProof(
            said.get("password", ""), said.get("code", ""), session_key=str(uuid7())
        )
        actions.decide(
            step_id=pk,
            verb=said["verb"],
            by=request.user,
            at=timezone.now(),
            comment=said.get("comment", ""),
            to=to,
            proof=proof if proof.password else None,
        )
        fresh = ApprovalStep.objects.select_related("request").get(pk=pk)
        return Response(ApprovalStepSerializer(fresh).data)


def _step(request: Request, pk: UUID) -> ApprovalStep:
    return get_object_or_404(seen.steps_seen_by(request.user, timezone.localdate()), pk=pk)
