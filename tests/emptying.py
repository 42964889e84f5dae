"""How the tables become empty again after a test that commits.

Django truncates every table and writes the permissions anew: most of a second with this schema. Here only tables that
hold rows are emptied, and what the migrations left stays. It takes a superuser, as the suite's own server has one:
rows that refuse to be deleted are deleted as a replica would, past the triggers. Elsewhere Django's way is taken.
"""

from functools import cache

from django.db import connection, transaction
from django.test.testcases import TransactionTestCase

STAYS = {"django_migrations", "django_content_type", "auth_permission"}
_djangos_way = TransactionTestCase._fixture_teardown


def empty_quickly() -> None:
    """Take this way after every test that commits."""
    TransactionTestCase._fixture_teardown = _teardown


def _teardown(case) -> None:
    if not _may_pass_triggers():
        _djangos_way(case)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        filled = tables_with_rows()
        if filled:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(";".join(f"DELETE FROM {connection.ops.quote_name(name)}" for name in filled))


def tables_with_rows() -> list[str]:
    """Return the tables that a test wrote to. Cost: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_which_hold_rows())
        return [name for (name,) in cursor.fetchall()]


@cache
def _may_pass_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return cursor.fetchone()[0]


@cache
def _which_hold_rows() -> str:
    with connection.cursor() as cursor:
        names = sorted(set(connection.introspection.table_names(cursor)) - STAYS)
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT FROM {connection.ops.quote_name(name)})" for name in names
    )
