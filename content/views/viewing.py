"""Bytes and pictures: every door to a governed file checks who asks, the state, holds and the hash."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header

from compliance.selectors import is_held
from content import actions, permissions, selectors
from content.choices import MaterialStatus
from content.models import MaterialFile, MaterialVersion
from content.selectors import desk
from pharmacrm.common.files import FileAltered

from .doors import entered_by
from .library import seen_version


@entered_by(permissions.can_see_library)
def page_picture(request: HttpRequest, pk: UUID, page: int, width: int) -> HttpResponse:
    """One page as WebP. The address carries no secret: each request is checked anew, and nothing is cached by others."""
    version = seen_version(request, pk)
    file = _file_for(request, version)
    try:
        picture = actions.picture_of(file=file, page=page, width=width, by=request.user, at=timezone.now())
    except IndexError:
        raise Http404 from None
    except FileAltered:
        return _altered(request, version)
    response = HttpResponse(picture, content_type="image/webp")
    response["Cache-Control"] = "private, no-store"
    return response


@entered_by(permissions.can_see_library)
def version_file(request: HttpRequest, pk: UUID) -> HttpResponse | StreamingHttpResponse:
    """The PDF itself, for the desk; the field sees pictures."""
    version = seen_version(request, pk)
    if not permissions.can_see_content_desk(request.user):
        raise Http404
    file = _file_for(request, version)
    try:
        pieces = actions.bytes_of(file=file, by=request.user, at=timezone.now())
    except FileAltered:
        return _altered(request, version)
    response = StreamingHttpResponse(pieces, content_type="application/pdf")
    response["Content-Length"] = str(file.stored.size)
    name = f"{version.material.code}-v{version.version}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


@entered_by(permissions.can_see_library)
def material_show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reader of a released version, by the key of the version or of its material."""
    version = desk.version_of(request.user, pk) or (
        desk.versions_visible_to(request.user).filter(material_id=pk, status=MaterialStatus.RELEASED).first()
    )
    if version is None or version.status != MaterialStatus.RELEASED or _is_stopped(version):
        return render(request, "content/gone.html", {"version": version}, status=410)
    file = desk.shown_file(version)
    if file is None or not selectors.bytes_match(version):
        if file is not None:
            actions.report_altered_file(file_id=file.pk, by=request.user, at=timezone.now())
        return _altered(request, version)
    return render(
        request,
        "content/show.html",
        {"version": version, "material": version.material, "file": file, "pages": range(1, file.pages + 1)},
    )


def _file_for(request: HttpRequest, version: MaterialVersion) -> MaterialFile:
    """Return the bytes this reader may see: the desk the current ones, the field what is released and not stopped."""
    if permissions.can_see_content_desk(request.user):
        file = desk.current_file(version)
    else:
        file = None if _is_stopped(version) else desk.shown_file(version)
    if file is None:
        raise Http404
    return file


def _is_stopped(version: MaterialVersion) -> bool:
    now = timezone.now()
    if version.expires_on is None or version.expires_on <= timezone.localdate():
        return True
    return is_held(selectors.subjects_of(version), now)


def _altered(request: HttpRequest, version: MaterialVersion) -> HttpResponse:
    return render(request, "content/altered.html", {"version": version}, status=409)
