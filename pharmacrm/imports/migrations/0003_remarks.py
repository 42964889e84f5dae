"""A good row may bear remarks; how many do is told on the job, and they are found without a walk over all rows."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_what_wrong_values_meant")]

    operations = [
        migrations.AddField(
            model_name="importjob", name="rows_remarked", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                fields=["job", "number"],
                name="importrow_faults_idx",
                condition=Q(("faults", []), _negated=True),
            ),
        ),
    ]
