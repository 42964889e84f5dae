"""Guards in the database: what the owner sets up so that no writer, ours or not, goes unseen."""

from __future__ import annotations

from django.db import connection, models, transaction

from compliance.models import (
    Anchor,
    Checkpoint,
    LedgerEntry,
    LedgerLeaf,
    RowIntake,
    Signature,
    SigningFailure,
    StoredVerdict,
    TableShape,
    TreeNode,
    UnsealedEntry,
    Verification,
)
from compliance.selectors.versions import governed_models, history_model, version_tables

APPEND_ONLY = (
    Anchor, Checkpoint, LedgerEntry, LedgerLeaf, Signature, SigningFailure, StoredVerdict, TableShape, TreeNode,
    Verification,
)  # fmt: skip


def protected_tables() -> list[str]:
    """Return the tables on which the application's role may only INSERT and SELECT."""
    own = [model._meta.db_table for model in APPEND_ONLY]
    return sorted([*own, *(history_model(model)._meta.db_table for model in governed_models())])


@transaction.atomic
def guard_tables() -> int:
    """Put the triggers on every governed table and its history, and note each table's columns. Run as owner, after migrate.

    Returns: how many triggers were new. Safe to run again. Cost: one catalogue query when nothing is missing.
    """
    existing = _triggers()
    new = 0
    for model in governed_models():
        live, versions = model._meta.db_table, history_model(model)._meta.db_table
        for name, sql in _wanted(live, versions):
            if name not in existing:
                with connection.cursor() as cursor:
                    cursor.execute(sql)
                new += 1
    note_shapes()
    return new


def note_shapes() -> None:
    """Keep the present columns of every table of row versions, where they changed."""
    known: dict[str, list[list[str]]] = {}
    for table, columns in TableShape.objects.values_list("table_name", "columns"):
        known.setdefault(table, []).append(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = ANY(%s) GROUP BY table_name",
            [version_tables()],
        )
        present = cursor.fetchall()
    TableShape.objects.bulk_create(
        [
            TableShape(table_name=table, columns=columns)
            for table, columns in present
            if columns not in known.get(table, [])
        ]
    )


@transaction.atomic
def grant_app_role(role: str) -> None:
    """Give the application's role what it needs and nothing more. Run as owner, after migrate and guard_tables.

    Source: 21 CFR 11.10(d), limited access. The role may read and write business tables, and only INSERT and
    SELECT where nothing may be rewritten.
    """
    name = connection.ops.quote_name(role)
    protected = set(protected_tables())
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table in tables:
            rights = "SELECT, INSERT, UPDATE, DELETE"
            if table in protected:
                rights = "SELECT, INSERT"
            elif table == RowIntake._meta.db_table:
                rights = "SELECT"
            elif table == UnsealedEntry._meta.db_table:
                rights = "SELECT, DELETE"
            cursor.execute(f"GRANT {rights} ON {connection.ops.quote_name(table)} TO {name}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {name}")


def owns_protected_table() -> bool:
    """Return whether the role of this connection owns a protected table, and so could switch its guards off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = ANY(%s) AND relkind IN ('r', 'p') "
            "AND pg_has_role(current_user, relowner, 'MEMBER'))",
            [protected_tables()],
        )
        return bool(cursor.fetchone()[0])


def unguarded_models() -> list[type[models.Model]]:
    """Return the governed models whose tables lack a guard."""
    existing = _triggers()
    return [
        model
        for model in governed_models()
        if any(
            name not in existing
            for name, _sql in _wanted(model._meta.db_table, history_model(model)._meta.db_table)
        )
    ]


def _triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname || '@' || tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        )
        return {row[0] for row in cursor.fetchall()}


def _wanted(live: str, versions: str) -> list[tuple[str, str]]:
    """Return the triggers of one governed table, each with its name at its table."""
    wanted = [
        (f"append_only@{versions}", f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {versions} "
         "FOR EACH ROW EXECUTE FUNCTION compliance_refuse_change()"),
        (f"no_truncate@{versions}", f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {versions} "
         "FOR EACH STATEMENT EXECUTE FUNCTION compliance_refuse_change()"),
        (f"version_seen@{versions}", f"CREATE TRIGGER version_seen AFTER INSERT ON {versions} "
         f"REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION compliance_see_version('{live}')"),
    ]  # fmt: skip
    for operation, rows in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
        wanted.append(
            (f"live_{operation}@{live}", f"CREATE TRIGGER live_{operation} AFTER {operation.upper()} ON {live} "
             f"REFERENCING {rows} TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION compliance_see_live()")
        )  # fmt: skip
    return wanted
