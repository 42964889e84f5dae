"""The review: queue, viewer, remarks, decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from compliance.actions import SignatureProof, needs_code
from content import actions, permissions
from content.actions import Region
from content.choices import AnnotationKind, MaterialStatus, RoundOutcome, SeatDecision, SeatRole
from content.forms import AnnotationForm, DecisionForm
from content.models import Annotation, MaterialVersion, ReviewRound, ReviewSeat
from content.rules.anchoring import changed_lines
from content.selectors import desk
from pharmacrm.accounts.selectors import people_with_role

from .doors import act, entered_by, tried
from .findings import shown_findings
from .library import seen_version
from .timeline import timeline_of


@entered_by(lambda user: permissions.can_see_content_desk(user))
def review_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    return render(
        request,
        "content/review_list.html",
        {
            "seats": desk.seats_waiting_for(request.user)[:100],
            "own": desk.own_rounds(request.user),
            "now": now,
        },
    )


@entered_by(permissions.can_see_content_desk)
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The viewer: one page of the file with its remarks, claims, findings and time line."""
    version = seen_version(request, pk)
    if desk.current_file(version) is None:
        return redirect("content:version-detail", pk)
    form = AnnotationForm(
        initial={"kind": AnnotationKind.MUST, "page": _page_asked(request), **_picked(request, version)}
    )
    return render(request, "content/review.html", _viewer(request, version, form))


@entered_by(permissions.can_see_content_desk)
@require_POST
def annotation_create(request: HttpRequest, pk: UUID) -> HttpResponse:
    version = seen_version(request, pk)
    form = AnnotationForm(request.POST)
    page = _page_asked(request)
    if form.is_valid():
        said = form.cleaned_data
        page = said["page"]
        region = Region(*said["region"]) if said["region"] else None
        made = tried(
            form,
            lambda: actions.annotate(
                version_id=pk,
                page=page,
                kind=said["kind"],
                text=said["text"],
                quote=said["quote"],
                region=region,
                by=request.user,
                at=timezone.now(),
            ),
        )
        if made:
            return redirect(f"{reverse('content:review', args=[pk])}?page={page}#note-{made.number}")
    return render(request, "content/review.html", _viewer(request, version, form), status=422)


@entered_by(permissions.can_see_content_desk)
@require_POST
def annotation_resolve(request: HttpRequest, pk: UUID) -> HttpResponse:
    note = _seen_note(request, pk)
    return act(
        request,
        lambda: actions.resolve_annotation(
            annotation_id=pk,
            resolution=request.POST.get("resolution", ""),
            by=request.user,
            at=timezone.now(),
        ),
        said=_("Resolved."),
        to=_back_to(note),
    )


@entered_by(permissions.can_see_content_desk)
@require_POST
def annotation_reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    note = _seen_note(request, pk)
    return act(
        request,
        lambda: actions.reopen_annotation(annotation_id=pk, by=request.user, at=timezone.now()),
        said=_("Open again."),
        to=_back_to(note),
    )


@entered_by(permissions.can_see_content_desk)
@require_POST
def annotation_reply(request: HttpRequest, pk: UUID) -> HttpResponse:
    note = _seen_note(request, pk)
    return act(
        request,
        lambda: actions.reply_to_annotation(
            annotation_id=pk, text=request.POST.get("text", ""), by=request.user, at=timezone.now()
        ),
        said=_("Answered."),
        to=_back_to(note),
    )


