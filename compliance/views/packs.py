"""Packs for inspectors: asked for, made, handed out."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from compliance import permissions, subjects
from compliance.actions.inspection import PackNotMade, ask_for_pack, record_download, title_of
from compliance.forms.packs import DAYS, KINDS, PackForm
from compliance.models import InspectorPack
from compliance.selectors.log import published_key
from compliance.selectors.packs import pack_visible_to, packs_visible_to
from compliance.selectors.packs.finding import subjects_meant
from pharmacrm.common import files
from pharmacrm.common.jobs import time_left
from pharmacrm.common.leaving import Door, count_leaving
from pharmacrm.common.listing import page_of


@login_required
@require_http_methods(["GET", "POST"])
def pack_list(request: HttpRequest) -> HttpResponse:
    if not permissions.can_make_pack(request.user):
        raise PermissionDenied
    form = PackForm(request.POST or None, initial=_asked_for(request.GET.get("subject", "")))
    if request.method == "POST" and form.is_valid():
        pack = _ask(request, form)
        if pack is not None:
            return redirect("compliance:pack-detail", pack.pk)
    page = page_of(packs_visible_to(request.user), request, order=("-asked_at", "-pk"))
    rows = [{"pack": pack, "title": title_of(pack)} for pack in page.rows]
    return render(request, "compliance/pack_list.html", {"form": form, "page": page, "rows": rows})


def _asked_for(subject: str) -> dict[str, str]:
    kind, key = subjects.parts_of(subject)
    return {"kind": kind, "which": key} if kind in dict(KINDS) else {}


def _ask(request: HttpRequest, form: PackForm) -> InspectorPack | None:
    entered = form.cleaned_data
    subject = ""
    if entered["kind"] != DAYS:
        meant = subjects_meant(entered["kind"], entered["which"])
        if len(meant) > 1:
            named = "; ".join(f"{subjects.title_of(one)} {one}" for one in meant)
            form.add_error(
                "which", _("Several are called so. Give the key of one: %(named)s") % {"named": named}
            )
            return None
        subject = meant[0] if meant else f"{entered['kind']}:{entered['which']}"
    try:
        return ask_for_pack(
            subject=subject,
            since=entered["since"],
            until=entered["until"],
            reason=entered["reason"],
            by=request.user,
            at=timezone.now(),
        )
    except PackNotMade as refusal:
        form.add_error("which" if refusal.field in {"subject", ""} else refusal.field, str(refusal))
        return None


@login_required
@require_GET
def pack_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    pack = _pack_or_refusal(request, pk)
    at = timezone.now()
    left = time_left(pack.job, at=at) if pack.job else None
    context = {"pack": pack, "title": title_of(pack), "key": published_key(), "time_left": left}
    return render(request, "compliance/pack_detail.html", context)


@login_required
@require_GET
def pack_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out a pack; who took it out is a matter of record."""
    pack = _pack_or_refusal(request, pk)
    if pack.file is None:
        raise Http404
    at = timezone.now()
    content = files.open_verified(pack.file)
    count_leaving(Door.PACK, name=f"pack {str(pack.pk)[-6:]}", persons=pack.persons, by=request.user, at=at)
    record_download(pack=pack, by=request.user, at=at)
    name = f"pack-{pack.asked_at:%Y%m%d}-{str(pack.pk)[-6:]}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


def _pack_or_refusal(request: HttpRequest, pk: UUID) -> InspectorPack:
    if not permissions.can_read_packs(request.user):
        raise PermissionDenied
    pack = pack_visible_to(request.user, pk)
    if pack is None:
        raise Http404
    return pack
