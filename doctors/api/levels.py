"""Spellings of hospital levels over REST: those nobody knows, and what one means."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from doctors import permissions
from doctors.actions.levels import decide_level
from doctors.rules.levels import WRITTEN
from doctors.selectors import levels as reads
from pharmacrm.common.rest import ReadsOrActs


class UndecidedSerializer(serializers.Serializer[Any]):
    said = serializers.CharField()
    rows = serializers.IntegerField()
    imports = serializers.IntegerField()
    file_name = serializers.CharField()


class DecidedSerializer(serializers.Serializer[Any]):
    said = serializers.CharField()
    level = serializers.CharField()
    at = serializers.DateTimeField()


class LevelQueueSerializer(serializers.Serializer[Any]):
    waiting = UndecidedSerializer(many=True)
    decided = DecidedSerializer(many=True)


class DecideLevelSerializer(serializers.Serializer[Any]):
    said = serializers.CharField(max_length=200)
    level = serializers.ChoiceField(list(WRITTEN), help_text="unknown: it is no level.")


class LevelsView(ReadsOrActs):
    """Spellings of hospital levels that wait, and those decided."""

    @extend_schema(operation_id="hospital_levels_retrieve", tags=["doctors"], responses=LevelQueueSerializer)
    def get(self, request: Request) -> Response:
        return _answer(request)

    @extend_schema(
        operation_id="hospital_levels_decide",
        tags=["doctors"],
        request=DecideLevelSerializer,
        responses=LevelQueueSerializer,
    )
    def post(self, request: Request) -> Response:
        """Decide one spelling of a hospital level for every import."""
        if not permissions.can_import(request.user):
            raise PermissionDenied
        payload = DecideLevelSerializer(data=request.data)
        payload.is_valid(raise_exception=True)
        decide_level(by=request.user, at=timezone.now(), **payload.validated_data)
        return _answer(request)


def _answer(request: Request) -> Response:
    if not permissions.can_import(request.user):
        raise PermissionDenied
    found = {"waiting": reads.levels_undecided(), "decided": reads.levels_decided()}
    return Response(LevelQueueSerializer(found).data)
