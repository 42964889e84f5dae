"""The plan of the audit-trail reviews over REST: read by whoever reads the ledger; a person changes it on its page."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance import permissions
from compliance.selectors.review_plan import planned_reviews
from pharmacrm.common.api import ScopeAllows


class ReadsLedger(IsAuthenticated):
    """Whoever reads the ledger."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(super().has_permission(request, view)) and permissions.can_read_ledger(request.user)


class TermsSerializer(serializers.Serializer[Any]):
    """By what a review is drawn: `per_mille` of the acts, at least `least`, at most `most`, signed within `days`."""

    every_months = serializers.IntegerField()
    least = serializers.IntegerField()
    per_mille = serializers.IntegerField()
    most = serializers.IntegerField()
    days = serializers.IntegerField()


class PlannedReviewSerializer(serializers.Serializer[Any]):
    """One review of the plan."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    due_on = serializers.DateField()
    state = serializers.ChoiceField(choices=["planned", "queued", "open", "overdue", "signed"])
    reviewer = serializers.SerializerMethodField(help_text="Who signs; empty: any officer.")
    terms = TermsSerializer(source="standing.terms")
    review_id = serializers.UUIDField(source="review.pk", allow_null=True, default=None)
    drawn = serializers.IntegerField(source="review.drawn", allow_null=True, default=None)
    population = serializers.IntegerField(source="review.population", allow_null=True, default=None)

    def get_reviewer(self, one: Any) -> str:
        return str(one.reviewer or "")


class ReviewPlanView(APIView):
    """The reviews under way or due, and those of the next twelve months."""

    permission_classes = (ReadsLedger, ScopeAllows)

    @extend_schema(
        operation_id="trail_review_plan", tags=["compliance"], responses=PlannedReviewSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        rows = planned_reviews(timezone.localdate())
        return Response(PlannedReviewSerializer(rows, many=True).data)
