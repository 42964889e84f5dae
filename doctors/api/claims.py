"""REST: claims about who belongs to whom, and proposed corrections field by field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from doctors import actions, permissions, selectors
from doctors.choices import ChallengeKind, ChangeKind, ChangeState, Post, Title
from doctors.selectors import challenges, changes
from pharmacrm.common.api import CountsPersons, CursorPages
from pharmacrm.common.rest import Listed, PersonView, shaped

FIELDS_ASKED = ("name", "title", "post", "specialty", "department_name")


class TerritoryClaimSerializer(serializers.Serializer[Any]):
    """One claim. `who` is what the person wrote while it is not known which doctor is meant."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ChallengeKind.choices)
    doctor = serializers.UUIDField(source="card.id", default=None, allow_null=True)
    who = serializers.CharField()
    reason = serializers.CharField()
    territory = serializers.UUIDField(source="territory_id")
    line = serializers.CharField()
    asked_by = serializers.UUIDField(source="asked_by_id")
    asked_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    state = serializers.ChoiceField(choices=ChangeState.choices)
    answer = serializers.CharField()


class NewClaimSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    hospital = serializers.CharField(max_length=120)
    territory_id = serializers.UUIDField(help_text="A territory one works in.")
    reason = serializers.CharField(max_length=500)


class DeclineSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class ClaimDecisionSerializer(serializers.Serializer[Any]):
    """`doctor_id` says who was meant by a claim in words; `to_territory_id` who gets a doctor that somebody declines."""

    accept = serializers.BooleanField()
    answer = serializers.CharField(max_length=300)
    on = serializers.DateField(required=False, allow_null=True)
    doctor_id = serializers.UUIDField(required=False, allow_null=True)
    to_territory_id = serializers.UUIDField(required=False, allow_null=True)


class ProposedLineSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    is_taken = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField()


