"""REST: the files that proposals and claims came with, for who may see what they came with."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from doctors.doors import attachment_answer
from doctors.selectors import challenges, changes
from pharmacrm.common.api import JPEG, PDF, PNG, JSONRenderer
from pharmacrm.common.rest import ReadsOrActs

KINDS = (PDF, PNG, JPEG)
BYTES = {(200, kind.media_type): OpenApiTypes.BINARY for kind in KINDS}


class ChangeAttachmentView(ReadsOrActs):
    """A file of a proposal, by the key that the proposal names."""

    renderer_classes = (*KINDS, JSONRenderer)

    @extend_schema(operation_id="changes_attachment", tags=["doctors"], responses=BYTES)
    def get(self, request: Request, pk: UUID) -> FileResponse:
        found = changes.attachment_visible_to(request.user, pk)
        if found is None:
            raise Http404
        return attachment_answer(found.file, "attachment")


class ClaimEvidenceView(ReadsOrActs):
    """The file a claim came with."""

    renderer_classes = (*KINDS, JSONRenderer)

    @extend_schema(operation_id="territory_claims_evidence", tags=["territories"], responses=BYTES)
    def get(self, request: Request, pk: UUID) -> FileResponse:
        claim = get_object_or_404(challenges.challenges_visible_to(request.user, timezone.localdate()), pk=pk)
        if claim.evidence is None:
            raise Http404
        return attachment_answer(claim.evidence, "evidence")
