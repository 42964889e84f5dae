from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Read the names of a territory's doctors from an index alone."""

    atomic = False
    dependencies = [("doctors", "0010_territory_in_order")]
    operations = [
        AddIndexConcurrently(
            "doctoridentity",
            models.Index(fields=["doctor"], include=["sort_key", "name"], name="doctoridentity_names_idx"),
        ),
        RemoveIndexConcurrently("doctoridentity", "doctoridentity_in_order_idx"),
    ]
