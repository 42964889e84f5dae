from django.db import migrations

# Versions may go through one function alone, in a run that two people signed, and never entries, verdicts or signatures.
FORWARD = """
CREATE OR REPLACE FUNCTION compliance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The owner may empty a test database; the application's role owns nothing and never gets here.
    IF TG_OP = 'TRUNCATE' AND current_setting('pharmacrm.allow_truncate', true) = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME LIKE '%\\_historical%'
       AND coalesce(current_setting('pharmacrm.destroying', true), '') <> ''
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
       AND compliance_run_is_signed(current_setting('pharmacrm.destroying')::uuid) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';  -- reaches Django as IntegrityError
END $$;
"""
SIGNED = """
CREATE FUNCTION compliance_run_is_signed(run uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM compliance_retentionrun r
        JOIN compliance_signature a ON a.id = r.asked_signature_id
        JOIN compliance_signature b ON b.id = r.signature_id
        WHERE r.id = run AND r.state = 'running' AND r.asked_by_id <> r.decided_by_id
          AND a.signer_id = r.asked_by_id AND b.signer_id = r.decided_by_id AND a.signer_id <> b.signer_id
          AND a.meaning = 'retention_asked' AND b.meaning = 'retention_approved'
          AND a.content_sha256 = r.plan_sha256 AND b.content_sha256 = r.plan_sha256
          AND a.subject = 'retention:' || r.id AND b.subject = 'retention:' || r.id)
$$;
"""
DESTROY = """
CREATE FUNCTION compliance_destroy_rows(run uuid, live text, versions text, keys uuid[])
RETURNS TABLE (row_pk text, history_id bigint, sha256 text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET TimeZone = 'UTC' AS $$
BEGIN
    IF NOT compliance_run_is_signed(run) THEN
        RAISE EXCEPTION 'run % is not signed by two people', run USING ERRCODE = 'restrict_violation';
    END IF;
    IF versions NOT LIKE '%\\_historical%' OR live LIKE 'compliance\\_%' THEN
        RAISE EXCEPTION '% is never destroyed', live USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('pharmacrm.destroying', run::text, true);
    RETURN QUERY EXECUTE format(
        'WITH gone AS (DELETE FROM %I v WHERE v.id = ANY($1) RETURNING to_jsonb(v) AS j) '
        'SELECT j ->> ''id'', (j ->> ''history_id'')::bigint, '
        'encode(sha256(convert_to(j::text, ''UTF8'')), ''hex'') FROM gone', versions) USING keys;
    EXECUTE format('DELETE FROM %I WHERE id = ANY($1)', live) USING keys;
    PERFORM set_config('pharmacrm.destroying', '', true);
    DELETE FROM compliance_rowintake i WHERE i.transaction_id = txid_current() AND i.kind = 'live'
        AND i.table_name = live AND i.row_pk = ANY (SELECT unnest(keys)::text);
END $$;
"""
BACK = """
CREATE OR REPLACE FUNCTION compliance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('pharmacrm.allow_truncate', true) = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
DROP FUNCTION compliance_destroy_rows(uuid, text, text, uuid[]);
DROP FUNCTION compliance_run_is_signed(uuid);
"""


class Migration(migrations.Migration):
    """Let versions end with their term, by two signatures. Source: PIPL 47; 21 CFR 11.10(c)."""

    dependencies = [("compliance", "0022_retention")]
    operations = [migrations.RunSQL(SIGNED + FORWARD + DESTROY, BACK)]
