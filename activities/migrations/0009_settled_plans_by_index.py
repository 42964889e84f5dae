from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Find the plans that a realignment settled among millions of visits."""

    atomic = False
    dependencies = [("activities", "0008_plans_a_realignment_settled")]
    operations = [
        AddIndexConcurrently(
            "visit",
            models.Index(
                fields=["realignment"],
                name="visit_realignment_idx",
                condition=models.Q(("realignment__isnull", False)),
            ),
        ),
    ]
