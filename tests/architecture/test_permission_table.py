"""The permission table: every URL × method × role → status. A URL without a row fails.

Add rows for your app in tests/<app>/permission_rows.py:

    from pharmacrm.accounts.choices import Role
    from tests.architecture.permission_rows import Row, for_roles

    ROWS = [
        Row("content:material-list", statuses=for_roles(200, Role.REP, Role.MARKETING)),      # others 403, anonymous → login
        Row("content:material-detail", kwargs=lambda user: {"pk": MaterialFactory().pk}, others=200),
        Row("content:material-release", "post", statuses=for_roles(302, Role.REGULATORY),
            kwargs=lambda user: {"pk": approved_version().pk}, data={"expires_on": "2027-01-01"}),
        Row("content-api:material-list", anonymous=401, others=200),
    ]

Each row is requested once as anonymous and once as every role, each time in a transaction that is rolled back. What
a row arranges without looking at who asks is arranged once, before them all.
A URL that answers several methods needs a row for each one it changes something with; GET alone is enough for a
page that only reads. `pytest tests/architecture/test_permission_table.py -k content` runs one app's rows.
"""

import dis
import importlib
from dataclasses import replace
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from simple_history.utils import bulk_create_with_history

from pharmacrm.accounts.models import User
from pharmacrm.accounts.views import errors
from tests.architecture.permission_rows import ANONYMOUS, EVERYBODY, ROLES

TESTS = Path(__file__).parent.parent

# URLs of packages, whose own suites test them. Whole namespaces or names; ours are never in this list.
OF_PACKAGES = {
    "account_", "mfa_", "admin:", "oauth2_provider:", "socialaccount_", "usersessions_", "mfa:", "headless:",
}  # fmt: skip
# Open to everybody by design: schema, health, static.
NAMELESS = {"healthz", "readyz"}


def _rows():
    rows = []
    for place in sorted(TESTS.glob("*/permission_rows.py")):
        if place.parent.name == "architecture":
            continue
        module = importlib.import_module(f"tests.{place.parent.name}.permission_rows")
        rows += [
            pytest.param(row, id=f"{place.parent.name}-{row.url_name}-{row.method}")
            for row in getattr(module, "ROWS", [])
        ]
    return rows


ROWS = _rows()


@pytest.fixture
def people(db):
    """One person of each role.

    A role's person has the same key in every test, so what a page keeps for a person is counted once for the table.
    """
    users = [
        User(
            pk=uuid5(NAMESPACE_URL, role),
            username=f"table-{role}",
            email=f"{role}@table.example",
            display_name=role,
        )
        for role in ROLES
    ]
    bulk_create_with_history(users, User)
    Group.objects.bulk_create([Group(name=role) for role in ROLES], ignore_conflicts=True)
    groups = {group.name: group for group in Group.objects.filter(name__in=ROLES)}
    member = User.groups.through
    member.objects.bulk_create(member(user=user, group=groups[user.display_name]) for user in users)
    return {user.display_name: user for user in User.objects.filter(pk__in=[user.pk for user in users])}


@pytest.fixture
def browsers(people):
    """A browser for each of them, signed in without a password, and one for nobody."""
    store = SessionStore()
    made, sessions = {ANONYMOUS: Client()}, []
    for role, user in people.items():
        kept = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        key = f"table{user.pk.hex[:27]}"
        sessions.append(
            Session(session_key=key, session_data=store.encode(kept), expire_date=store.get_expiry_date())
        )
        made[role] = Client()
        made[role].cookies[settings.SESSION_COOKIE_NAME] = key
    Session.objects.bulk_create(sessions)
    return made


@pytest.fixture(scope="module", autouse=True)
def refusals_drawn_once():
    """Draw the page that says no once for each person and status: of the thousands after it the table asks the status."""
    answer, drawn = errors._answer, set()

    def once(request, status, title, **more):
        page = (status, getattr(request.user, "pk", None) if hasattr(request, "user") else None)
        if request.path.startswith("/api/") or page not in drawn:
            drawn.add(page)
            return answer(request, status, title, **more)
        return HttpResponse(status=status)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(errors, "_answer", once)
        yield


