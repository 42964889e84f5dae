"""Row versions and signatures against what the entries committed to."""

from __future__ import annotations

from django.db import connection, models

from compliance.log.notes import Stated
from compliance.models import Signature
from compliance.selectors.log import imported_log, imported_mark
from compliance.selectors.signatures import mac_of
from compliance.selectors.versions import (
    APPEND_ONLY,
    canonical_texts,
    digest_sql,
    governed_models,
    history_model,
    sha256_of,
)
from compliance.verify.verify import Differs

from .check import READ_AT_ONCE, Check, streamed

HISTORY_COLUMNS = ("history_id", "history_date", "history_change_reason", "history_type", "history_user_id")


def check_versions(check: Check, kept: list[Stated]) -> None:
    """Compare every row version with the hash that its entry committed to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE claimed_versions ON COMMIT DROP AS "
            "SELECT e.id AS entry_id, r ->> 'model' AS model, r ->> 'pk' AS pk, l.number AS leaf, "
            "(r ->> 'history_id')::bigint AS history_id, r ->> 'sha256' AS sha256, "
            "coalesce(r ->> 'operation', '') = 'destroyed' AS is_destroyed FROM compliance_ledgerentry e "
            "LEFT JOIN compliance_ledgerleaf l ON l.entry_id = e.id, jsonb_array_elements(e.rows) r "
            "WHERE r ->> 'sha256' <> ''"
        )
        # A version that a sealed act says was destroyed, under the hash it had, is not missed where it is gone.
        cursor.execute(
            "DELETE FROM claimed_versions c USING claimed_versions d WHERE d.is_destroyed AND NOT c.is_destroyed "
            "AND (c.model, c.pk, c.sha256) = (d.model, d.pk, d.sha256) AND c.history_id IS NOT DISTINCT FROM d.history_id"
        )
        check.erased = cursor.rowcount
        cursor.execute("DELETE FROM claimed_versions WHERE is_destroyed")
        cursor.execute("ANALYZE claimed_versions")
        cursor.execute("SELECT count(*) FROM claimed_versions")
        check.rows = cursor.fetchone()[0]
    imported = _imported(check)
    for model in governed_models():
        _compare(check, model, history_model(model)._meta.db_table, history=True, imported=imported)
    for model in APPEND_ONLY:
        _compare(check, model, model._meta.db_table, history=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE claimed_versions")


def _imported(check: Check) -> int:
    """Return how many entries came with an import, which brings no row versions: what is missing of those is no difference."""
    try:
        size, root = imported_log()
    except (Differs, ValueError, IndexError):
        check.differs(
            "key", "key", imported_mark(), "the mark of an imported ledger is not signed by its key"
        )
        return 0
    return size if root and check.roots.get(size) == root else 0


def _compare(
    check: Check, model: type[models.Model], table: str, *, history: bool, imported: int = 0
) -> None:
    label = model._meta.label_lower
    join = "v.history_id = c.history_id AND v.id::text = c.pk" if history else "v.id::text = c.pk"
    version = "v.history_id" if history else "NULL::bigint"
    with streamed(
        f"SELECT c.pk, c.history_id, c.sha256, c.entry_id, v.id IS NULL, coalesce(c.leaf < {int(imported)}, false) "  # noqa: S608
        f"FROM claimed_versions c "
        f'LEFT JOIN "{table}" v ON {join} WHERE c.model = %s AND (v.id IS NULL OR {digest_sql("v")} <> c.sha256)',
        [label],
    ) as wrong:
        for pk, history_id, sha256, entry_id, is_gone, is_imported in wrong:
            if is_gone and is_imported:
                check.rows -= 1  # not compared: an import brings entries, not row versions
                continue
            version_name = f"{label} {pk}" + (f", version {history_id}" if history_id is not None else "")
            if is_gone:
                check.differs(
                    "deleted",
                    table,
                    pk,
                    f"{version_name} is gone",
                    history_id=history_id,
                    entry=str(entry_id),
                )
            elif not _is_older_shape(table, pk, history_id, sha256):
                is_named = history and check.names_more("changed", table)
                fields = _changed_columns(model, table, pk, history_id, sha256) if is_named else []
                named = ": " + ", ".join(fields) + " changed" if fields else " was changed"
                check.differs(
                    "changed",
                    table,
                    pk,
                    version_name + named,
                    history_id=history_id,
                    fields=fields,
                    entry=str(entry_id),
                )
    with streamed(
        f'SELECT v.id::text, {version} FROM "{table}" v WHERE NOT EXISTS '  # noqa: S608
        f"(SELECT 1 FROM claimed_versions c WHERE c.model = %s AND {join})",
        [label],
    ) as unclaimed:
        for pk, history_id in unclaimed:
            check.differs(
                "inserted",
                table,
                pk,
                f"{label} {pk}, version {history_id}, belongs to no act",
                history_id=history_id,
            )


def _is_older_shape(table: str, pk: str, history_id: int | None, sha256: str) -> bool:
    """Return whether the row agrees under columns that its table had when the entry was written."""
    key, value = ("history_id", history_id) if history_id is not None else ("id", pk)
    return any(sha256_of(text) == sha256 for text in canonical_texts(table, key, value)[1:])


def _changed_columns(
    model: type[models.Model], table: str, pk: str, history_id: int, sha256: str
) -> list[str]:
    """Return the column that was changed, where another version or the row itself still holds the former value.

    Proven by putting that value back: the hash then agrees. Where nothing fits, columns that differ from the row itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f'WITH now AS (SELECT to_jsonb(v) AS j FROM "{table}" v WHERE v.history_id = %s), '  # noqa: S608
            f'others AS (SELECT to_jsonb(o) AS j FROM "{table}" o WHERE o.id = %s AND o.history_id <> %s '
            f'UNION ALL SELECT to_jsonb(l) FROM "{model._meta.db_table}" l WHERE l.id = %s '
            "UNION ALL SELECT jsonb_build_object('history_type', t) FROM unnest(ARRAY['+', '~', '-']) t "
            "UNION ALL SELECT jsonb_build_object('history_change_reason', NULL, 'history_user_id', NULL)) "
            "SELECT DISTINCT o.key FROM now, others, jsonb_each(others.j) o WHERE now.j ? o.key AND "
            "encode(sha256(convert_to((now.j || jsonb_build_object(o.key, o.value))::text, 'UTF8')), 'hex') = %s",
            [history_id, pk, history_id, pk, sha256],
        )
        proven = [row[0] for row in cursor.fetchall()]
        if proven:
            return proven
        cursor.execute(
            f'SELECT v.history_id = (SELECT max(history_id) FROM "{table}" WHERE id = v.id), to_jsonb(v), to_jsonb(l) '  # noqa: S608
            f'FROM "{table}" v LEFT JOIN "{model._meta.db_table}" l ON l.id = v.id WHERE v.history_id = %s',
            [history_id],
        )
        row = cursor.fetchone()
    return [] if row is None or not row[0] or row[2] is None else list(HISTORY_COLUMNS[1:])


def check_signatures(check: Check, kept: list[Stated]) -> None:
    """Recompute the seal of every signature."""
    for signature in Signature.objects.iterator(chunk_size=READ_AT_ONCE):
        if mac_of(signature) != signature.mac:
            check.differs(
                "changed",
                "compliance_signature",
                signature.pk,
                f"signature {signature.pk} under {signature.subject} was changed",
            )
