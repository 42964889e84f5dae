"""Hospitals and departments a word may mean."""

from __future__ import annotations

from uuid import UUID

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from doctors.models import Department, Hospital, HospitalAlias
from doctors.rules import matching
from doctors.rules.names import grams

MOST_HOSPITALS = 200
SHORTEST_WITH_SLIP, LONGEST_WITH_SLIP = 5, 16


class Places:
    """What the words of one search may mean as a place, each looked up once."""

    def __init__(self) -> None:
        self.known: dict[str, Q] = {}

    def of(self, word: str) -> Q:
        if word not in self.known:
            departments = list(
                Department.objects.filter(Q(name__startswith=word) | Q(aliases__contains=[word])).values_list(
                    "pk", flat=True
                )
            )
            hospitals = Q(hospital_id__in=hospital_ids_like(word))
            self.known[word] = (hospitals | Q(department_id__in=departments)) if departments else hospitals
        return self.known[word]


def hospital_ids_like(word: str) -> list[UUID]:
    """Return keys of hospitals whose name or alias holds a text. Cost: two queries by the gram indexes."""
    wanted = [piece for piece in grams(word) if len(piece) == min(2, len(word))]
    keys: dict[UUID, None] = {}
    for model, key in ((Hospital, "pk"), (HospitalAlias, "hospital_id")):
        table = model._meta.db_table
        holds = RawSQL(f"pharmacrm_grams({table}.name) @> %s::text[]", [wanted], BooleanField())  # noqa: S611 - no input in the text
        rows = model.objects.annotate(holds=holds).filter(holds=True, name__icontains=word)
        keys.update(dict.fromkeys(rows.values_list(key, flat=True)[:MOST_HOSPITALS]))
    return list(keys)


def hospital_ids_one_slip_from(word: str) -> list[UUID]:
    """Return keys of hospitals that are called what was typed but for one character. Cost: two queries by index.

    A slip spoils two pairs of neighbours at most, so that wherever it is all the others have to be there.
    """
    if not SHORTEST_WITH_SLIP <= len(word) <= LONGEST_WITH_SLIP:
        return []
    pairs = [word[place : place + 2] for place in range(len(word) - 1)]
    keys: dict[UUID, None] = {}
    for model, key in ((Hospital, "pk"), (HospitalAlias, "hospital_id")):
        holds = " OR ".join([f"pharmacrm_grams({model._meta.db_table}.name) @> %s::text[]"] * len(word))
        rest = [pairs[: max(place - 1, 0)] + pairs[place + 1 :] for place in range(len(word))]
        near = RawSQL(f"({holds})", rest, BooleanField())  # noqa: S611 - no input in the text
        found = model.objects.annotate(near=near).filter(near=True).values_list(key, "name")[:MOST_HOSPITALS]
        keys.update({pk: None for pk, name in found if matching.holds_with_one_slip(word, name)})
    return list(keys)