@entered_by(permissions.can_see_content_desk)
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign a decision: what is signed stands above the password. Works without JavaScript."""
    version = seen_version(request, pk)
    file, seat = desk.current_file(version), _my_seat(request, version)
    if file is None or seat is None:
        return redirect("content:review", pk)
    now = timezone.now()
    asked = request.POST.get("decision") or request.GET.get("decision", SeatDecision.AGREED)
    decision = asked if asked in SeatDecision.values else SeatDecision.AGREED
    form = DecisionForm(
        request.POST or None,
        initial={"role": seat.role, "decision": decision, "file_sha256": file.sha256},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        proof = SignatureProof(said["password"], said["code"], request.session.session_key or "")
        done = tried(
            form,
            lambda: actions.decide_review(
                version_id=pk,
                role=said["role"],
                decision=said["decision"],
                file_sha256=said["file_sha256"],
                reason=said["reason"],
                proof=proof,
                by=request.user,
                at=now,
            ),
        )
        if done:
            return redirect("content:version-detail", pk)
    return render(
        request,
        "content/decide.html",
        {
            "version": version,
            "file": file,
            "seat": seat,
            "form": form,
            "decision": decision,
            "meaning": meaning_of(decision),
            "act": act_of(decision),
            "now": now,
            "why_not": actions.why_not_agree(version, file) if decision == SeatDecision.AGREED else "",
            "needs_code": needs_code(by=request.user, session_key=request.session.session_key or "", at=now),
        },
    )


@entered_by(permissions.can_see_content_desk)
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two versions side by side, page by page, with the words that changed."""
    version = seen_version(request, pk)
    before = (
        desk.versions_visible_to(request.user)
        .filter(material_id=version.material_id, version__lt=version.version)
        .order_by("-version")
        .first()
    )
    old, new = desk.current_file(before) if before else None, desk.current_file(version)
    if before is None or old is None or new is None:
        raise Http404
    last = max(old.pages, new.pages)
    page = min(_page_asked(request), last)
    return render(
        request,
        "content/compare.html",
        {
            "version": version,
            "before": before,
            "page": page,
            "pages": range(1, last + 1),
            "old_pages": old.pages,
            "new_pages": new.pages,
            "changes": changed_lines(desk.text_of(old, page), desk.text_of(new, page)),
        },
    )


@entered_by(permissions.can_see_content_desk)
@require_POST
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    version = seen_version(request, pk)
    seat = _my_seat(request, version)
    to = request.POST.get("to", "")
    if seat is None or not to:
        return redirect("content:review", pk)
    return act(
        request,
        lambda: actions.hand_over_seat(
            version_id=pk, role=seat.role, to=UUID(to), by=request.user, at=timezone.now()
        ),
        said=_("Handed over."),
        to=reverse("content:review", args=[pk]),
    )


@entered_by(permissions.can_see_content_desk)
@require_POST
def urge(request: HttpRequest, pk: UUID) -> HttpResponse:
    seen_version(request, pk)
    return act(
        request,
        lambda: actions.urge_reviewers(version_id=pk, by=request.user, at=timezone.now()),
        said=_("Those who have not decided were reminded."),
        to=reverse("content:review", args=[pk]),
    )


def meaning_of(decision: str) -> str:
    """Return what a signature says, in the reader's words."""
    return {
        SeatDecision.AGREED: _("Reviewed; I agree to the release of exactly this file"),
        SeatDecision.CHANGES: _("Reviewed; changes are required before another review"),
        SeatDecision.REFUSED: _("Reviewed; this material may not be released"),
    }.get(SeatDecision(decision), "")


def act_of(decision: str) -> str:
    """Return the words on the button that signs."""
    return {
        SeatDecision.AGREED: _("Sign and agree"),
        SeatDecision.CHANGES: _("Sign and return"),
        SeatDecision.REFUSED: _("Sign and refuse"),
    }.get(SeatDecision(decision), "")


