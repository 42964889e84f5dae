"""Every address that changes something does it through a recorded act, in the act's transaction. Promise P1.

An endpoint is an address and a method other than GET. Each needs a row under which it really changes rows of record:
one of the permission table under which a role succeeds, or one in tests/<app>/act_rows.py,

    ACTS = [Act("content:material-create", Role.MARKETING, data=lambda person, kwargs: {...})]

The row is run twice from the same start. First as it is: something of record changes, the ledger grows, and no row
version is left that no entry claims. Then with a ledger that cannot be written: everything is as before.
"""

import importlib
import inspect
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from compliance.actions import recording
from compliance.models import LedgerEntry
from pharmacrm import imports
from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions as import_actions
from tests.architecture.permission_rows import ROLES, Row
from tests.architecture.test_permission_table import ROWS as PERMISSION_ROWS
from tests.architecture.test_permission_table import _request, browsers, people  # noqa: F401 - two are fixtures
from tests.factories.doctors import make_doctor, make_hospital
from tests.factories.imports import text_table

TESTS = Path(__file__).parent.parent
OURS = ("activities", "content", "doctors", "compliance", "pharmacrm")
UNSAFE = {"post", "put", "patch", "delete"}
READS_A_SENT_FORM = re.compile(r"require_POST|require_http_methods|request\.(POST|method|body|FILES)")

# Rows beside the record: what a session, a queue or a reader's own mark writes changes nothing the company vouches for.
BESIDE = re.compile(
    r"^(django_session|axes_.*|usersessions_.*|oauth2_provider_.*|common_(outboxmessage|idempotencykey|notification|job|savedview)"
    r"|compliance_(rowintake|ledgerentry|unsealedentry|storedverdict)|account_.*|mfa_.*|django_celery_.*"
    r"|common_storedfile)$"  # bytes nobody points at: the record that points at them says who brought them
)


def _walk(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif pattern.name and "(?P<format>" not in str(pattern.pattern):
            yield prefix + pattern.name, pattern.callback


def _methods(callback):
    door = getattr(callback, "cls", None)
    if door is not None:
        named = getattr(callback, "actions", None) or [name for name in UNSAFE if hasattr(door, name)]
        return UNSAFE & set(named) if door.__module__.startswith(OURS) else set()
    view = inspect.unwrap(callback)
    if not view.__module__.startswith(OURS):
        return set()
    return {"post"} if READS_A_SENT_FORM.search(inspect.getsource(view)) else set()


# Changes nothing the company vouches for. Each line says why.
BESIDE_THE_RECORD = {
    "api:doctors-api:scoring-model-validate": "answers what is wrong with a specification, and keeps nothing of it",
    "accounts:job": "asks one's own waiting work to stop; what the work then does or leaves is recorded by it",
    "accounts:messages": "a reader's own mark on a message",
    "activities:field-safety-receipt": "adds to a report",
    "compliance:incident-detail": "shows an incident; its steps have an address of their own",
    "compliance:monitoring-run": "asks the detectors to run; what they find is recorded when they find it",
    "content:claim-lint": "answers what the pre-check finds in a text that is still being typed",
}


def _act_rows():
    rows = {}
    for place in sorted(TESTS.glob("*/act_rows.py")):
        if place.parent.name != "architecture":
            for act in importlib.import_module(f"tests.{place.parent.name}.act_rows").ACTS:
                rows.setdefault((act.url_name, act.method), act)
    return rows


ACTS = _act_rows()
NAMES = {name for name, _callback in _walk(get_resolver())}
# A view that hands its form to another function is known by its row.
ENDPOINTS = sorted(
    {(name, method) for name, callback in _walk(get_resolver()) for method in _methods(callback)}
    | {
        (param.values[0].url_name, param.values[0].method)
        for param in PERMISSION_ROWS
        if param.values[0].method in UNSAFE
    }
    | {act for act in ACTS if act[0] in NAMES}
)


@dataclass(frozen=True)
class Outcome:
    """What one request did: rows of record it wrote by table, entries it added, versions left without an entry."""

    status: int
    tables: frozenset[str]
    entries: int
    unclaimed: int

    @property
    def is_act(self) -> bool:
        return bool(self.tables or self.entries)


@pytest.mark.parametrize(
    ("name", "method"), [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in ENDPOINTS if one[0] not in BESIDE_THE_RECORD]
)  # fmt: skip
def test_an_endpoint_changes_nothing_without_its_entry(name, method, people, browsers):  # noqa: F811
    tried = []
    for who, send in _ways(name, method, people, browsers):
        seen = _rolled_back(lambda send=send: _seen(send))
        tried.append((who, seen))
        if seen.is_act:
            break
    assert tried, "no row lets a role do it: add one to tests/<app>/act_rows.py"
    who, seen = tried[-1]
    assert seen.is_act, f"no row changes anything of record: {tried}"

    broken = _rolled_back(lambda: _left_by_a_broken_ledger(send, seen.tables))

    assert seen.entries > 0, f"{who} changed {sorted(seen.tables)} and the ledger knows nothing of it"
    assert seen.unclaimed == 0, f"{who} left {seen.unclaimed} row versions that no entry claims"
    assert broken == set(), f"without the ledger {who} still changed {sorted(broken)}"


def test_what_is_beside_the_record_is_still_there():
    assert set(BESIDE_THE_RECORD) - {name for name, _method in ENDPOINTS} == set()


def test_no_row_is_for_an_endpoint_that_is_gone():
    assert {name for name, _method in ACTS} - NAMES == set()


def test_no_page_of_the_admin_is_a_door():
    namespaces = {
        pattern.namespace for pattern in get_resolver().url_patterns if isinstance(pattern, URLResolver)
    }

    assert "admin" not in namespaces


def _ways(name, method, team, seats):
    """Every way a role may succeed: the row of acts, then the permission table's rows."""
    act = ACTS.get((name, method))
    if act is not None:

        def arranged(note):
            person = team[act.role]
            kwargs, data = act.arrange(person)
            note()
            row = Row(name, method, kwargs=kwargs, data=data)
            return _send(seats[act.role], row, person)

        yield act.role, arranged
        return
    for param in PERMISSION_ROWS:
        row = param.values[0]
        if (row.url_name, row.method) != (name, method):
            continue
        for role in ROLES:
            if row.status_for(role) < 400:
                yield role, partial(_by_the_table, seats[role], row, team[role])


def _by_the_table(browser, row, person, note):
    kwargs = row.kwargs(person) if callable(row.kwargs) else row.kwargs
    note()
    return _request(browser, replace(row, kwargs=kwargs), person)


def _send(browser, row, person):
    """Like a row of the permission table; bytes go as JSON, files as a form, to whatever address."""
    browser.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])  # arranging may set a password
    brings_file = isinstance(row.data, dict) and any(hasattr(one, "read") for one in row.data.values())
    if not isinstance(row.data, bytes) and not brings_file:
        return _request(browser, row, person)
    sent = {"content_type": "application/json"} if isinstance(row.data, bytes) else {}
    headers = {"Idempotency-Key": str(uuid4())}
    address = reverse(row.url_name, kwargs=row.kwargs)
    return getattr(browser, row.method)(address, row.data, headers=headers, **sent).status_code


