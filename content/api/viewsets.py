"""Content over REST: reading for tokens with `read`; every step of a material's life only for a person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from compliance.actions import SignatureProof
from content import actions, permissions, selectors
from content.models import Claim, MaterialVersion, Product
from content.selectors import desk
from pharmacrm.common.api import ActsAsPerson, ScopeAllows
from pharmacrm.common.ids import uuid7

from .serializers import (
    ClaimQuery,
    ClaimSerializer,
    DecisionSerializer,
    MaterialQuery,
    MaterialVersionSerializer,
    ProductSerializer,
    ReasonSerializer,
    ReleaseSerializer,
    SignedMaterialVersionSerializer,
)


class SeesDesk(IsAuthenticated):
    """Products and claims are the desk's; a service account reads them as well."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(super().has_permission(request, view)) and (
            permissions.can_see_content_desk(request.user) or request.user.has_role("service")
        )


class SeesLibrary(IsAuthenticated):
    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(super().has_permission(request, view)) and permissions.can_see_library(request.user)


@extend_schema_view(
    list=extend_schema(description="Products with their approvals and stages of life."),
    retrieve=extend_schema(description="One product."),
)
class ProductViewSet(ReadOnlyModelViewSet[Product]):
    serializer_class = ProductSerializer
    permission_classes = (SeesDesk, ScopeAllows)
    queryset = Product.objects.none()

    def get_queryset(self) -> QuerySet[Product]:
        return selectors.products().order_by()


@extend_schema_view(
    list=extend_schema(
        parameters=[ClaimQuery], description="Claims with the label and the evidence they rest on."
    ),
    retrieve=extend_schema(description="One claim."),
)
class ClaimViewSet(ReadOnlyModelViewSet[Claim]):
    serializer_class = ClaimSerializer
    permission_classes = (SeesDesk, ScopeAllows)
    queryset = Claim.objects.none()

    def get_queryset(self) -> QuerySet[Claim]:
        return desk.claims_list(**_asked(self, ClaimQuery))


@extend_schema_view(
    list=extend_schema(parameters=[MaterialQuery], description="Versions of materials the caller may see."),
    retrieve=extend_schema(description="One version of a material with its signatures."),
)
class MaterialVersionViewSet(ReadOnlyModelViewSet[MaterialVersion]):
    """Versions the caller may see. The verbs act as the signed-in person; a client alone gets 403."""

    serializer_class = MaterialVersionSerializer
    permission_classes = (SeesLibrary, ScopeAllows)
    queryset = MaterialVersion.objects.none()

    def get_permissions(self) -> list[Any]:
        if self.action in {"list", "retrieve"}:
            return super().get_permissions()
        return [SeesLibrary(), ActsAsPerson()]

    def get_serializer_class(self) -> type[MaterialVersionSerializer]:
        return MaterialVersionSerializer if self.action == "list" else SignedMaterialVersionSerializer

    def get_queryset(self) -> QuerySet[MaterialVersion]:
        if not self.request.user.is_authenticated:
            return MaterialVersion.objects.none()
        return desk.library(self.request.user, timezone.localdate(), **_asked(self, MaterialQuery))

    @extend_schema(request=None, responses=SignedMaterialVersionSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Submit a version for review; its three seats are asked."""
        version = self.get_object()
        actions.submit_version(version_id=version.pk, by=request.user, at=timezone.now())
        return self._answer(version)

    @extend_schema(request=None, responses=SignedMaterialVersionSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take a version back from review."""
        version = self.get_object()
        actions.take_back_version(version_id=version.pk, by=request.user, at=timezone.now())
        return self._answer(version)

    @extend_schema(request=DecisionSerializer, responses=SignedMaterialVersionSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Sign one's seat of a review: agree, return or refuse, with password and one-time code."""
        version = self.get_object()
        said = _said(request, DecisionSerializer)
        # SECURITY: no session stands behind a token, so every signature over REST takes the one-time code.
        proof = SignatureProof(said.pop("password"), said.pop("code"), session_key=str(uuid7()))
        actions.decide_review(version_id=version.pk, by=request.user, at=timezone.now(), proof=proof, **said)
        return self._answer(version)

    @extend_schema(request=ReleaseSerializer, responses=SignedMaterialVersionSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Release a version that all three have signed, with its number and last day."""
        version = self.get_object()
        said = _said(request, ReleaseSerializer)
        actions.release_version(version_id=version.pk, by=request.user, at=timezone.now(), **said)
        return self._answer(version)

    @extend_schema(request=ReasonSerializer, responses=SignedMaterialVersionSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Withdraw a released version: it stops on every device."""
        version = self.get_object()
        said = _said(request, ReasonSerializer)
        actions.withdraw_version(version_id=version.pk, by=request.user, at=timezone.now(), **said)
        return self._answer(version)

    @extend_schema(request=ReasonSerializer, responses=SignedMaterialVersionSerializer)
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: str) -> Response:
        """Recall a released version, also what was left with doctors."""
        version = self.get_object()
        said = _said(request, ReasonSerializer)
        actions.recall_version(version_id=version.pk, by=request.user, at=timezone.now(), **said)
        return self._answer(version)

    def _answer(self, version: MaterialVersion) -> Response:
        fresh = desk.version_of(self.request.user, version.pk) or version
        return Response(self.get_serializer(fresh).data)


def _said(request: Request, shape: Any) -> dict[str, Any]:
    payload = shape(data=request.data)
    payload.is_valid(raise_exception=True)
    return dict(payload.validated_data)


def _asked(view: Any, shape: Any) -> dict[str, Any]:
    """Return the filters of a list; a single row is asked without any."""
    if view.action != "list":
        return {}
    query = shape(
        data={
            name: view.request.query_params[name]
            for name in shape().fields
            if name in view.request.query_params
        }
    )
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)
