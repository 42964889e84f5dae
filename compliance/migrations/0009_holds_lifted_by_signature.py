from django.db import migrations, models

# NOT VALID: a hold that a second officer lifted without a signature, under the rule of its day, stays as it is.
SIGNED = """ALTER TABLE compliance_hold ADD CONSTRAINT hold_lifted_is_signed
    CHECK (lifted_at IS NULL OR lift_signature_id IS NOT NULL) NOT VALID"""
UNSIGNED = "ALTER TABLE compliance_hold DROP CONSTRAINT hold_lifted_is_signed"


class Migration(migrations.Migration):
    """A hold is lifted by signature only, and keeps what rested on its subjects."""

    dependencies = [("compliance", "0008_see_changes")]
    operations = [
        migrations.RemoveConstraint(model_name="hold", name="hold_lifted_by_a_second_person_or_signed"),
        migrations.AddField("historicalhold", "reach", models.JSONField(blank=True, default=list)),
        migrations.AddField("hold", "reach", models.JSONField(blank=True, default=list)),
        migrations.AddIndex(
            "storedverdict",
            models.Index(
                condition=models.Q(("breached__contains", ["HOLD-01"])),
                fields=["judged_at"],
                name="storedverdict_held_idx",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SIGNED, UNSIGNED)],
            state_operations=[
                migrations.AddConstraint(
                    "hold",
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_at__isnull", True), ("lift_signature__isnull", False), _connector="OR"
                        ),
                        name="hold_lifted_is_signed",
                    ),
                )
            ],
        ),
    ]
