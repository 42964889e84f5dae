from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    """Put a territory's doctors in order of name without reading the rows of all of them."""

    atomic = False
    dependencies = [("doctors", "0009_interaction_sums_index")]
    operations = [
        AddIndexConcurrently(
            "assignment",
            models.Index(
                fields=["territory", "doctor"],
                include=["valid_from", "valid_until"],
                name="assignment_of_territory_idx",
            ),
        ),
        RemoveIndexConcurrently("assignment", "assignment_territory_idx"),
        migrations.AlterField(
            "assignment",
            "territory",
            models.ForeignKey(
                db_index=False, on_delete=deletion.PROTECT, related_name="+", to="accounts.territory"
            ),
        ),
        AddIndexConcurrently(
            "doctoridentity",
            models.Index(fields=["doctor"], include=["sort_key"], name="doctoridentity_in_order_idx"),
        ),
    ]
