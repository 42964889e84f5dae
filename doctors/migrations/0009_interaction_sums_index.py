from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Sum a touched doctor's contacts from an index alone: their rows lie anywhere in the stream."""

    atomic = False
    dependencies = [("doctors", "0008_search_by_reading")]
    operations = [
        AddIndexConcurrently(
            "interaction",
            models.Index(
                fields=["doctor", "at"], include=["kind", "weight"], name="interaction_doctor_sums_idx"
            ),
        ),
        RemoveIndexConcurrently("interaction", "interaction_doctor_at_idx"),
    ]
