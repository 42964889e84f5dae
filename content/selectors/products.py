"""Reads about products and labels."""

from __future__ import annotations

from django.db.models import QuerySet

from content.choices import LabelStatus
from content.models import Label, Product


def products() -> QuerySet[Product]:
    """Return all products, by code."""
    return Product.objects.order_by("code")


def product_of(code: str) -> Product | None:
    """Return one product, or None."""
    return Product.objects.filter(code=code).first()


def label_in_force(product: Product) -> Label | None:
    """Return the label a product's content rests on today, with its sections, or None."""
    return (
        Label.objects.filter(product=product, status=LabelStatus.EFFECTIVE)
        .prefetch_related("sections")
        .first()
    )


def prescription_names() -> list[str]:
    """Return every name and trademark of prescription medicines, longest first. Cost: one query."""
    rows = Product.objects.filter(is_prescription=True).values_list(
        "name_zh", "name_en", "generic_name", "brand"
    )
    names = {name.strip() for row in rows for name in row if len(name.strip()) > 1}
    return sorted(names, key=lambda name: (-len(name), name))
