from django.db import migrations

# The tables of the kernel that nobody rewrites. History tables and the tables of the other apps are guarded by
# `manage.py guard_tables`, which reuses these functions.
APPEND_ONLY = [
    "compliance_ledgerentry",
    "compliance_storedverdict",
    "compliance_signature",
    "compliance_ledgerleaf",
    "compliance_treenode",
    "compliance_checkpoint",
    "compliance_anchor",
    "compliance_verification",
    "compliance_tableshape",
    "compliance_signingfailure",
]
VERSIONS = ["compliance_storedverdict", "compliance_signature"]

FUNCTIONS = """
CREATE FUNCTION compliance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The owner may empty a test database; the application's role owns nothing and never gets here.
    IF TG_OP = 'TRUNCATE' AND current_setting('pharmacrm.allow_truncate', true) = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';  -- reaches Django as IntegrityError
END $$;

CREATE FUNCTION compliance_queue_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO compliance_unsealedentry (entry_id) SELECT id FROM written;
    RETURN NULL;
END $$;

CREATE FUNCTION compliance_see_version() RETURNS trigger
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

CREATE FUNCTION compliance_see_live() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF current_setting('pharmacrm.bulk_load', true) = 'on'
       AND pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NULL;  -- the owner loads a measuring set
    END IF;
    INSERT INTO compliance_rowintake
        (transaction_id, kind, table_name, row_pk, history_id, sha256, operation, database_user, seen_at)
    SELECT txid_current(), 'live', TG_TABLE_NAME, to_jsonb(w) ->> 'id', NULL, '', lower(TG_OP),
           session_user, clock_timestamp()
    FROM written w;
    RETURN NULL;
END $$;

CREATE FUNCTION compliance_claim_versions()
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

REVERSE_FUNCTIONS = """
DROP FUNCTION compliance_claim_versions();
DROP FUNCTION compliance_see_live();
DROP FUNCTION compliance_see_version();
DROP FUNCTION compliance_queue_entry();
DROP FUNCTION compliance_refuse_change();
"""


def guard(table):
    return (
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION compliance_refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION compliance_refuse_change();
        """,
        f"DROP TRIGGER {table}_no_truncate ON {table}; DROP TRIGGER {table}_append_only ON {table};",
    )


def watch(table, function):
    return (
        f"""
        CREATE TRIGGER {table}_seen AFTER INSERT ON {table} REFERENCING NEW TABLE AS written
            FOR EACH STATEMENT EXECUTE FUNCTION {function}();
        """,
        f"DROP TRIGGER {table}_seen ON {table};",
    )


class Migration(migrations.Migration):
    """Make ledger, verdicts, signatures and checkpoints append-only. Source: 21 CFR 11.10(e), "shall not obscure"."""

    dependencies = [("compliance", "0002_ledger_signatures_holds_cases_approvals")]
    operations = [
        migrations.RunSQL(FUNCTIONS, REVERSE_FUNCTIONS),
        *[migrations.RunSQL(*guard(table)) for table in APPEND_ONLY],
        *[migrations.RunSQL(*watch(table, "compliance_see_version")) for table in VERSIONS],
        migrations.RunSQL(*watch("compliance_ledgerentry", "compliance_queue_entry")),
    ]
