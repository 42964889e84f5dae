"""REST: one's own courses and certificates, and the training board for who watches others."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance import permissions
from compliance.choices import DutyCause, DutyState, TrainedRole
from compliance.models import Certificate, TrainingDuty
from compliance.selectors.board import certificates_with_all, duties_like
from compliance.selectors.training import my_courses
from pharmacrm.common.api import CursorPages
from pharmacrm.common.rest import Listed


class DutySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    cause = serializers.ChoiceField(choices=DutyCause.choices)
    assigned_on = serializers.DateField()
    due_on = serializers.DateField()
    state = serializers.ChoiceField(choices=DutyState.choices)
    ended_on = serializers.DateField(allow_null=True)


class OwnCourseSerializer(serializers.Serializer[Any]):
    """A course one has to take, holds or has begun. `stops_work`: without it acts of one's role are refused."""

    course = serializers.UUIDField(source="course.pk")
    code = serializers.CharField(source="course.code")
    title_zh = serializers.CharField(source="course.title_zh")
    title_en = serializers.CharField(source="course.title_en")
    version = serializers.UUIDField(source="version.pk", default=None, allow_null=True)
    duty = DutySerializer(allow_null=True)
    certificate = serializers.UUIDField(source="certificate.pk", default=None, allow_null=True)
    done = serializers.IntegerField()
    steps = serializers.IntegerField()
    is_overdue = serializers.BooleanField()
    stops_work = serializers.BooleanField()


class CertificateSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    course = serializers.UUIDField(source="course_id")
    course_code = serializers.CharField()
    version = serializers.UUIDField(source="version_id", allow_null=True)
    score = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(help_text="The first day on which it no longer counts.")
    renew_by = serializers.DateField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    revoked_for = serializers.CharField()


class WatchedDutySerializer(DutySerializer):
    """A duty of somebody one watches."""

    person = serializers.UUIDField(source="user_id")
    name = serializers.CharField(source="user.display_name")
    course_code = serializers.CharField(source="course.code")
    certificate = serializers.UUIDField(source="certificate_id", allow_null=True)


class BoardQuery(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=80, required=False, help_text="Part of a name.")
    course = serializers.CharField(max_length=40, required=False)
    role = serializers.ChoiceField(choices=TrainedRole.choices, required=False)
    cause = serializers.ChoiceField(choices=DutyCause.choices, required=False)
    state = serializers.ChoiceField(choices=[("overdue", "overdue"), *DutyState.choices], required=False)


class OwnCoursesView(APIView):
    """One's own courses with their duties, what stops work first."""

    @extend_schema(
        operation_id="training_courses", tags=["training"], responses=OwnCourseSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        _may_learn(request)
        return Response(OwnCourseSerializer(my_courses(request.user, timezone.now()), many=True).data)


class OwnCertificatesView(Listed):
    """One's own certificates, the newest first, those that ended or were revoked too."""

    serializer_class = CertificateSerializer

    def rows(self) -> QuerySet[Certificate]:
        _may_learn(self.request)
        return certificates_with_all().filter(user=self.request.user)

    @extend_schema(operation_id="training_certificates", tags=["training"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


class OpenFirst(CursorPages):
    ordering = ("is_closed", "due_on", "pk")


class TrainingBoardView(Listed):
    """Who has to take what until when: compliance everybody, a line manager their own people."""

    serializer_class = WatchedDutySerializer
    pagination_class = OpenFirst
    query = BoardQuery

    def rows(self) -> QuerySet[TrainingDuty]:
        if not permissions.can_see_board(self.request.user):
            raise PermissionDenied
        return duties_like(self.request.user, on=timezone.localdate(), **self.chosen())

    @extend_schema(operation_id="training_board", tags=["training"], parameters=[BoardQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


def _may_learn(request: Any) -> None:
    if not permissions.can_learn(request.user):
        raise PermissionDenied