class ProposedChangeSerializer(serializers.Serializer[Any]):
    """One proposal, field by field. `is_taken` is null until it is decided."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    doctor = serializers.UUIDField(source="card.id", default=None, allow_null=True)
    lines = ProposedLineSerializer(many=True)
    note = serializers.CharField()
    attachments = serializers.ListField(child=serializers.UUIDField())
    asked_by = serializers.UUIDField(source="asked_by_id")
    asked_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    state = serializers.ChoiceField(choices=ChangeState.choices)
    answer = serializers.CharField()


class AskChangeSerializer(serializers.Serializer[Any]):
    """What should be corrected; a field that is left out stays as it is."""

    name = serializers.CharField(max_length=80, required=False)
    title = serializers.ChoiceField(choices=Title.choices, required=False)
    post = serializers.ChoiceField(choices=Post.choices, required=False)
    specialty = serializers.CharField(max_length=80, required=False)
    department_name = serializers.CharField(max_length=60, required=False)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ProposeDoctorSerializer(serializers.Serializer[Any]):
    """A doctor the master does not know, in a territory one works in."""

    name = serializers.CharField(max_length=80)
    hospital_id = serializers.UUIDField()
    territory_id = serializers.UUIDField()
    department_name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    title = serializers.ChoiceField(choices=Title.choices, required=False)
    post = serializers.ChoiceField(choices=Post.choices, required=False)
    specialty = serializers.CharField(max_length=80, required=False, allow_blank=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ChangeDecisionSerializer(serializers.Serializer[Any]):
    """Without `fields` all of it is taken or refused; a field that is not taken needs words."""

    accept = serializers.BooleanField()
    answer = serializers.CharField(max_length=300, required=False, allow_blank=True)
    fields = serializers.ListField(child=serializers.CharField(max_length=40), required=False)  # type: ignore[assignment]
    reasons = serializers.DictField(child=serializers.CharField(max_length=300), required=False)


class StateQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=ChangeState.choices, required=False)


class ClaimsView(CountsPersons, Listed):
    """Claims one may read: one's own, those one decides."""

    leaves_as = "claims"

    serializer_class = TerritoryClaimSerializer
    query = StateQuery

    def rows(self) -> QuerySet[Any]:
        return challenges.challenges_visible_to(self.request.user, timezone.localdate()).filter(
            **self.chosen()
        )

    def shown(self, rows: list[Any]) -> list[Any]:
        return list(challenges.claims(rows))

    @extend_schema(operation_id="territory_claims_list", tags=["territories"], parameters=[StateQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="territory_claims_make",
        tags=["territories"],
        request=NewClaimSerializer,
        responses={201: TerritoryClaimSerializer},
    )
    def post(self, request: Request) -> Response:
        """Claim a doctor for one's territory, with the reason in words."""
        if not permissions.can_challenge(request.user):
            raise PermissionDenied
        given = shaped(NewClaimSerializer, request.data)
        made = actions.claim_doctor(**given, by=request.user, at=timezone.now())
        return _claim(made.pk, request, status.HTTP_201_CREATED)


class DeclineDoctorView(PersonView):
    """Say that a doctor should not be one's own."""

    @extend_schema(
        operation_id="territory_claims_decline",
        tags=["territories"],
        request=DeclineSerializer,
        responses={201: TerritoryClaimSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_challenge(request.user):
            raise PermissionDenied
        _doctor_or_404(request, pk)
        said = shaped(DeclineSerializer, request.data)
        made = actions.decline_doctor(doctor_id=pk, **said, by=request.user, at=timezone.now())
        return _claim(made.pk, request, status.HTTP_201_CREATED)


class DecideClaimView(PersonView):
    """Accept or refuse a claim, with words."""

    @extend_schema(
        operation_id="territory_claims_decide",
        tags=["territories"],
        request=ClaimDecisionSerializer,
        responses=TerritoryClaimSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_decide_challenge(request.user):
            raise PermissionDenied
        get_object_or_404(challenges.challenges_visible_to(request.user, timezone.localdate()), pk=pk)
        said = shaped(ClaimDecisionSerializer, request.data)
        actions.decide_challenge(challenge_id=pk, **said, by=request.user, at=timezone.now())
        return _claim(pk, request)


class ByDay(CursorPages):
    ordering = ("due_on", "pk")


class ChangesView(CountsPersons, Listed):
    """Proposals one may see, by their day."""

    leaves_as = "changes"

    serializer_class = ProposedChangeSerializer
    pagination_class = ByDay
    query = StateQuery

    def rows(self) -> QuerySet[Any]:
        return changes.change_requests_visible_to(self.request.user).filter(**self.chosen())

    def shown(self, rows: list[Any]) -> list[Any]:
        return list(changes.proposed(rows))

    @extend_schema(operation_id="changes_list", tags=["doctors"], parameters=[StateQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="changes_propose_doctor",
        tags=["doctors"],
        request=ProposeDoctorSerializer,
        responses={201: ProposedChangeSerializer},
    )
    def post(self, request: Request) -> Response:
        """Propose a doctor the master does not know."""
        if not permissions.can_propose_doctor(request.user):
            raise PermissionDenied
        said = shaped(ProposeDoctorSerializer, request.data)
        made = actions.propose_doctor(
            territory_id=said.pop("territory_id"),
            note=said.pop("note", ""),
            doctor=actions.NewDoctor(**said),
            by=request.user,
            at=timezone.now(),
        )
        return _change(made.pk, request, status.HTTP_201_CREATED)


class AskChangeView(PersonView):
    """Propose a correction of one doctor."""

    @extend_schema(
        operation_id="changes_ask",
        tags=["doctors"],
        request=AskChangeSerializer,
        responses={201: ProposedChangeSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_ask_change(request.user):
            raise PermissionDenied
        _doctor_or_404(request, pk)
        said = shaped(AskChangeSerializer, request.data)
        made = actions.ask_change(
            doctor_id=pk,
            wanted={name: said[name] for name in FIELDS_ASKED if name in said},
            note=said.get("note", ""),
            by=request.user,
            at=timezone.now(),
        )
        return _change(made.pk, request, status.HTTP_201_CREATED)


class DecideChangeView(PersonView):
    """Accept a proposal, whole or field by field, or refuse it."""

    @extend_schema(
        operation_id="changes_decide",
        tags=["doctors"],
        request=ChangeDecisionSerializer,
        responses=ProposedChangeSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_decide_change(request.user):
            raise PermissionDenied
        get_object_or_404(changes.change_requests_visible_to(request.user), pk=pk)
        said = shaped(ChangeDecisionSerializer, request.data)
        actions.decide_change(request_id=pk, **said, by=request.user, at=timezone.now())
        return _change(pk, request)


def _claim(pk: UUID, request: Request, code: int = status.HTTP_200_OK) -> Response:
    row = challenges.challenges_visible_to(request.user, timezone.localdate()).get(pk=pk)
    return Response(TerritoryClaimSerializer(challenges.claims([row])[0]).data, status=code)


def _change(pk: UUID, request: Request, code: int = status.HTTP_200_OK) -> Response:
    row = changes.change_requests_visible_to(request.user).get(pk=pk)
    return Response(ProposedChangeSerializer(changes.proposed([row])[0]).data, status=code)


def _doctor_or_404(request: Request, pk: UUID) -> None:
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
