"""Materials and their versions, up to the moment they are submitted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions
from content.choices import LabelStatus, MaterialStatus
from content.models import (
    Claim,
    ClaimUse,
    Label,
    LabelUse,
    Material,
    MaterialFile,
    MaterialPage,
    MaterialProduct,
    MaterialVersion,
    Product,
)
from pharmacrm.common import files
from pharmacrm.common.errors import DomainError

from .carrying import carry_annotations
from .endings import void_round
from .locking import demand, lock_series, locked_version
from .pages import MAX_BYTES, look_at_head, read_pdf
from .precheck import precheck_file

EDITABLE = (MaterialStatus.DRAFT, MaterialStatus.CHANGES_REQUESTED)
TAKES_A_FILE = (*EDITABLE, MaterialStatus.IN_REVIEW, MaterialStatus.APPROVED)


class MaterialNotSaved(DomainError):
    """The material or version is in no state for this; nothing has changed."""

    code = "material_not_saved"


@transaction.atomic
def create_material(
    *,
    title_zh: str,
    kind: str,
    product_ids: Sequence[UUID],
    by: Any,
    at: datetime,
    code: str = "",
    **sides: Any,
) -> MaterialVersion:
    """Open a material with its first version as a draft; the number is given when none is.

    Raises: PermissionDenied, MaterialNotSaved. Returns: the version.
    """
    demand(permissions.can_write_material(by))
    products = list(Product.objects.filter(pk__in=product_ids).order_by("code"))
    if len(products) != len(set(product_ids)) or not products:
        raise MaterialNotSaved(_("Choose the product this material speaks about."), field="product_ids")
    if not title_zh.strip():
        raise MaterialNotSaved(_("Give the material a title."), field="title_zh")
    lock_series("material")
    try:
        with transaction.atomic():
            material = Material.objects.create(
                code=code.strip() or _next_code(), title_zh=title_zh.strip(), kind=kind, owner=by, **sides
            )
    except IntegrityError as error:
        raise MaterialNotSaved(_("A material with this number exists already."), field="code") from error
    uses = [MaterialProduct.objects.create(material=material, product=product) for product in products]
    version, rows = _new_version(material, number=1, author=by)
    law.record(
        "content.material_created",
        subject=f"material:{material.pk}",
        by=by,
        at=at,
        rows=[material, *uses, version, *rows],
    )
    return version


@transaction.atomic
def change_material(*, material_id: UUID, by: Any, at: datetime, **facts: Any) -> Material:
    """Change title, audience, channels or topics while no version is in review or later.

    Raises: PermissionDenied, MaterialNotSaved.
    """
    material = Material.objects.select_for_update().get(pk=material_id)
    demand(permissions.can_write_material(by))
    settled = material.versions.exclude(status__in=[*EDITABLE, MaterialStatus.WITHDRAWN]).exists()
    if settled:
        raise MaterialNotSaved(
            _("A version is in review or was released: its audience stays as it was reviewed.")
        )
    for name, value in facts.items():
        setattr(material, name, value)
    material.save()
    law.record("content.material_changed", subject=f"material:{material.pk}", by=by, at=at, rows=[material])
    return material


@transaction.atomic
def draft_version(*, material_id: UUID, by: Any, at: datetime, note: str = "") -> MaterialVersion:
    """Open the next version of a material. The claims of the last one are taken over.

    Raises: PermissionDenied, MaterialNotSaved while another version is on its way.
    """
    material = Material.objects.select_for_update().get(pk=material_id)
    demand(permissions.can_write_material(by))
    if material.versions.filter(status__in=TAKES_A_FILE).exists():
        raise MaterialNotSaved(_("Another version of this material is on its way. Finish that one first."))
    last = material.versions.order_by("-version").first()
    version, rows = _new_version(material, number=last.version + 1 if last else 1, author=by, note=note)
    if last is not None:
        rows += [
            ClaimUse.objects.create(version=version, claim_id=use.claim_id, page=use.page)
            for use in last.claim_uses.exclude(claim__status="retired")
        ]
    law.record(
        "content.version_drafted",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        reason=note,
        rows=[version, *rows],
    )
    return version


def attach_file(
    *, version_id: UUID, upload: UploadedFile | File | IO[bytes], name: str, by: Any, at: datetime
) -> MaterialFile:
    """Pin a PDF to a version: looked into, read and pre-checked first. A new file voids every signature on the old.

    Raises: PermissionDenied, MaterialNotSaved, FileNotTaken, FileTooLarge; nothing was kept as content.
    """
    version = MaterialVersion.objects.select_related("material").get(pk=version_id)
    demand(permissions.can_edit_version(by, version))
    with tempfile.NamedTemporaryFile(suffix=".pdf") as spool:
        _spool(_chunks(upload), spool)
        pages = read_pdf(spool.name)
        spool.seek(0)
        return _attach(version_id, spool, pages, name=name, by=by, at=at)


@transaction.atomic
def use_claims(
    *, version_id: UUID, claim_pages: dict[UUID, int | None], by: Any, at: datetime
) -> list[ClaimUse]:
    """Say which claims a version makes, and on which page. Raises: PermissionDenied, MaterialNotSaved."""
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version))
    if version.status not in EDITABLE:
        raise MaterialNotSaved(_("Claims are chosen while the version is being written."))
    products = set(version.material.product_uses.values_list("product_id", flat=True))
    claims = {claim.pk: claim for claim in Claim.objects.filter(pk__in=claim_pages)}
    if foreign := [claim.code for claim in claims.values() if claim.product_id not in products]:
        raise MaterialNotSaved(
            _("These claims belong to another product: %(codes)s.") % {"codes": ", ".join(foreign)},
            field="claims",
        )
    gone = list(version.claim_uses.exclude(claim_id__in=claims))
    for use in gone:
        use.delete()
    uses = []
    for key in claims:
        use, _created = ClaimUse.objects.get_or_create(version=version, claim_id=key)
        if use.page != claim_pages[key]:
            use.page = claim_pages[key]
            use.save()
        uses.append(use)
    law.record(
        "content.claims_used", subject=f"material_version:{version.pk}", by=by, at=at, rows=uses or [version]
    )
    return uses


@transaction.atomic
def renew_labels(*, version_id: UUID, by: Any, at: datetime) -> list[LabelUse]:
    """Set a version being written on the labels in force today. Raises: PermissionDenied, MaterialNotSaved."""
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version))
    if version.status not in EDITABLE:
        raise MaterialNotSaved(_("The label is renewed while the version is being written."))
    for use in version.label_uses.all():
        use.delete()
    uses = _use_labels(version)
    law.record(
        "content.labels_renewed",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        rows=[version, *uses],
    )
    return uses


@transaction.atomic
def _attach(
    version_id: UUID, spool: IO[bytes], pages: list[dict[str, Any]], *, name: str, by: Any, at: datetime
) -> MaterialFile:
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version))
    if version.status not in TAKES_A_FILE:
        raise MaterialNotSaved(
            _("Version %(version)s is %(state)s: its file can no longer change. Draft a new version.")
            % {"version": version, "state": version.get_status_display()}
        )
    stored = files.store(
        iter(lambda: spool.read(1 << 20), b""),
        media_type="application/pdf",
        by=by,
        at=at,
        max_bytes=MAX_BYTES,
    )
    old = MaterialFile.objects.select_for_update().filter(version=version, is_current=True).first()
    if old is not None and old.sha256 == stored.sha256:
        return old
    rows: list[Any] = []
    if old is not None:
        old.is_current = False
        old.save()
        rows.append(old)
    if version.status in {MaterialStatus.IN_REVIEW, MaterialStatus.APPROVED}:
        version.status, version.approved_at, version.submitted_at = MaterialStatus.DRAFT, None, None
        version.save()
        rows += [version, *void_round(version, reason=_("Another file took its place."), by=by, at=at)]
    file = MaterialFile.objects.create(
        version=version,
        stored=stored,
        name=name[-200:],
        sha256=stored.sha256,
        pages=len(pages),
        attached_by=by,
        attached_at=at,
    )
    rows.append(file)
    for number, page in enumerate(pages, 1):
        MaterialPage.objects.create(file=file, number=number, **page)
    law.record(
        "content.file_attached",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        reason=file.sha256,
        rows=rows,
    )
    if old is not None:
        carry_annotations(old, file)
    precheck_file(file, by=by, at=at)
    return file


def _new_version(
    material: Material, *, number: int, author: Any, note: str = ""
) -> tuple[MaterialVersion, list[Any]]:
    version = MaterialVersion.objects.create(material=material, version=number, author=author, note=note)
    return version, list(_use_labels(version))


def _use_labels(version: MaterialVersion) -> list[LabelUse]:
    products = version.material.product_uses.values("product_id")
    labels = Label.objects.filter(product_id__in=products, status=LabelStatus.EFFECTIVE)
    return [LabelUse.objects.create(version=version, label=label) for label in labels]


def _spool(chunks: Iterable[bytes], spool: IO[bytes]) -> None:
    chunks = iter(chunks)
    head = next(chunks, b"")
    look_at_head(head)
    size = 0
    for chunk in chain([head], chunks):
        size += len(chunk)
        if size > MAX_BYTES:
            raise files.FileTooLarge(
                _("The file is larger than %(limit)d MB. Split it or make it smaller.")
                % {"limit": MAX_BYTES // (1024 * 1024)},
                field="file",
            )
        spool.write(chunk)
    spool.flush()


def _chunks(upload: Any) -> Iterable[bytes]:
    return upload.chunks() if hasattr(upload, "chunks") else iter(lambda: upload.read(1 << 20), b"")


def _next_code() -> str:
    last = (
        Material.objects.filter(code__regex=r"^M-\d{4,}$")
        .order_by("-created_at", "-pk")
        .values_list("code", flat=True)[:200]
    )
    return f"M-{max((int(code[2:]) for code in last), default=0) + 1:04d}"
