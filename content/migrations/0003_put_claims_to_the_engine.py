from django.db import migrations

TASK = "compliance.put_to_approval"


def ask(apps, schema_editor):
    """Put to the engine the claims that wait for approval; a fresh installation has none."""
    if apps.get_model("content", "Claim").objects.filter(status__in=["in_review", "re_review"]).exists():
        apps.get_model("common", "OutboxMessage").objects.create(task=TASK, arguments={})


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_initial"),
        ("content", "0002_product_registration_ends"),
    ]

    operations = [
        migrations.RunPython(ask, migrations.RunPython.noop),
    ]
