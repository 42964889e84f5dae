"""Pages of doctors: list, profile, contact reveal, consent switches."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from doctors import actions, permissions, selectors
from doctors.choices import BulkAct, ConsentState
from doctors.forms.doctors import ConsentForm, DoctorFilter, RevealForm
from doctors.selectors.cards import card_of_row
from doctors.selectors.saved import BY_NAME, doctors_filtered, rows_to_page
from doctors.views.segmentation import tier_context
from pharmacrm.accounts.selectors import sees_every_territory
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.listing import Column, Page, excel, export_url, page_of

COLUMNS = (
    Column(gettext_lazy("Doctor code"), "code"),
    Column(gettext_lazy("Name"), "name"),
    Column(pgettext_lazy("physician", "Title"), "title_label"),
    Column(gettext_lazy("Post"), "post_label"),
    Column(gettext_lazy("Tier"), "tier_label"),
    Column(gettext_lazy("Hospital"), "hospital"),
    Column(gettext_lazy("Level"), "level_label"),
    Column(gettext_lazy("Department"), "department"),
    Column(gettext_lazy("Specialty"), "specialty"),
)
FOUND = 50
# A list of picks is short enough to be put in any order.
ORDERS = {
    "name": BY_NAME,
    "tier": ("tier", "pk"),
    "level": ("hospital_level", "pk"),
    "newest": ("-pk",),
}


@login_required
@require_GET
def doctor_list(request: HttpRequest) -> HttpResponse:
    """List the doctors a person may see; with a search, the best hits and why."""
    on = timezone.localdate()
    form = DoctorFilter(request.GET)
    chosen = form.chosen()
    text = chosen.pop("q", "")
    hits = selectors.search_doctors(request.user, text, on, limit=FOUND) if text else []
    order = ("-pk",) if sees_every_territory(request.user) else BY_NAME
    if chosen.get("picked"):
        order = ORDERS.get(request.GET.get("sort", ""), order)
    if request.GET.get("export") == "xlsx" and permissions.can_export(request.user):
        rows = doctors_filtered(request.user, on, chosen)
        rows = rows.filter(pk__in=[hit.card.id for hit in hits]) if text else rows
        cards = (card_of_row(row) for row in rows.order_by(*order).iterator(chunk_size=2000))
        try:
            return excel(
                "doctors", COLUMNS, cards, seen_by=request.user, at=timezone.now(), filters=form.in_words(),
                person="id",
            )  # fmt: skip
        except Refused:
            raise
        except DomainError as refusal:
            messages.error(request, refusal.message)
    if text:
        page = Page([], total=None)
        found = {hit.card.id for hit in hits}
        if chosen:
            rows = doctors_filtered(request.user, on, chosen).filter(pk__in=found)
            found = {row["pk"] for row in rows}
        cards_shown = [(hit.card, hit.why) for hit in hits if hit.card.id in found]
    else:
        page = page_of(rows_to_page(request.user, on, chosen, order=order), request, order=order)
        cards_shown = [(card_of_row(row), "") for row in page.rows]
    context = {
        "form": form,
        "page": page,
        "cards": cards_shown,
        "is_search": bool(text),
        "export": export_url(request) if permissions.can_export(request.user) else "",
        "may_import": permissions.can_import(request.user),
        "may_keep": permissions.can_keep_list(request.user),
        "is_list": bool(chosen.get("picked")),
        "query": request.GET.urlencode(),
        "acts": _acts(request, bool(chosen.get("picked"))),
    }
    return render(request, "doctors/doctor_list.html", context)


@login_required
@require_GET
def doctor_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one doctor. A merged doctor leads to the one that stands."""
    canonical = selectors.canonical_ids([pk])[pk]
    if canonical != pk:
        return redirect("doctors:doctor-detail", pk=canonical)
    return render(request, "doctors/doctor_detail.html", _context(request, pk))


@login_required
@require_POST
def reveal_contact(request: HttpRequest, pk: UUID, contact_pk: UUID) -> HttpResponse:
    """Show one contact point in full, once, and write it down."""
    _check_visible(request, pk)
    form = RevealForm(request.POST)
    shown = ""
    if form.is_valid():
        try:
            shown = actions.reveal_contact(
                contact_id=contact_pk,
                by=request.user,
                at=timezone.now(),
                purpose=form.cleaned_data["purpose"],
            )
        except Refused:
            raise
        except DomainError as refusal:
            form.add_error("purpose", refusal.message)
    context = {**_context(request, pk), "revealed": {contact_pk: shown} if shown else {}, "reveal_form": form}
    context["contacts"] = [
        (line, shown if line.id == contact_pk else "") for line in context["profile"].contacts
    ]
    response = render(request, "doctors/doctor_detail.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def switch_consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down a doctor's answer for one channel: withdraw at once, or give it with the notice in force."""
    _check_visible(request, pk)
    form = ConsentForm(request.POST)
    if form.is_valid():
        channel = form.cleaned_data["channel"]
        try:
            if form.cleaned_data["value"] == "off":
                actions.withdraw_consent(doctor_id=pk, channel=channel, by=request.user, at=timezone.now())
            else:
                notice = selectors.notice_in_force("academic_contact", timezone.localdate())
                actions.record_consent(
                    doctor_id=pk,
                    state=ConsentState.GIVEN,
                    channel=channel,
                    notice_id=notice.pk if notice else None,
                    by=request.user,
                    at=timezone.now(),
                )
        except Refused:
            raise
        except DomainError as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Written down. It holds from now on, everywhere."))
    return redirect("doctors:doctor-detail", pk=pk)


def _acts(request: HttpRequest, is_list: bool) -> list[tuple[str, Any]]:
    """Return what this person may do with the doctors they tick."""
    acts = [(BulkAct.ADD, BulkAct.ADD.label)] if permissions.can_keep_list(request.user) else []
    if acts and is_list:
        acts.append((BulkAct.REMOVE, BulkAct.REMOVE.label))
    if permissions.can_align(request.user):
        acts.append((BulkAct.REALIGN, BulkAct.REALIGN.label))
    return acts


def _check_visible(request: HttpRequest, pk: UUID) -> None:
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404


def _context(request: HttpRequest, pk: UUID) -> dict[str, Any]:
    _check_visible(request, pk)
    at, on = timezone.now(), timezone.localdate()
    card = selectors.doctor_card(pk)
    profile = selectors.profile_of(pk, at, on)
    return {
        "card": card,
        "profile": profile,
        "contacts": [(line, "") for line in profile.contacts],
        "reveal_form": RevealForm(),
        "time_line": [
            {
                "act": one["act"],
                "detail": one["detail"],
                "meta": " · ".join(
                    filter(None, (f"{timezone.localtime(one['at']):%Y-%m-%d %H:%M}", one["by"]))
                ),
            }
            for one in profile.last_contacts
        ],
        "may_reveal": permissions.can_reveal_contact(request.user),
        "may_consent": permissions.can_record_consent(request.user),
        "may_ask_change": permissions.can_ask_change(request.user),
        "may_decline": permissions.can_challenge(request.user),
        **tier_context(pk),
    }
