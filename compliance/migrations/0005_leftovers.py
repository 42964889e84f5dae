from django.db import migrations

FORWARD = """
CREATE FUNCTION compliance_take_leftovers(most integer)
RETURNS TABLE (kind varchar, table_name varchar, row_pk varchar, history_id bigint, sha256 varchar,
               operation varchar, database_user varchar, seen_at timestamptz, writer bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH taken AS (
        DELETE FROM compliance_rowintake i
        WHERE i.id IN (SELECT o.id FROM compliance_rowintake o WHERE o.transaction_id <> txid_current()
                       ORDER BY o.id LIMIT most)
        RETURNING i.*
    )
    SELECT t.kind, t.table_name, t.row_pk, t.history_id, t.sha256, t.operation, t.database_user, t.seen_at,
           t.transaction_id
    FROM taken t ORDER BY t.id
$$;
"""


class Migration(migrations.Migration):
    """Let the sealer take what committed transactions left in the intake: rows seen by another transaction are committed."""

    dependencies = [("compliance", "0004_leaf_marks")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION compliance_take_leftovers(integer);")]
