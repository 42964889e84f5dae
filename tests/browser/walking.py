"""Every page there is, found from the URL table and the links of the demonstration, and what a page must not do.

`pages()` follows the links of every role over the data there is, and keeps for each page of the URL table the address
whose answer is the fullest. A page no link leads to is made from its row of the permission table; a page that cannot
be had either way is returned as missing, so that nobody adds one unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import MultipleObjectsReturned
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import Resolver404, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone
from lxml import html

from activities.actions import events as meetings
from activities.choices import EventState
from activities.models import Event
from compliance import actions as law
from content.choices import MaterialStatus
from content.models import MaterialVersion
from pharmacrm.accounts.models import User
from tests.architecture.permission_rows import ROLES, Row
from tests.architecture.test_permission_table import NAMELESS, OF_PACKAGES, ROWS, _address
from tests.factories import doctors as factory

# One person of each role, those who see most first.
PEOPLE = (
    "compliance",
    "steward",
    "marketing",
    "medical",
    "regulatory",
    "pv",
    "rep",
    "manager",
    "inspector",
    "admin",
)
NEVER_FOLLOWED = re.compile(
    r"^(/accounts/|/api/|/static/|/o/|/admin/)|\.(json|xlsx|pdf|svg|webp|js|csv|zip)(\?|$)"
)
A_FILE = re.compile(r"\.(json|xlsx|pdf|svg|webp|js|csv|zip|webmanifest)$")
# Behind a wall: who is not on its team finds nothing there, though the ledger names it.
WALLED = {"compliance:case-detail", "compliance:incident-detail"}
# No page of their own, each with what it is.
NO_PAGES = {
    "compliance:check-proof": "a file that somebody attached",
    "compliance:registration-proof": "a file that somebody attached",
    "doctors:claim-evidence": "a file that somebody attached",
    "doctors:consent-proof": "a file that somebody attached",
    "doctors:list-detail": "leads on to the list of doctors, with the kept list as its filter",
    "portal:moved": "leads on from an address of before to the doctor's one page",
    "portal:moved-copy": "as portal:moved",
    "portal:moved-contest": "as portal:moved",
    "portal:copy": "a doctor's copy of their data behind a code; tests/portal opens it",
}
TRIED = 3  # addresses of one page for one role
# Pages of packages we dress ourselves, and the answers to an address that leads nowhere.
BESIDES = {
    "": ("/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/"),
    "compliance": ("/nowhere/", "/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/"),
}  # fmt: skip


@dataclass
class Page:
    name: str
    address: str
    who: str
    size: int = 0
    again: Callable[[], str] | None = None  # makes the address anew: it lasts for a minute only


@dataclass
class Found:
    pages: dict[str, Page] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)  # GET addresses that answer with something else than a page
    acts: set[str] = field(default_factory=set)  # addresses that only take a POST
    redirects: set[str] = field(default_factory=set)  # addresses that only lead on
    broken: list[str] = field(default_factory=list)  # a link that leads to 404 or a fault
    missing: list[str] = field(default_factory=list)

    def keep(self, name: str, address: str, who: str, size: int) -> None:
        known = self.pages.get(name)
        if known is None or size > known.size:
            self.pages[name] = Page(name, address, who, size)


def views() -> dict[str, tuple[str, Callable[..., Any]]]:
    """Return the route and the view of each of our addresses for people, by name."""
    return {
        name: (route, view)
        for name, route, view in _views(get_resolver())
        if name not in NAMELESS and not name.startswith(tuple(OF_PACKAGES)) and not route.startswith("api/")
    }


def _views(
    resolver: URLResolver, prefix: str = "", route: str = ""
) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _views(pattern, inner, route + str(pattern.pattern))
        else:
            yield f"{prefix}{pattern.name}", route + str(pattern.pattern), pattern.callback


def pages(at: datetime) -> Found:
    """Walk all links of all roles with the test client. Cost: a thousand requests in this process."""
    known = views()
    routes = {name: route for name, (route, _view) in known.items()}
    found = Found(
        acts={name for name, (_route, view) in known.items() if takes_only_a_post(view)},
        files={name for name, route in routes.items() if A_FILE.search(route)},
    )
    _rule_in_draft(at)
    for username in PEOPLE:
        _follow(username, routes, found)
    found.files -= found.pages.keys()  # a list is a page and an export
    for role in ROLES:  # rows of the permission table count on the table's people
        _person_of_the_table(role)
    factory.numbers = count(
        90_000
    )  # and make doctors and hospitals whose codes the demonstration has not given
    rows = [param.values[0] for param in ROWS if param.values[0].method == "get"]
    done = found.pages.keys() | found.files | found.acts | found.redirects | NO_PAGES.keys()
    for name in sorted(known.keys() - done):
        _make(name, [row for row in rows if row.url_name == name], found)
    for page in [*_event_under_way(at), *_material_in_hand(), *_two_versions(), *_ready_for_release()]:
        found.pages[page.name] = page
    found.files.add("activities:field-page")
    found.missing = [name for name in found.missing if name not in found.pages.keys() | found.files]
    for who, addresses in BESIDES.items():
        for address in addresses:
            found.pages[address] = Page(address, address, who)
    return found


def _person_of_the_table(role: str) -> None:
    user = User.objects.create(username=f"table-{role}", email=f"{role}@table.example", display_name=role)
    user.groups.set([Group.objects.get_or_create(name=role)[0]])


def _rule_in_draft(at: datetime) -> None:
    """Draft a new text of a rule, which its author may still change."""
    body = (settings.BASE_DIR / "compliance/rulebook/hospitality/rd-01-meal-cap.yaml").read_text("utf-8")
    later = timezone.localdate(at) + timedelta(days=30)
    words = re.sub(r"^valid_from: .*$", f"valid_from: {later}", body, flags=re.MULTILINE)
    law.draft_rule(body=words, reason="改为下月起施行", by=User.objects.get(username="compliance"), at=at)


def _event_under_way(at: datetime) -> list[Page]:
    """Open an approved event at its place: its code is shown there, and the code leads to the door."""
    event = Event.objects.filter(state=EventState.APPROVED).select_related("organiser").first()
    meetings.start_event(event_id=event.pk, by=event.organiser, at=max(at, event.starts_at))
    code = reverse("activities:event-code", args=[event.pk])

    def door() -> str:
        shown = html.fromstring(client_of(event.organiser).get(code).content)
        return urlsplit(shown.xpath("//*[@id='code']//a/@href")[0]).path

    return [
        Page("activities:event-code", code, event.organiser.username),
        Page("event-door", "", "", again=door),
    ]


def _material_in_hand() -> list[Page]:
    """Show a doctor a material as a representative does, for the first doctor with whom nothing is against it."""
    client = client_of(User.objects.get(username="rep"))
    doctors = html.fromstring(client.get("/field/doctors/").content).xpath("//a/@href")
    for doctor in [link for link in doctors if re.fullmatch(r"/field/doctors/[0-9a-f-]{36}/", link)]:
        shelf = html.fromstring(client.get(f"{doctor}show/").content)
        for action in shelf.xpath("//form[contains(@action, '/show/')]/@action")[:2]:
            answer = client.post(action)
            if answer.status_code == HTTPStatus.FOUND:
                return [Page("activities:field-viewer", answer.url, "rep")]
    return []


def _two_versions() -> list[Page]:
    """A material whose second version has a file: the two can be laid side by side."""
    second = MaterialVersion.objects.filter(version=2, files__isnull=False).first()
    return [Page("content:compare", reverse("content:compare", args=[second.pk]), "marketing")]


def _ready_for_release() -> list[Page]:
    """A version that all three have signed and nobody has released."""
    version = MaterialVersion.objects.filter(status=MaterialStatus.APPROVED).first()
    return [
        Page("content:version-release", reverse("content:version-release", args=[version.pk]), "regulatory")
    ]


def _follow(username: str, routes: dict[str, str], found: Found) -> None:
    client = client_of(User.objects.get(username=username))
    waiting = [f"/{route}" for route in routes.values() if "<" not in route]
    seen, times = set(waiting), dict.fromkeys(routes, 0)
    while waiting:
        address = waiting.pop(0)
        name = _name_of(address)
        if name not in routes or times[name] >= TRIED or name in found.acts:
            continue
        times[name] += 1
        answer = client.get(address)
        answer.close()
        if answer.status_code == HTTPStatus.FOUND and "<" not in routes[name]:
            found.redirects.add(name)
        elif answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST, HTTPStatus.GONE}:
            if name not in WALLED:
                found.broken.append(f"{username} {address}: {answer.status_code}")
        elif answer.status_code == HTTPStatus.OK and not _is_page(answer):
            found.files.add(name)
        elif answer.status_code == HTTPStatus.OK:
            found.keep(name, address, username, len(answer.content))
            for link in _links(answer.content, address):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)


def _make(name: str, rows: list[Row], found: Found) -> None:
    """Have a page that no link leads to from its row of the permission table."""
    for username, row in ((username, row) for username in PEOPLE for row in rows):
        user = User.objects.get(username=username)
        if row.status_for(_role(user)) != HTTPStatus.OK:
            continue
        try:
            with transaction.atomic():
                address = _address(name, row.kwargs(user) if callable(row.kwargs) else row.kwargs)
                answer = client_of(user).get(address)
                transaction.set_rollback(answer.status_code != HTTPStatus.OK)
        except (IntegrityError, MultipleObjectsReturned):
            continue  # this row wants tables of its own
        answer.close()  # not before: the end of a request closes the connection and with it the transaction
        if answer.status_code == HTTPStatus.OK and not _is_page(answer):
            found.files.add(name)
            return
        if answer.status_code == HTTPStatus.OK:
            found.keep(name, address, username, len(answer.content))
            return
    found.missing.append(name)


def client_of(user: User, language: str = "zh-hans") -> Client:
    """Return a client signed in as somebody who reads a language."""
    client = Client(headers={"Accept-Language": language})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def takes_only_a_post(view: Callable[..., Any]) -> bool:
    """Return whether `require_POST` stands before a view."""
    while view is not None:
        for name, cell in zip(view.__code__.co_freevars, view.__closure__ or (), strict=True):
            if name == "request_method_list":
                return cell.cell_contents == ["POST"]
        view = getattr(view, "__wrapped__", None)
    return False


def _is_page(answer) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/html")


def _role(user: User) -> str:
    return user.groups.values_list("name", flat=True)[0]


def _name_of(address: str) -> str:
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    return match.view_name


def _links(content: bytes, address: str) -> list[str]:
    tree = html.fromstring(content)
    tree.make_links_absolute(f"http://here{address}")
    links = []
    for link in tree.xpath(
        "//a/@href | //img/@src | //@hx-get | //form[not(@method) or @method='get']/@action"
    ):
        parts = urlsplit(link)
        if parts.netloc == "here" and not NEVER_FOLLOWED.search(parts.path) and "export=" not in parts.query:
            links.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return links
