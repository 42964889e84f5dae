"""The rail of the desktop shell and the bar of the phone: one table, filtered by role.

To add a page, add one `Entry` to its group below. An entry whose URL name does not exist is left out, so
a table row may land before its page. `badge` is the dotted path of a function `(user) -> int` in a public
module of the app that owns the number; it is counted at most every 20 seconds a person, and zero is not shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from .choices import Role
from .models import User

BADGE_SECONDS = 20

R = Role
FIELD = (R.REP, R.LINE_MANAGER)
CONTROL = (R.COMPLIANCE, R.INSPECTOR)
BUSINESS = (
    R.REP,
    R.LINE_MANAGER,
    R.MARKETING,
    R.MEDICAL,
    R.REGULATORY,
    R.COMPLIANCE,
    R.PV,
    R.STEWARD,
    R.INSPECTOR,
)


@dataclass(frozen=True)
class Entry:
    """One line of the rail. No roles: everybody who is signed in. `query` is put behind the address."""

    label: Any
    icon: str
    url_name: str
    roles: tuple[Role, ...] = ()
    badge: str = ""
    query: str = ""


@dataclass(frozen=True)
class Group:
    """A headed part of the rail."""

    label: Any
    entries: tuple[Entry, ...]


RAIL: tuple[Group, ...] = (
    Group(
        _("Workbench"),
        (
            Entry(_("Today"), "home", "home"),
            Entry(_("To do"), "inbox", "compliance:inbox", badge="compliance.selectors.cockpit.waiting_for"),
            Entry(_("My training"), "book", "compliance:my-training"),
            Entry(_("Field app"), "device-mobile", "activities:today", FIELD),
        ),
    ),
    Group(
        _("Doctors"),
        (
            Entry(_("Doctors"), "stethoscope", "doctors:doctor-list", BUSINESS),
            Entry(_("Lists of doctors"), "list", "doctors:list-list",
                  (R.REP, R.LINE_MANAGER, R.MARKETING, R.MEDICAL, R.STEWARD)),
            Entry(_("Hospitals"), "building-hospital", "doctors:hospital-list", BUSINESS),
            Entry(_("Tiers and models"), "chart-dots", "doctors:model-list",
                  (R.MARKETING, R.LINE_MANAGER, R.MEDICAL, *CONTROL)),
            Entry(_("Change requests"), "git-pull-request", "doctors:change-request-list", (R.REP, R.LINE_MANAGER, R.STEWARD)),
            Entry(_("Privacy desk"), "shield-lock", "doctors:request-list",
                  (R.STEWARD, R.COMPLIANCE, R.INSPECTOR)),
            Entry(_("Impact assessments"), "clipboard-check", "compliance:assessment-list",
                  (R.STEWARD, R.COMPLIANCE, R.INSPECTOR)),
            Entry(_("Data given away"), "world-share", "compliance:export-list",
                  (R.COMPLIANCE, R.INSPECTOR)),
            Entry(_("Privacy notices"), "file-certificate", "doctors:notice-list",
                  (R.STEWARD, R.REGULATORY, R.COMPLIANCE)),
            Entry(_("Who belongs to whom"), "arrows-exchange", "doctors:claim-list",
                  (R.REP, R.LINE_MANAGER, R.STEWARD)),
            Entry(_("Publications"), "book", "doctors:publication-list", (R.STEWARD,)),
            Entry(_("Duplicates"), "copy", "doctors:match-list", (R.STEWARD,)),
            Entry(_("Imports"), "file-import", "imports:job-list", (R.STEWARD, R.MARKETING, R.MEDICAL)),
        ),
    ),
    Group(
        _("Content"),
        (
            Entry(_("Materials"), "file-text", "content:material-list", BUSINESS),
            Entry(_("Review"), "writing-sign", "content:review-list",
                  (R.MARKETING, R.MEDICAL, R.REGULATORY, R.COMPLIANCE)),
            Entry(_("Claims and evidence"), "quote", "content:claim-list",
                  (R.MARKETING, R.MEDICAL, R.REGULATORY, *CONTROL)),
            Entry(_("Products and labels"), "pill", "content:product-list",
                  (R.MARKETING, R.MEDICAL, R.REGULATORY, *CONTROL)),
        ),
    ),
    Group(
        _("Activities"),
        (
            Entry(_("Visits"), "calendar-event", "activities:visit-list",
                  (*FIELD, R.MARKETING, R.MEDICAL, R.ADMINISTRATOR, *CONTROL)),
            Entry(_("Plans"), "calendar-stats", "activities:cycle-list", (*FIELD, R.MARKETING, *CONTROL)),
            Entry(_("Hospital doors"), "door-enter", "activities:policy-list", (*FIELD, R.STEWARD, *CONTROL)),
            Entry(_("Events"), "users-group", "activities:event-list", BUSINESS),
            Entry(_("Transfers of value"), "receipt", "activities:transfer-list", (R.STEWARD, *CONTROL)),
            Entry(_("Clinical needs"), "message-2-question", "activities:need-list",
                  (*FIELD, R.MARKETING, R.MEDICAL, *CONTROL)),
            Entry(_("Medical inquiries"), "help-hexagon", "activities:inquiry-list", (R.MEDICAL, R.COMPLIANCE)),
            Entry(_("Pharmacovigilance"), "heart-rate-monitor", "activities:safety-list", (R.PV, R.INSPECTOR)),
        ),
    ),
    Group(
        _("Compliance"),
        (
            Entry(_("Cockpit"), "shield-check", "compliance:cockpit", CONTROL),
            Entry(_("Rule book"), "section-sign", "compliance:rule-list"),
            Entry(_("Cases"), "alert-octagon", "compliance:case-list", CONTROL),
            Entry(_("Findings"), "list-check", "compliance:finding-list", CONTROL),
            Entry(_("Monitoring"), "radar", "compliance:monitoring-list", CONTROL),
            Entry(_("Data incidents"), "shield-exclamation", "compliance:incident-list"),
            Entry(_("Words kept apart"), "shield-lock", "compliance:alarm-list", CONTROL),
            Entry(_("Watched acts"), "eye", "compliance:watched-list"),
            Entry(_("Measures"), "checklist", "compliance:measure-list", badge="compliance.selectors.casework.open_measures_of"),
            Entry(_("Report a concern"), "speakerphone", "hotline"),
            Entry(_("Records and ledger"), "history", "compliance:ledger", CONTROL),
            Entry(_("How long records are kept"), "archive", "compliance:retention-plan", (R.COMPLIANCE, R.INSPECTOR)),
            Entry(_("Qualification"), "certificate", "compliance:qualification", (R.REP, R.LINE_MANAGER, R.COMPLIANCE)),
            Entry(_("Training board"), "school", "compliance:training-board", (R.LINE_MANAGER, *CONTROL)),
            Entry(_("Boards"), "chart-bar", "dashboards:board",
                  (R.LINE_MANAGER, R.MARKETING, R.MEDICAL, R.PV, *CONTROL)),
        ),
    ),
    Group(
        _("System"),
        (
            Entry(_("People and roles"), "users", "accounts:people", (R.ADMINISTRATOR, R.COMPLIANCE, R.INSPECTOR)),
            Entry(_("Applications"), "plug-connected", "clients:list", (R.ADMINISTRATOR, R.COMPLIANCE, R.INSPECTOR)),
            Entry(_("Territories"), "map-pin", "accounts:territories",
                  (R.ADMINISTRATOR, R.LINE_MANAGER, R.STEWARD, R.COMPLIANCE, R.INSPECTOR)),
            Entry(_("Realignments"), "arrows-shuffle", "doctors:realignment-list",
                  (R.ADMINISTRATOR, R.LINE_MANAGER, R.STEWARD, R.COMPLIANCE, R.INSPECTOR)),
        ),
    ),
)  # fmt: skip

PHONE: tuple[Entry, ...] = (
    Entry(_("Today"), "calendar-check", "activities:today"),
    Entry(_("Doctors"), "stethoscope", "activities:field-doctors"),
    Entry(_("Library"), "files", "activities:field-library"),
    Entry(
        _("Messages"),
        "message-circle",
        "activities:field-messages",
        badge="pharmacrm.accounts.selectors.unread_messages",
    ),
    Entry(_("Me"), "user", "activities:field-me"),
)


@dataclass(frozen=True)
class Link:
    """An entry as one reader sees it on one page."""

    label: str
    icon: str
    url: str
    count: int = 0
    is_current: bool = False


# Pages that stand under an entry whose address is not the beginning of theirs.
UNDER = {
    "/compliance/history/": "/compliance/ledger/",
    "/compliance/holds/": "/compliance/cases/",
    "/compliance/letters/": "/compliance/cases/",
    "/compliance/parameters/": "/compliance/rules/",
    "/compliance/verdicts/": "/compliance/rules/",
    "/compliance/waivers/": "/compliance/rules/",
}


@dataclass(frozen=True)
class Part:
    """A group as one reader sees it."""

    label: str
    links: tuple[Link, ...] = ()


def rail_of(user: User, path: str) -> list[Part]:
    """Return the groups and entries a person may open, with the current page marked. Cost: the badges, cached."""
    roles = user.roles if user.is_active else frozenset()
    opened = _rail_open_to(roles, get_urlconf(), get_script_prefix(), get_language() or "")
    counts = _counts([badge for _label, links in opened for _link, badge in links], user)
    parts = [
        Part(label, tuple(_counted(link, counts.get(badge, 0)) for link, badge in links))
        for label, links in opened
    ]
    current = _current([link for part in parts for link in part.links], path)
    return [Part(part.label, _marked(part.links, current)) for part in parts]


@lru_cache(maxsize=200)
def _rail_open_to(
    roles: frozenset[str], _urlconf: str | None, _prefix: str, _language: str
) -> tuple[tuple[str, tuple[tuple[Link, str], ...]], ...]:
    """Return the groups that are not empty for holders of these roles, each link with its badge."""
    groups = []
    for group in RAIL:
        opened = _open_to(roles, group.entries)
        links = tuple(zip(_links(opened, {}), (entry.badge for entry, _url in opened), strict=True))
        groups += [(str(group.label), links)] if links else []
    return tuple(groups)


def _counted(link: Link, count: int) -> Link:
    return replace(link, count=count) if count else link


def drawn(parts: Iterable[Part]) -> SafeString:
    """Return the rail as it stands on the page; one that was drawn before is not drawn again."""
    return _drawn(tuple(parts), get_language() or "")


@lru_cache(maxsize=2000)
def _drawn(parts: tuple[Part, ...], _language: str) -> SafeString:
    return render_to_string("shell/rail.html", {"parts": parts})


def phone_bar_of(user: User, path: str) -> list[Link]:
    """Return the five entries at the foot of the phone shell, with the current one marked."""
    links = links_of(user, PHONE)
    return list(_marked(links, _current(links, path)))


def links_of(user: User, entries: Iterable[Entry]) -> tuple[Link, ...]:
    """Return the entries whose page exists and whose roles the person has. Cost: the badges, cached."""
    opened = _open_to(user.roles if user.is_active else (), entries)
    return _links(opened, _counts([entry.badge for entry, _url in opened], user))


def _open_to(roles: Collection[str], entries: Iterable[Entry]) -> list[tuple[Entry, str]]:
    return [
        (entry, url)
        for entry in entries
        if (not entry.roles or any(role in roles for role in entry.roles)) and (url := url_of(entry.url_name))
    ]


def _links(opened: list[tuple[Entry, str]], counts: dict[str, int]) -> tuple[Link, ...]:
    return tuple(
        Link(str(entry.label), entry.icon, url + entry.query, counts.get(entry.badge, 0))
        for entry, url in opened
    )


def url_of(url_name: str) -> str:
    """Return the address of a URL name, or nothing while no app has it."""
    return _url_of(url_name, get_urlconf(), get_script_prefix())


@lru_cache(maxsize=1000)
def _url_of(url_name: str, _urlconf: str | None, _prefix: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _counts(badges: list[str], user: User) -> dict[str, int]:
    """Return the number beside each entry that has one. Cost: one question to the cache, and the counts not kept there."""
    keys = {badge: f"badge:{badge}:{user.pk}" for badge in badges if badge}
    if not keys:
        return {}
    try:
        kept = cache.get_many(keys.values())
    except (RedisError, OSError):
        return {badge: int(import_string(badge)(user)) for badge in keys}
    counts = {badge: int(kept[key]) for badge, key in keys.items() if key in kept}
    fresh = {badge: int(import_string(badge)(user)) for badge in keys if badge not in counts}
    with suppress(RedisError, OSError):
        for badge, number in fresh.items():
            cache.set(keys[badge], number, BADGE_SECONDS)
    return counts | fresh


def _current(links: Iterable[Link], path: str) -> str:
    """Return the address of the entry the page stands under, or nothing."""
    places = [link.url.partition("?")[0] for link in links]
    path = next((place for start, place in UNDER.items() if path.startswith(start)), path)
    within = [place for place in places if path == place or (place != "/" and path.startswith(place))]
    return max(within, key=len, default="")


def _marked(links: tuple[Link, ...], current: str) -> tuple[Link, ...]:
    """Mark the first entry with the address."""
    for place, link in enumerate(links):
        if current and link.url.partition("?")[0] == current:
            return (*links[:place], replace(link, is_current=True), *links[place + 1 :])
    return links
