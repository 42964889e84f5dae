"""REST: the communication strategy by tier, role, hospital level and department."""

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

from doctors import actions, permissions
from doctors.actions.playbooks import change_playbook, retire_playbook
from doctors.choices import Channel, ContentKind, StakeholderKind, Tier
from doctors.models import Playbook
from doctors.selectors.playbooks import BAND_LABELS, department_names, playbook, playbooks
from pharmacrm.common.api import CursorPages
from pharmacrm.common.rest import Listed, PersonView, shaped

MOST = {"visits_per_cycle": 31, "contacts_per_cycle": 62}


class StrategyLineSerializer(serializers.Serializer[Any]):
    """One line; an empty role, level or department means any. Contacts are academic and include the visits."""

    goal_zh = serializers.CharField(max_length=300)
    goal_en = serializers.CharField(max_length=300)
    content_kinds = serializers.ListField(child=serializers.ChoiceField(choices=ContentKind.choices))
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices))
    visits_per_cycle = serializers.IntegerField(min_value=0, max_value=MOST["visits_per_cycle"])
    contacts_per_cycle = serializers.IntegerField(min_value=0, max_value=MOST["contacts_per_cycle"])


class PlaybookSerializer(StrategyLineSerializer):
    """A line as it is kept."""

    id = serializers.UUIDField()
    tier = serializers.ChoiceField(choices=Tier.choices)
    role = serializers.CharField(allow_blank=True)
    level_band = serializers.CharField(allow_blank=True)
    department_code = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()


class NewPlaybookSerializer(StrategyLineSerializer):
    """A new line, and whom it is for."""

    tier = serializers.ChoiceField(choices=Tier.choices)
    role = serializers.ChoiceField(choices=StakeholderKind.choices, required=False, allow_blank=True)
    level_band = serializers.ChoiceField(
        choices=[band for band, _label in BAND_LABELS], required=False, allow_blank=True
    )
    department_code = serializers.CharField(max_length=16, required=False, allow_blank=True)

    def validate_department_code(self, code: str) -> str:
        if code and code not in department_names():
            raise serializers.ValidationError(serializers.ChoiceField.default_error_messages["invalid_choice"].format(input=code))  # fmt: skip
        return code


class ChangedPlaybookSerializer(StrategyLineSerializer):
    """A line as it will be, and why it changes."""

    reason = serializers.CharField(max_length=300)


class RetiredPlaybookSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class ByKey(CursorPages):
    ordering = ("pk",)


class PlaybooksView(Listed):
    """The lines in use; POST writes one for a narrower group."""

    serializer_class = PlaybookSerializer
    pagination_class = ByKey

    def rows(self) -> QuerySet[Playbook]:
        if not permissions.can_see_segmentation(self.request.user):
            raise PermissionDenied
        return playbooks().order_by()

    @extend_schema(operation_id="playbooks_list", tags=["scoring"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="playbooks_write",
        tags=["scoring"],
        request=NewPlaybookSerializer,
        responses={201: PlaybookSerializer},
    )
    def post(self, request: Request) -> Response:
        """Write a new line."""
        if not permissions.can_edit_playbook(request.user):
            raise PermissionDenied
        said = shaped(NewPlaybookSerializer, request.data)
        line = actions.write_playbook(**said, by=request.user, at=timezone.now())
        return Response(PlaybookSerializer(line).data, status=status.HTTP_201_CREATED)


class ChangePlaybookView(PersonView):
    """Change a line; the change is its next version."""

    @extend_schema(
        operation_id="playbooks_change",
        tags=["scoring"],
        request=ChangedPlaybookSerializer,
        responses=PlaybookSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _may_edit(request, pk)
        said = shaped(ChangedPlaybookSerializer, request.data)
        line = change_playbook(playbook_id=pk, **said, by=request.user, at=timezone.now())
        return Response(PlaybookSerializer(line).data)


class RetirePlaybookView(PersonView):
    """Take a line out of use; the next less specific one decides."""

    @extend_schema(
        operation_id="playbooks_retire",
        tags=["scoring"],
        request=RetiredPlaybookSerializer,
        responses=PlaybookSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _may_edit(request, pk)
        said = shaped(RetiredPlaybookSerializer, request.data)
        line = retire_playbook(playbook_id=pk, **said, by=request.user, at=timezone.now())
        return Response(PlaybookSerializer(line).data)


def _may_edit(request: Request, pk: UUID) -> None:
    if not permissions.can_edit_playbook(request.user):
        raise PermissionDenied
    if playbook(pk) is None:
        raise Http404
