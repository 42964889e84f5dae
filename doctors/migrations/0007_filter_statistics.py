from django.db import migrations

FORWARD = """
CREATE STATISTICS doctor_department_specialty_stats (mcv) ON department_id, specialty FROM doctors_doctor;
CREATE STATISTICS doctor_level_division_stats (mcv) ON hospital_level, division_code FROM doctors_doctor;
"""
REVERSE = """
DROP STATISTICS doctor_department_specialty_stats;
DROP STATISTICS doctor_level_division_stats;
"""


class Migration(migrations.Migration):
    """Tell the planner which filters go together, so that an empty answer is not looked for in every row."""

    dependencies = [("doctors", "0006_search_slips")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
