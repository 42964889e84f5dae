"""REST: realignments of territories. What is shown is what is carried out; they are agreed to in the inbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doctors import actions, permissions
from doctors.choices import RealignmentKind, RealignmentState
from doctors.models import Realignment
from doctors.selectors import realignments as reads
from pharmacrm.common.api import CountsPersons, CursorPages
from pharmacrm.common.rest import Listed, PersonView, shaped

PLANNED = (RealignmentState.DRAFT, RealignmentState.ASKED)
WITH_PLANS = (*PLANNED, RealignmentState.APPROVED, RealignmentState.DONE)


class RealignmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    reason = serializers.CharField()
    effective_on = serializers.DateField()
    state = serializers.ChoiceField(choices=RealignmentState.choices)
    author = serializers.UUIDField(source="author_id")
    approver = serializers.UUIDField(source="approver_id", allow_null=True)
    moves_sha256 = serializers.CharField(
        help_text="Of the doctors who change hands, as the preview shows them."
    )
    previewed_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    carried_out_at = serializers.DateTimeField(allow_null=True)


class RealignmentLineSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=RealignmentKind.choices)
    from_territory = serializers.UUIDField(source="from_territory_id", allow_null=True)
    to_territory = serializers.UUIDField(source="to_territory_id", allow_null=True)
    division = serializers.CharField(source="division_id", allow_null=True)
    hospital = serializers.UUIDField(source="hospital_id", allow_null=True)
    doctor = serializers.UUIDField(source="doctor_id", allow_null=True)


class LoadSerializer(serializers.Serializer[Any]):
    """What a territory holds and asks for, before and after."""

    territory = serializers.UUIDField(source="territory_id")
    name = serializers.CharField(source="territory")
    doctors_before = serializers.IntegerField()
    doctors_after = serializers.IntegerField()
    contacts_before = serializers.IntegerField()
    contacts_after = serializers.IntegerField()


class OpenPlansSerializer(serializers.Serializer[Any]):
    """Planned visits of one person with doctors who change hands, and what becomes of them on the day."""

    person = serializers.CharField()
    plans = serializers.IntegerField()
    handed_over = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    kept = serializers.IntegerField()
    received = serializers.IntegerField()


class RealignmentDetailSerializer(RealignmentSerializer):
    """A realignment with its lines and what they mean."""

    changes = RealignmentLineSerializer(many=True)
    moving = serializers.IntegerField()
    blocked = serializers.IntegerField(help_text="Left alone: another assignment begins later.")
    loads = LoadSerializer(many=True)
    open_plans = OpenPlansSerializer(many=True)


class MoveSerializer(serializers.Serializer[Any]):
    doctor = serializers.UUIDField(source="doctor_id")
    name = serializers.CharField(source="doctor.identity.name")
    line = serializers.CharField()
    from_territory = serializers.UUIDField(source="from_territory_id", allow_null=True)
    to_territory = serializers.UUIDField(source="to_territory_id", allow_null=True)
    is_blocked = serializers.BooleanField()


class NewRealignmentSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    reason = serializers.CharField(max_length=300)
    effective_on = serializers.DateField()


class NewLineSerializer(serializers.Serializer[Any]):
    """Who moves: a doctor, a hospital, a division, a whole territory, or whoever its rules name."""

    kind = serializers.ChoiceField(choices=RealignmentKind.choices)
    to_territory_id = serializers.UUIDField()
    from_territory_id = serializers.UUIDField(required=False, allow_null=True)
    division_id = serializers.CharField(max_length=6, required=False)
    hospital_id = serializers.UUIDField(required=False)
    doctor_id = serializers.UUIDField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["kind"] == RealignmentKind.REVERSE:
            raise serializers.ValidationError({"kind": [_("A reverse has an address of its own.")]})
        needed = {
            RealignmentKind.DOCTOR: "doctor_id",
            RealignmentKind.HOSPITAL: "hospital_id",
            RealignmentKind.DIVISION: "division_id",
            RealignmentKind.TERRITORY: "from_territory_id",
        }.get(given["kind"])
        if needed and not given.get(needed):
            raise serializers.ValidationError(
                {needed: [serializers.Field.default_error_messages["required"]]}
            )
        named = {"doctor_id", "hospital_id", "division_id"} - {needed}
        return {name: value for name, value in given.items() if name not in named}


class ApproverSerializer(serializers.Serializer[Any]):
    approver_id = serializers.UUIDField()


class FromDaySerializer(serializers.Serializer[Any]):
    effective_on = serializers.DateField()


class RealignmentsView(Listed):
    """Realignments one may read, newest first."""

    serializer_class = RealignmentSerializer

    def rows(self) -> QuerySet[Realignment]:
        _may_see(self.request)
        return reads.realignments_visible_to(self.request.user)

    @extend_schema(operation_id="realignments_list", tags=["territories"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="realignments_open",
        tags=["territories"],
        request=NewRealignmentSerializer,
        responses={201: RealignmentDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Open a draft of a realignment."""
        if not permissions.can_align(request.user):
            raise PermissionDenied
        said = shaped(NewRealignmentSerializer, request.data)
        opened = actions.open_realignment(**said, by=request.user, at=timezone.now())
        return Response(_whole(opened), status=status.HTTP_201_CREATED)


