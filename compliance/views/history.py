"""A record at any moment: time line, what changed, and the receipt that it was so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from compliance import permissions, subjects
from compliance.forms.history import AsOfForm
from compliance.models import LedgerEntry
from compliance.selectors.entries import leaf_numbers
from compliance.selectors.history import changes_between, entries_of, law_of, versions_of
from compliance.selectors.log import NotSealedYet, inclusion_of
from compliance.selectors.walls import behind_the_wall, may_read_versions
from compliance.views.words import moment


@login_required
@require_GET
def history(request: HttpRequest, subject: str) -> HttpResponse:
    """Show a subject as it was: `?at=` a moment or `?version=`, else the newest; `?all=1` shows equal fields too."""
    if not permissions.can_read_ledger(request.user):
        raise PermissionDenied
    if not may_read_versions(request.user, subject):
        raise Http404
    versions = versions_of(subject)
    entries = list(entries_of(subject, most=100))
    written = [version.entry for version in versions if version.entry is not None]
    hidden = behind_the_wall([*entries, *written], request.user)
    versions = [replace(one, entry=None) if one.entry and one.entry.pk in hidden else one for one in versions]
    entries = [entry for entry in entries if entry.pk not in hidden]
    if not versions and not entries:
        raise Http404
    form = AsOfForm(request.GET if request.GET.get("at") else None)
    asked = form.cleaned_data["at"] if form.is_valid() else None
    place = _place(versions, request.GET.get("version", ""), asked)
    shown = versions[place] if versions and place >= 0 else None
    before = versions[place - 1] if shown and place > 0 else None
    changes = changes_between(subject, before, shown) if shown else []
    context = {
        "subject": subject,
        "title": subjects.title_of(subject),
        "url": subjects.url_of(subject),
        "versions": versions,
        "stops": _stops(versions, place),
        "shown": shown,
        "before": before,
        "earlier": versions[place - 1] if shown and place > 0 else None,
        "later": versions[place + 1] if shown and place + 1 < len(versions) else None,
        "changes": changes,
        "different": sum(not change.is_same for change in changes),
        "same": sum(change.is_same for change in changes),
        "show_all": request.GET.get("all") == "1",
        "entries": entries,
        "numbers": leaf_numbers(entries),
        "receipt": _receipt(shown.entry if shown and shown.entry else (entries[0] if entries else None)),
        "at": timezone.now(),
        "may_pack": permissions.can_make_pack(request.user),
        "form": form,
        "asked": asked,
        "is_too_early": asked is not None and bool(versions) and shown is None,
        "may_read_verdict": _may_read_verdict(request, shown.entry if shown else None),
        "law": law_of(shown.entry if shown else None, asked or (shown.at if shown else None)),
    }
    return render(request, "compliance/history.html", context)


def _may_read_verdict(request: HttpRequest, entry: LedgerEntry | None) -> bool:
    verdict = entry.verdict if entry else None
    return verdict is not None and permissions.can_read_verdict(request.user, verdict)


def _place(versions: list, wanted: str, asked: datetime | None) -> int:
    """Return the place of the version asked for by number or moment; -1 where there was none yet."""
    if asked is not None:
        return sum(version.at <= asked for version in versions) - 1
    return next((at for at, one in enumerate(versions) if str(one.number) == wanted), len(versions) - 1)


def _stops(versions: list, place: int) -> list[dict[str, object]]:
    """Return where each version stands on the slider: even steps, in percent of its width."""
    last = max(1, len(versions) - 1)
    return [
        {
            "version": version,
            "x": 6 + round(88 * number / last) if len(versions) > 1 else 50,
            "label": moment(version.at),
            "is_shown": number == place,
            "is_named": len(versions) <= 6 or number in {0, place, len(versions) - 1},
        }
        for number, version in enumerate(versions)
    ]


def _receipt(entry: object) -> dict[str, object]:
    if entry is None:
        return {}
    try:
        leaf, checkpoint, proof = inclusion_of(entry.pk)  # type: ignore[attr-defined]
    except NotSealedYet:
        return {"entry": entry, "number": None, "steps": 0, "checkpoint": None, "places": 0}
    return {
        "entry": entry,
        "number": leaf.number,
        "steps": len(proof),
        "checkpoint": checkpoint,
        "places": checkpoint.anchors.filter(error="").count(),
    }