def _seen(send):
    before = {}

    def note():
        _forget_the_arranging()
        before.update(rows=_written(), entries=LedgerEntry.objects.count())

    status = send(note)
    after = _written()
    tables = {
        table for table, n in after.items() if n != before["rows"].get(table, 0) and not BESIDE.match(table)
    }
    return Outcome(
        status,
        frozenset(tables),
        LedgerEntry.objects.count() - before["entries"],
        _unclaimed(),
    )


def _left_by_a_broken_ledger(send, tables):
    """Return the tables that differ after the request although its entry could not be written."""
    before, patch = {}, pytest.MonkeyPatch()

    def note():
        before.update(_digests(tables))
        patch.setattr(recording, "LedgerEntry", _NoLedger)

    with patch.context() as patch, suppress(_LedgerIsGoneError):
        send(note)
    return {table for table, digest in _digests(tables).items() if digest != before[table]}


class _LedgerIsGoneError(Exception):
    pass


class _NoLedger:
    class objects:
        @staticmethod
        def create(**_fields):
            raise _LedgerIsGoneError


def _rolled_back(work):
    with transaction.atomic():
        found = work()
        transaction.set_rollback(True)
    return found


def _written():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


def _forget_the_arranging():
    """Factories write rows that no entry claims; what is left after the request is the request's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM compliance_claim_versions()")


def _unclaimed():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM compliance_rowintake")
        return cursor.fetchone()[0]


def _digests(tables):
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(one::text, E'\\n' ORDER BY one::text), '')) FROM "
                f"{connection.ops.quote_name(table)} AS one"
            )
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(imports.kinds()))
@pytest.mark.parametrize("step", ["commit", "undo"])
def test_an_import_changes_nothing_without_its_entry(kind, step, person):
    steward = person("shen", Role.STEWARD, name="沈思")

    def send(note):
        job = _committable(kind, steward)
        if step == "undo":
            import_actions.write_rows(import_id=job, at=timezone.now())
            import_actions.undo_import(import_id=job, by=steward, at=timezone.now())
        note()
        getattr(import_actions, {"commit": "write_rows", "undo": "undo_rows"}[step])(
            import_id=job, at=timezone.now()
        )
        return 200

    seen = _rolled_back(lambda: _seen(send))
    broken = _rolled_back(lambda: _left_by_a_broken_ledger(send, seen.tables))

    assert seen.tables
    assert seen.entries > 0
    assert seen.unclaimed == 0
    assert {table for table in broken if not table.startswith("imports_")} == set()


def columns_of(kind):
    return imports.kind_of(kind).columns


def _committable(kind, steward):
    """An import of one row of the kind, made of the examples its required columns give."""
    if kind == "doctor":
        make_hospital("浙江大学医学院附属第一医院")
    if kind == "transfer":
        make_doctor("王晓明", code=next(one for one in columns_of(kind) if one.name == "doctor_code").example)
    needed = {"doctor": {"name", "hospital"}, "transfer": {"amount"}}.get(kind, set())
    columns = [one for one in columns_of(kind) if one.required or one.name in needed]
    rows = [[column.synonyms[0] for column in columns], [column.example for column in columns]]
    job = import_actions.upload_file(
        kind=kind, file_name="a.csv", chunks=[text_table(rows)], by=steward, at=timezone.now()
    )
    import_actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=timezone.now())
    import_actions.check_rows(import_id=job.pk, at=timezone.now())
    import_actions.commit_import(import_id=job.pk, by=steward, at=timezone.now(), only_good=False)
    return job.pk
