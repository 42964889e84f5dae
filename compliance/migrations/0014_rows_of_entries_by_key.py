from django.db import migrations

FORWARD = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS ledgerentry_row_keys_idx ON compliance_ledgerentry
    USING gin (jsonb_path_query_array(rows, '$[*].pk'))
"""
REVERSE = "DROP INDEX CONCURRENTLY IF EXISTS ledgerentry_row_keys_idx"


class Migration(migrations.Migration):
    """Find the acts that wrote a row by its key, whatever they were about. Source: 21 CFR 11.10(b), copies for inspection."""

    atomic = False
    dependencies = [("compliance", "0013_inspector_packs")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
