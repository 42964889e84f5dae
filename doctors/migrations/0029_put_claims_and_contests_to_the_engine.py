from django.db import migrations

TASK = "compliance.put_to_approval"


def ask(apps, schema_editor):
    """Put to the engine the claims and contested tiers that wait; a fresh installation has none."""
    waits = [
        apps.get_model("doctors", name).objects.filter(state="open") for name in ("Challenge", "TierContest")
    ]
    if any(rows.exists() for rows in waits):
        apps.get_model("common", "OutboxMessage").objects.create(task=TASK, arguments={})


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_initial"),
        ("doctors", "0028_a_model_is_signed"),
    ]

    operations = [
        migrations.RunPython(ask, migrations.RunPython.noop),
    ]
