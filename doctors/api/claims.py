"""REST: claims about who belongs to whom, and proposed corrections field by field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from doctors import actions, permissions, selectors
from doctors.choices import ChallengeKind, ChangeKind, ChangeState, Post, Title
from doctors.doors import MOST_FILES, keep_attachment, keep_attachments
from doctors.selectors import challenges, changes
from pharmacrm.common.api import CountsPersons, CursorPages, JSONParser
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
    has_evidence = serializers.SerializerMethodField()

    def get_has_evidence(self, claim: Any) -> bool:
        return claim.evidence_id is not None


class EvidenceSerializer(serializers.Serializer[Any]):
    evidence = serializers.FileField(required=False, help_text="PDF, PNG or JPEG, up to 20 MB.")


class NewClaimSerializer(EvidenceSerializer):
    name = serializers.CharField(max_length=80)
    hospital = serializers.CharField(max_length=120)
    territory_id = serializers.UUIDField(help_text="A territory one works in.")
    reason = serializers.CharField(max_length=500)


class DeclineSerializer(EvidenceSerializer):
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


class AttachmentsSerializer(serializers.Serializer[Any]):
    attachments = serializers.ListField(
        child=serializers.FileField(),
        required=False,
        max_length=MOST_FILES,
        help_text="PDF, PNG or JPEG, up to five of 20 MB.",
    )


class AskChangeSerializer(AttachmentsSerializer):
    """What should be corrected; a field that is left out stays as it is."""

    name = serializers.CharField(max_length=80, required=False)
    title = serializers.ChoiceField(choices=Title.choices, required=False)
    post = serializers.ChoiceField(choices=Post.choices, required=False)
    specialty = serializers.CharField(max_length=80, required=False)
    department_name = serializers.CharField(max_length=60, required=False)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ProposeDoctorSerializer(AttachmentsSerializer):
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

    parser_classes = (JSONParser, MultiPartParser)
    takes_files = True

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
        request={"application/json": NewClaimSerializer, "multipart/form-data": NewClaimSerializer},
        responses={201: TerritoryClaimSerializer},
    )
    def post(self, request: Request) -> Response:
        """Claim a doctor for one's territory, with the reason in words."""
        if not permissions.can_challenge(request.user):
            raise PermissionDenied
        given, by, at = shaped(NewClaimSerializer, request.data), request.user, timezone.now()
        with transaction.atomic():  # a file stays only with what it came for
            evidence = keep_attachment(given.pop("evidence", None), by=by, at=at)
            made = actions.claim_doctor(**given, evidence=evidence, by=by, at=at)
        return _claim(made.pk, request, status.HTTP_201_CREATED)


class DeclineDoctorView(PersonView):
    """Say that a doctor should not be one's own."""

    parser_classes = (JSONParser, MultiPartParser)
    takes_files = True

    @extend_schema(
        operation_id="territory_claims_decline",
        tags=["territories"],
        request={"application/json": DeclineSerializer, "multipart/form-data": DeclineSerializer},
        responses={201: TerritoryClaimSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_challenge(request.user):
            raise PermissionDenied
        _doctor_or_404(request, pk)
        said, by, at = shaped(DeclineSerializer, request.data), request.user, timezone.now()
        with transaction.atomic():  # a file stays only with what it came for
            evidence = keep_attachment(said.pop("evidence", None), by=by, at=at)
            made = actions.decline_doctor(doctor_id=pk, **said, evidence=evidence, by=by, at=at)
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

    parser_classes = (JSONParser, MultiPartParser)
    takes_files = True

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
        request={"application/json": ProposeDoctorSerializer, "multipart/form-data": ProposeDoctorSerializer},
        responses={201: ProposedChangeSerializer},
    )
    def post(self, request: Request) -> Response:
        """Propose a doctor the master does not know."""
        if not permissions.can_propose_doctor(request.user):
            raise PermissionDenied
        said, by, at = shaped(ProposeDoctorSerializer, request.data), request.user, timezone.now()
        with transaction.atomic():  # a file stays only with what it came for
            made = actions.propose_doctor(
                territory_id=said.pop("territory_id"),
                note=said.pop("note", ""),
                files=keep_attachments(said.pop("attachments", ()), by=by, at=at),
                doctor=actions.NewDoctor(**said),
                by=by,
                at=at,
            )
        return _change(made.pk, request, status.HTTP_201_CREATED)


class AskChangeView(PersonView):
    """Propose a correction of one doctor."""

    parser_classes = (JSONParser, MultiPartParser)
    takes_files = True

    @extend_schema(
        operation_id="changes_ask",
        tags=["doctors"],
        request={"application/json": AskChangeSerializer, "multipart/form-data": AskChangeSerializer},
        responses={201: ProposedChangeSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_ask_change(request.user):
            raise PermissionDenied
        _doctor_or_404(request, pk)
        said, by, at = shaped(AskChangeSerializer, request.data), request.user, timezone.now()
        with transaction.atomic():  # a file stays only with what it came for
            made = actions.ask_change(
                doctor_id=pk,
                wanted={name: said[name] for name in FIELDS_ASKED if name in said},
                note=said.get("note", ""),
                files=keep_attachments(said.get("attachments", ()), by=by, at=at),
                by=by,
                at=at,
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
