from django.db import migrations

TASK = "compliance.put_to_approval"


def ask(apps, schema_editor):
    """Put to the engine the choices of speakers that wait to be verified; a fresh installation has none."""
    if apps.get_model("activities", "Speaker").objects.filter(state="proposed").exists():
        apps.get_model("common", "OutboxMessage").objects.create(task=TASK, arguments={})


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_initial"),
        ("activities", "0011_invitations_by_channel"),
    ]

    operations = [
        migrations.RunPython(ask, migrations.RunPython.noop),
    ]
