from django.db import migrations

TASK = "compliance.put_to_approval"


def ask(apps, schema_editor):
    """Put to the engine the drafts of notices that wait for a second person; a fresh installation has none."""
    if apps.get_model("doctors", "ConsentNotice").objects.filter(state="draft").exists():
        apps.get_model("common", "OutboxMessage").objects.create(task=TASK, arguments={})


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_initial"),
        ("doctors", "0030_find_a_phone_tail_in_its_index"),
    ]

    operations = [
        migrations.RunPython(ask, migrations.RunPython.noop),
    ]
