import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

# The line of an assignment is that of its territory; neither can be changed without the other.
FORWARD = """
ALTER TABLE accounts_territory ADD CONSTRAINT territory_line_is_referred_to UNIQUE (id, line);
ALTER TABLE doctors_assignment ADD CONSTRAINT assignment_line_is_that_of_its_territory
    FOREIGN KEY (territory_id, line) REFERENCES accounts_territory (id, line) DEFERRABLE INITIALLY DEFERRED;
"""
REVERSE = """
ALTER TABLE doctors_assignment DROP CONSTRAINT assignment_line_is_that_of_its_territory;
ALTER TABLE accounts_territory DROP CONSTRAINT territory_line_is_referred_to;
"""


class Migration(migrations.Migration):
    """Hold a doctor to one territory of a line at a time."""

    dependencies = [("doctors", "0017_assignments_of_two_lines")]

    operations = [
        migrations.RemoveConstraint(model_name="assignment", name="assignment_holds_once_at_a_time"),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("doctor", "="),
                    ("line", "="),
                    (
                        models.Func(
                            models.F("valid_from"),
                            models.F("valid_until"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="assignment_is_to_one_territory_of_a_line",
            ),
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
