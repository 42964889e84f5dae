"""Many governed rows at once, each with its version in history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from pharmacrm.common.errors import DomainError

BATCH = 2000


class RowsInUse(DomainError):
    """Something that was imported is used by now; nothing was taken back."""

    code = "rows_in_use"


def create_all(model: type[models.Model], rows: Sequence[Any], *, by: Any, at: datetime) -> None:
    """Insert rows with their first version. Cost: two statements for every 2,000 rows."""
    if rows:
        bulk_create_with_history(rows, model, batch_size=BATCH, default_user=by, default_date=at)


def update_all(
    model: type[models.Model], rows: Sequence[Any], fields: Iterable[str], *, by: Any, at: datetime
) -> None:
    """Update rows with their next version."""
    if rows:
        bulk_update_with_history(
            rows, model, list(fields), batch_size=BATCH, default_user=by, default_date=at
        )


def delete_all(model: type[models.Model], rows: Sequence[Any], *, by: Any, at: datetime) -> None:
    """Delete rows, each with a last version that says so. Raises: RowsInUse when another row rests on one."""
    if not rows:
        return
    history = model.history.model  # type: ignore[attr-defined]
    tracked = [field.attname for field in history.tracked_fields]
    versions = [
        history(
            history_date=at,
            history_user=by,
            history_type="-",
            **{name: getattr(row, name) for name in tracked},
        )
        for row in rows
    ]
    delete_plain(model, [row.pk for row in rows])
    history.objects.bulk_create(versions, batch_size=BATCH)


def delete_plain(model: type[models.Model], keys: Sequence[Any]) -> None:
    """Delete rows that keep no history. Raises: RowsInUse when another row rests on one."""
    try:
        model._default_manager.filter(pk__in=keys).delete()
    except ProtectedError as used:
        raise RowsInUse(
            _(
                "%(count)d other records rest on the imported rows by now, so the import stays. Correct single rows instead."
            )
            % {"count": len(used.protected_objects)}
        ) from used
