"""What waited for a decision on its own page is put to the approval engine, by the action that records it."""

from django.db import migrations

TASK = "compliance.put_to_approval"


def ask(apps, schema_editor):
    waiting = (("Waiver", "requested"), ("Parameter", "draft"), ("RuleVersion", "draft"))
    if any(
        apps.get_model("compliance", name).objects.filter(state=state).exists() for name, state in waiting
    ):
        apps.get_model("common", "OutboxMessage").objects.create(task=TASK, arguments={})


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_initial"),
        ("compliance", "0020_approvals_ask_roles_and_deputies"),
    ]
    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
