from django.db import migrations

FORWARD = """
CREATE FUNCTION doctors_interaction_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'doctors_interaction is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';  -- reaches Django as IntegrityError
END $$;
CREATE TRIGGER doctors_interaction_append_only
    BEFORE UPDATE OR DELETE ON doctors_interaction
    FOR EACH STATEMENT EXECUTE FUNCTION doctors_interaction_refuse();
"""
REVERSE = """DROP TRIGGER doctors_interaction_append_only ON doctors_interaction;
DROP FUNCTION doctors_interaction_refuse();"""


class Migration(migrations.Migration):
    """Make the stream of contacts append-only: a correction is a further row. Source: 21 CFR 11.10(e)."""

    dependencies = [("doctors", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