class RealignmentView(CountsPersons, APIView):
    """One realignment: its lines, who would change hands, what that means for the load."""

    leaves_as = "realignments"

    @extend_schema(
        operation_id="realignments_read", tags=["territories"], responses=RealignmentDetailSerializer
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_whole(_one(request, pk)))


class ByDoctor(CursorPages):
    ordering = ("doctor_id", "pk")


class RealignmentMovesView(CountsPersons, Listed):
    """The doctors who change hands, as worked out last."""

    leaves_as = "realignments"

    serializer_class = MoveSerializer
    pagination_class = ByDoctor

    def rows(self) -> QuerySet[Any]:
        return reads.moves_of(_one(self.request, self.kwargs["pk"]).pk)

    @extend_schema(operation_id="realignments_moves", tags=["territories"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


class RealignmentLinesView(PersonView):
    """Add a line to a draft; who changes hands is worked out anew."""

    @extend_schema(
        operation_id="realignments_add_line",
        tags=["territories"],
        request=NewLineSerializer,
        responses={201: RealignmentDetailSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        one = _one(request, pk)
        said = shaped(NewLineSerializer, request.data)
        actions.add_realignment_change(realignment_id=one.pk, **said, by=request.user, at=timezone.now())
        return Response(_whole(_one(request, pk)), status=status.HTTP_201_CREATED)


class DropLineView(PersonView):
    """Take a line out of a draft."""

    @extend_schema(
        operation_id="realignments_drop_line",
        tags=["territories"],
        request=None,
        responses=RealignmentDetailSerializer,
    )
    def post(self, request: Request, pk: UUID, line: UUID) -> Response:
        _one(request, pk)
        if not reads.changes_of(pk).filter(pk=line).exists():
            raise Http404
        actions.drop_realignment_change(change_id=line, by=request.user, at=timezone.now())
        return Response(_whole(_one(request, pk)))


class PreviewRealignmentView(PersonView):
    """Work out again who would change hands."""

    @extend_schema(
        operation_id="realignments_preview",
        tags=["territories"],
        request=None,
        responses=RealignmentDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _one(request, pk)
        actions.preview_realignment(realignment_id=pk, by=request.user, at=timezone.now())
        return Response(_whole(_one(request, pk)))


class DropRealignmentView(PersonView):
    """Drop a draft, or take back what was asked."""

    @extend_schema(
        operation_id="realignments_drop",
        tags=["territories"],
        request=None,
        responses=RealignmentDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _one(request, pk)
        actions.drop_realignment(realignment_id=pk, by=request.user, at=timezone.now())
        return Response(_whole(_one(request, pk)))


class ProposeRealignmentView(PersonView):
    """Ask somebody to agree; it is carried out as soon as they do."""

    @extend_schema(
        operation_id="realignments_propose",
        tags=["territories"],
        request=ApproverSerializer,
        responses=RealignmentDetailSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _one(request, pk)
        said = shaped(ApproverSerializer, request.data)
        actions.ask_realignment(realignment_id=pk, **said, by=request.user, at=timezone.now())
        return Response(_whole(_one(request, pk)))


class ReverseRealignmentView(PersonView):
    """Draw up the reverse of what was carried out."""

    @extend_schema(
        operation_id="realignments_reverse",
        tags=["territories"],
        request=FromDaySerializer,
        responses={201: RealignmentDetailSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _one(request, pk)
        said = shaped(FromDaySerializer, request.data)
        drawn = actions.reverse_realignment(realignment_id=pk, **said, by=request.user, at=timezone.now())
        return Response(_whole(drawn), status=status.HTTP_201_CREATED)


def _one(request: Request, pk: UUID) -> Realignment:
    _may_see(request)
    return get_object_or_404(reads.realignments_visible_to(request.user), pk=pk)


def _whole(one: Realignment) -> Any:
    moves = reads.moves_of(one.pk)
    is_planned = one.state in PLANNED
    return {
        **RealignmentSerializer(one).data,
        "changes": RealignmentLineSerializer(reads.changes_of(one.pk), many=True).data,
        "moving": moves.filter(is_blocked=False).count(),
        "blocked": moves.filter(is_blocked=True).count(),
        "loads": LoadSerializer(reads.load_of(one) if is_planned else [], many=True).data,
        "open_plans": OpenPlansSerializer(
            reads.open_plans_of(one) if one.state in WITH_PLANS else [], many=True
        ).data,
    }


def _may_see(request: Any) -> None:
    if not permissions.can_see_alignment(request.user):
        raise PermissionDenied
