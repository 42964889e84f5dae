"""REST: draw a scoring model up, change it, assess it, sign it into force, take it out of use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from compliance import actions as law
from doctors import actions, permissions
from doctors.actions.segmentation import change_model
from doctors.api.scoring_models import ModelSpecSerializer, ScoringModelSerializer, ScoringModelsView, spec_of
from doctors.selectors import segmentation
from pharmacrm.common.ids import uuid7
from pharmacrm.common.rest import PersonView, shaped


class NewModelSerializer(serializers.Serializer[Any]):
    version = serializers.CharField(max_length=32)
    spec = ModelSpecSerializer()


class ChangedModelSerializer(serializers.Serializer[Any]):
    spec = ModelSpecSerializer()


class AssessedModelSerializer(serializers.Serializer[Any]):
    """The impact assessment without which a model scores nobody."""

    impact_assessment = serializers.CharField(max_length=60, help_text="Its number in the register.")
    assessed_on = serializers.DateField()


class SignedModelSerializer(serializers.Serializer[Any]):
    """What a signer enters again: the signature stands under the specification."""

    password = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=20)


class RetiredModelSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class ModelsView(ScoringModelsView):
    """Versions of the model, newest first; POST draws a new one up."""

    @extend_schema(
        operation_id="scoring_models_draft",
        tags=["scoring"],
        request=NewModelSerializer,
        responses={201: ScoringModelSerializer},
    )
    def post(self, request: Request) -> Response:
        """Draw up a new version; a specification that is not sound is refused with its first fault."""
        if not permissions.can_edit_model(request.user):
            raise PermissionDenied
        said = shaped(NewModelSerializer, request.data)
        model = actions.draft_model(
            version=said["version"], spec=spec_of(said["spec"]), by=request.user, at=timezone.now()
        )
        return _answer(model.pk, status.HTTP_201_CREATED)


class ChangeModelView(PersonView):
    """Change a draft."""

    @extend_schema(
        operation_id="scoring_models_change",
        tags=["scoring"],
        request=ChangedModelSerializer,
        responses=ScoringModelSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_edit_model(request.user):
            raise PermissionDenied
        _known(pk)
        said = shaped(ChangedModelSerializer, request.data)
        change_model(model_id=pk, spec=spec_of(said["spec"]), by=request.user, at=timezone.now())
        return _answer(pk)


class AssessModelView(PersonView):
    """Note the impact assessment of a draft. Source: PIPL 55, 56."""

    @extend_schema(
        operation_id="scoring_models_assess",
        tags=["scoring"],
        request=AssessedModelSerializer,
        responses=ScoringModelSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_assess_model(request.user):
            raise PermissionDenied
        _known(pk)
        said = shaped(AssessedModelSerializer, request.data)
        actions.assess_model(model_id=pk, **said, by=request.user, at=timezone.now())
        return _answer(pk)


class ActivateModelView(PersonView):
    """Sign for an assessed model and put it in force; never as its author."""

    @extend_schema(
        operation_id="scoring_models_activate",
        tags=["scoring"],
        request=SignedModelSerializer,
        responses=ScoringModelSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_activate_model(request.user):
            raise PermissionDenied
        _known(pk)
        said = shaped(SignedModelSerializer, request.data)
        # SECURITY: no session stands behind a token, so every signature over REST takes the one-time code.
        proof = law.SignatureProof(said["password"], said["code"], session_key=str(uuid7()))
        actions.activate_model(model_id=pk, by=request.user, at=timezone.now(), proof=proof)
        return _answer(pk)


class RetireModelView(PersonView):
    """Take a model out of use; tiers stand until another one scores."""

    @extend_schema(
        operation_id="scoring_models_retire",
        tags=["scoring"],
        request=RetiredModelSerializer,
        responses=ScoringModelSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_activate_model(request.user):
            raise PermissionDenied
        _known(pk)
        said = shaped(RetiredModelSerializer, request.data)
        actions.retire_model(model_id=pk, **said, by=request.user, at=timezone.now())
        return _answer(pk)


def _known(pk: UUID) -> None:
    get_object_or_404(segmentation.models(), pk=pk)


def _answer(pk: UUID, code: int = status.HTTP_200_OK) -> Response:
    return Response(ScoringModelSerializer(segmentation.models().get(pk=pk)).data, status=code)
