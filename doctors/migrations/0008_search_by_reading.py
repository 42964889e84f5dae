from django.db import migrations

FORWARD = """
CREATE FUNCTION pharmacrm_slips(readings varchar[]) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
    SELECT coalesce(array_agg(DISTINCT left(word, place - 1) || substr(word, place + 1)), '{}')
    FROM (SELECT left(replace(reading, ' ', ''), 30) AS word FROM unnest(readings) AS reading) AS words,
         generate_series(1, length(word) + 1) AS place
$$;
CREATE INDEX doctoridentity_slips_gin ON doctors_doctoridentity USING gin (pharmacrm_slips(readings));
DROP INDEX doctoridentity_sort_key_trgm;
ALTER TABLE doctors_doctoridentity ALTER COLUMN keys SET STATISTICS 400;
ALTER INDEX doctoridentity_slips_gin ALTER COLUMN 1 SET STATISTICS 400;
"""
REVERSE = """
ALTER TABLE doctors_doctoridentity ALTER COLUMN keys SET STATISTICS -1;
CREATE INDEX doctoridentity_sort_key_trgm ON doctors_doctoridentity USING gin (replace(sort_key, ' ', '') gin_trgm_ops);
DROP INDEX doctoridentity_slips_gin;
DROP FUNCTION pharmacrm_slips(varchar[]);
"""


class Migration(migrations.Migration):
    """Find a whole reading, and one with a slip in it, by one look-up each: every reading with one letter left out.

    Two texts that one slip parts have such a remainder in common. Trigrams of pinyin are few and in millions of names
    each, so that a look-up by similarity read most of the index. Keys that hardly any name has have to look rare to the
    planner too, which counts only as many as it is told to: else it reads the whole table for forty of them.
    """

    dependencies = [("doctors", "0007_filter_statistics")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
