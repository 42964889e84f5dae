"""References: list, entry by hand, import, one reference with its places."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from content import actions, permissions
from content.forms import AnchorForm, ReferenceFilter, ReferenceForm, UploadForm
from content.models import Reference
from content.selectors import desk
from pharmacrm.common.listing import Column, answer_list

from .doors import act, entered_by, tried

COLUMNS = (
    Column(gettext_lazy("Title of the publication"), "title"),
    Column(gettext_lazy("Kind"), lambda row: row.get_kind_display()),
    Column(gettext_lazy("Authors"), "authors"),
    Column(gettext_lazy("Journal"), "journal"),
    Column(gettext_lazy("Year"), "year"),
    Column("PMID", "pmid"),
    Column("DOI", "doi"),
    Column("N", "sample_size"),
    Column(gettext_lazy("Level of evidence"), lambda row: row.get_evidence_level_display()),
    Column(gettext_lazy("Notices"), lambda row: row.get_standing_display()),
)


@entered_by(permissions.can_see_content_desk)
def reference_list(request: HttpRequest) -> HttpResponse:
    form = ReferenceFilter(request.GET)
    return answer_list(
        request,
        "content/reference_list.html",
        name="references",
        columns=COLUMNS,
        form=form,
        rows=desk.references_list(**form.chosen()),
        may_edit=permissions.can_edit_evidence(request.user),
    )


@entered_by(permissions.can_edit_evidence)
def reference_create(request: HttpRequest) -> HttpResponse:
    form = ReferenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = tried(
            form,
            lambda: actions.create_reference(by=request.user, at=timezone.now(), **form.cleaned_data),
        )
        if made:
            return redirect("content:reference-detail", made.pk)
    return render(
        request, "content/form_page.html", {"form": form, "title": _("New reference"), "submit": _("Save")}
    )


@entered_by(permissions.can_edit_evidence)
def reference_import(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    lines = None
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        lines = tried(
            form,
            lambda: actions.import_references(
                content=upload.read(21 * 1024 * 1024), name=upload.name, by=request.user, at=timezone.now()
            ),
        )
    counts = {
        outcome: sum(line.outcome == outcome for line in lines or ())
        for outcome in ("created", "known", "alarmed", "refused")
    }
    return render(request, "content/reference_import.html", {"form": form, "lines": lines, "counts": counts})


@entered_by(permissions.can_see_content_desk)
def reference_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    reference = get_object_or_404(Reference, pk=pk)
    return render(
        request,
        "content/reference_detail.html",
        {
            "reference": reference,
            "anchors": reference.anchors.order_by("page", "name"),
            "claims": desk.claims_on_reference(reference),
            "versions": desk.versions_using(f"reference:{pk}"),
            "anchor_form": AnchorForm(),
            "may_edit": permissions.can_edit_evidence(request.user),
        },
    )


@entered_by(permissions.can_edit_evidence)
@require_POST
def anchor_create(request: HttpRequest, pk: UUID) -> HttpResponse:
    reference = get_object_or_404(Reference, pk=pk)
    form = AnchorForm(request.POST)
    if form.is_valid() and tried(
        form,
        lambda: actions.add_anchor(reference_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data),
    ):
        return redirect("content:reference-detail", pk)
    title = _("Place in %(title)s") % {"title": reference.title[:80]}
    return render(
        request,
        "content/form_page.html",
        {"form": form, "title": title, "submit": _("Save")},
    )


@entered_by(lambda user: permissions.can_edit_evidence(user) or permissions.can_approve_claim(user))
@require_POST
def reference_standing(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Reference, pk=pk)
    return act(
        request,
        lambda: actions.mark_standing(
            reference_id=pk,
            standing=request.POST.get("standing", ""),
            note=request.POST.get("note", ""),
            by=request.user,
            at=timezone.now(),
        ),
        said=_("Noted. Claims that rest on it come under re-review."),
        to=reverse("content:reference-detail", args=[pk]),
    )
