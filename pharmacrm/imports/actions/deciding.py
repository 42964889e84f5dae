"""Decide once what a value means that no normaliser knows: for every import that waits, and for the next file."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from pharmacrm.accounts.models import User
from pharmacrm.imports.models import ImportAlias
from pharmacrm.imports.registry import CellFault, kind_of
from pharmacrm.imports.selectors import spellings_waiting

from .checking import MappingNotComplete
from .fixing import LONGEST_REMEMBERED, fix_everywhere


@transaction.atomic
def decide_meaning(*, kind: str, column: str, said: str, meant: str, by: User, at: datetime) -> int:
    """Remember what a value means and check again every row of a waiting import that holds it. Returns: how many rows.

    Said again with another meaning it is that from now on. Raises: PermissionDenied; MappingNotComplete when nothing is
    said, or when the meaning itself cannot be read.
    """
    wanted = kind_of(kind)
    if not wanted.action.may_import(by):
        raise PermissionDenied
    word, meaning = said.strip(), meant.strip()
    if not word or not meaning or word == meaning or len(word) > LONGEST_REMEMBERED:
        raise MappingNotComplete(_("Say what the value means."), field="meant")
    try:
        wanted.normalisers[column](meaning)
    except (CellFault, KeyError) as unknown:
        raise MappingNotComplete(_("This meaning cannot be read itself."), field="meant") from unknown
    ImportAlias.objects.update_or_create(
        kind=kind, column=column, said=word, defaults={"meant": meaning, "told_by": by, "told_at": at}
    )
    rows = 0
    for import_id, written in spellings_waiting(kind, column, word):
        rows += fix_everywhere(import_id=import_id, column=column, wrong=written, text=meaning, by=by, at=at)
    law.record("imports.meaning_decided", subject=f"import_kind:{kind}", by=by, at=at)
    return rows