def _viewer(request: HttpRequest, version: MaterialVersion, form: AnnotationForm) -> dict[str, Any]:
    file = desk.current_file(version)
    if file is None:
        raise Http404
    page = min(_page_asked(request), file.pages)
    notes = list(desk.notes_of(file))
    seat = _my_seat(request, version)
    passage = version.rounds.order_by("-number").first()
    tab = request.GET.get("tab", "notes")
    findings = shown_findings(file.findings.order_by("page", "start"))
    now = timezone.now()
    if seat is not None and seat.reviewer_id == request.user.pk:
        actions.see_page(version_id=version.pk, page=page, by=request.user, at=now)
    return {
        "version": version,
        "material": version.material,
        "file": file,
        "page": page,
        "sheet": file.page_rows.get(number=page),
        "strip": [
            (number, sum(note.page == number for note in notes)) for number in range(1, file.pages + 1)
        ],
        "notes": notes,
        "boxes": [_box(note) for note in notes if note.page == page and note.resolved_at is None],
        "picked": request.GET.get("pick", ""),
        "findings": findings,
        "claim_uses": version.claim_uses.select_related("claim").prefetch_related(
            "claim__links__anchor__reference", "claim__links__section"
        ),
        "timeline": timeline_of(version) if tab == "timeline" else [],
        "tab": tab,
        "form": form,
        "seat": seat,
        "seats": list(passage.seats.select_related("reviewer").order_by("pk")) if passage else [],
        "passage": passage if passage and passage.outcome == RoundOutcome.OPEN else None,
        "time_left": passage.due_at - now if passage else None,
        "is_late": bool(passage and passage.outcome == RoundOutcome.OPEN and passage.due_at < now),
        "colleagues": [
            one for one in people_with_role(seat.role) if one.pk not in {request.user.pk, version.author_id}
        ]
        if seat
        else [],
        "why_not": actions.why_not_agree(version, file),
        "may_annotate": permissions.can_annotate(request.user, version)
        and version.status
        in (MaterialStatus.DRAFT, MaterialStatus.IN_REVIEW, MaterialStatus.CHANGES_REQUESTED),
        "is_author": version.author_id == request.user.pk,
        "before": MaterialVersion.objects.filter(material_id=version.material_id, version__lt=version.version)
        .order_by("-version")
        .first(),
    }


def _box(note: Annotation) -> dict[str, Any]:
    """Return a remark's place in percent, as SVG takes it."""
    left, top = note.left or 0, note.top or 0
    width = (note.right - left) if note.right is not None else 0
    height = (note.bottom - top) if note.bottom is not None else 0
    return {
        "number": note.number,
        "kind": note.kind,
        "word": {"must": _("Must"), "should": _("Tip"), "question": _("Query")}[note.kind],
        "left": f"{left * 100:.3f}%",
        "top": f"{top * 100:.3f}%",
        "width": f"{width * 100:.3f}%" if width else "",
        "height": f"{height * 100:.3f}%",
    }


def _picked(request: HttpRequest, version: MaterialVersion) -> dict[str, str]:
    """Return the paragraph a reviewer picked from the list, as the form's first values."""
    pick, file = request.GET.get("pick", ""), desk.current_file(version)
    if not pick.isdigit() or file is None:
        return {}
    blocks = desk.blocks_of(file, _page_asked(request))
    if not 1 <= int(pick) <= len(blocks):
        return {}
    block = blocks[int(pick) - 1]
    sides = (block["left"], block["top"], block["right"], block["bottom"])
    return {"quote": block["text"], "region": ",".join(f"{side:.5f}" for side in sides)}


def _my_seat(request: HttpRequest, version: MaterialVersion) -> ReviewSeat | None:
    """Return the seat this person may decide now: their own, or a free one of a role of theirs."""
    passage = ReviewRound.objects.filter(version=version, outcome=RoundOutcome.OPEN).first()
    if passage is None or version.author_id == request.user.pk:
        return None
    seats = [seat for seat in passage.seats.order_by("pk") if seat.decision == SeatDecision.WAITING]
    taken = passage.seats.filter(reviewer=request.user).exclude(decision=SeatDecision.WAITING).exists()
    mine = next((seat for seat in seats if seat.reviewer_id == request.user.pk), None)
    roles = {role for role in SeatRole.values if request.user.has_role(role)}
    free = next((seat for seat in seats if seat.reviewer_id is None and seat.role in roles), None)
    return mine or (None if taken else free)


def _seen_note(request: HttpRequest, pk: UUID) -> Annotation:
    note = get_object_or_404(Annotation.objects.select_related("file"), pk=pk)
    seen_version(request, note.file.version_id)
    return note


def _back_to(note: Annotation) -> str:
    return f"{reverse('content:review', args=[note.file.version_id])}?page={note.page}#note-{note.number}"


def _page_asked(request: HttpRequest) -> int:
    said = request.POST.get("page") or request.GET.get("page", "1")
    return max(1, int(said)) if said.isdigit() and len(said) < 5 else 1
