"""Claims: list, editor with the pre-check beside it, one claim with its grounds and what uses it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from compliance.selectors.approvals import may_answer_about, requests_about
from content import actions, permissions, rules
from content.actions.locking import CLAIM
from content.forms import ClaimFilter, ClaimForm
from content.models import Anchor, Claim, ClaimLink, Product
from content.selectors import desk, label_in_force
from pharmacrm.common.listing import Column, answer_list

from .doors import act, entered_by, tried
from .findings import shown_findings

COLUMNS = (
    Column(gettext_lazy("Number"), "code"),
    Column(gettext_lazy("Claim"), "text_zh"),
    Column(gettext_lazy("Product"), lambda row: row.product.code),
    Column(gettext_lazy("State"), lambda row: row.get_status_display()),
    Column(gettext_lazy("Grounds"), "grounds"),
    Column(gettext_lazy("Author"), lambda row: str(row.author)),
    Column(gettext_lazy("Approved by"), lambda row: str(row.approver or "")),
)


@entered_by(permissions.can_see_content_desk)
def claim_list(request: HttpRequest) -> HttpResponse:
    form = ClaimFilter(request.GET)
    return answer_list(
        request,
        "content/claim_list.html",
        name="claims",
        columns=COLUMNS,
        form=form,
        rows=desk.claims_list(**form.chosen()),
        may_edit=permissions.can_write_claim(request.user),
    )


@entered_by(permissions.can_write_claim)
def claim_create(request: HttpRequest) -> HttpResponse:
    form = ClaimForm(request.POST or None, initial={"product_id": request.GET.get("product", "")})
    if request.method == "POST" and form.is_valid():
        made = tried(
            form, lambda: actions.write_claim(by=request.user, at=timezone.now(), **form.cleaned_data)
        )
        if made:
            return redirect("content:claim-detail", made.pk)
    return render(request, "content/claim_form.html", {"form": form, "title": _("New claim")})


@entered_by(permissions.can_write_claim)
def claim_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    claim = get_object_or_404(Claim, pk=pk)
    first = {
        "product_id": claim.product_id,
        "text_zh": claim.text_zh,
        "text_en": claim.text_en,
        "topics": "\n".join(claim.topics),
    }
    form = ClaimForm(request.POST or None, initial=first)
    form.fields["product_id"].disabled = True
    if request.method == "POST" and form.is_valid():
        words = {name: form.cleaned_data[name] for name in ("text_zh", "text_en", "topics")}
        made = tried(
            form,
            lambda: actions.change_claim(claim_id=pk, by=request.user, at=timezone.now(), **words),
        )
        if made:
            return redirect("content:claim-detail", pk)
    return render(
        request, "content/claim_form.html", {"form": form, "title": _("Change claim"), "claim": claim}
    )


@entered_by(permissions.can_write_claim)
@require_POST
def lint(request: HttpRequest) -> HttpResponse:
    """The pre-check while typing: findings for a text against the label of its product."""
    product_id = request.POST.get("product_id", "")
    product = Product.objects.filter(pk=product_id).first() if _is_uuid(product_id) else None
    label = label_in_force(product) if product else None
    indications = (
        next((section.text for section in label.sections.all() if section.kind == "indications"), "")
        if label
        else ""
    )
    found = rules.lint_text(request.POST.get("text_zh", "")[:4000], rules.context_of_claim(indications))
    return render(request, "content/lint_part.html", {"findings": shown_findings(found), "asked": True})


@entered_by(permissions.can_see_content_desk)
def claim_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    claim = get_object_or_404(Claim.objects.select_related("product", "author", "approver"), pk=pk)
    label = label_in_force(claim.product)
    indications = (
        next((section.text for section in label.sections.all() if section.kind == "indications"), "")
        if label
        else ""
    )
    may_edit = permissions.can_write_claim(request.user) and claim.status != "retired"
    search = request.GET.get("q", "").strip()
    return render(
        request,
        "content/claim_detail.html",
        {
            "claim": claim,
            "links": claim.links.select_related("anchor__reference", "section__label"),
            "findings": shown_findings(rules.lint_text(claim.text_zh, rules.context_of_claim(indications))),
            "versions": desk.versions_using(f"claim:{pk}"),
            "sections": label.sections.all() if label else [],
            "anchors": Anchor.objects.filter(reference__in=desk.references_list(q=search)[:50])
            .select_related("reference")
            .order_by("reference__title", "name")[:50]
            if may_edit
            else [],
            "search": search,
            "may_edit": may_edit,
            "may_link": may_edit and claim.status in ("draft", "re_review"),
            "may_submit": may_edit and claim.status == "draft",
            "asked": requests_about(CLAIM, f"claim:{pk}").first(),
            "may_take_back": may_edit and claim.author_id == request.user.pk and claim.status == "in_review",
            "may_approve": permissions.can_approve_claim(request.user)
            and claim.author_id != request.user.pk
            and claim.status in ("in_review", "re_review")
            and may_answer_about(CLAIM, f"claim:{pk}", request.user, timezone.localdate()),
            "may_retire": permissions.can_approve_claim(request.user) and claim.status != "retired",
        },
    )


@entered_by(permissions.can_write_claim)
@require_POST
def claim_link(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Claim, pk=pk)
    kind, _sep, key = request.POST.get("ground", "").partition(":")
    anchor = Anchor.objects.filter(pk=key).first() if kind == "anchor" and _is_uuid(key) else None
    section_id = UUID(key) if kind == "section" and _is_uuid(key) else None
    return act(
        request,
        lambda: actions.link_claim(
            claim_id=pk,
            anchor_id=anchor.pk if anchor else None,
            section_id=section_id,
            by=request.user,
            at=timezone.now(),
        ),
        said=_("Bound."),
        to=reverse("content:claim-detail", args=[pk]),
    )


@entered_by(permissions.can_write_claim)
@require_POST
def claim_unlink(request: HttpRequest, pk: UUID) -> HttpResponse:
    link = get_object_or_404(ClaimLink, pk=pk)
    return act(
        request,
        lambda: actions.unlink_claim(link_id=pk, by=request.user, at=timezone.now()),
        said=_("Taken away."),
        to=reverse("content:claim-detail", args=[link.claim_id]),
    )


@entered_by(permissions.can_write_claim)
@require_POST
def claim_submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Claim, pk=pk)
    return act(
        request,
        lambda: actions.submit_claim(claim_id=pk, by=request.user, at=timezone.now()),
        said=_("Sent for approval."),
        to=reverse("content:claim-detail", args=[pk]),
    )


@entered_by(permissions.can_write_claim)
@require_POST
def claim_take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Claim, pk=pk)
    return act(
        request,
        lambda: actions.take_back_claim(claim_id=pk, by=request.user, at=timezone.now()),
        said=_("Taken back."),
        to=reverse("content:claim-detail", args=[pk]),
    )


@entered_by(permissions.can_approve_claim)
@require_POST
def claim_approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Claim, pk=pk)
    return act(
        request,
        lambda: actions.approve_claim(claim_id=pk, by=request.user, at=timezone.now()),
        said=_("Approved."),
        to=reverse("content:claim-detail", args=[pk]),
    )


@entered_by(permissions.can_approve_claim)
@require_POST
def claim_return(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Claim, pk=pk)
    return act(
        request,
        lambda: actions.return_claim(
            claim_id=pk, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        ),
        said=_("Returned."),
        to=reverse("content:claim-detail", args=[pk]),
    )


@entered_by(permissions.can_approve_claim)
@require_POST
def claim_retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Claim, pk=pk)
    return act(
        request,
        lambda: actions.retire_claim(
            claim_id=pk, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        ),
        said=_("Retired. What used it was stopped."),
        to=reverse("content:claim-detail", args=[pk]),
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
