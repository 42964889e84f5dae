"""Products and their labels. A label coming into force stops what rests on the old one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions
from content.choices import ClaimStatus, LabelSectionKind, LabelStatus, MaterialStatus
from content.models import Claim, Label, LabelSection, Product
from content.selectors import materials_rest_on
from pharmacrm.common.errors import DomainError

from .claim_approval import reopen_claim
from .endings import end_versions
from .locking import demand

REQUIRED_SECTIONS = (
    LabelSectionKind.INDICATIONS,
    LabelSectionKind.DOSAGE,
    LabelSectionKind.ADVERSE_REACTIONS,
    LabelSectionKind.CONTRAINDICATIONS,
)


class ProductNotSaved(DomainError):
    """The product's facts contradict each other or exist already; nothing has changed."""

    code = "product_not_saved"


class LabelNotSaved(DomainError):
    """The label is not in a state, or not complete enough, for this; nothing has changed."""

    code = "label_not_saved"


@transaction.atomic
def create_product(*, by: Any, at: datetime, **facts: Any) -> Product:
    """Enter a product. Raises: PermissionDenied, ProductNotSaved."""
    demand(permissions.can_edit_product(by))
    product = Product(**facts)
    _save_product(product)
    law.record("content.product_created", subject=f"product:{product.pk}", by=by, at=at, rows=[product])
    return product


@transaction.atomic
def change_product(*, product_id: UUID, by: Any, at: datetime, reason: str = "", **facts: Any) -> Product:
    """Change a product's facts; its code stays. Raises: PermissionDenied, ProductNotSaved."""
    demand(permissions.can_edit_product(by))
    product = Product.objects.select_for_update().get(pk=product_id)
    facts.pop("code", None)
    for name, value in facts.items():
        setattr(product, name, value)
    _save_product(product)
    law.record(
        "content.product_changed",
        subject=f"product:{product.pk}",
        by=by,
        at=at,
        reason=reason,
        rows=[product],
    )
    return product


@transaction.atomic
def draft_label(
    *,
    product_id: UUID,
    revised_on: date,
    sections: Mapping[str, str],
    by: Any,
    at: datetime,
    source_note: str = "",
) -> Label:
    """Enter a new version of a product's label as a draft. Raises: PermissionDenied, LabelNotSaved."""
    demand(permissions.can_edit_label(by))
    product = Product.objects.select_for_update().get(pk=product_id)
    texts = {kind: text.strip() for kind, text in sections.items() if text.strip()}
    if unknown := set(texts) - set(LabelSectionKind.values):
        raise LabelNotSaved(
            _("There is no label section %(name)s.") % {"name": ", ".join(sorted(unknown))}, field="sections"
        )
    last = product.labels.order_by("-version").values_list("version", flat=True).first() or 0
    label = Label.objects.create(
        product=product, version=last + 1, revised_on=revised_on, source_note=source_note
    )
    rows = [LabelSection.objects.create(label=label, kind=kind, text=text) for kind, text in texts.items()]
    law.record("content.label_drafted", subject=f"label:{label.pk}", by=by, at=at, rows=[label, *rows])
    return label


@transaction.atomic
def activate_label(*, label_id: UUID, by: Any, at: datetime, reason: str) -> Label:
    """Put a drafted label in force today. What rests on the old one stops: released versions are withdrawn,
    reviews are closed, approved claims of the product come under re-review.

    Raises: PermissionDenied, LabelNotSaved. Source: 药品管理法 (2019) art. 90 ¶1; 广告法 (2021) art. 16 ¶2.
    """
    demand(permissions.can_activate_label(by))
    label = Label.objects.select_related("product").get(pk=label_id)
    product = Product.objects.select_for_update().get(pk=label.product_id)
    label = Label.objects.select_for_update().get(pk=label_id)
    if label.status != LabelStatus.DRAFT:
        raise LabelNotSaved(_("Only a draft can come into force."))
    kinds = set(label.sections.values_list("kind", flat=True))
    if missing := [kind.label for kind in REQUIRED_SECTIONS if kind not in kinds]:
        raise LabelNotSaved(
            _("The label lacks: %(sections)s.") % {"sections": "、".join(str(name) for name in missing)},
            field="sections",
        )
    if not reason.strip():
        raise LabelNotSaved(_("Say why this label comes into force."), field="reason")
    day = timezone.localtime(at).date()
    old = Label.objects.select_for_update().filter(product=product, status=LabelStatus.EFFECTIVE).first()
    rows: list[Any] = []
    if old is not None:
        old.status, old.superseded_on = LabelStatus.SUPERSEDED, day
        old.save()
        rows.append(old)
    label.status, label.effective_on = LabelStatus.EFFECTIVE, day
    label.save()
    law.record(
        "content.label_activated",
        subject=f"label:{label.pk}",
        by=by,
        at=at,
        reason=reason,
        rows=[label, *rows],
    )
    if old is not None:
        why = _("Label %(old)s was replaced by %(new)s.") % {"old": old, "new": label}
        _stop_what_rests_on(old, product, why=why, by=by, at=at)
        law.label_changed(product_code=product.code, label=f"label:{label.pk}", by=by, at=at)
    return label


def _stop_what_rests_on(old: Label, product: Product, *, why: str, by: Any, at: datetime) -> None:
    for claim in (
        Claim.objects.select_for_update().filter(product=product, status=ClaimStatus.APPROVED).order_by("pk")
    ):
        reopen_claim(claim, why, by=by, at=at)
    resting = materials_rest_on(
        f"label:{old.pk}",
        statuses=(MaterialStatus.IN_REVIEW, MaterialStatus.APPROVED, MaterialStatus.RELEASED),
    )
    end_versions(
        [version.pk for version in resting], status=MaterialStatus.WITHDRAWN, reason=why, by=by, at=at
    )


def _save_product(product: Product) -> None:
    try:
        with transaction.atomic():
            product.save()
    except IntegrityError as error:
        raise _product_refusal(str(error)) from error


def _product_refusal(said: str) -> ProductNotSaved:
    if "product_approval_number_is_well_formed" in said:
        return ProductNotSaved(
            _("The approval number reads 国药准字, a letter and eight digits."), field="approval_number"
        )
    if "product_on_the_market_is_approved" in said:
        return ProductNotSaved(
            _("A product after launch needs its approval number."), field="approval_number"
        )
    return ProductNotSaved(_("A product with this code exists already."), field="code")
