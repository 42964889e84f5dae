"""How rows that keep no versions are ended by a signed run, whose entry counts them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models

from compliance.retention import Disposal
from compliance.selectors.keeping import moment_of, next_keys


def plain_rows(model: type[models.Model], moment: str, **kept: Any) -> Disposal:
    """Return how rows that keep no versions are ended: deleted, once the moment they bear is a term ago."""

    def due(before: date, after: str, most: int) -> list[str]:
        return next_keys(
            model._default_manager.filter(**{f"{moment}__lt": moment_of(before)}, **kept), after, most
        )

    def names(keys: list[str]) -> dict[str, tuple[str, ...]]:
        return dict.fromkeys(keys, ())  # none names a single one

    def plain(keys: list[str]) -> int:
        return int(model._default_manager.filter(pk__in=keys).delete()[0])

    return Disposal(due=due, names=names, plain=plain)
