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
from compliance.selectors.versions import (
    digest_sql,
    governed_models,
    history_model,
    unversioned_columns,
    version_tables,
)

# Versions written before the guard stood: the sealer accounts for them, so nothing older stays outside the log.
ADOPT = """
INSERT INTO compliance_rowintake
    (transaction_id, kind, table_name, row_pk, history_id, sha256, operation, database_user, seen_at)
SELECT 0, 'version', '{table}', v.id::text, v.history_id, {digest}, 'adopt', session_user, clock_timestamp()
FROM "{table}" v
"""

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
    for stale in [name for name in existing if name.startswith("live_update@")]:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER live_update ON {stale.partition('@')[2]}")
    for model in governed_models():
        versions = history_model(model)._meta.db_table
        for name, sql in _wanted(model):
            if name not in existing:
                with connection.cursor() as cursor:
                    cursor.execute(sql)
                    if name.startswith("version_seen@"):
                        cursor.execute(ADOPT.format(table=versions, digest=digest_sql("v")))
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
        model for model in governed_models() if any(name not in existing for name, _sql in _wanted(model))
    ]


def _triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname || '@' || tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        )
        return {row[0] for row in cursor.fetchall()}


def _wanted(model: type[models.Model]) -> list[tuple[str, str]]:
    """Return the triggers of one governed model's tables, each as name@table with its SQL."""
    live, versions = model._meta.db_table, history_model(model)._meta.db_table
    each_row, once = "FOR EACH ROW EXECUTE FUNCTION", "FOR EACH STATEMENT EXECUTE FUNCTION"
    unseen = ", ".join(f"'{name}'" for name in unversioned_columns(model))
    wanted = {
        f"append_only@{versions}": f"BEFORE UPDATE OR DELETE ON {versions} {each_row} compliance_refuse_change()",
        f"no_truncate@{versions}": f"BEFORE TRUNCATE ON {versions} {once} compliance_refuse_change()",
        f"version_seen@{versions}": f"AFTER INSERT ON {versions} REFERENCING NEW TABLE AS written "
        f"{once} compliance_see_version('{live}')",
        f"live_insert@{live}": f"AFTER INSERT ON {live} REFERENCING NEW TABLE AS written {once} compliance_see_live()",
        f"live_delete@{live}": f"AFTER DELETE ON {live} REFERENCING OLD TABLE AS written {once} compliance_see_live()",
        f"live_changed@{live}": f"AFTER UPDATE ON {live} REFERENCING OLD TABLE AS former NEW TABLE AS written "
        f"{once} compliance_see_change({unseen})",
    }
    return [(name, f"CREATE TRIGGER {name.partition('@')[0]} {rest}") for name, rest in wanted.items()]
