from django.db import migrations

# A long act claims its versions batch by batch, and each time passed by all rows it had claimed before: they are dead,
# but stay in the index until the transaction ends. Now it goes on from the last one claimed, and accounts for changed
# rows key by key. Whoever sets the mark by hand leaves versions unclaimed, and the sealer says so.
SEE_VERSION = """
CREATE OR REPLACE FUNCTION compliance_see_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET TimeZone = 'UTC' AS $$
BEGIN
    WITH seen AS MATERIALIZED (SELECT to_jsonb(w) AS j FROM written w),
         accounted AS (  -- a history table: the change of the live row is accounted for
        DELETE FROM compliance_rowintake i
        WHERE TG_NARGS > 0 AND i.transaction_id = txid_current() AND i.kind = 'live'
          AND i.table_name = TG_ARGV[0] AND i.row_pk = ANY (ARRAY(SELECT (s.j ->> 'id')::varchar FROM seen s))
    )
    INSERT INTO compliance_rowintake
        (transaction_id, kind, table_name, row_pk, history_id, sha256, operation, database_user, seen_at)
    SELECT txid_current(), 'version', TG_TABLE_NAME, s.j ->> 'id', (s.j ->> 'history_id')::bigint,
           encode(sha256(convert_to(s.j::text, 'UTF8')), 'hex'), 'insert', session_user, clock_timestamp()
    FROM seen s;
    RETURN NULL;
END $$;
"""
SEE_VERSION_BEFORE = """
CREATE OR REPLACE FUNCTION compliance_see_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET TimeZone = 'UTC' AS $$
BEGIN
    IF TG_NARGS > 0 THEN  -- a history table: the change of the live row is accounted for
        DELETE FROM compliance_rowintake i
        USING (SELECT to_jsonb(w) ->> 'id' AS pk FROM written w) s
        WHERE i.transaction_id = txid_current() AND i.kind = 'live'
          AND i.table_name = TG_ARGV[0] AND i.row_pk = s.pk;
    END IF;
    INSERT INTO compliance_rowintake
        (transaction_id, kind, table_name, row_pk, history_id, sha256, operation, database_user, seen_at)
    SELECT txid_current(), 'version', TG_TABLE_NAME, j ->> 'id', (j ->> 'history_id')::bigint,
           encode(sha256(convert_to(j::text, 'UTF8')), 'hex'), 'insert', session_user, clock_timestamp()
    FROM (SELECT to_jsonb(w) AS j FROM written w) s;
    RETURN NULL;
END $$;
"""
CLAIM = """
CREATE OR REPLACE FUNCTION compliance_claim_versions()
RETURNS TABLE (table_name varchar, row_pk varchar, history_id bigint, sha256 varchar)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    mark text[] := string_to_array(current_setting('pharmacrm.claimed_through', true), ':');
    through bigint := CASE WHEN mark[1] = txid_current()::text THEN mark[2]::bigint ELSE 0 END;
    claimed compliance_rowintake[];
BEGIN
    IF through = 0 THEN
        WITH taken AS (
            DELETE FROM compliance_rowintake i
            WHERE i.transaction_id = txid_current() AND i.kind = 'version' RETURNING i
        )
        SELECT array_agg(t.i ORDER BY (t.i).id) INTO claimed FROM taken t;
    ELSE  -- "+ 0" keeps to the primary key, whose range beyond the mark holds nothing that was claimed before
        WITH taken AS (
            DELETE FROM compliance_rowintake i
            WHERE i.id > through AND i.transaction_id + 0 = txid_current() AND i.kind || '' = 'version' RETURNING i
        )
        SELECT array_agg(t.i ORDER BY (t.i).id) INTO claimed FROM taken t;
    END IF;
    IF claimed IS NOT NULL THEN
        PERFORM set_config('pharmacrm.claimed_through', txid_current() || ':' || (claimed[cardinality(claimed)]).id, true);
        RETURN QUERY SELECT c.table_name, c.row_pk, c.history_id, c.sha256 FROM unnest(claimed) c;
    END IF;
END $$;
"""
CLAIM_BEFORE = """
CREATE OR REPLACE FUNCTION compliance_claim_versions()
RETURNS TABLE (table_name varchar, row_pk varchar, history_id bigint, sha256 varchar)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH claimed AS (
        DELETE FROM compliance_rowintake i
        WHERE i.transaction_id = txid_current() AND i.kind = 'version'
        RETURNING i.id, i.table_name, i.row_pk, i.history_id, i.sha256
    )
    SELECT c.table_name, c.row_pk, c.history_id, c.sha256 FROM claimed c ORDER BY c.id
$$;
"""


class Migration(migrations.Migration):
    """Let what an act costs grow with what it writes, not with its square."""

    dependencies = [("compliance", "0033_destroy_staff_records")]
    operations = [
        migrations.RunSQL(SEE_VERSION, SEE_VERSION_BEFORE),
        migrations.RunSQL(CLAIM, CLAIM_BEFORE),
    ]
