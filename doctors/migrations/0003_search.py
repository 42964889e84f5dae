from django.db import migrations

FORWARD = """
CREATE FUNCTION pharmacrm_grams(value text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT piece), '{}') FROM (
        SELECT substr(folded, place, width) AS piece
        FROM (SELECT lower(regexp_replace(value, '[[:space:]·()（）]+', '', 'g')) AS folded) AS text_,
             generate_series(1, 2) AS width,
             generate_series(1, greatest(length(folded) - width + 1, 0)) AS place
    ) AS pieces
$$;
CREATE INDEX doctoridentity_keys_gin ON doctors_doctoridentity USING gin (keys);
CREATE INDEX doctoridentity_sort_key_trgm ON doctors_doctoridentity USING gin (sort_key gin_trgm_ops);
CREATE INDEX hospital_name_grams ON doctors_hospital USING gin (pharmacrm_grams(name));
CREATE INDEX hospitalalias_name_grams ON doctors_hospitalalias USING gin (pharmacrm_grams(name));
CREATE INDEX hospital_name_trgm ON doctors_hospital USING gin (name gin_trgm_ops);
"""
REVERSE = """
DROP INDEX hospital_name_trgm;
DROP INDEX hospitalalias_name_grams;
DROP INDEX hospital_name_grams;
DROP INDEX doctoridentity_sort_key_trgm;
DROP INDEX doctoridentity_keys_gin;
DROP FUNCTION pharmacrm_grams(text);
"""


class Migration(migrations.Migration):
    """Serve look-ups of one and two Chinese characters, which trigrams do not: one GIN over grams."""

    dependencies = [("doctors", "0002_interaction_append_only"), ("common", "0001_extensions")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
