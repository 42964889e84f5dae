"""REST: versions of the scoring model, and what another one would change, tried on the whole base."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.selectors.signatures import stamp_of
from doctors import actions, permissions, selectors
from doctors.actions.segmentation import feature_spec
from doctors.choices import CohortBy, Cut, ModelState, RunState, Tier, TrialKind
from doctors.models import ScoringTrial, SegmentationModel
from doctors.rules.features import ALLOWED
from doctors.rules.segmentation import CAPPED, RANK, ModelSpec, faults_of
from doctors.selectors import segmentation
from doctors.selectors import trials as found
from doctors.selectors.model_words import words_of
from pharmacrm.common.api import CountsPersons, CursorPages, StampSerializer
from pharmacrm.common.rest import Listed, PersonView, shaped

FEATURE_KEYS = [feature.key for feature in ALLOWED]


class FeatureOfModelSerializer(serializers.Serializer[Any]):
    key = serializers.ChoiceField(choices=FEATURE_KEYS)
    weight_bp = serializers.IntegerField(min_value=0, max_value=10_000)
    transform = serializers.ChoiceField(choices=(RANK, CAPPED), required=False)
    cap = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    half_life_days = serializers.IntegerField(min_value=0, max_value=730, required=False)


class ModelSpecSerializer(serializers.Serializer[Any]):
    """Everything that decides a score. Basis points (bp) are hundredths of a point or percent."""

    features = FeatureOfModelSerializer(many=True)
    influence_bp = serializers.IntegerField(min_value=0, max_value=10_000)
    potential_bp = serializers.IntegerField(min_value=0, max_value=10_000)
    willingness_bp = serializers.IntegerField(min_value=0, max_value=10_000)
    cut = serializers.ChoiceField(choices=Cut.choices)
    core_cut_bp = serializers.IntegerField(min_value=0, max_value=10_000)
    potential_cut_bp = serializers.IntegerField(min_value=0, max_value=10_000)
    hysteresis_bp = serializers.IntegerField(min_value=0, max_value=1_000)
    cohort_by = serializers.ChoiceField(choices=CohortBy.choices, required=False)
    min_cohort = serializers.IntegerField(min_value=2, max_value=10_000)
    min_known = serializers.IntegerField(min_value=0, max_value=20, required=False)
    landmark_on = serializers.DateField(help_text="Contacts count from this day.")


class ModelFaultSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    where = serializers.CharField(help_text="The feature or field it concerns; empty for the whole.")
    words = serializers.CharField()


class ModelFaultsSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField(
        help_text="SHA-256 of the specification; equal specifications have equal ones."
    )
    faults = ModelFaultSerializer(many=True)


class ScoringModelSerializer(serializers.Serializer[Any]):
    """A version of the model with the people behind it."""

    id = serializers.UUIDField()
    version = serializers.CharField()
    state = serializers.ChoiceField(choices=ModelState.choices)
    spec = serializers.SerializerMethodField()
    digest = serializers.CharField(source="spec.digest")
    impact_assessment = serializers.CharField()
    assessed_on = serializers.DateField(allow_null=True)
    author = serializers.UUIDField(source="author_id")
    assessed_by = serializers.UUIDField(source="assessed_by_id", allow_null=True)
    activated_by = serializers.UUIDField(source="activated_by_id", allow_null=True)
    activated_at = serializers.DateTimeField(allow_null=True)
    signature = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(StampSerializer(allow_null=True))
    def get_signature(self, model: SegmentationModel) -> Any:
        return StampSerializer(stamp_of(model.signature)).data if model.signature else None

    def get_spec(self, model: SegmentationModel) -> ModelSpecSerializer:
        return asdict(model.spec)  # type: ignore[return-value]  # the annotation is what the document shows


class StartTrialSerializer(serializers.Serializer[Any]):
    """What is tried: the model as it is, or with another specification."""

    kind = serializers.ChoiceField(choices=TrialKind.choices, required=False)
    spec = ModelSpecSerializer(required=False)


class TrialSerializer(serializers.Serializer[Any]):
    """A what-if or an evaluation: how far it is, then what it found."""

    id = serializers.UUIDField()
    model = serializers.UUIDField(source="model_id")
    kind = serializers.ChoiceField(choices=TrialKind.choices)
    state = serializers.ChoiceField(choices=RunState.choices)
    percent = serializers.IntegerField(source="job.percent", default=100)
    spec = ModelSpecSerializer()
    spec_digest = serializers.CharField()
    baseline = serializers.UUIDField(source="baseline_id", allow_null=True)
    as_of = serializers.DateField()
    asked_by = serializers.UUIDField(source="asked_by_id")
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.DictField(help_text="Empty until the state is done.")


class MoverSerializer(serializers.Serializer[Any]):
    doctor = serializers.UUIDField(source="doctor_id")
    name = serializers.CharField(source="doctor.identity.name")
    tier_before = serializers.CharField()
    tier_after = serializers.ChoiceField(choices=Tier.choices)
    score_bp = serializers.IntegerField()


class MoverQuery(serializers.Serializer[Any]):
    before = serializers.ChoiceField(choices=Tier.choices, required=False)
    after = serializers.ChoiceField(choices=Tier.choices, required=False)


class ScoringModelsView(Listed):
    """Versions of the model, newest first."""

    serializer_class = ScoringModelSerializer

    def rows(self) -> QuerySet[SegmentationModel]:
        _may_see(self.request)
        return segmentation.models()

    @extend_schema(operation_id="scoring_models_list", tags=["scoring"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


class ScoringModelView(APIView):
    """One version of the model."""

    @extend_schema(operation_id="scoring_models_read", tags=["scoring"], responses=ScoringModelSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        _may_see(request)
        return Response(ScoringModelSerializer(get_object_or_404(segmentation.models(), pk=pk)).data)


class ModelFaultsView(PersonView):
    """Say what is wrong with a specification, and keep nothing of it."""

    @extend_schema(
        operation_id="scoring_models_validate",
        tags=["scoring"],
        request=ModelSpecSerializer,
        responses=ModelFaultsSerializer,
    )
    def post(self, request: Request) -> Response:
        if not permissions.can_try_model(request.user):
            raise PermissionDenied
        spec = spec_of(shaped(ModelSpecSerializer, request.data))
        faults = [{"code": one.code, "where": one.where, "words": words_of(one)} for one in faults_of(spec)]
        return Response({"digest": spec.digest, "faults": faults})


class StartTrialView(PersonView):
    """Ask what a model would change on everybody, or how it behaves."""

    @extend_schema(
        operation_id="scoring_trials_start",
        tags=["scoring"],
        request=StartTrialSerializer,
        responses={202: TrialSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_try_model(request.user):
            raise PermissionDenied
        get_object_or_404(segmentation.models(), pk=pk)
        given = shaped(StartTrialSerializer, request.data)
        trial = actions.open_trial(
            model_id=pk,
            by=request.user,
            at=timezone.now(),
            kind=given.get("kind", TrialKind.WHAT_IF),
            spec=spec_of(given["spec"]) if "spec" in given else None,
        )
        return Response(TrialSerializer(trial).data, status=status.HTTP_202_ACCEPTED)


class TrialView(APIView):
    """One trial of a model: how far it is, and its result."""

    @extend_schema(operation_id="scoring_trials_read", tags=["scoring"], responses=TrialSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        _may_see(request)
        return Response(TrialSerializer(get_object_or_404(found.trials(), pk=pk)).data)


class BestFirst(CursorPages):
    ordering = ("-score_bp", "-pk")


class MoversView(CountsPersons, Listed):
    """Whom a what-if would move, among the doctors in the caller's sight; best score first."""

    leaves_as = "movers"

    serializer_class = MoverSerializer
    pagination_class = BestFirst
    query = MoverQuery

    def rows(self) -> QuerySet[Any]:
        _may_see(self.request)
        trial: ScoringTrial = get_object_or_404(found.trials(), pk=self.kwargs["pk"])
        visible = selectors.doctors_visible_to(self.request.user, timezone.localdate())
        return found.movers_of(trial, visible, **self.chosen())

    @extend_schema(operation_id="scoring_trials_movers", tags=["scoring"], parameters=[MoverQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


def spec_of(given: dict[str, Any]) -> ModelSpec:
    """Return the specification that was sent, with the catalogue's scales and half-lives where it says none."""
    features = tuple(feature_spec(**dict(one)) for one in given["features"])
    rest = {name: value for name, value in given.items() if name != "features"}
    return ModelSpec(features=features, **{**rest, "landmark_on": given["landmark_on"].isoformat()})


def _may_see(request: Any) -> None:
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied
