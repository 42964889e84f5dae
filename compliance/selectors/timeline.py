"""The time line of any record: its newest acts, who did them and when, as `components/timeline.html` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, ResolverMatch, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions, subjects
from compliance.models import LedgerEntry
from compliance.selectors.walls import OF_HITS, OF_OFFICERS, behind_the_wall, may_read_versions

SHOWN = 8
DETAIL = "detail"
ALSO = {"compliance:staff-detail": "user"}  # further pages of a subject beside its own
ANY_KEY = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Step:
    """One act. `event` is worded by the template; `url` is empty for whoever may not read the ledger."""

    event: str
    detail: str
    meta: str
    url: str


def subject_of_page(match: ResolverMatch | None) -> str:
    """Return what a detail page is about: the subject whose own page this is, or an empty string. Cost: no query."""
    if match is None or not (match.url_name or "").endswith(DETAIL) or len(match.kwargs) != 1:
        return ""
    name, key = next(iter(match.kwargs.items()))
    kind = kind_of_view(match.view_name, name)
    return f"{kind}:{key}" if kind else ""


@cache
def kind_of_view(view_name: str, argument: str) -> str:
    """Return the kind of subject whose page a view is: the one that names this view's address as its own."""
    if view_name in ALSO:
        return ALSO[view_name]
    try:
        path = reverse(view_name, kwargs={argument: ANY_KEY})
    except NoReverseMatch:
        return ""
    return next((kind for kind in subjects.kinds() if subjects.url_of(f"{kind}:{ANY_KEY}") == path), "")


def time_line_of(subject: str, user: Any) -> list[Step]:
    """Return the newest acts on a subject, newest first; none for whoever may not know of them. Cost: one query, more for a case."""
    if not may_read_versions(user, subject):
        return []
    may_open = permissions.can_read_ledger(user)
    acts = LedgerEntry.objects.filter(subject=subject).order_by("-at", "-id")
    if not permissions.can_see_cockpit(user):
        for told in OF_OFFICERS:
            acts = acts.exclude(event__startswith=told)
        if subject == f"user:{user.pk}":
            acts = acts.exclude(event__startswith=OF_HITS)
    acts = acts[:SHOWN]
    hidden = behind_the_wall(acts, user) if may_open else set()
    return [
        Step(
            event=entry.event,
            detail=entry.reason[:160] if may_open else "",
            meta=_("%(who)s, %(when)s")
            % {
                "who": entry.actor_name or _("by itself"),
                "when": date_format(localtime(entry.at), "DATETIME_FORMAT"),
            },
            url=reverse("compliance:entry-detail", args=[entry.pk]) if may_open else "",
        )
        for entry in acts.only("event", "reason", "actor_name", "at", "id", "subject", "rows")
        if entry.pk not in hidden
    ]
