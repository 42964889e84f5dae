"""The application's database role writes the record and can neither rewrite it nor switch its guards off."""

import pytest
from django.db import ProgrammingError, connection, transaction

from compliance import actions as law
from compliance.actions.guarding import (
    grant_app_role,
    guard_tables,
    owns_protected_table,
    protected_tables,
    unguarded_models,
)
from compliance.actions.sealing import seal
from compliance.actions.verifying import verify
from compliance.models import Hold, RowIntake
from tests.conftest import AT

pytestmark = pytest.mark.django_db
ROLE = "pharmacrm_test_app"


@pytest.fixture
def as_app(officer):
    """Leave something to attack, then work as the application's role."""
    hold = law.place_hold(subjects=["material:1"], reason="label changed", by=officer, at=AT)
    seal(at=AT, anchor=False)
    _roles = officer.roles
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN")
    grant_app_role(ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    yield hold
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def _statements(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", [table]
        )
        column = cursor.fetchone()[0]
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
        )
        triggers = [row[0] for row in cursor.fetchall()]
    return [
        f'UPDATE {table} SET "{column}" = "{column}"',
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} ADD COLUMN hidden text",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        f"ALTER TABLE {table} OWNER TO {ROLE}",
        f"DROP TABLE {table} CASCADE",
        f"GRANT UPDATE ON {table} TO {ROLE}",
        f"CREATE TRIGGER quiet BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        *[f"DROP TRIGGER {name} ON {table}" for name in triggers],
    ]


def test_on_every_protected_table_the_role_may_only_insert_and_select(as_app, record_property):
    succeeded, tried = [], 0
    for table in protected_tables():
        for statement in _statements(table):
            tried += 1
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
                    succeeded.append(statement)
            except ProgrammingError:
                continue

    # GRANT by a role that may not grant is a warning, and changes nothing
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM unnest(%s) t WHERE has_table_privilege(current_user, t, 'UPDATE') "
            "OR has_table_privilege(current_user, t, 'DELETE') OR has_table_privilege(current_user, t, 'TRUNCATE')",
            [protected_tables()],
        )
        assert cursor.fetchone()[0] == 0
    assert [statement for statement in succeeded if not statement.startswith("GRANT")] == []
    record_property("counted", tried)
    assert tried > 300


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = 'replica'",
        "DROP FUNCTION compliance_refuse_change() CASCADE",
        "CREATE OR REPLACE FUNCTION compliance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DELETE FROM compliance_rowintake",
        "INSERT INTO compliance_rowintake (transaction_id, kind, table_name, row_pk, operation, database_user, sha256) VALUES (1, 'live', 'x', 'x', 'x', 'x', '')",
        "INSERT INTO compliance_unsealedentry VALUES ('018f0000-0000-7000-8000-000000000000')",
        "CREATE TABLE public.mine (id int)",
        "DELETE FROM django_migrations",
    ],
)
def test_the_role_cannot_get_round_the_guards(as_app, statement):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_role_does_the_daily_work(as_app, officer):
    law.record("test.done", subject="x:1", by=officer, at=AT, rows=[as_app])
    seal(at=AT, sign_now=True, anchor=False)

    assert not owns_protected_table()
    assert verify(at=AT).result == "agrees"


def test_a_write_of_the_role_round_the_actions_is_still_seen(as_app):
    Hold.objects.filter(pk=as_app.pk).update(reason="nothing")

    assert RowIntake.objects.get().operation == "update"


def test_a_load_switch_of_the_owner_does_not_serve_the_role(as_app):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("CREATE ROLE pharmacrm_test_login LOGIN")
        cursor.execute(f"GRANT {ROLE} TO pharmacrm_test_login")
        cursor.execute("SET LOCAL SESSION AUTHORIZATION pharmacrm_test_login")
        cursor.execute("SET LOCAL pharmacrm.bulk_load = 'on'")
        cursor.execute("UPDATE compliance_hold SET reason = 'nothing'")
        cursor.execute("RESET SESSION AUTHORIZATION")

    assert RowIntake.objects.filter(kind="live").count() == 1


def test_the_owner_is_told_apart(db):
    assert owns_protected_table()


def test_every_governed_table_is_guarded_and_guarding_twice_adds_nothing(db):
    assert unguarded_models() == []
    assert guard_tables() == 0
