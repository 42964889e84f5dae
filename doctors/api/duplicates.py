"""REST: the queue of pairs that may be one doctor, the decisions, and the merges that can be taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doctors import actions, permissions
from doctors.choices import PairState
from doctors.models import MatchPair, MergeRecord
from doctors.selectors import duplicates, matching
from pharmacrm.common.api import CountsPersons, CursorPages
from pharmacrm.common.rest import Listed, PersonView, shaped


class PairSerializer(serializers.Serializer[Any]):
    """Two records that may be one doctor. `bits` is the evidence, `chance` what it makes of it in percent."""

    id = serializers.UUIDField(source="pair.pk")
    low = serializers.UUIDField(source="pair.low_id")
    high = serializers.UUIDField(source="pair.high_id")
    low_name = serializers.CharField(source="low.name", default="")
    high_name = serializers.CharField(source="high.name", default="")
    bits = serializers.FloatField()
    chance = serializers.FloatField()
    state = serializers.ChoiceField(choices=PairState.choices, source="pair.state")
    reason = serializers.CharField(source="pair.reason")
    decided_by = serializers.UUIDField(source="pair.decided_by_id", allow_null=True)
    decided_at = serializers.DateTimeField(source="pair.decided_at", allow_null=True)
    look_again_on = serializers.DateField(source="pair.look_again_on", allow_null=True)


class SideSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    values = serializers.ListField(child=serializers.CharField(allow_blank=True), min_length=2, max_length=2)
    differs = serializers.BooleanField()


class PairReasonSerializer(serializers.Serializer[Any]):
    feature = serializers.CharField()
    words = serializers.CharField()
    bits = serializers.FloatField(allow_null=True, help_text="Null where a side says nothing.")


class PairDetailSerializer(PairSerializer):
    """A pair with both records fact by fact, and what each comparison weighs."""

    sides = SideSerializer(many=True)
    reasons = PairReasonSerializer(many=True)


class PairDecisionSerializer(serializers.Serializer[Any]):
    """`same_low` and `same_high` merge and keep that record; `later` may name the day to look again."""

    answer = serializers.ChoiceField(choices=("same_low", "same_high", "different", "later"))
    reason = serializers.CharField(max_length=300)
    look_again_on = serializers.DateField(required=False, allow_null=True)


class MergeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kept = serializers.UUIDField(source="kept_id")
    merged = serializers.UUIDField(source="merged_id")
    pair = serializers.UUIDField(source="pair_id", allow_null=True)
    reason = serializers.CharField()
    merged_by = serializers.UUIDField(source="merged_by_id", allow_null=True)
    merged_at = serializers.DateTimeField()
    undone_by = serializers.UUIDField(source="undone_by_id", allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    undo_reason = serializers.CharField()


class WhySerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class PairQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=PairState.choices, required=False)
    least = serializers.FloatField(
        min_value=-90, max_value=90, required=False, help_text="From so many bits."
    )
    hospital = serializers.CharField(max_length=60, required=False)
    province = serializers.RegexField(r"^\d{2}(\d{4})?$", required=False)


class MostAlike(CursorPages):
    ordering = ("-score", "pk")


class PairsView(CountsPersons, Listed):
    """The queue, most alike first."""

    person_keys, leaves_as = ("low", "high"), "duplicates"

    serializer_class = PairSerializer
    pagination_class = MostAlike
    query = PairQuery

    def rows(self) -> QuerySet[MatchPair]:
        _may_see(self.request)
        return duplicates.pairs_listed(**self.chosen())

    def shown(self, rows: list[Any]) -> list[Any]:
        return duplicates.queued(rows)

    @extend_schema(operation_id="duplicates_list", tags=["doctors"], parameters=[PairQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


class PairView(CountsPersons, APIView):
    """Two records side by side."""

    person_keys, leaves_as = ("low", "high"), "duplicates"

    @extend_schema(operation_id="duplicates_read", tags=["doctors"], responses=PairDetailSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        _may_see(request)
        return Response(_whole(_pair(pk)))


class DecidePairView(PersonView):
    """Say whether two records are one doctor; the same doctor is merged, and both histories are kept."""

    @extend_schema(
        operation_id="duplicates_decide",
        tags=["doctors"],
        request=PairDecisionSerializer,
        responses=PairDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_merge_doctors(request.user):
            raise PermissionDenied
        pair = _pair(pk)
        said = shaped(PairDecisionSerializer, request.data)
        by, at = request.user, timezone.now()
        if said["answer"] in ("same_low", "same_high"):
            kept, merged = (
                (pair.low_id, pair.high_id) if said["answer"] == "same_low" else (pair.high_id, pair.low_id)
            )
            actions.merge_doctors(
                kept_id=kept, merged_id=merged, reason=said["reason"], by=by, at=at, pair_id=pk
            )
        else:
            actions.decide_pair(
                pair_id=pk,
                state=said["answer"],
                reason=said["reason"],
                look_again_on=said.get("look_again_on"),
                by=by,
                at=at,
            )
        return Response(_whole(_pair(pk)))


class NewestMerge(CursorPages):
    ordering = ("-merged_at", "-pk")


class MergesView(CountsPersons, Listed):
    """Every merge, newest first."""

    person_keys, leaves_as = ("kept", "merged"), "merges"

    serializer_class = MergeSerializer
    pagination_class = NewestMerge

    def rows(self) -> QuerySet[MergeRecord]:
        _may_see(self.request)
        return duplicates.merges_listed()

    @extend_schema(operation_id="merges_list", tags=["doctors"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


class UndoMergeView(PersonView):
    """Take two records apart again."""

    @extend_schema(
        operation_id="merges_undo", tags=["doctors"], request=WhySerializer, responses=MergeSerializer
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_merge_doctors(request.user):
            raise PermissionDenied
        get_object_or_404(duplicates.merges_listed(), pk=pk)
        said = shaped(WhySerializer, request.data)
        record = actions.undo_merge(record_id=pk, **said, by=request.user, at=timezone.now())
        return Response(MergeSerializer(record).data)


def _pair(pk: UUID) -> MatchPair:
    return get_object_or_404(MatchPair.objects.select_related("model", "decided_by"), pk=pk)


def _whole(pair: MatchPair) -> dict[str, Any]:
    sides = duplicates.side_by_side(pair.low_id, pair.high_id, timezone.localdate())
    reasons = matching.reasons_of(matching.weights_in(pair.model), tuple(pair.levels))
    return {
        **PairSerializer(duplicates.queued([pair])[0]).data,
        "sides": SideSerializer(sides, many=True).data,
        "reasons": PairReasonSerializer(reasons, many=True).data,
    }


def _may_see(request: Any) -> None:
    if not permissions.can_see_duplicates(request.user):
        raise PermissionDenied
