"""Write the stream of contacts. Upper apps call this inside their own act, which keeps the ledger entry."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from doctors.actions.scoring.touched import touch_doctors
from doctors.choices import Weight
from doctors.models import Interaction
from pharmacrm.accounts.models import User


def record_interaction(
    *,
    doctor_id: UUID,
    kind: str,
    channel: str,
    subject: str,
    by: User | None,
    at: datetime,
    weight: int = Weight.FULL,
) -> Interaction:
    """Add one contact to a doctor's stream, inside the transaction of the act it belongs to.

    Units: `weight` in hundredths of one face-to-face visit; a correction adds a row of opposite weight.
    The act that calls keeps the ledger entry: `subject` names it. Cost: one INSERT, and one mark for the
    next scoring.
    """
    interaction = Interaction.objects.create(
        doctor_id=doctor_id, kind=kind, channel=channel, subject=subject, by=by, at=at, weight=weight
    )
    touch_doctors([doctor_id], at=at)
    return interaction
