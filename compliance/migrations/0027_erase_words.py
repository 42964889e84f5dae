from django.db import migrations

# Words that name an erased person may be masked in versions, verdicts and reasons, through two functions alone and only
# while that person's erasure stands on record. Whoever calls them writes in the same act which hash each version had and
# has: the whole check takes any other change for what it is.
STANDS = """
CREATE FUNCTION compliance_erasure_stands(person text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    stands boolean := false;
BEGIN
    -- Whose values were destroyed is on record in the app that owns persons, above this one.
    IF person ~ '^doctor:[0-9a-f-]{36}$' AND to_regclass('public.doctors_erasure') IS NOT NULL THEN
        EXECUTE 'SELECT EXISTS (SELECT 1 FROM public.doctors_erasure WHERE doctor_id = $1)'
            INTO stands USING substr(person, 8)::uuid;
    END IF;
    RETURN stands;
END $$;
"""
REFUSE = """
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
    IF TG_OP = 'UPDATE' AND coalesce(current_setting('pharmacrm.erasing', true), '') <> ''
       AND (TG_TABLE_NAME LIKE '%\\_historical%' OR TG_TABLE_NAME IN ('compliance_ledgerentry', 'compliance_storedverdict'))
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
       AND compliance_erasure_stands(current_setting('pharmacrm.erasing'))
       AND (TG_TABLE_NAME <> 'compliance_ledgerentry'
            OR to_jsonb(NEW) - 'reason' - 'reason_salt' = to_jsonb(OLD) - 'reason' - 'reason_salt') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';  -- reaches Django as IntegrityError
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION compliance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
        USING ERRCODE = 'restrict_violation';
END $$;
"""
REASONS = """
CREATE FUNCTION compliance_erase_reasons(person text, everywhere text, about text, keys text[])
RETURNS TABLE (entry_id uuid, digest varchar, salt varchar, words text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT compliance_erasure_stands(person) THEN
        RAISE EXCEPTION 'no erasure of % is on record', person USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('pharmacrm.erasing', person, true);
    RETURN QUERY
        WITH old AS (
            SELECT e.id, e.reason_sha256, e.reason_salt, e.reason FROM compliance_ledgerentry e
            WHERE e.reason_sha256 <> '' AND e.reason <> ''
              AND ((everywhere <> '' AND e.reason ~* everywhere)
                   OR (about <> '' AND e.reason ~* about AND split_part(e.subject, ':', 2) = ANY (keys)))
        ), gone AS (
            UPDATE compliance_ledgerentry e SET reason = '', reason_salt = '' FROM old WHERE e.id = old.id RETURNING e.id
        )
        SELECT old.id, old.reason_sha256, old.reason_salt, old.reason FROM old JOIN gone USING (id) ORDER BY old.id;
    PERFORM set_config('pharmacrm.erasing', '', true);
END $$;
"""
WORDS = """
CREATE FUNCTION compliance_erase_words(
    person text, live text, versions text, columns text[], everywhere text, about text, keys text[]
) RETURNS TABLE (row_pk text, version bigint, before text, after text, words jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
    said text; masked text; hits text; number text; touched text[];
BEGIN
    IF NOT compliance_erasure_stands(person) THEN
        RAISE EXCEPTION 'no erasure of % is on record', person USING ERRCODE = 'restrict_violation';
    END IF;
    IF versions NOT LIKE '%\\_historical%' AND versions <> 'compliance_storedverdict' THEN
        RAISE EXCEPTION '% is never masked', versions USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT string_agg(format('t.%I::text', one), ', ') INTO said FROM unnest(columns) one;
    -- what names this one person goes wherever it stands; a name that others may share, in what is about this person
    hits := format('(($1 <> '''' AND concat_ws(chr(1), %1$s) ~* $1) OR ($2 <> '''' AND t.id::text = ANY ($3) '
                   'AND concat_ws(chr(1), %1$s) ~* $2))', said);
    SELECT string_agg(format(
        '%1$I = regexp_replace(t.%1$I::text, CASE WHEN $2 <> '''' AND t.id::text = ANY ($3) THEN $2 ELSE $1 END, ''□'', ''gi'')::%2$s',
        a.attname, CASE WHEN a.atttypid = 'jsonb'::regtype THEN 'jsonb' ELSE 'text' END), ', ')
        INTO masked FROM pg_attribute a WHERE a.attrelid = versions::regclass AND a.attname = ANY (columns);
    number := CASE WHEN live = '' THEN 'id' ELSE 'history_id' END;
    PERFORM set_config('pharmacrm.erasing', person, true);
    RETURN QUERY EXECUTE format(
        'WITH old AS (SELECT t.%2$I AS n, to_jsonb(t) AS j FROM %1$I t WHERE %3$s), '
        'fresh AS (UPDATE %1$I t SET %4$s FROM old WHERE t.%2$I = old.n RETURNING t.%2$I AS n, to_jsonb(t) AS j) '
        'SELECT old.j ->> ''id'', (old.j ->> ''history_id'')::bigint, '
        'encode(sha256(convert_to(old.j::text, ''UTF8'')), ''hex''), '
        'encode(sha256(convert_to(fresh.j::text, ''UTF8'')), ''hex''), '
        '(SELECT jsonb_object_agg(one, old.j -> one) FROM unnest($4) one WHERE old.j -> one <> fresh.j -> one) '
        'FROM old JOIN fresh USING (n) ORDER BY 1, 2', versions, number, hits, masked)
        USING everywhere, about, keys, columns;
    IF live <> '' THEN
        EXECUTE format(
            'WITH gone AS (UPDATE %1$I t SET %3$s WHERE %2$s RETURNING t.id::text AS pk) SELECT array_agg(pk) FROM gone',
            live, hits, masked) INTO touched USING everywhere, about, keys;
        DELETE FROM compliance_rowintake i WHERE i.transaction_id = txid_current() AND i.kind = 'live'
            AND i.table_name = live AND i.row_pk = ANY (touched);
    END IF;
    PERFORM set_config('pharmacrm.erasing', '', true);
END $$;
"""
DROP = """
DROP FUNCTION compliance_erase_words(text, text, text, text[], text, text, text[]);
DROP FUNCTION compliance_erase_reasons(text, text, text, text[]);
"""


class Migration(migrations.Migration):
    """Let the words that name an erased person go from versions, verdicts and reasons, on record. Source: PIPL 47."""

    dependencies = [("compliance", "0026_reasons_beside_the_leaf")]
    operations = [
        migrations.RunSQL(
            STANDS + REFUSE + REASONS + WORDS,
            DROP + BEFORE + "DROP FUNCTION compliance_erasure_stands(text);",
        )
    ]
