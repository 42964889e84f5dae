"""Row versions: the manager behind `row.history`."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import models
from simple_history.manager import HistoryManager


class VersionManager(HistoryManager):
    """The package asks for a manager class at every look at `.history`, so with every save: it is made once."""

    @classmethod
    def from_queryset(cls, queryset_class: type[models.QuerySet], class_name: str | None = None) -> Any:
        return _made(cls, queryset_class, class_name)  # type: ignore[arg-type]  # a class is hashable


@cache
def _made(
    manager: type[VersionManager], queryset_class: type[models.QuerySet], class_name: str | None
) -> Any:
    return super(VersionManager, manager).from_queryset(queryset_class, class_name)
