"""Boards: coverage and frequency by tier and team, each figure open to its rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from activities import selectors as activities
from doctors import actions as doctor_actions
from doctors import selectors as doctors
from doctors.permissions import can_run_privacy_desk
from pharmacrm.accounts import selectors as people
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.navigation import url_of
from pharmacrm.common.leaving import Door, count_leaving
from pharmacrm.common.listing import Column, excel, export_url, page_of

from . import selectors
from .doctor_page import doctor_page
from .forms import BoardFilter
from .graph import drawing_of
from .selectors import Line, Scope

HOMES = (
    (Role.REP, "activities:today"),
    (Role.LINE_MANAGER, "dashboards:board"),
    (Role.COMPLIANCE, "compliance:cockpit"),
    (Role.INSPECTOR, "compliance:cockpit"),
    (Role.PV, "activities:safety-list"),
    (Role.MARKETING, "content:material-list"),
    (Role.MEDICAL, "content:review-list"),
    (Role.REGULATORY, "content:review-list"),
    (Role.STEWARD, "imports:job-list"),
    (Role.ADMINISTRATOR, "accounts:people"),
)
FIGURES = {
    "base": _("Doctors in sight"),
    "met": _("Doctors met"),
    "missed": _("Doctors not met yet"),
    "contacts": _("Counted visits"),
}
ROW_COLUMNS = (
    Column(_("Code"), "code"),
    Column(_("Name"), lambda row: getattr(getattr(row, "identity", None), "name", row.code)),
    Column(_("Tier"), lambda row: row.get_tier_display()),
    Column(_("Hospital"), lambda row: row.hospital.name if row.hospital else ""),
    Column(_("Department"), lambda row: row.department.name if row.department else row.department_name),
    Column(_("Counted visits"), "visit_count"),
    Column(_("Last met"), "last_met_at"),
)
LINE_COLUMNS = (
    Column(_("Group"), "label"),
    Column(_("Doctors in sight"), "base"),
    Column(_("Doctors met"), "met"),
    Column(_("Coverage, %"), "coverage_text"),
    Column(_("Coverage goal, %"), "goal_coverage"),
    Column(_("Counted visits"), "contacts"),
    Column(_("Visits per doctor met"), "frequency_text"),
    Column(_("Visits goal"), "goal_frequency"),
)


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead each role to the page their day begins with."""
    for role, url_name in HOMES:
        if request.user.has_role(role) and (url := url_of(url_name)):
            return redirect(url)
    return render(request, "accounts/home.html")


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    form, scope = _asked(request)
    tiers, teams = selectors.lines_by_tier(scope), selectors.lines_by_team(scope)
    if request.GET.get("export") == "xlsx":
        return excel("board", LINE_COLUMNS, [*tiers, *teams], seen_by=request.user, at=timezone.now(),
                     person=None, filters=form.in_words())  # fmt: skip
    total = _opened(request, selectors.total_of(tiers))
    context = {
        "form": form,
        "scope": scope,
        "total": total,
        "missed": total["missed"],
        "tiers": [_opened(request, line, tier=line.key) for line in tiers],
        "teams": [_opened(request, line, team=line.key) for line in teams],
        "export": export_url(request),
        "now": timezone.now(),
    }
    return render(request, "dashboards/board.html", context)


@login_required
@require_GET
def rows(request: HttpRequest, figure: str) -> HttpResponse:
    """The doctors behind one figure; as many as the figure says."""
    if figure not in FIGURES:
        raise Http404
    form, scope = _asked(request)
    found = selectors.rows_behind(scope, figure)
    if request.GET.get("export") == "xlsx":
        return excel(figure, ROW_COLUMNS, found.order_by("-visit_count", "pk"), seen_by=request.user,
                     at=timezone.now(), filters=form.in_words(), person="pk")  # fmt: skip
    context = {
        "form": form,
        "title": FIGURES[figure],
        "figure": figure,
        "page": page_of(found, request, order=("-visit_count", "-pk"), total=found.count()),
        "contacts": found.aggregate(n=Sum("visit_count"))["n"] or 0,
        "export": export_url(request),
        "back": f"{reverse('dashboards:board')}?{_kept(request).urlencode()}",
    }
    return render(request, "dashboards/rows.html", context)


@login_required
@require_GET
def doctor_360(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one doctor on one page."""
    shown = doctor_page(request.user, pk, at=timezone.now())
    if shown is None:
        canonical = doctors.canonical_ids([pk])[pk]
        if canonical != pk:
            return redirect("dashboards:doctor", pk=canonical)
        raise Http404
    context = {
        "shown": shown,
        "doctor": shown.overview.card,
        "bars": doctors.bars_of(shown.why) if shown.why.is_scored else [],
        "drawing": drawing_of(shown.overview.relations),
    }
    return render(request, "dashboards/doctor.html", context)


@login_required
@require_GET
def doctor_copy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The copy a privacy request grants, for the desk to hand over; each look is written down."""
    row = get_object_or_404(doctors.requests_visible_to(request.user), pk=pk)
    at = timezone.now()
    if not can_run_privacy_desk(request.user):
        raise PermissionDenied
    if row.kind not in doctors.GRANTS_COPY or not (row.closed_at and row.is_granted):
        raise Http404
    count_leaving(Door.COPY, name=row.number, persons=[row.doctor_id], by=request.user, at=at)
    doctor_actions.record_copy_taken(request_id=row.pk, by=request.user, at=at)
    copy = activities.own_data(row.doctor_id, at=at)
    if request.GET.get("format") == "json":
        answer = JsonResponse(copy.as_json(), json_dumps_params={"ensure_ascii": False, "indent": 1})
        answer["Content-Disposition"] = f'attachment; filename="{row.number}.json"'
        return answer
    return render(request, "dashboards/doctor_copy.html", {"copy": copy, "parent": "base.html"})


def scope_of(user: Any, asked: dict[str, Any]) -> Scope:
    """Return the scope of a board for a reader and the filters asked."""
    on = timezone.localdate()
    cycle = (
        activities.cycles().filter(pk=asked["cycle"]).first()
        if asked.get("cycle")
        else activities.cycle_on(on)
    )
    return Scope(
        user=user,
        on=on,
        cycle=cycle,
        tier=asked.get("tier", ""),
        team=UUID(asked["team"]) if asked.get("team") else None,
        rep=UUID(asked["rep"]) if asked.get("rep") else None,
    )


def _asked(request: HttpRequest) -> tuple[BoardFilter, Scope]:
    if not selectors.can_see_boards(request.user):
        raise PermissionDenied
    on = timezone.localdate()
    form = BoardFilter(
        request.GET,
        cycles=list(selectors.cycle_choices()),
        teams=[(str(team.pk), team.name) for team in selectors.teams_of(request.user, on)],
        reps=[(str(rep.pk), str(rep)) for rep in people.reps_in_sight(request.user, on)],
    )
    return form, scope_of(request.user, form.chosen())


def _opened(request: HttpRequest, line: Line, **narrowed: str) -> dict[str, Any]:
    """Return a line with the address of the rows behind each of its figures."""
    query = _kept(request)
    for name, value in narrowed.items():
        query[name] = value
    return {
        "line": line,
        "missed": line.base - line.met,
        **{
            f"{figure}_url": f"{reverse('dashboards:rows', args=[figure])}?{query.urlencode()}"
            for figure in FIGURES
        },
    }


def _kept(request: HttpRequest) -> QueryDict:
    query = request.GET.copy()
    for name in ("export", "after"):
        query.pop(name, None)
    return query
