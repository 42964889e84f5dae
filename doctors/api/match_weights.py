"""REST: the weights by which records are compared: fit them, look at them, draw the lines, put them in force."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doctors import actions, permissions
from doctors.choices import MatchState
from doctors.models import MatchModel
from doctors.selectors import matching
from pharmacrm.common.api import CursorPages
from pharmacrm.common.rest import Listed, PersonView, shaped

MOST_BITS = 200


class MatchWeightsSerializer(serializers.Serializer[Any]):
    """One fit. Lines in bits: from `lower` on a steward is asked, from `upper` on it may be merged without asking."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=MatchState.choices)
    percent = serializers.IntegerField(source="job.percent", default=100)
    lower = serializers.SerializerMethodField()
    upper = serializers.SerializerMethodField()
    merges_alone = serializers.BooleanField()
    asked_by = serializers.UUIDField(source="asked_by_id", allow_null=True)
    asked_at = serializers.DateTimeField()
    in_force_at = serializers.DateTimeField(allow_null=True)

    def get_lower(self, model: MatchModel) -> float:
        return model.lower / 100

    def get_upper(self, model: MatchModel) -> float:
        return model.upper / 100


class MatchWeightSerializer(serializers.Serializer[Any]):
    """What one outcome of a comparison weighs, in bits for or against one doctor; `m` and `u` in percent."""

    feature = serializers.CharField()
    outcome = serializers.CharField()
    m = serializers.FloatField(help_text="How often it is so among records of one doctor.")
    u = serializers.FloatField(help_text="How often it is so among records of two.")
    bits = serializers.FloatField()


class MatchWeightsDetailSerializer(MatchWeightsSerializer):
    """A fit with its weights and with all it takes to repeat it."""

    weights = MatchWeightSerializer(many=True)
    manifest = serializers.DictField()


class LinesSerializer(serializers.Serializer[Any]):
    lower = serializers.FloatField(min_value=-MOST_BITS, max_value=MOST_BITS)
    upper = serializers.FloatField(min_value=-MOST_BITS, max_value=MOST_BITS)
    merges_alone = serializers.BooleanField(default=False)


class NewestVersion(CursorPages):
    ordering = ("-version",)


class MatchWeightsListView(Listed):
    """The fits, newest first; POST asks for a new one, which a job carries out."""

    serializer_class = MatchWeightsSerializer
    pagination_class = NewestVersion

    def rows(self) -> QuerySet[MatchModel]:
        _may_see(self.request)
        return matching.match_models()

    @extend_schema(operation_id="match_weights_list", tags=["duplicates"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="match_weights_fit",
        tags=["duplicates"],
        request=None,
        responses={202: MatchWeightsDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask for the weights to be fitted to the base as it is now."""
        if not permissions.can_merge_doctors(request.user):
            raise PermissionDenied
        model = actions.ask_fit(by=request.user, at=timezone.now())
        return _answer(model.pk, status.HTTP_202_ACCEPTED)


class MatchWeightsView(APIView):
    """One fit."""

    @extend_schema(
        operation_id="match_weights_read", tags=["duplicates"], responses=MatchWeightsDetailSerializer
    )
    def get(self, request: Request, pk: UUID) -> Response:
        _may_see(request)
        return _answer(pk)


class MatchLinesView(PersonView):
    """Draw the two lines of fitted weights."""

    @extend_schema(
        operation_id="match_weights_lines",
        tags=["duplicates"],
        request=LinesSerializer,
        responses=MatchWeightsDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _may_merge(request, pk)
        said = shaped(LinesSerializer, request.data)
        actions.draw_lines(
            model_id=pk,
            lower=round(said["lower"] * 100),
            upper=round(said["upper"] * 100),
            merges_alone=said["merges_alone"],
            by=request.user,
            at=timezone.now(),
        )
        return _answer(pk)


class UseWeightsView(PersonView):
    """Put fitted weights in force; the base is searched with them."""

    @extend_schema(
        operation_id="match_weights_use",
        tags=["duplicates"],
        request=None,
        responses=MatchWeightsDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _may_merge(request, pk)
        actions.use_weights(model_id=pk, by=request.user, at=timezone.now())
        return _answer(pk)


def _may_see(request: Any) -> None:
    if not permissions.can_see_duplicates(request.user):
        raise PermissionDenied


def _may_merge(request: Request, pk: UUID) -> None:
    if not permissions.can_merge_doctors(request.user):
        raise PermissionDenied
    get_object_or_404(MatchModel, pk=pk)


def _answer(pk: UUID, code: int = status.HTTP_200_OK) -> Response:
    model = get_object_or_404(matching.match_models(), pk=pk)
    is_fitted = model.state not in (MatchState.WAITING, MatchState.FAILED)
    table = matching.weight_table(matching.weights_in(model)) if is_fitted else []
    weights = [
        {"feature": feature, "outcome": one.label, "m": one.m, "u": one.u, "bits": one.bits}
        for feature, rows in table
        for one in rows
    ]
    shown = {
        **MatchWeightsSerializer(model).data,
        "weights": MatchWeightSerializer(weights, many=True).data,
        "manifest": model.manifest,
    }
    return Response(shown, status=code)
