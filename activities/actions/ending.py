"""How answers to phones are ended by a signed run, whose entry counts them."""

from __future__ import annotations

from activities.models import SyncOperation
from activities.selectors.ended import EXPIRED, answers_over, names_of_answers
from compliance.retention import Disposal


def blank_answers(keys: list[str]) -> int:
    """Take the words out of answers. Called in a step of a signed run, whose entry counts them."""
    return SyncOperation.objects.filter(pk__in=[int(key) for key in keys]).update(answer=EXPIRED)


ANSWERS = Disposal(due=answers_over, names=names_of_answers, plain=blank_answers)
