"""Words and pages for subjects of content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from compliance.subjects import is_key
from content.models import Claim, Label, Material, MaterialVersion, Product, Reference


def _title(model: type[Model], by_code: bool = False) -> Callable[[str], str]:
    def title(key: str) -> str:
        if is_key(key):
            row = model._default_manager.filter(pk=key).first()
        else:
            row = model._default_manager.filter(code=key).first() if by_code else None
        return str(row) if row else ""

    return title


def _url(name: str) -> Callable[[str], str]:
    def url(key: str) -> str:
        try:
            return reverse(f"content:{name}", args=[key]) if is_key(key) else ""
        except NoReverseMatch:
            return ""

    return url


def review_heading(payload: Mapping[str, Any]) -> str:
    """Return which version of a material is reviewed."""
    version = MaterialVersion.objects.select_related("material").filter(pk=payload["version"]).first()
    return gettext("Review of %(material)s") % {"material": version} if version else ""


def review_room(payload: Mapping[str, Any]) -> str:
    """Return the page on which a material is read, remarked on and signed."""
    return reverse("content:review", args=[payload["version"]])


SUBJECTS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "product": (_title(Product, by_code=True), _url("product-detail")),
    "label": (_title(Label), _url("label-detail")),
    "reference": (_title(Reference), _url("reference-detail")),
    "claim": (_title(Claim), _url("claim-detail")),
    "material": (_title(Material), _url("material-detail")),
    "material_version": (_title(MaterialVersion), _url("version-detail")),
}
