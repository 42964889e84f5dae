"""A doctor's publications, guideline work, seats and preference over REST; what is written passes the same actions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doctors import actions, permissions, selectors
from doctors.choices import (
    AcademicRole,
    Channel,
    DatePrecision,
    DoctorLanguage,
    GuidelineRole,
    InterestSource,
    PostLevel,
)
from pharmacrm.common.api import CountsPersons
from pharmacrm.common.rest import ReadsOrActs


class PaperSerializer(serializers.Serializer[Any]):
    """A publication and the doctor's place in it."""

    id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(max_length=500)
    journal = serializers.CharField(max_length=200)
    published_on = serializers.DateField()
    date_precision = serializers.ChoiceField(DatePrecision.choices, default=DatePrecision.DAY)
    pmid = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")
    doi = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    authors_total = serializers.IntegerField(min_value=0, max_value=5000, default=0)
    position = serializers.IntegerField(min_value=1, max_value=5000)
    is_corresponding = serializers.BooleanField(default=False)
    ground = serializers.CharField(
        max_length=200, write_only=True, help_text="How it is known that it is this doctor."
    )


class GuidelineSerializer(serializers.Serializer[Any]):
    """A doctor's part in a guideline."""

    id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(max_length=200)
    issuer = serializers.CharField(max_length=120)
    year = serializers.IntegerField(min_value=1950, max_value=2200)
    role = serializers.ChoiceField(GuidelineRole.choices)
    level = serializers.ChoiceField(PostLevel.choices, default=PostLevel.NATIONAL)
    source_url = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class SeatSerializer(serializers.Serializer[Any]):
    """A seat in a society, a journal or a guideline group."""

    id = serializers.UUIDField(read_only=True)
    organisation = serializers.CharField(max_length=120)
    role = serializers.ChoiceField(AcademicRole.choices)
    level = serializers.ChoiceField(PostLevel.choices, default=PostLevel.NATIONAL)
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)
    source_url = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class PreferenceSerializer(serializers.Serializer[Any]):
    """How a doctor likes to be reached; consent decides what is allowed."""

    id = serializers.UUIDField(read_only=True)
    channel = serializers.ChoiceField(Channel.choices, required=False, allow_blank=True, default="")
    language = serializers.ChoiceField(DoctorLanguage.choices, required=False, allow_blank=True, default="")
    source = serializers.ChoiceField(InterestSource.choices, default=InterestSource.SELF_STATED)
    reason = serializers.CharField(
        max_length=200, write_only=True, required=False, allow_blank=True, default=""
    )


class PaperLineSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    authorship_id = serializers.UUIDField(help_text="What is corrected or ended: the doctor's part in it.")
    title = serializers.CharField()
    journal = serializers.CharField()
    day = serializers.CharField(help_text="As exactly as it is known: 2024, 2024-03 or 2024-03-15.")
    pmid = serializers.CharField()
    doi = serializers.CharField()
    position = serializers.IntegerField()
    authors_total = serializers.IntegerField()
    is_corresponding = serializers.BooleanField()
    is_retracted = serializers.BooleanField()
    coauthors = serializers.IntegerField(help_text="Other doctors on record who wrote it.")


class AcademicSerializer(serializers.Serializer[Any]):
    publications = PaperLineSerializer(many=True)
    guidelines = GuidelineSerializer(many=True)
    posts = SeatSerializer(many=True)
    preference = PreferenceSerializer(allow_null=True)


class AcademicView(CountsPersons, APIView):
    """What a doctor has published and helped to write, and how they like to be reached."""

    person_in_address, leaves_as = "pk", "doctors"

    @extend_schema(operation_id="doctors_academic_retrieve", tags=["doctors"], responses=AcademicSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return academic_answer(request, pk, status.HTTP_200_OK)


class PublicationsView(ReadsOrActs):
    """Add a publication with the doctor's place in it."""

    @extend_schema(
        operation_id="doctors_publications_create",
        tags=["doctors"],
        request=PaperSerializer,
        responses={201: AcademicSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        said = _said(request, pk, PaperSerializer)
        place = {name: said.pop(name) for name in ("position", "is_corresponding", "ground")}
        actions.add_authored_paper(
            doctor_id=pk, paper=actions.Paper(**said), by=request.user, at=timezone.now(), **place
        )
        return academic_answer(request, pk, status.HTTP_201_CREATED)


class GuidelinesView(ReadsOrActs):
    """Add a doctor's part in a guideline."""

    @extend_schema(
        operation_id="doctors_guidelines_create",
        tags=["doctors"],
        request=GuidelineSerializer,
        responses={201: AcademicSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        said = _said(request, pk, GuidelineSerializer)
        work = actions.Guideline(**said)
        actions.add_guideline_work(doctor_id=pk, work=work, by=request.user, at=timezone.now())
        return academic_answer(request, pk, status.HTTP_201_CREATED)


class PostsView(ReadsOrActs):
    """Add a seat in a society, a journal or a guideline group; one held already is answered as it stands."""

    @extend_schema(
        operation_id="doctors_posts_create",
        tags=["doctors"],
        request=SeatSerializer,
        responses={201: AcademicSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        seat = actions.Seat(**_said(request, pk, SeatSerializer))
        actions.add_academic_post(doctor_id=pk, seat=seat, by=request.user, at=timezone.now())
        return academic_answer(request, pk, status.HTTP_201_CREATED)


class PreferenceView(ReadsOrActs):
    """Say how a doctor likes to be reached; the preference before ends."""

    @extend_schema(
        operation_id="doctors_preference_create",
        tags=["doctors"],
        request=PreferenceSerializer,
        responses={201: AcademicSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        said = _said(request, pk, PreferenceSerializer)
        actions.set_preference(doctor_id=pk, by=request.user, at=timezone.now(), **said)
        return academic_answer(request, pk, status.HTTP_201_CREATED)


def may_write(request: Request, pk: UUID) -> None:
    """Let a steward on who sees the doctor. Raises: PermissionDenied; Http404."""
    if not permissions.can_edit_master(request.user):
        raise PermissionDenied
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404


def _said(request: Request, pk: UUID, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    may_write(request, pk)
    payload = shape(data=request.data)
    payload.is_valid(raise_exception=True)
    return dict(payload.validated_data)


def academic_answer(request: Request, pk: UUID, code: int) -> Response:
    """Answer with all that is on record of a doctor's works, seats and preference."""
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    found = selectors.academic_of(pk)
    shown = {
        "publications": found.papers,
        "guidelines": found.guidelines,
        "posts": found.seats,
        "preference": found.preference,
    }
    return Response(AcademicSerializer(shown).data, status=code)
