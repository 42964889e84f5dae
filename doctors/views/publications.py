"""Pages of publications: the steward's list, a file taken in, by-lines to decide, one publication."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doctors import actions, permissions
from doctors.forms.academic import AuthorDecisionForm, CitationFileForm, CorrectPaperForm
from doctors.models import Publication
from doctors.selectors import academic as reads
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of


@login_required
@require_http_methods(["GET", "POST"])
def publication_list(request: HttpRequest) -> HttpResponse:
    """List by-lines that wait for a decision, and publications; a POST takes a file of citations in."""
    _may_edit(request)
    form = CitationFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            taken = actions.import_publications(
                content=upload.read(), name=upload.name, by=request.user, at=timezone.now()
            )
        except DomainError as refusal:
            form.add_error("file", refusal.message)
        else:
            said = {"new": taken.new, "known": taken.known, "proposed": taken.proposed, "left": taken.left}
            messages.success(
                request,
                _(
                    "Publications: %(new)d new, %(known)d known, %(left)d left out for want of title, journal or day. "
                    "Authors proposed: %(proposed)d."
                )
                % said,
            )
            return redirect("doctors:publication-list")
    words = request.GET.get("q", "")[:100]
    context = {
        "form": form,
        "q": words,
        "waiting": reads.author_choices(reads.open_proposals().order_by("pk")[:20]),
        "waiting_total": reads.open_proposals().count(),
        "page": page_of(reads.publications_listed(words), request, order=("-pk",), size=20),
    }
    return render(request, "doctors/publication_list.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def publication_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a publication with the doctors who wrote it; a POST corrects what is said of it, with the reason."""
    _may_edit(request)
    publication = get_object_or_404(Publication, pk=pk)
    initial = {
        name: getattr(publication, name) for name in ("title", "journal", "pmid", "doi", "is_retracted")
    }
    initial["day"] = reads.day_in_words(publication.published_on, publication.date_precision)
    initial["authors_total"] = publication.authors_total or None
    form = CorrectPaperForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_publication(
                publication_id=pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
                **form.paper(),
            )
        except DomainError as refusal:
            field = "day" if refusal.field == "published_on" else refusal.field
            form.add_error(field if field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Written down."))
            return redirect("doctors:publication-detail", pk=pk)
    context = {"publication": publication, "form": form, "authors": reads.authors_of(pk)}
    return render(request, "doctors/publication_detail.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def author_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Attach a proposed author, or say that it is somebody else."""
    _may_edit(request)
    proposal = get_object_or_404(reads.open_proposals(), pk=pk)
    form = AuthorDecisionForm(request.POST)
    if form.is_valid():
        try:
            actions.decide_author(
                proposal_id=proposal.pk,
                accept=form.cleaned_data["accept"] == "yes",
                words=form.cleaned_data["words"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Written down."))
    return redirect("doctors:publication-list")


def _may_edit(request: HttpRequest) -> None:
    if not permissions.can_edit_master(request.user):
        raise PermissionDenied
