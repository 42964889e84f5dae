from django.db import migrations


class Migration(migrations.Migration):
    """A series for the numbers of safety reports: gaps may be, repeats may not."""

    dependencies = [("activities", "0001_visits")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE activities_safety_serial", "DROP SEQUENCE activities_safety_serial"
        )
    ]
