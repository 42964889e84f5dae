"""Pages of kept lists, and of one thing done to many doctors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doctors import actions, permissions, selectors
from doctors.actions.lists import AT_ONCE, MOST
from doctors.choices import BulkAct, ListKind
from doctors.forms.doctors import DoctorFilter
from doctors.forms.lists import BulkForm, ListForm
from doctors.selectors import saved
from pharmacrm.common.errors import DomainError

SHOWN = 20
FOUND = 50


@login_required
@require_http_methods(["GET", "POST"])
def list_list(request: HttpRequest) -> HttpResponse:
    """Show the lists a person may open; a POST keeps a new one, with `query` a filter, without one for picks."""
    if not permissions.can_keep_list(request.user):
        raise PermissionDenied
    on = timezone.localdate()
    query = (request.POST if request.method == "POST" else request.GET).get("query", "")[:500]
    chosen = _chosen(query)
    filters = {name: str(value) for name, value in chosen.items() if name in saved.FILTERS}
    form = ListForm(request.POST if request.method == "POST" else None, user=request.user, on=on)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_list(
                **form.cleaned_data,
                kind=ListKind.FILTER if filters else ListKind.PICKS,
                filters=filters,
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The list is kept."))
            return redirect("doctors:list-list")
    context = {
        "lists": saved.kept_lists(request.user, on),
        "form": form,
        "query": query if filters else "",
        "filters": DoctorFilter(QueryDict(query)).in_words() if filters else [],
    }
    return render(request, "doctors/list_list.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def list_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open a list: the doctors on it whom the reader may see."""
    one = get_object_or_404(saved.lists_visible_to(request.user, timezone.localdate()), pk=pk)
    return redirect(f"{reverse('doctors:doctor-list')}?{saved.query_of_list(one)}")


@login_required
@require_POST
def list_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Rename one's list, share it otherwise, or drop it."""
    on = timezone.localdate()
    get_object_or_404(saved.lists_visible_to(request.user, on), pk=pk)
    given: dict[str, Any] = {"list_id": pk, "by": request.user, "at": timezone.now()}
    try:
        if request.POST.get("drop"):
            actions.drop_list(**given)
        else:
            form = ListForm(request.POST, user=request.user, on=on)
            if not form.is_valid():
                raise actions.ListNotKept(_("A list needs a name."))
            actions.change_list(**given, **form.cleaned_data)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("doctors:list-list")


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one thing to the doctors ticked, or to all that pass the filter: first what it means, then with `sure` the act."""
    on, at = timezone.localdate(), timezone.now()
    act = request.POST.get("act", "")
    may = permissions.can_align if act == BulkAct.REALIGN else permissions.can_keep_list
    if act not in BulkAct.values or not may(request.user):
        raise PermissionDenied
    keys = _keys(request, on)
    if not keys:
        messages.error(request, _("Choose at least one doctor."))
        return redirect("doctors:doctor-list")
    is_sure = bool(request.POST.get("sure"))
    form = BulkForm(request.POST if is_sure else None, act=act, user=request.user, on=on)
    if is_sure and form.is_valid() and len(keys) <= MOST:
        try:
            order = _order(request, act, form.cleaned_data, at)
            if len(keys) > AT_ONCE:
                job = actions.order_bulk(
                    order=order, doctor_ids=keys, by=request.user, at=at, title=str(BulkAct(act).label)
                )
                return redirect("accounts:job", pk=job.pk)
            answer = actions.carry_out_bulk(order=order, doctor_ids=keys, by=request.user, at=at)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            cards = selectors.doctor_cards(
                [key for key, said in answer.by_doctor.items() if said != "not_allowed"]
            )
            rows = [(cards.get(key), _said(said)) for key, said in answer.by_doctor.items()]
            context = {"label": BulkAct(act).label, "rows": rows, "answer": answer, "counts": answer.counts()}
            return render(request, "doctors/bulk_done.html", context)
    seen = saved.visible_ids(request.user, on, keys[:SHOWN])
    context = {
        "act": act,
        "label": BulkAct(act).label,
        "form": form,
        "count": len(keys),
        "too_many": len(keys) > MOST,
        "most": MOST,
        "as_job": len(keys) > AT_ONCE,
        "cards": selectors.doctor_cards(seen).values(),
        "keys": [] if request.POST.get("all") else keys,
        "is_all": bool(request.POST.get("all")),
        "query": request.POST.get("query", "")[:500],
    }
    return render(request, "doctors/bulk_preview.html", context, status=400 if form.errors else 200)


def _keys(request: HttpRequest, on: Any) -> list[UUID]:
    """Return whom the act is about: all that pass the filter, or the ticked ones."""
    if not request.POST.get("all"):
        keys = []
        for text in request.POST.getlist("doctor")[: MOST + 1]:
            try:
                keys.append(UUID(text))
            except ValueError:
                continue
        return keys
    chosen = _chosen(request.POST.get("query", "")[:500])
    text = chosen.pop("q", "")
    rows = saved.doctors_filtered(request.user, on, chosen)
    if text:
        hits = selectors.search_doctors(request.user, text, on, limit=FOUND)
        rows = rows.filter(pk__in=[hit.card.id for hit in hits])
    return list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])


def _chosen(query: str) -> dict[str, Any]:
    return DoctorFilter(QueryDict(query)).chosen()


def _order(request: HttpRequest, act: str, values: dict[str, Any], at: Any) -> actions.BulkOrder:
    list_id = values.get("list_id") or None
    if values.get("new_list", "").strip() and not list_id:
        made = actions.save_list(name=values["new_list"], kind=ListKind.PICKS, by=request.user, at=at)
        list_id = str(made.pk)
    place = values.get("to_territory_id")
    return actions.BulkOrder(
        act=act,
        list_id=UUID(list_id) if list_id else None,
        to_territory_id=UUID(place) if place else None,
        effective_on=values.get("effective_on"),
    )


def _said(word: str) -> str:
    return {"done": _("done"), "unchanged": _("unchanged"), "not_allowed": _("not allowed")}[word]
