"""Say what a spelling of a hospital level means, or that it is none."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from doctors.rules.levels import WRITTEN, read_level
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError
from pharmacrm.imports import actions as imports


class LevelNotDecided(DomainError):
    """Nothing was remembered."""

    code = "level_not_decided"


def decide_level(*, said: str, level: str, by: User, at: datetime) -> int:
    """Remember what a spelling means for every import; rows that wait are checked again. Returns: how many rows.

    `level` "unknown": it is no level, and takes none away. Raises: PermissionDenied; LevelNotDecided for a spelling
    that is read already or a level that is none; MappingNotComplete. Source: 医院分级管理办法（试行草案）1989.
    """
    if level not in WRITTEN:
        raise LevelNotDecided(_("This value is not on the list."), field="level")
    if read_level(said) is not None:
        raise LevelNotDecided(_("This spelling is read already."), field="said")
    return imports.decide_meaning(
        kind="hospital", column="level", said=said, meant=WRITTEN[level], by=by, at=at
    )
