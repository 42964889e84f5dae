"""REST: lists that people keep, and one thing done to many doctors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from doctors import actions, permissions
from doctors.actions.lists import AT_ONCE, MOST
from doctors.choices import BulkAct, ListKind
from doctors.forms.doctors import DoctorFilter
from doctors.models import DoctorList
from doctors.selectors import saved
from pharmacrm.common.rest import Listed, PersonView, shaped


class KeptListSerializer(serializers.Serializer[Any]):
    """A list of picks, or a filter that is kept. Its doctors: `GET /doctors/` with `query`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ListKind.choices)
    filters = serializers.DictField(child=serializers.CharField())
    owner = serializers.UUIDField(source="owner_id")
    shared_with = serializers.UUIDField(
        source="shared_with_id", allow_null=True, help_text="Key of a territory."
    )
    query = serializers.SerializerMethodField()

    def get_query(self, one: DoctorList) -> str:
        return saved.query_of_list(one)


class ListNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    shared_with_id = serializers.UUIDField(required=False, allow_null=True)


class NewListSerializer(ListNameSerializer):
    """A list of picks without `filters`; with them a filter that is kept."""

    filters = serializers.DictField(child=serializers.CharField(max_length=80), required=False)


class BulkSerializer(serializers.Serializer[Any]):
    """One thing to do to the doctors named, or to all that pass `filters`."""

    act = serializers.ChoiceField(choices=BulkAct.choices)
    doctor_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST)
    filters = serializers.DictField(child=serializers.CharField(max_length=80), required=False)
    list_id = serializers.UUIDField(required=False)
    to_territory_id = serializers.UUIDField(required=False)
    effective_on = serializers.DateField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("doctor_ids" in given) is ("filters" in given):
            raise ValidationError({"doctor_ids": [_("Name the doctors, or give a filter.")]})
        needed = ("to_territory_id", "effective_on") if given["act"] == BulkAct.REALIGN else ("list_id",)
        missing = {name: [_("This act needs it.")] for name in needed if name not in given}
        if missing:
            raise ValidationError(missing)
        return given


class BulkLineSerializer(serializers.Serializer[Any]):
    doctor = serializers.UUIDField()
    said = serializers.ChoiceField(choices=("done", "unchanged", "not_allowed"))


class BulkAnswerSerializer(serializers.Serializer[Any]):
    """What came of it for each doctor; a job that is under way where they are many."""

    lines = BulkLineSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    job = serializers.UUIDField(allow_null=True)


class KeptListsView(Listed):
    """One's own lists and those shared with one's territory."""

    serializer_class = KeptListSerializer

    def rows(self) -> QuerySet[DoctorList]:
        _may_keep(self.request)
        return saved.lists_visible_to(self.request.user, timezone.localdate())

    @extend_schema(operation_id="lists_list", tags=["doctors"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="lists_keep",
        tags=["doctors"],
        request=NewListSerializer,
        responses={201: KeptListSerializer},
    )
    def post(self, request: Request) -> Response:
        """Keep a new list of doctors."""
        _may_keep(request)
        given = shaped(NewListSerializer, request.data)
        filters = _filters(given.pop("filters", {}))
        kept = actions.save_list(
            **{"shared_with_id": None, **given},
            kind=ListKind.FILTER if filters else ListKind.PICKS,
            filters=filters,
            by=request.user,
            at=timezone.now(),
        )
        return Response(KeptListSerializer(kept).data, status=status.HTTP_201_CREATED)


class KeptListView(PersonView):
    """Rename one's list, or share it otherwise."""

    @extend_schema(
        operation_id="lists_change",
        tags=["doctors"],
        request=ListNameSerializer,
        responses=KeptListSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _seen(request, pk)
        given = {"shared_with_id": None, **shaped(ListNameSerializer, request.data)}
        kept = actions.change_list(list_id=pk, **given, by=request.user, at=timezone.now())
        return Response(KeptListSerializer(kept).data)


class DropListView(PersonView):
    """Drop one's list."""

    @extend_schema(operation_id="lists_drop", tags=["doctors"], request=None, responses=KeptListSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        _seen(request, pk)
        return Response(
            KeptListSerializer(actions.drop_list(list_id=pk, by=request.user, at=timezone.now())).data
        )


class BulkView(PersonView):
    """Do one thing to many doctors; each answers for itself."""

    @extend_schema(
        operation_id="doctors_bulk", tags=["doctors"], request=BulkSerializer, responses=BulkAnswerSerializer
    )
    def post(self, request: Request) -> Response:
        if not (permissions.can_keep_list(request.user) or permissions.can_align(request.user)):
            raise PermissionDenied
        given = shaped(BulkSerializer, request.data)
        act, at = given["act"], timezone.now()
        if act == BulkAct.REALIGN and not permissions.can_align(request.user):
            raise PermissionDenied
        keys = given["doctor_ids"] if "doctor_ids" in given else _passing(request, given["filters"])
        if len(keys) > MOST:
            raise ValidationError(
                {"filters": [_("Too many doctors at once: %(most)d at most.") % {"most": MOST}]}
            )
        order = actions.BulkOrder(
            act=act,
            list_id=given.get("list_id"),
            to_territory_id=given.get("to_territory_id"),
            effective_on=given.get("effective_on"),
        )
        if len(keys) > AT_ONCE:
            title = str(BulkAct(act).label)
            job = actions.order_bulk(order=order, doctor_ids=keys, by=request.user, at=at, title=title)
            return Response({"lines": [], "counts": {}, "job": job.pk})
        answer = actions.carry_out_bulk(order=order, doctor_ids=keys, by=request.user, at=at)
        lines = [{"doctor": key, "said": said} for key, said in answer.by_doctor.items()]
        return Response({"lines": lines, "counts": answer.counts(), "job": None})


def _filters(given: dict[str, str]) -> dict[str, str]:
    chosen = DoctorFilter(given).chosen()
    unknown = {
        name: [_("There is no such filter, or no such value.")] for name in given if name not in chosen
    }
    if unknown:
        raise ValidationError({"filters": unknown})
    return {name: str(value) for name, value in chosen.items() if name in saved.FILTERS}


def _passing(request: Request, given: dict[str, str]) -> list[UUID]:
    rows = saved.doctors_filtered(request.user, timezone.localdate(), _filters(given))
    return list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])


def _may_keep(request: Request) -> None:
    if not permissions.can_keep_list(request.user):
        raise PermissionDenied


def _seen(request: Request, pk: UUID) -> None:
    get_object_or_404(saved.lists_visible_to(request.user, timezone.localdate()), pk=pk)
