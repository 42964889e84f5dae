"""What a request about a claim or a release asks, in words for its approver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from content.choices import RoundOutcome
from content.models import Claim, MaterialFile, MaterialVersion, ReviewSeat

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


def release_heading(payload: Mapping[str, Any]) -> str:
    """Return which version of a material waits to be released."""
    version = MaterialVersion.objects.select_related("material").filter(pk=payload["version"]).first()
    return _("Release of %(material)s") % {"material": version} if version else ""


def release_room(payload: Mapping[str, Any]) -> str:
    """Return the page on which a version is released, with its last day."""
    return reverse("content:version-release", args=[payload["version"]])


def release_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what would be let out: the title, the bytes, and who signed them."""
    version = MaterialVersion.objects.select_related("material").get(pk=UUID(payload["version"]))
    file = MaterialFile.objects.filter(version=version, is_current=True).first()
    seats = ReviewSeat.objects.filter(round__version=version, round__outcome=RoundOutcome.APPROVED)
    signed = [
        f"{seat.get_role_display()} · {seat.reviewer}"
        for seat in seats.select_related("reviewer").order_by("role")
    ]
    return [
        (_("Material title"), version.material.title_zh),
        *([(_("File"), f"{file.name} · sha256 {file.sha256[:16]}…")] if file else []),
        (_("Signatures"), "\n".join(signed) or "—"),
        (
            _("If you agree"),
            _("It gets its approval number and may be shown; the version before it is superseded."),
        ),
    ]
