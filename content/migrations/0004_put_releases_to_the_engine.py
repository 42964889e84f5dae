from django.db import migrations

TASK = "compliance.put_to_approval"


def ask(apps, schema_editor):
    """Put to the engine the approved versions that wait for their release; a fresh installation has none."""
    if apps.get_model("content", "MaterialVersion").objects.filter(status="approved").exists():
        apps.get_model("common", "OutboxMessage").objects.create(task=TASK, arguments={})


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_initial"),
        ("content", "0003_put_claims_to_the_engine"),
    ]

    operations = [
        migrations.RunPython(ask, migrations.RunPython.noop),
    ]
