"""Correct or end what is on record of a doctor's works, seats and preference, and take a file of citations in, over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from doctors import actions, permissions, selectors
from doctors.api.academic import (
    AcademicSerializer,
    GuidelineSerializer,
    SeatSerializer,
    academic_answer,
    may_write,
)
from doctors.models import AcademicPost, Authorship, GuidelineWork, Preference
from pharmacrm.common.api import JSONParser
from pharmacrm.common.rest import PersonView, ReadsOrActs, shaped

MOST_BYTES = 10 * 1024 * 1024


class EndSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class PlaceSerializer(EndSerializer):
    """A doctor's place among the authors, corrected."""

    position = serializers.IntegerField(min_value=1, max_value=5000)
    is_corresponding = serializers.BooleanField(default=False)


class CorrectGuidelineSerializer(GuidelineSerializer, EndSerializer):
    pass


class CorrectSeatSerializer(SeatSerializer, EndSerializer):
    pass


class EndSeatSerializer(EndSerializer):
    until = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="First day on which it was held no more; today",
    )


class CitationsSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        help_text="PubMed XML, NBIB, RIS, or CSV with a title column; at most 300 works"
    )


class TakenSerializer(serializers.Serializer[Any]):
    """What became of a file of citations; `left` are those without title, journal or day."""

    new = serializers.IntegerField()
    known = serializers.IntegerField()
    proposed = serializers.IntegerField(help_text="Authors proposed for a person to decide")
    left = serializers.IntegerField()


class _RowView(ReadsOrActs):
    """One act on one row of a doctor."""

    model: ClassVar[type[models.Model]]
    shape: ClassVar[type[serializers.Serializer[Any]]] = EndSerializer
    act: ClassVar[Callable[..., Any]]

    def carry_out(self, request: Request, pk: UUID, row: UUID) -> Response:
        may_write(request, pk)
        held = self.model._default_manager.filter(pk=row, doctor_id__in=selectors.family_of(pk)).first()
        if held is None:
            raise Http404
        type(self).act(held.pk, by=request.user, at=timezone.now(), **shaped(self.shape, request.data))
        return academic_answer(request, pk, status.HTTP_200_OK)


def _row_view(
    name: str,
    model: type[models.Model],
    shape: type[serializers.Serializer[Any]],
    act: Callable[..., Any],
    words: str,
) -> type[_RowView]:
    @extend_schema(
        operation_id=f"doctors_{name}", tags=["doctors"], request=shape, responses=AcademicSerializer
    )
    def post(self: _RowView, request: Request, pk: UUID, row: UUID) -> Response:
        return self.carry_out(request, pk, row)

    post.__doc__ = words
    title = "".join(part.title() for part in name.split("_")) + "View"
    return type(
        title,
        (_RowView,),
        {"model": model, "shape": shape, "act": staticmethod(act), "post": post, "__doc__": words},
    )


def _correct_guideline(pk: UUID, *, reason: str, by: Any, at: Any, **said: Any) -> None:
    actions.correct_guideline_work(work_id=pk, work=actions.Guideline(**said), reason=reason, by=by, at=at)


def _correct_seat(pk: UUID, *, reason: str, by: Any, at: Any, **said: Any) -> None:
    actions.correct_academic_post(post_id=pk, seat=actions.Seat(**said), reason=reason, by=by, at=at)


CorrectAuthorView = _row_view(
    "publications_correct", Authorship, PlaceSerializer,
    lambda pk, **said: actions.correct_author(authorship_id=pk, **said),
    "Correct the doctor's place among the authors.",
)  # fmt: skip
EndAuthorView = _row_view(
    "publications_end", Authorship, EndSerializer,
    lambda pk, **said: actions.detach_author(authorship_id=pk, **said),
    "Take back that the doctor wrote it; the row stays.",
)  # fmt: skip
CorrectGuidelineView = _row_view(
    "guidelines_correct", GuidelineWork, CorrectGuidelineSerializer, _correct_guideline,
    "Correct what is said of the doctor's part in a guideline.",
)  # fmt: skip
EndGuidelineView = _row_view(
    "guidelines_end", GuidelineWork, EndSerializer,
    lambda pk, **said: actions.end_guideline_work(work_id=pk, **said),
    "Take the doctor's part in a guideline back; the row stays.",
)  # fmt: skip
CorrectSeatView = _row_view(
    "posts_correct", AcademicPost, CorrectSeatSerializer, _correct_seat, "Correct what is said of a seat."
)
EndSeatView = _row_view(
    "posts_end", AcademicPost, EndSeatSerializer,
    lambda pk, **said: actions.end_academic_post(post_id=pk, **said),
    "End a seat; the row stays.",
)  # fmt: skip
EndPreferenceView = _row_view(
    "preference_end", Preference, EndSerializer,
    lambda pk, **said: actions.end_preference(preference_id=pk, **said),
    "End the preference; nothing is known of it then.",
)  # fmt: skip


class CitationsView(PersonView):
    """A file of citations: publications are kept once, and authors who may be doctors on record are proposed."""

    parser_classes = (MultiPartParser, JSONParser)

    @extend_schema(
        operation_id="publications_import",
        tags=["doctors"],
        request={"multipart/form-data": CitationsSerializer},
        responses={201: TakenSerializer},
    )
    def post(self, request: Request) -> Response:
        if not permissions.can_edit_master(request.user):
            raise PermissionDenied
        upload = shaped(CitationsSerializer, request.data)["file"]
        if upload.size > MOST_BYTES:
            raise serializers.ValidationError({"file": ["At most 10 MB."]})
        taken = actions.import_publications(
            content=upload.read(), name=upload.name, by=request.user, at=timezone.now()
        )
        return Response(TakenSerializer(taken).data, status=status.HTTP_201_CREATED)
