from django.db import migrations

# A doctor who stands in two territories at once needs them to be of two lines: each such territory becomes its own.
CLASHES = """
WITH clashing AS (
    SELECT DISTINCT a.territory_id FROM doctors_assignment a
      JOIN doctors_assignment b ON b.doctor_id = a.doctor_id AND b.territory_id <> a.territory_id
       AND daterange(a.valid_from, a.valid_until) && daterange(b.valid_from, b.valid_until)
)
UPDATE accounts_territory SET line = left(code, 16) WHERE id IN (SELECT territory_id FROM clashing) AND line = '';
UPDATE doctors_assignment SET line = t.line FROM accounts_territory t WHERE t.id = territory_id AND t.line <> '';
"""


class Migration(migrations.Migration):
    """Give territories that share doctors a line each. Nothing is lost and the new constraint holds."""

    dependencies = [("doctors", "0016_territory_rules_and_realignments")]
    operations = [migrations.RunSQL(CLASHES, migrations.RunSQL.noop)]
