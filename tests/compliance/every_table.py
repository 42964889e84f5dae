"""A version in every table that keeps versions, and the list of tables that are evidence. Promises P2, P4.

Both are read from the models: a new governed model is written, attacked and guarded without a line here. A new
append-only table that keeps no versions has to be put into LOG or BESIDE, else the suite fails.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from compliance import actions as law
from compliance.selectors.versions import governed_models, history_model
from pharmacrm.common.ids import uuid7
from tests.conftest import AT

LETTERS = "abcdefghijkmnpqrstuvwxyz0123456789甲乙丙丁戊己庚辛"
KERNEL = {"compliance_ledgerentry": "id", "compliance_storedverdict": "id", "compliance_signature": "id"}
# The log's own tables, and the columns of each that say something; keys that nothing refers to say nothing.
LOG = {
    "compliance_ledgerleaf": ("number", "entry_id", "leaf_hash", "marks"),
    "compliance_treenode": ("level", "index", "node_hash"),
    "compliance_checkpoint": ("size", "root", "note"),
}
# Guarded against the application's role like the others, and no evidence by themselves. Each line says why.
BESIDE = {
    "compliance_anchor": "says that a copy was left elsewhere; the copy there is the evidence",
    "compliance_signingfailure": "wrong passwords at signing; the alarm they raise is a finding with its versions",
    "compliance_tableshape": "columns of former days; a wrong one makes a version differ, never agree",
    "compliance_verification": "what a check found; it can be run again",
}


@cache
def evidence() -> dict[str, str]:
    """Return every table whose rows a ledger entry commits to, with its key."""
    return KERNEL | {history_model(model)._meta.db_table: "history_id" for model in governed_models()}


def write_every_table(officer: Any, *, each: int, seed: int = 1) -> None:
    """Write `each` records of every governed model, in three versions of which the last says deleted, each as one act."""
    chance = random.Random(seed)
    for number, model in enumerate(governed_models()):
        for turn in range(each):
            at = AT + timedelta(seconds=number * each + turn)
            pk = uuid7()
            versions = history_model(model)
            versions.objects.bulk_create(
                [
                    versions(
                        **dict(_values(versions, chance)),
                        **{model._meta.pk.attname: pk},
                        history_date=at,
                        history_type=kind,
                        history_user_id=officer.pk,
                        history_change_reason="".join(chance.choices(LETTERS, k=12)),
                    )
                    for kind in "+~-"
                ]
            )
            subject = f"{model._meta.model_name}:{pk}"
            law.record("tests.happened", subject=subject[:80], by=officer, at=at, reason=f"第 {turn} 行")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _values(versions: type[models.Model], chance: random.Random) -> Iterator[tuple[str, Any]]:
    for field in versions._meta.concrete_fields:
        if not field.name.startswith("history_") and not field.primary_key and field.column != "id":
            yield field.attname, _value(field, chance)


def _value(field: models.Field[Any, Any], chance: random.Random) -> Any:
    if isinstance(field, models.ForeignKey):
        return _value(field.target_field, chance)
    if isinstance(field, ArrayField):
        return [_value(field.base_field, chance) for _one in range(2)]
    if isinstance(field, models.CharField):
        return _word(chance, min(field.max_length or 20, 20))
    kind = next((kind for kind in VALUES if isinstance(field, kind)), None)
    if kind is None:
        raise TypeError(f"{field}: say in VALUES what such a field holds")
    return VALUES[kind](chance)


def _word(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(LETTERS, k=length))


# A date and time is a date to Django too, so it stands first.
VALUES: dict[type[models.Field[Any, Any]], Callable[[random.Random], Any]] = {
    models.UUIDField: lambda chance: uuid7(),
    models.BooleanField: lambda chance: chance.random() < 0.5,
    models.FloatField: lambda chance: round(chance.uniform(1, 900), 3),
    models.DecimalField: lambda chance: Decimal(chance.randrange(1, 99)),
    models.IntegerField: lambda chance: chance.randrange(1, 30_000),
    models.DateTimeField: lambda chance: AT - timedelta(seconds=chance.randrange(10**7)),
    models.DateField: lambda chance: (AT - timedelta(days=chance.randrange(900))).date(),
    models.TimeField: lambda chance: AT.time().replace(minute=chance.randrange(60)),
    models.BinaryField: lambda chance: chance.randbytes(24),
    models.JSONField: lambda chance: {"said": _word(chance, 12), "list": [chance.randrange(99), "x"]},
    models.TextField: lambda chance: _word(chance, 40),
}
