"""REST: what a doctor agreed to, in the words that were shown, and a new answer."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from doctors import actions, permissions, selectors
from doctors.choices import Channel, ConsentState
from doctors.models import ConsentRecord
from pharmacrm.common.api import CountsPersons, JSONParser
from pharmacrm.common.files import store
from pharmacrm.common.rest import Listed, shaped

MAX_PROOF = 20 * 1024 * 1024
PROOFS = ("application/pdf", "image/jpeg", "image/png")


class AnswerSerializer(serializers.Serializer[Any]):
    """One answer for a cell; an empty channel, purpose or product means every one."""

    id = serializers.UUIDField()
    channel = serializers.CharField()
    purpose = serializers.CharField(source="purpose.code", default="")
    product = serializers.CharField(source="product_code")
    state = serializers.ChoiceField(choices=ConsentState.choices)
    obtained_by = serializers.CharField()
    recorded_by = serializers.UUIDField(source="recorded_by_id", allow_null=True)
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    notice_version = serializers.IntegerField(source="notice.version", default=None, allow_null=True)
    notice_sha256 = serializers.CharField(source="notice.sha256", default="")
    has_proof = serializers.SerializerMethodField()

    def get_has_proof(self, record: ConsentRecord) -> bool:
        return record.proof_id is not None


class NewAnswerSerializer(serializers.Serializer[Any]):
    """What the doctor answered. The notice in force is taken as the words that were shown."""

    state = serializers.ChoiceField(choices=ConsentState.choices)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False, allow_blank=True)
    purpose = serializers.CharField(max_length=40, required=False, allow_blank=True)
    product = serializers.CharField(max_length=40, required=False, allow_blank=True)
    obtained_by = serializers.ChoiceField(choices=Channel.choices, required=False, allow_blank=True)
    unasked = serializers.BooleanField(default=False, help_text="The doctor brought it up; nobody asked.")
    last_day = serializers.DateField(required=False, allow_null=True)
    proof = serializers.FileField(required=False, help_text="PDF, JPEG or PNG; sent as multipart.")


class CellQuery(serializers.Serializer[Any]):
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    purpose = serializers.CharField(max_length=40, required=False)


class ConsentsView(CountsPersons, Listed):
    """Every answer of a doctor, newest first; POST writes one down, and it holds at once, everywhere."""

    leaves_as = "consents"
    serializer_class = AnswerSerializer
    parser_classes = (JSONParser, MultiPartParser)
    query = CellQuery

    def rows(self) -> QuerySet[ConsentRecord]:
        _in_sight(self.request, self.kwargs["pk"])
        said = self.chosen()
        rows = selectors.current_consents(self.kwargs["pk"]).order_by()
        if said.get("channel"):
            rows = rows.filter(channel=said["channel"])
        if said.get("purpose"):
            rows = rows.filter(purpose__code=said["purpose"])
        return rows

    @extend_schema(operation_id="doctor_consents", tags=["privacy"], parameters=[CellQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="doctor_consents_record",
        tags=["privacy"],
        request=NewAnswerSerializer,
        responses={201: AnswerSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Write down what a doctor answered."""
        if not permissions.can_record_consent(request.user):
            raise PermissionDenied
        _in_sight(request, pk)
        said, at = shaped(NewAnswerSerializer, request.data), timezone.now()
        is_given = said["state"] == ConsentState.GIVEN
        shown = selectors.notice_in_force(
            said.get("purpose") or selectors.CONTACT_PURPOSE, timezone.localdate(at)
        )
        last = said.get("last_day")
        record = actions.record_consent(
            doctor_id=pk,
            state=said["state"],
            channel=said.get("channel", ""),
            purpose=said.get("purpose", ""),
            product_code=said.get("product", ""),
            notice_id=shown.pk if shown and is_given else None,
            obtained_by=said.get("obtained_by", ""),
            proof_id=_proof_id(request, said.get("proof"), at),
            valid_until=(
                timezone.make_aware(datetime.combine(last + timedelta(days=1), time()))
                if last and is_given
                else None
            ),
            asked_by_company=not said["unasked"],
            by=request.user,
            at=at,
        )
        kept = selectors.current_consents(pk).get(pk=record.pk)
        return Response(AnswerSerializer(kept).data, status=status.HTTP_201_CREATED)


def _proof_id(request: Request, upload: Any, at: datetime) -> UUID | None:
    if upload is None:
        return None
    if upload.content_type not in PROOFS:
        raise serializers.ValidationError({"proof": ["PDF, JPEG, PNG."]})
    kept = store(
        upload.chunks(),
        media_type=upload.content_type,
        by=request.user,
        at=at,
        max_bytes=min(settings.MAX_UPLOAD_BYTES, MAX_PROOF),
    )
    return UUID(str(kept.pk))


def _in_sight(request: Any, pk: UUID) -> None:
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
