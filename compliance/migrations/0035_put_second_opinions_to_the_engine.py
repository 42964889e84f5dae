from django.db import migrations

TASK = "compliance.put_to_approval"


def ask(apps, schema_editor):
    """Put to the engine what waits on a page of its own for a second person; a fresh installation has nothing that waits."""
    if apps.get_model("compliance", "LedgerEntry").objects.exists():
        apps.get_model("common", "OutboxMessage").objects.create(task=TASK, arguments={})


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_initial"),
        ("compliance", "0034_claim_from_where_it_ended"),
    ]

    operations = [
        migrations.RunPython(ask, migrations.RunPython.noop),
    ]
