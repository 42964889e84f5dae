"""The manifest of all signatures, each with the receipt of the act it belongs to, and the verifier in the browser."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from compliance import permissions, subjects
from compliance.forms.signatures import SignatureFilter
from compliance.models import Signature
from compliance.selectors.log import published_key
from compliance.selectors.manifest import (
    acts_of_signatures,
    may_read_signatures,
    receipt_of_signature,
    signatures_matching,
)
from compliance.selectors.signature_sheet import signature_sheet
from compliance.selectors.signatures import is_untouched
from compliance.selectors.standing import erased_since
from pharmacrm.common.listing import page_of


@login_required
@require_GET
def signature_list(request: HttpRequest) -> HttpResponse:
    if not permissions.can_read_ledger(request.user):
        raise PermissionDenied
    form = SignatureFilter(request.GET)
    page = page_of(signatures_matching(**form.chosen()), request, order=("-signed_at", "-pk"))
    acts, erased = acts_of_signatures(page.rows), erased_since(page.rows)
    rows = [
        {
            "signature": one,
            "title": subjects.title_of(one.subject),
            "act": acts.get(str(one.pk)),
            "is_untouched": is_untouched(one),
            "erased": erased.get(str(one.pk)),
        }
        for one in page.rows
    ]
    return render(request, "compliance/signature_list.html", {"form": form, "page": page, "rows": rows})


@login_required
@require_GET
def signature_sheet_file(request: HttpRequest) -> HttpResponse:
    """Hand out the signatures under one subject as PDF, to whoever may open the subject."""
    subject = request.GET.get("subject", "")[:80]
    if not subject:
        return redirect("compliance:signature-list")
    if not may_read_signatures(request.user, subject):
        raise Http404
    answer = HttpResponse(signature_sheet(subject), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="signatures.pdf"'
    return answer


@login_required
@require_GET
def signature_receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out a signature's receipt, to whoever may read the signature: anybody checks it without this server."""
    signature = Signature.objects.filter(pk=pk).first()
    if signature is None or not may_read_signatures(request.user, signature.subject):
        raise Http404
    receipt = receipt_of_signature(signature)
    if receipt is None:
        return render(request, "compliance/receipt_waits.html", {"signature": signature}, status=409)
    answer = JsonResponse(receipt, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="receipt-{pk}.json"'
    return answer


@login_required
@require_GET
def receipt_check(request: HttpRequest) -> HttpResponse:
    """Check a receipt in the reader's own browser; the file never leaves it."""
    return render(request, "compliance/receipt_check.html", {"key": published_key()})
