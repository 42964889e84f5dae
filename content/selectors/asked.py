"""What a request about a claim or a release asks, in words for its approver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from content.models import Claim

Lines = list[tuple[Any, Any]]


def claim_heading(payload: Mapping[str, Any]) -> str:
    """Return which claim it is, and about which product."""
    claim = Claim.objects.select_related("product").filter(pk=payload["claim"]).first()
    if claim is None:
        return ""
    return _("Claim %(code)s, %(product)s") % {"code": claim.code, "product": claim.product}


def claim_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what a claim says and what it rests on: all that an approval stands for."""
    claim = Claim.objects.select_related("product", "author").get(pk=UUID(payload["claim"]))
    links = claim.links.select_related("anchor__reference", "section__label").order_by("created_at", "pk")
    grounds = [
        f"{link.anchor.reference.title} · {link.anchor.name}"
        if link.anchor
        else f"{_('Label')} v{link.section.label.version} · 【{link.section.get_kind_display()}】"
        for link in links
    ]
    return [
        (_("Product"), str(claim.product)),
        (_("Claim"), claim.text_zh),
        *([(_("Claim in English"), claim.text_en)] if claim.text_en else []),
        (_("Grounds"), "\n".join(grounds) or "—"),
        *([(_("Why it is asked again"), claim.reason)] if claim.reason else []),
    ]
