"""What rests on what: claims on evidence and label, materials on claims, labels and products."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from compliance.subjects import Resting, is_key, parts_of
from content.choices import MaterialStatus
from content.models import ClaimUse, LabelUse, MaterialProduct, MaterialVersion, Product

LIVE = (MaterialStatus.IN_REVIEW, MaterialStatus.APPROVED, MaterialStatus.RELEASED)

SHOWN = 200

_PATHS = {
    "product": "material__product_uses__product",
    "label": "label_uses__label",
    "claim": "claim_uses__claim",
    "anchor": "claim_uses__claim__links__anchor",
    "reference": "claim_uses__claim__links__anchor__reference",
    "label_section": "claim_uses__claim__links__section",
    "material": "material",
}


def materials_rest_on(
    subject: str, *, statuses: Iterable[str] = (MaterialStatus.RELEASED,)
) -> QuerySet[MaterialVersion]:
    """Return the versions in the given states that rest on a subject like `claim:018f…`.

    Raises: ValueError for a kind on which no material can rest. Cost: one query.
    """
    kind, key = parts_of(subject)
    if kind not in _PATHS:
        raise ValueError(f"No material rests on a {kind!r}.")
    resting = MaterialVersion.objects.filter(**{_PATHS[kind]: key}).values("pk")
    return (
        MaterialVersion.objects.filter(pk__in=resting, status__in=list(statuses))
        .select_related("material", "author")
        .order_by("pk")
    )


def subjects_of(version: MaterialVersion) -> tuple[str, ...]:
    """Return everything a version rests on, as subjects: a hold on any of them stops it. Cost: three queries."""
    return subjects_of_versions([version])[version.pk]


def subjects_of_versions(versions: Iterable[MaterialVersion]) -> dict[UUID, tuple[str, ...]]:
    """Return `subjects_of` for many versions. Cost: three queries however many."""
    versions = list(versions)
    keys = [version.pk for version in versions]
    found: dict[UUID, list[str]] = {
        version.pk: [f"material_version:{version.pk}", f"material:{version.material_id}"]
        for version in versions
    }
    of_material: dict[UUID, list[str]] = {}
    for material_id, product_id, code in MaterialProduct.objects.filter(
        material_id__in=[version.material_id for version in versions]
    ).values_list("material_id", "product_id", "product__code"):
        of_material.setdefault(material_id, []).extend((f"product:{product_id}", f"product:{code}"))
    for version in versions:
        found[version.pk] += of_material.get(version.material_id, [])
    for version_id, label_id in LabelUse.objects.filter(version_id__in=keys).values_list(
        "version_id", "label_id"
    ):
        found[version_id].append(f"label:{label_id}")
    grounds = ClaimUse.objects.filter(version_id__in=keys).values_list(
        "version_id", "claim_id", "claim__links__anchor__reference_id"
    )
    for version_id, claim_id, reference_id in grounds:
        found[version_id].append(f"claim:{claim_id}")
        if reference_id:
            found[version_id].append(f"reference:{reference_id}")
    return {key: tuple(dict.fromkeys(subjects)) for key, subjects in found.items()}


def subjects_of_version_ids(version_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return `subjects_of` by key. Cost: four queries however many; none for none."""
    keys = list(version_ids)
    return subjects_of_versions(MaterialVersion.objects.filter(pk__in=keys)) if keys else {}


def names_of_product(key: str) -> tuple[str, ...]:
    """Return both names of a product as a subject, by key and by code; acts that rest on it may use either."""
    found = Product.objects.filter(**{"pk" if is_key(key) else "code": key}).first()
    return (f"product:{found.pk}", f"product:{found.code}") if found else ()


def resting_on(subject: str, at: datetime) -> Iterable[Resting]:
    """Return the versions in review, approved or released that stop with a subject. Cost: at most two queries."""
    kind, key = parts_of(subject)
    if not is_key(key):
        return
    if kind == "material_version":
        rows = MaterialVersion.objects.filter(pk=key, status__in=LIVE)
    elif kind in _PATHS:
        rows = materials_rest_on(subject, statuses=LIVE)
    else:
        return
    count = rows.count()
    keys = rows.order_by("pk").values_list("pk", flat=True)[:SHOWN] if count else ()
    yield Resting("material_version", count, tuple(f"material_version:{pk}" for pk in keys))
