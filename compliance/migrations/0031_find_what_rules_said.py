from django.db import migrations

FORWARD = """
CREATE INDEX storedverdict_said_idx ON compliance_storedverdict (judged_at)
    WHERE body -> 'refusals' <> '[]'::jsonb;
"""
REVERSE = "DROP INDEX storedverdict_said_idx;"


class Migration(migrations.Migration):
    """Find the verdicts in which a rule spoke, those that stopped nothing too: the page of a rule counts them."""

    dependencies = [("compliance", "0030_destroy_case_keys")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
