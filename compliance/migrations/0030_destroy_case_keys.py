from importlib import import_module

from django.db import migrations

words = import_module("compliance.migrations.0027_erase_words")
# The key of a case file stands in the row and in its versions: it goes from all of them at once, in a signed run alone.
REFUSE = words.REFUSE.replace(
    "    RAISE EXCEPTION '% is append-only",
    """    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'compliance_historicalcase'
       AND coalesce(current_setting('pharmacrm.destroying', true), '') <> ''
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
       AND compliance_run_is_signed(current_setting('pharmacrm.destroying')::uuid)
       AND to_jsonb(NEW) - 'data_key' = to_jsonb(OLD) - 'data_key' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only""",
)
KEYS = """
CREATE FUNCTION compliance_destroy_case_key(run uuid, key uuid)
RETURNS TABLE (version bigint, before text, after text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET TimeZone = 'UTC' AS $$
BEGIN
    IF NOT compliance_run_is_signed(run) THEN
        RAISE EXCEPTION 'run % is not signed by two people', run USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM compliance_case c WHERE c.id = key AND c.state = 'closed') THEN
        RAISE EXCEPTION 'case % is not closed', key USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('pharmacrm.destroying', run::text, true);
    RETURN QUERY
        WITH old AS (
            SELECT h.history_id, encode(sha256(convert_to(to_jsonb(h)::text, 'UTF8')), 'hex') AS sha
            FROM compliance_historicalcase h WHERE h.id = key AND h.data_key IS NOT NULL
        ), fresh AS (
            UPDATE compliance_historicalcase h SET data_key = NULL FROM old WHERE h.history_id = old.history_id
            RETURNING h.history_id, encode(sha256(convert_to(to_jsonb(h)::text, 'UTF8')), 'hex') AS sha
        )
        SELECT old.history_id::bigint, old.sha, fresh.sha FROM old JOIN fresh USING (history_id) ORDER BY 1;
    UPDATE compliance_case SET data_key = NULL WHERE id = key;
    PERFORM set_config('pharmacrm.destroying', '', true);
    DELETE FROM compliance_rowintake i WHERE i.transaction_id = txid_current() AND i.kind = 'live'
        AND i.table_name = 'compliance_case' AND i.row_pk = key::text;
END $$;
"""


class Migration(migrations.Migration):
    """Let the key of a closed case go by two signatures, from the row and all its versions. Source: PIPL 47."""

    dependencies = [("compliance", "0029_exports_of_every_door")]
    operations = [
        migrations.RunSQL(
            REFUSE + KEYS, "DROP FUNCTION compliance_destroy_case_key(uuid, uuid);" + words.REFUSE
        )
    ]
