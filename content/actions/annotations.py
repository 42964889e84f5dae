"""Remarks on pages: a drawn region, a picked paragraph, a finding of the pre-check; answered and resolved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions
from content.choices import AnnotationKind, MaterialStatus
from content.models import Annotation, AnnotationReply, MaterialFile, MaterialPage
from content.rules.anchoring import surroundings
from pharmacrm.common.errors import DomainError

from .locking import demand, locked_version

OPEN_FOR_REMARKS = (
    MaterialStatus.DRAFT,
    MaterialStatus.IN_REVIEW,
    MaterialStatus.CHANGES_REQUESTED,
)


class AnnotationNotSaved(DomainError):
    """The remark lacks its words or place, or the version takes none; nothing has changed."""

    code = "annotation_not_saved"


@dataclass(frozen=True)
class Region:
    """A part of a page, as shares of its width and height from the top left."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def is_inside(self) -> bool:
        return 0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1


@transaction.atomic
def annotate(
    *,
    version_id: UUID,
    page: int,
    kind: str,
    text: str,
    by: Any,
    at: datetime,
    region: Region | None = None,
    quote: str = "",
    rule: str = "",
) -> Annotation:
    """Put a remark on a page of the current file; a region or a paragraph's words say where.

    A drawn region keeps the words under it, so that the remark is found again in the next file.
    Raises: PermissionDenied, AnnotationNotSaved.
    """
    version = locked_version(version_id)
    demand(permissions.can_annotate(by, version))
    if version.status not in OPEN_FOR_REMARKS:
        raise AnnotationNotSaved(_("This version takes no remarks any more."))
    file = MaterialFile.objects.select_for_update().filter(version=version, is_current=True).first()
    if file is None or not 1 <= page <= file.pages:
        raise AnnotationNotSaved(_("There is no such page."), field="page")
    if kind not in AnnotationKind.values:
        raise AnnotationNotSaved(_("Choose: required change, suggestion or question."), field="kind")
    if not text.strip():
        raise AnnotationNotSaved(_("Write the remark."), field="text")
    if region is not None and not region.is_inside:
        raise AnnotationNotSaved(_("The region lies outside the page."), field="region")
    sheet = MaterialPage.objects.get(file=file, number=page)
    quote = quote.strip() or (_words_under(sheet, region) if region else "")
    prefix, suffix = _around(sheet.text, quote)
    if region is None and quote:
        region = _region_of(sheet, quote)
    last = file.annotations.order_by("-number").values_list("number", flat=True).first() or 0
    note = Annotation.objects.create(
        file=file,
        number=last + 1,
        kind=kind,
        text=text.strip(),
        page=page,
        left=region.left if region else None,
        top=region.top if region else None,
        right=region.right if region else None,
        bottom=region.bottom if region else None,
        quote=quote,
        prefix=prefix,
        suffix=suffix,
        rule=rule,
        author=by,
        said_at=at,
    )
    law.record(
        "content.annotation_added", subject=f"material_version:{version.pk}", by=by, at=at, rows=[note]
    )
    return note


@transaction.atomic
def reply_to_annotation(*, annotation_id: UUID, text: str, by: Any, at: datetime) -> AnnotationReply:
    """Answer a remark. Raises: PermissionDenied, AnnotationNotSaved."""
    note = _locked(annotation_id)
    demand(permissions.can_annotate(by, note.file.version))
    if not text.strip():
        raise AnnotationNotSaved(_("Write the answer."), field="text")
    reply = AnnotationReply.objects.create(annotation=note, text=text.strip(), author=by, said_at=at)
    law.record(
        "content.annotation_answered",
        subject=f"material_version:{note.file.version_id}",
        by=by,
        at=at,
        rows=[reply],
    )
    return reply


@transaction.atomic
def resolve_annotation(*, annotation_id: UUID, by: Any, at: datetime, resolution: str = "") -> Annotation:
    """Close a remark: a 必改 by a reviewer, never by the author of the material alone; others by anybody here.

    Raises: PermissionDenied, AnnotationNotSaved.
    """
    note = _locked(annotation_id)
    version = note.file.version
    demand(permissions.can_annotate(by, version))
    if note.resolved_at is not None:
        raise AnnotationNotSaved(_("This remark is resolved already."))
    if note.kind == AnnotationKind.MUST and by.pk == version.author_id:
        raise AnnotationNotSaved(
            _("A required change is resolved by a reviewer. Answer it or change the file.")
        )
    note.resolved_by, note.resolved_at, note.resolution = by, at, resolution.strip()
    note.is_moved = False
    note.save()
    law.record(
        "content.annotation_resolved",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        reason=resolution,
        rows=[note],
    )
    return note


@transaction.atomic
def reopen_annotation(*, annotation_id: UUID, by: Any, at: datetime) -> Annotation:
    """Open a resolved remark again. Raises: PermissionDenied, AnnotationNotSaved."""
    note = _locked(annotation_id)
    version = note.file.version
    demand(permissions.can_annotate(by, version) and by.pk != version.author_id)
    if note.resolved_at is None or version.status not in OPEN_FOR_REMARKS:
        raise AnnotationNotSaved(_("This remark cannot be opened again."))
    note.resolved_by, note.resolved_at, note.resolution = None, None, ""
    note.save()
    law.record(
        "content.annotation_reopened", subject=f"material_version:{version.pk}", by=by, at=at, rows=[note]
    )
    return note


def _locked(annotation_id: UUID) -> Annotation:
    note = Annotation.objects.select_related("file__version__material").get(pk=annotation_id)
    version = locked_version(note.file.version_id)
    note = (
        Annotation.objects.select_for_update(of=("self",))
        .select_related("file__version__material")
        .get(pk=annotation_id)
    )
    if not note.file.is_current or version.status not in (*OPEN_FOR_REMARKS, MaterialStatus.APPROVED):
        raise AnnotationNotSaved(_("This remark belongs to a file that was replaced."))
    return note


def _words_under(sheet: MaterialPage, region: Region) -> str:
    words = [
        block["text"]
        for block in sheet.blocks
        if block["left"] < region.right
        and block["right"] > region.left
        and region.top <= (block["top"] + block["bottom"]) / 2 <= region.bottom
    ]
    return "\n".join(words)[:1000]


def _around(text: str, quote: str) -> tuple[str, str]:
    start = text.find(quote) if quote else -1
    return surroundings(text, start, start + len(quote)) if start >= 0 else ("", "")


def _region_of(sheet: MaterialPage, quote: str) -> Region | None:
    wanted = "".join(quote.split())
    for block in sheet.blocks:
        if wanted in "".join(block["text"].split()) and block["right"] > block["left"]:
            found = Region(block["left"], block["top"], block["right"], block["bottom"])
            return found if found.is_inside else None
    return None
