from django.db import migrations


class Migration(migrations.Migration):
    """Numbers for event codes: a sequence gives no number twice, whoever asks at once."""

    dependencies = [("activities", "0003_events")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE activities_event_code_seq START 1", "DROP SEQUENCE activities_event_code_seq"
        )
    ]
