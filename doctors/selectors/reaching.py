"""How to reach doctors: the channel they prefer, as far as they consented to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from doctors.models import Preference
from doctors.rules import consents as lattice
from doctors.selectors.academic import channels_in_order
from doctors.selectors.consents import CONTACT_PURPOSE, answers_of
from doctors.selectors.families import families_of
from doctors.selectors.profile import ASKED_CHANNELS


def ways_to(doctor_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, str]:
    """Return by which channel to write to each doctor: the preferred one where consent is on file, else another with consent.

    Whoever consented to none is left out: a preference opens nothing. Cost: three queries.
    """
    families = families_of(doctor_ids)
    answers = answers_of(families, families=families)
    owners = {member: asked for asked, members in families.items() for member in members}
    liked = Preference.objects.filter(doctor_id__in=list(owners), valid_until=None).order_by("pk")
    preferred = {owners[doctor]: channel for doctor, channel in liked.values_list("doctor_id", "channel")}
    ways = {}
    for doctor, said in answers.items():
        allowed = [
            str(channel)
            for channel in ASKED_CHANNELS
            if lattice.resolve(said, channel=str(channel), purpose=CONTACT_PURPOSE, at=at).state
            == lattice.GIVEN
        ]
        if allowed:
            ways[doctor] = channels_in_order(preferred.get(doctor, ""), allowed)[0]
    return ways
