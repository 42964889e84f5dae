"""The queue of level spellings nobody knows: decided once, remembered for the next file."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from doctors import permissions
from doctors.actions.levels import decide_level
from doctors.forms.hospitals import LevelForm
from doctors.selectors import levels as reads
from pharmacrm.common.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def level_queue(request: HttpRequest) -> HttpResponse:
    """List spellings of hospital levels nobody knows; a POST says what one means, or that it is no level."""
    if not permissions.can_import(request.user):
        raise PermissionDenied
    form = LevelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            rows = decide_level(by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request,
                ngettext(
                    "Remembered. %(rows)d row was checked again.",
                    "Remembered. %(rows)d rows were checked again.",
                    rows,
                )
                % {"rows": rows},
            )
            return redirect("doctors:level-queue")
    context = {
        "form": form,
        "waiting": reads.levels_undecided(),
        "decided": reads.levels_decided(),
        "choices": reads.level_choices(),
        "empty_text": _("Every spelling is known."),
    }
    return render(request, "doctors/level_queue.html", context, status=400 if form.errors else 200)