@pytest.mark.parametrize("row", ROWS)
def test_every_role_gets_what_the_table_says(row, people, browsers):
    row, wrong = _arranged(row), {}
    for who in EVERYBODY:
        expected = row.status_for(who)
        with transaction.atomic():
            got = _request(browsers[who], row, people.get(who))
            transaction.set_rollback(True)
        if got != expected:
            wrong[who] = f"{got}, the table says {expected}"

    assert wrong == {}


def test_what_looks_at_who_asks_is_arranged_for_each_of_them():
    def closes_over(user):
        return [user for _one in "a"]

    assert [_asks_who(one) for one in (lambda user: {"pk": user}, closes_over, print)] == [True, True, True]
    assert [_asks_who(one) for one in (lambda user: {"pk": 1}, lambda _user: {"pk": uuid4()})] == [
        False,
        False,
    ]


def test_every_url_has_a_row():
    listed = {param.values[0].url_name for param in ROWS}

    missing = sorted(
        f"{name}  {route}"
        for name, route in _names(get_resolver())
        if name not in listed and name not in NAMELESS and not name.startswith(tuple(OF_PACKAGES))
    )

    assert missing == []


def test_every_row_has_a_url():
    known = {name for name, _route in _names(get_resolver())}

    assert sorted({param.values[0].url_name for param in ROWS} - known) == []


def _arranged(row):
    """Return a row whose world stands already, unless that world depends on who asks."""
    return row if not callable(row.kwargs) or _asks_who(row.kwargs) else replace(row, kwargs=row.kwargs(None))


def _asks_who(arrange):
    """Return whether a function reads its first argument, as far as its code can tell."""
    code = getattr(arrange, "__code__", None)
    return code is None or any(one.argval == code.co_varnames[0] for one in dis.get_instructions(code))


def _request(browser, row, user):
    kwargs = row.kwargs(user) if callable(row.kwargs) else row.kwargs
    url = _address(row.url_name, kwargs)
    data = row.data(kwargs) if callable(row.data) else row.data
    options = {}
    if url.startswith("/api/") and row.method != "get":
        options = {"content_type": "application/json", "headers": {"Idempotency-Key": str(uuid4())}}
    answer = getattr(browser, row.method)(
        url, data if data is not None else ({} if options else None), **options
    )
    for close in answer._resource_closers:
        close()
    return answer.status_code


def _address(name, kwargs):
    if kwargs is not None:
        return reverse(name, kwargs=kwargs)
    try:
        return reverse(name)
    except NoReverseMatch:
        for pattern_name, resolved in _patterns(get_resolver()):
            if pattern_name == name:
                nowhere = {
                    key: UUID(int=0)
                    if "uuid" in type(kind).__name__.lower()
                    else 1
                    if "int" in type(kind).__name__.lower()
                    else "none"
                    for key, kind in resolved.items()
                }
                return reverse(name, kwargs=nowhere)
        raise


def _names(resolver, prefix="", route=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _names(pattern, inner, route + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            if pattern.name is None:
                yield f"{prefix}(unnamed)", route + str(pattern.pattern)
            elif "(?P<format>" not in str(pattern.pattern):
                yield prefix + pattern.name, route + str(pattern.pattern)


def _patterns(resolver, prefix="", converters=None):
    for pattern in resolver.url_patterns:
        known = {**(converters or {}), **pattern.pattern.converters}
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _patterns(pattern, inner, known)
        elif pattern.name:
            yield prefix + pattern.name, known or dict.fromkeys(pattern.pattern.regex.groupindex)


def test_anonymous_is_part_of_every_request():
    assert EVERYBODY[0] == ANONYMOUS
