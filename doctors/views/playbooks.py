"""The page of the communication strategy."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doctors import permissions
from doctors.actions.playbooks import adopt_default_playbooks
from doctors.choices import Channel, ContentKind, StakeholderKind, Tier
from doctors.models import Department, Playbook
from doctors.selectors.playbooks import playbooks, strategy_of
from doctors.selectors.score_words import cohort_words


@login_required
@require_http_methods(["GET", "POST"])
def playbook_list(request: HttpRequest) -> HttpResponse:
    """Show the strategy; POST takes over the proposed one where none is kept."""
    if not permissions.can_see_segmentation(request.user):
        raise PermissionDenied
    if request.method == "POST":
        if not permissions.can_edit_playbook(request.user):
            raise PermissionDenied
        adopt_default_playbooks(by=request.user, at=timezone.now())
        return redirect("doctors:playbook-list")
    departments = dict(Department.objects.values_list("code", "name"))
    rows = [
        {
            "tier": cell.tier,
            "label": Tier(cell.tier).label,
            "whom": _whom(cell, departments),
            "goal": strategy_of(cell).goal,
            "content": ", ".join(str(ContentKind(kind).label) for kind in cell.content_kinds),
            "channels": ", ".join(str(Channel(channel).label) for channel in cell.channels),
            "visits": cell.visits_per_cycle,
            "contacts": cell.contacts_per_cycle,
        }
        for cell in playbooks()
    ]
    can_edit = permissions.can_edit_playbook(request.user)
    return render(request, "doctors/playbook_list.html", {"rows": rows, "can_edit": can_edit})


def _whom(cell: Playbook, departments: dict[str, str]) -> str:
    said = [
        str(StakeholderKind(cell.role).label) if cell.role else "",
        cohort_words("-", cell.level_band).split(" · ")[1] if cell.level_band else "",
        departments.get(cell.department_code, cell.department_code),
    ]
    return " · ".join(word for word in said if word) or _("everybody")
