"""Pages of a doctor's publications, guideline work and preferences; a POST writes one thing and comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doctors import actions, permissions, selectors
from doctors.forms.academic import (
    AuthoredForm,
    CorrectGuidelineForm,
    CorrectPlaceForm,
    CorrectSeatForm,
    EndSeatForm,
    GuidelineForm,
    PreferenceForm,
    ReasonForm,
    SeatForm,
)
from doctors.models import AcademicPost, Authorship, GuidelineWork, Preference
from pharmacrm.common.errors import DomainError

ADDED: dict[str, type[forms.Form]] = {
    "publication": AuthoredForm,
    "guideline": GuidelineForm,
    "post": SeatForm,
    "preference": PreferenceForm,
}
MOVED: dict[tuple[str, str], type[forms.Form]] = {
    ("publication", "correct"): CorrectPlaceForm,
    ("publication", "end"): ReasonForm,
    ("guideline", "correct"): CorrectGuidelineForm,
    ("guideline", "end"): ReasonForm,
    ("post", "correct"): CorrectSeatForm,
    ("post", "end"): EndSeatForm,
    ("preference", "end"): ReasonForm,
}
ROWS: dict[str, Any] = {
    "publication": Authorship,
    "guideline": GuidelineWork,
    "post": AcademicPost,
    "preference": Preference,
}


@login_required
@require_GET
def academic(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a doctor's publications, guideline work, seats and preference; a steward finds the forms beside them."""
    canonical = selectors.canonical_ids([pk])[pk]
    if canonical != pk:
        return redirect("doctors:academic", pk=canonical)
    return _page(request, pk)


@login_required
@require_POST
def academic_add(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Add a publication with the doctor's place in it, a part in a guideline, a seat, or a preference."""
    if kind not in ADDED:
        raise Http404
    _may_edit(request, pk)
    form = ADDED[kind](request.POST)
    return _carried_out(request, pk, form, kind, lambda said: _add(request, pk, kind, form, said))


@login_required
@require_POST
def academic_move(request: HttpRequest, pk: UUID, kind: str, row_pk: UUID, verb: str) -> HttpResponse:
    """Correct or end one of them, with the reason."""
    if (kind, verb) not in MOVED:
        raise Http404
    _may_edit(request, pk)
    row = get_object_or_404(ROWS[kind], pk=row_pk, doctor_id__in=selectors.family_of(pk))
    form = MOVED[kind, verb](request.POST)
    return _carried_out(
        request, pk, form, f"{row.pk}-{verb}", lambda said: _move(request, row.pk, kind, verb, said)
    )


def _add(request: HttpRequest, pk: UUID, kind: str, form: Any, said: dict[str, Any]) -> None:
    by, at = request.user, timezone.now()
    if kind == "publication":
        actions.add_authored_paper(
            doctor_id=pk,
            paper=actions.Paper(**form.paper()),
            position=said["position"],
            is_corresponding=said["is_corresponding"],
            ground=said["ground"],
            by=by,
            at=at,
        )
    elif kind == "guideline":
        actions.add_guideline_work(doctor_id=pk, work=actions.Guideline(**said), by=by, at=at)
    elif kind == "post":
        actions.add_academic_post(doctor_id=pk, seat=actions.Seat(**said), by=by, at=at)
    else:
        actions.set_preference(doctor_id=pk, by=by, at=at, **said)


def _move(request: HttpRequest, row_pk: UUID, kind: str, verb: str, said: dict[str, Any]) -> None:
    by, at = request.user, timezone.now()
    if kind == "preference":
        actions.end_preference(preference_id=row_pk, by=by, at=at, **said)
    elif kind == "post" and verb == "end":
        actions.end_academic_post(post_id=row_pk, by=by, at=at, **said)
    elif kind == "post":
        reason = said.pop("reason")
        actions.correct_academic_post(post_id=row_pk, seat=actions.Seat(**said), reason=reason, by=by, at=at)
    elif kind == "publication" and verb == "end":
        actions.detach_author(authorship_id=row_pk, by=by, at=at, **said)
    elif kind == "publication":
        actions.correct_author(authorship_id=row_pk, by=by, at=at, **said)
    elif verb == "end":
        actions.end_guideline_work(work_id=row_pk, by=by, at=at, **said)
    else:
        reason = said.pop("reason")
        actions.correct_guideline_work(
            work_id=row_pk, work=actions.Guideline(**said), reason=reason, by=by, at=at
        )


def _carried_out(
    request: HttpRequest, pk: UUID, form: Any, place: str, act: Callable[[dict[str, Any]], None]
) -> HttpResponse:
    if form.is_valid():
        try:
            act(dict(form.cleaned_data))
        except DomainError as refusal:
            if refusal.code == "refused":
                raise
            field = {"published_on": "day"}.get(refusal.field or "", refusal.field)
            form.add_error(field if field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Written down."))
            return redirect("doctors:academic", pk=pk)
    return _page(request, pk, failed=form, place=place)


def _page(request: HttpRequest, pk: UUID, *, failed: Any = None, place: str = "") -> HttpResponse:
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    found = selectors.academic_of(pk)
    may_edit = permissions.can_edit_master(request.user)

    def shown(form: Any, key: str) -> Any:
        return failed if failed is not None and place == key else form

    context = {
        "card": selectors.doctor_card(pk),
        "found": found,
        "may_edit": may_edit,
        "may_ask_change": permissions.can_ask_change(request.user),
        "papers": [(line, *_forms(shown, "publication", line.authorship_id, line)) for line in found.papers],
        "guidelines": [(work, *_forms(shown, "guideline", work.pk, work)) for work in found.guidelines],
        "seats": [(seat, *_forms(shown, "post", seat.pk, seat)) for seat in found.seats],
        "preference_end": shown(ReasonForm(prefix=None, auto_id="end-preference-%s"), _key(found.preference)),
        "add": {kind: shown(form(auto_id=f"add-{kind}-%s"), kind) for kind, form in ADDED.items()},
        "open_form": place,
    }
    return render(request, "doctors/academic.html", context, status=400 if failed is not None else 200)


def _key(row: Any) -> str:
    return f"{row.pk}-end" if row is not None else ""


def _forms(shown: Callable[[Any, str], Any], kind: str, pk: UUID, row: Any) -> tuple[Any, Any]:
    correct, end = MOVED[kind, "correct"], MOVED[kind, "end"]
    initial = {name: getattr(row, name, "") for name in correct.base_fields if name != "reason"}
    return (
        shown(correct(initial=initial, auto_id=f"correct-{pk}-%s"), f"{pk}-correct"),
        shown(end(auto_id=f"end-{pk}-%s"), f"{pk}-end"),
    )


def _may_edit(request: HttpRequest, pk: UUID) -> None:
    if not permissions.can_edit_master(request.user):
        raise PermissionDenied
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
