from django.db import migrations

TABLES = ["compliance_rulepack", "compliance_rulepack_versions"]


def guard(table):
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION compliance_refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION compliance_refuse_change();
        """,
        f"DROP TRIGGER {table}_no_truncate ON {table}; DROP TRIGGER {table}_append_only ON {table};",
    )


class Migration(migrations.Migration):
    """A pack that has judged is never changed; a change is the next pack. Source: 21 CFR 11.10(e), (k)."""

    dependencies = [("compliance", "0006_rulebook_and_qualification")]
    operations = [guard(table) for table in TABLES]
