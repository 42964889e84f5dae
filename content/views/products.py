"""Products and labels."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from content import actions, permissions
from content.choices import MaterialStatus
from content.forms import LabelForm, ProductForm, ReasonForm
from content.models import Label, Product
from content.selectors import desk, label_in_force, products

from .doors import act, entered_by, tried


@entered_by(permissions.can_see_content_desk)
def product_list(request: HttpRequest) -> HttpResponse:
    rows = products().prefetch_related("labels")
    may_edit = permissions.can_edit_product(request.user)
    return render(request, "content/product_list.html", {"rows": rows, "may_edit": may_edit})


@entered_by(permissions.can_edit_product)
def product_create(request: HttpRequest) -> HttpResponse:
    form = ProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = tried(
            form,
            lambda: actions.create_product(by=request.user, at=timezone.now(), **form.cleaned_data),
        )
        if made:
            return redirect("content:product-detail", made.pk)
    return render(
        request, "content/form_page.html", {"form": form, "title": _("New product"), "submit": _("Save")}
    )


@entered_by(permissions.can_edit_product)
def product_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    product = get_object_or_404(Product, pk=pk)
    first = {name: getattr(product, name) for name in ProductForm.base_fields}
    form = ProductForm(request.POST or None, initial=first)
    form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        made = tried(
            form,
            lambda: actions.change_product(
                product_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data
            ),
        )
        if made:
            return redirect("content:product-detail", pk)
    return render(
        request,
        "content/form_page.html",
        {"form": form, "title": _("Change %(product)s") % {"product": product}, "submit": _("Save")},
    )


@entered_by(permissions.can_see_content_desk)
def product_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    product = get_object_or_404(Product, pk=pk)
    return render(
        request,
        "content/product_detail.html",
        {
            "product": product,
            "labels": desk.labels_of(product),
            "label": label_in_force(product),
            "claims": desk.claims_list(product=product.code).order_by("code")[:50],
            "versions": desk.versions_using(
                f"product:{pk}", statuses=(MaterialStatus.RELEASED, MaterialStatus.IN_REVIEW)
            )[:50],
            "may_edit": permissions.can_edit_product(request.user),
            "may_edit_label": permissions.can_edit_label(request.user),
        },
    )


@entered_by(permissions.can_edit_label)
def label_create(request: HttpRequest, pk: UUID) -> HttpResponse:
    product = get_object_or_404(Product, pk=pk)
    old = label_in_force(product)
    first = {section.kind: section.text for section in old.sections.all()} if old else {}
    form = LabelForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        made = tried(
            form,
            lambda: actions.draft_label(
                product_id=pk,
                revised_on=form.cleaned_data["revised_on"],
                sections=form.sections(),
                source_note=form.cleaned_data["source_note"],
                by=request.user,
                at=timezone.now(),
            ),
        )
        if made:
            return redirect("content:label-detail", made.pk)
    title = _("New label version of %(product)s") % {"product": product}
    return render(
        request, "content/form_page.html", {"form": form, "title": title, "submit": _("Save as draft")}
    )


@entered_by(permissions.can_see_content_desk)
def label_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    label = get_object_or_404(Label.objects.select_related("product").prefetch_related("sections"), pk=pk)
    in_force = label_in_force(label.product)
    return render(
        request,
        "content/label_detail.html",
        {
            "label": label,
            "sections": sorted(label.sections.all(), key=lambda section: section.pk),
            "stops": desk.versions_using(
                f"label:{in_force.pk}",
                statuses=(MaterialStatus.IN_REVIEW, MaterialStatus.APPROVED, MaterialStatus.RELEASED),
            )
            if in_force and label.status == "draft"
            else [],
            "form": ReasonForm(),
            "may_activate": permissions.can_activate_label(request.user) and label.status == "draft",
        },
    )


@entered_by(permissions.can_activate_label)
@require_POST
def label_activate(request: HttpRequest, pk: UUID) -> HttpResponse:
    label = get_object_or_404(Label, pk=pk)
    return act(
        request,
        lambda: actions.activate_label(
            label_id=label.pk, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        ),
        said=_("The label is in force. What rested on the old one was stopped."),
        to=reverse("content:product-detail", args=[label.product_id]),
    )
