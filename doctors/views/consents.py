"""Pages of consents: one doctor's table, each answer with the words shown and its proof."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from doctors import actions, permissions, selectors
from doctors.choices import ConsentState
from doctors.forms.consents import AnswerForm, CellForm
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.files import open_verified, store

MAX_PROOF = 20 * 1024 * 1024
MAY_SHOW = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@login_required
@require_http_methods(["GET", "POST"])
def consent_lattice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a doctor agreed to, cell by cell, and write an answer down."""
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    form = None
    chosen = CellForm(request.GET).chosen()
    if request.method == "POST":
        if not permissions.can_record_consent(request.user):
            raise PermissionDenied
        form = AnswerForm(request.POST, request.FILES)
        if form.is_valid() and _recorded(request, pk, form):
            messages.success(request, _("Written down. It holds from now on, everywhere."))
            opened = {name: form.cleaned_data[name] for name in ("product", "channel", "purpose")}
            return redirect(
                f"{reverse('doctors:consent-lattice', args=[pk])}?{urlencode({**opened, 'open': '1'})}#cell"
            )
        chosen = {**form.cleaned_data, "open": "1"}
    at = timezone.now()
    cell = (chosen.get("channel", ""), chosen.get("purpose", ""), chosen.get("product", ""))
    detail = selectors.cell_detail(pk, cell, at=at) if chosen.get("open") else None
    may_answer = permissions.can_record_consent(request.user)
    context: dict[str, Any] = {
        "card": selectors.doctor_card(pk),
        "lattice": selectors.lattice_of(pk, at=at, product=cell[2]),
        "filter": CellForm(request.GET),
        "cell": detail,
        "may_answer": may_answer,
        "form": form
        or AnswerForm(initial={"channel": cell[0], "purpose": cell[1], "product": cell[2], "state": ""}),
        "notice_text": selectors.text_of(detail.notice) if detail and detail.notice else "",
        "proofs": MAY_SHOW,
    }
    return render(
        request, "doctors/consent_lattice.html", context, status=400 if form and form.errors else 200
    )


@login_required
@require_GET
def consent_proof(request: HttpRequest, pk: UUID, record: UUID) -> FileResponse:
    """Hand out the proof of one answer to who may see the doctor."""
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    kept = get_object_or_404(
        selectors.current_consents(pk).select_related("proof"), pk=record, proof__isnull=False
    )
    ending = MAY_SHOW.get(kept.proof.media_type, "bin")
    return FileResponse(
        open_verified(kept.proof),
        as_attachment=True,
        filename=f"consent-{str(kept.pk)[-8:]}.{ending}",
        content_type=kept.proof.media_type if ending != "bin" else "application/octet-stream",
    )


def _recorded(request: HttpRequest, pk: UUID, form: AnswerForm) -> bool:
    """Call the action; a refusal of the law goes on to the page that explains it."""
    said, at = form.cleaned_data, timezone.now()
    try:
        proof_id = _proof_id(request, said["proof"], at)
        notice = selectors.notice_in_force(said["purpose"] or selectors.CONTACT_PURPOSE, timezone.localdate())
        is_given = said["state"] == ConsentState.GIVEN
        actions.record_consent(
            doctor_id=pk,
            state=said["state"],
            channel=said["channel"],
            purpose=said["purpose"],
            product_code=said["product"],
            notice_id=notice.pk if notice and is_given else None,
            obtained_by=said["obtained_by"],
            proof_id=proof_id,
            valid_until=_end_of(said["last_day"]) if is_given else None,
            asked_by_company=not said["unasked"],
            by=request.user,
            at=at,
        )
    except Refused:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return False
    return True


def _proof_id(request: HttpRequest, upload: Any, at: datetime) -> UUID | None:
    if not upload:
        return None
    if upload.content_type not in MAY_SHOW:
        raise actions.ConsentNotAccepted(_("The proof is a PDF or a picture."), field="proof")
    kept = store(
        upload.chunks(),
        media_type=upload.content_type,
        by=request.user,
        at=at,
        max_bytes=min(settings.MAX_UPLOAD_BYTES, MAX_PROOF),
    )
    return UUID(str(kept.pk))


def _end_of(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) if day else None
