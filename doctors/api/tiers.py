"""REST: another tier asked for by hand, a tier contested, and whose academic engagement rises or cools."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from doctors import actions, permissions, selectors
from doctors.choices import AlertKind, ContestState, OverrideReason, OverrideState, Tier
from doctors.selectors.alerts import alerts_of
from pharmacrm.common.api import CountsPersons
from pharmacrm.common.rest import Listed, PersonView, shaped


class AskOverrideSerializer(serializers.Serializer[Any]):
    """Another tier than the score gives, for a reason and until a day within a year; another person decides."""

    tier = serializers.ChoiceField(choices=Tier.choices)
    reason = serializers.ChoiceField(choices=OverrideReason.choices)
    valid_until = serializers.DateField()
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class OverrideSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    doctor = serializers.UUIDField(source="doctor_id")
    tier = serializers.ChoiceField(choices=Tier.choices)
    reason = serializers.ChoiceField(choices=OverrideReason.choices)
    state = serializers.ChoiceField(choices=OverrideState.choices)
    asked_by = serializers.UUIDField(source="asked_by_id")
    asked_at = serializers.DateTimeField()
    valid_until = serializers.DateField()


class ContestWordsSerializer(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=2000, help_text="What is wrong about the tier.")


class ContestSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    doctor = serializers.UUIDField(source="doctor_id")
    state = serializers.ChoiceField(choices=ContestState.choices)
    due_on = serializers.DateField()


class AlertSerializer(serializers.Serializer[Any]):
    """What a doctor did with us in the last sixty days against the sixty before. Units: hundredths of a contact."""

    doctor = serializers.UUIDField(source="doctor_id")
    name = serializers.CharField(source="doctor.identity.name")
    kind = serializers.ChoiceField(choices=AlertKind.choices)
    before = serializers.IntegerField()
    now = serializers.IntegerField()
    noted_on = serializers.DateField()


class AlertQuery(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=AlertKind.choices, required=False)


class AskOverrideView(PersonView):
    """Ask for another tier."""

    @extend_schema(
        operation_id="doctor_override_ask",
        tags=["scoring"],
        request=AskOverrideSerializer,
        responses={201: OverrideSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_ask_override(request.user):
            raise PermissionDenied
        _in_sight(request, pk)
        said = shaped(AskOverrideSerializer, request.data)
        override = actions.ask_override(doctor_id=pk, **said, by=request.user, at=timezone.now())
        return Response(OverrideSerializer(override).data, status=status.HTTP_201_CREATED)


class ContestTierView(PersonView):
    """Say that a doctor's tier is wrong; a person decides, never the score."""

    @extend_schema(
        operation_id="doctor_tier_contest",
        tags=["scoring"],
        request=ContestWordsSerializer,
        responses={201: ContestSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_ask_override(request.user):
            raise PermissionDenied
        _in_sight(request, pk)
        said = shaped(ContestWordsSerializer, request.data)
        contest = actions.contest_tier(doctor_id=pk, **said, by=request.user, at=timezone.now())
        return Response(ContestSerializer(contest).data, status=status.HTTP_201_CREATED)


class AlertsView(CountsPersons, Listed):
    """Doctors in sight whose academic engagement rises or cools; never what they prescribe."""

    leaves_as = "engagement"
    serializer_class = AlertSerializer
    query = AlertQuery

    def rows(self) -> QuerySet[Any]:
        if not permissions.can_see_segmentation(self.request.user):
            raise PermissionDenied
        visible = selectors.doctors_visible_to(self.request.user, timezone.localdate())
        return alerts_of(visible, **self.chosen())

    @extend_schema(operation_id="engagement_alerts", tags=["scoring"], parameters=[AlertQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


def _in_sight(request: Request, pk: UUID) -> None:
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
