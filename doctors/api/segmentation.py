"""REST: why a doctor holds a tier, and the runs that gave it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doctors import actions, permissions, selectors
from doctors.choices import RunKind, RunState
from doctors.models import ScoringRun, SegmentationModel
from doctors.selectors import segmentation
from doctors.selectors.explanations import TierExplanation
from pharmacrm.common.api import CountsPersons, CursorPages


class FeatureSerializer(serializers.Serializer):
    key = serializers.CharField(read_only=True)
    dimension = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)
    definition = serializers.CharField(read_only=True)
    source = serializers.CharField(read_only=True)
    unit = serializers.CharField(read_only=True)
    raw = serializers.IntegerField(read_only=True, help_text="Whole; hundredths for engagement features.")
    is_ranked = serializers.BooleanField(read_only=True)
    below = serializers.IntegerField(read_only=True, help_text="Doctors of the cohort with a smaller value.")
    others = serializers.IntegerField(read_only=True, help_text="Doctors of the cohort besides this one.")
    level_bp = serializers.IntegerField(read_only=True)
    weight_bp = serializers.IntegerField(read_only=True)
    contribution_bp = serializers.IntegerField(read_only=True)


class StepSerializer(serializers.Serializer):
    feature = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)
    value = serializers.CharField(read_only=True, source="value_text")


class TierSerializer(serializers.Serializer):
    """A tier with every figure it was made of. Basis points (bp) are hundredths of a point."""

    doctor = serializers.UUIDField(read_only=True, source="doctor_id")
    tier = serializers.CharField(read_only=True, source="now.tier")
    label = serializers.CharField(read_only=True, source="now.label")
    is_override = serializers.BooleanField(read_only=True, source="now.is_override")
    override_until = serializers.DateField(read_only=True, source="now.valid_until", allow_null=True)
    is_scored = serializers.BooleanField(read_only=True)
    score_tier = serializers.CharField(read_only=True)
    score_bp = serializers.IntegerField(read_only=True)
    core_line_bp = serializers.IntegerField(read_only=True)
    potential_line_bp = serializers.IntegerField(read_only=True)
    cohort = serializers.CharField(read_only=True)
    cohort_size = serializers.IntegerField(read_only=True)
    features = FeatureSerializer(many=True, read_only=True)
    next_tier = serializers.CharField(read_only=True)
    gap_bp = serializers.IntegerField(read_only=True)
    steps = StepSerializer(many=True, read_only=True)
    model = serializers.CharField(read_only=True, source="model_version")
    run = serializers.UUIDField(read_only=True, source="run_id", allow_null=True)
    scored_at = serializers.DateTimeField(read_only=True, allow_null=True)


class ScoringRunSerializer(serializers.Serializer):
    id = serializers.UUIDField(read_only=True)
    model = serializers.CharField(read_only=True, source="model.version")
    kind = serializers.ChoiceField(RunKind.choices, read_only=True)
    state = serializers.ChoiceField(RunState.choices, read_only=True)
    percent = serializers.IntegerField(read_only=True, source="job.percent", default=100)
    as_of = serializers.DateField(read_only=True)
    doctor_count = serializers.IntegerField(read_only=True)
    changed_count = serializers.IntegerField(read_only=True)
    core_line_bp = serializers.IntegerField(read_only=True, allow_null=True)
    potential_line_bp = serializers.IntegerField(read_only=True, allow_null=True)
    input_digest = serializers.CharField(read_only=True)
    result_digest = serializers.CharField(read_only=True)
    manifest = serializers.DictField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    published_at = serializers.DateTimeField(read_only=True, allow_null=True)


class StartRunSerializer(serializers.Serializer):
    model = serializers.CharField(help_text="Version of an assessed model, or of the one in force.")


class TierView(CountsPersons, APIView):
    """A doctor's tier and why."""

    leaves_as = "tiers"

    @extend_schema(responses=TierSerializer, operation_id="doctor_tier", tags=["doctors"])
    def get(self, request: Request, pk: UUID) -> Response:
        get_object_or_404(selectors.doctors_visible_to(request.user, timezone.localdate()), pk=pk)
        why: TierExplanation | None = selectors.explain_tier(pk)
        return Response(TierSerializer(why).data)


class ScoringRunsView(ListAPIView[ScoringRun]):
    """Scoring runs, newest first."""

    serializer_class = ScoringRunSerializer
    pagination_class = CursorPages
    filter_backends = ()
    queryset = ScoringRun.objects.none()

    def get_queryset(self) -> QuerySet[ScoringRun]:
        _may_see(self.request)
        return segmentation.runs()

    @extend_schema(operation_id="scoring_run_list", tags=["doctors"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=StartRunSerializer,
        responses={202: ScoringRunSerializer},
        operation_id="scoring_run_start",
        tags=["doctors"],
    )
    def post(self, request: Request) -> Response:
        """Ask for a new scoring run."""
        if not permissions.can_run_scoring(request.user):
            raise PermissionDenied
        given = StartRunSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        model = get_object_or_404(SegmentationModel, version=given.validated_data["model"])
        run = actions.open_run(model_id=model.pk, by=request.user, at=timezone.now())
        return Response(ScoringRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class ScoringRunView(APIView):
    """One run with its manifest."""

    @extend_schema(responses=ScoringRunSerializer, operation_id="scoring_run_detail", tags=["doctors"])
    def get(self, request: Request, pk: UUID) -> Response:
        _may_see(request)
        run: ScoringRun = get_object_or_404(segmentation.runs(), pk=pk)
        return Response(ScoringRunSerializer(run).data)


def _may_see(request: Any) -> None:
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied
