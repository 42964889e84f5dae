from django.db import migrations

FORWARD = """
DROP INDEX doctoridentity_sort_key_trgm;
CREATE INDEX doctoridentity_sort_key_trgm ON doctors_doctoridentity USING gin (replace(sort_key, ' ', '') gin_trgm_ops);
"""
REVERSE = """
DROP INDEX doctoridentity_sort_key_trgm;
CREATE INDEX doctoridentity_sort_key_trgm ON doctors_doctoridentity USING gin (sort_key gin_trgm_ops);
"""


class Migration(migrations.Migration):
    """Forgive a slip in pinyin however the syllables are parted."""

    dependencies = [("doctors", "0005_channel_mail_label")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
