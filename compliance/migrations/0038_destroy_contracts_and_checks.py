from django.db import migrations

# Contracts, checks against lists of bribery and progress in a course end with a term too; the record itself never does.
DESTROY = """
CREATE OR REPLACE FUNCTION compliance_destroy_rows(run uuid, live text, versions text, keys uuid[])
RETURNS TABLE (row_pk text, history_id bigint, sha256 text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET TimeZone = 'UTC' AS $$
BEGIN
    IF NOT compliance_run_is_signed(run) THEN
        RAISE EXCEPTION 'run %% is not signed by two people', run USING ERRCODE = 'restrict_violation';
    END IF;
    IF versions NOT LIKE '%%\\_historical%%' OR (live LIKE 'compliance\\_%%' AND NOT live = ANY(%(allowed)s)) THEN
        RAISE EXCEPTION '%% is never destroyed', live USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('pharmacrm.destroying', run::text, true);
    RETURN QUERY EXECUTE format(
        'WITH gone AS (DELETE FROM %%I v WHERE v.id = ANY($1) RETURNING to_jsonb(v) AS j) '
        'SELECT j ->> ''id'', (j ->> ''history_id'')::bigint, '
        'encode(sha256(convert_to(j::text, ''UTF8'')), ''hex'') FROM gone', versions) USING keys;
    EXECUTE format('DELETE FROM %%I WHERE id = ANY($1)', live) USING keys;
    PERFORM set_config('pharmacrm.destroying', '', true);
    DELETE FROM compliance_rowintake i WHERE i.transaction_id = txid_current() AND i.kind = 'live'
        AND i.table_name = live AND i.row_pk = ANY (SELECT unnest(keys)::text);
END $$;
"""
STAFF = """ARRAY['compliance_repfiling', 'compliance_filedproduct', 'compliance_certificate', 'compliance_trainingduty',
        'compliance_quizattempt', 'compliance_commitment', 'compliance_hospitalregistration', 'compliance_employment',
        'compliance_briberycheck', 'compliance_learning']"""
BEFORE = """ARRAY['compliance_repfiling', 'compliance_filedproduct', 'compliance_certificate', 'compliance_trainingduty',
        'compliance_quizattempt', 'compliance_commitment', 'compliance_hospitalregistration']"""


class Migration(migrations.Migration):
    """Let contracts, checks and progress end ten years after the person left or went on. Source: PIPL 19, 47."""

    dependencies = [("compliance", "0037_count_differences")]
    operations = [migrations.RunSQL(DESTROY % {"allowed": STAFF}, DESTROY % {"allowed": BEFORE})]
