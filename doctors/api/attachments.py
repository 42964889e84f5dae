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
from pharmacrm.common.api import JPEG, PDF, PNG, CountsPersons, JSONRenderer
from pharmacrm.common.rest import ReadsOrActs

KINDS = (PDF, PNG, JPEG)
BYTES = {(200, kind.media_type): OpenApiTypes.BINARY for kind in KINDS}


class FileView(CountsPersons, ReadsOrActs):
    """A file about one doctor; who takes it away by a token takes the doctor's data away."""

    leaves_as = "attachments"
    renderer_classes = (*KINDS, JSONRenderer)
    doctor_id: UUID | None = None

    def addressed(self) -> set[str]:
        return {str(self.doctor_id)} if self.doctor_id else set()


class ChangeAttachmentView(FileView):
    """A file of a proposal, by the key that the proposal names."""

    @extend_schema(operation_id="changes_attachment", tags=["doctors"], responses=BYTES)
    def get(self, request: Request, pk: UUID) -> FileResponse:
        found = changes.attachment_visible_to(request.user, pk)
        if found is None:
            raise Http404
        self.doctor_id = found.request.doctor_id
        return attachment_answer(found.file, "attachment")


class ClaimEvidenceView(FileView):
    """The file a claim came with."""

    @extend_schema(operation_id="territory_claims_evidence", tags=["territories"], responses=BYTES)
    def get(self, request: Request, pk: UUID) -> FileResponse:
        claim = get_object_or_404(challenges.challenges_visible_to(request.user, timezone.localdate()), pk=pk)
        if claim.evidence is None:
            raise Http404
        self.doctor_id = claim.doctor_id
        return attachment_answer(claim.evidence, "evidence")
