"""No table of record stands outside the drills: each is evidence, a part of the log, or named with a reason. P2, P4."""

import random

import pytest

from compliance.actions.guarding import protected_tables
from compliance.actions.verifying import verify
from tests.compliance import attacks
from tests.compliance.every_table import BESIDE, LOG, evidence, write_every_table
from tests.compliance.test_verifying import LATER


def test_every_protected_table_is_attacked_or_named_with_a_reason():
    assert set(protected_tables()) == {*evidence(), *LOG, *BESIDE}
    assert len(evidence()) > 130


# Slow for what it holds: a row in each of over 130 tables, and the whole check twice.
@pytest.mark.django_db
def test_a_byte_changed_in_every_table_of_versions_is_found_with_row_and_version(officer):
    write_every_table(officer, each=1)
    assert verify(at=LATER).differences == []
    chance, changed = random.Random(3), []
    for table in (table for table in evidence() if "historical" in table):
        column, kind = chance.choice([one for one in attacks.columns_of(table) if one[0] != "history_id"])
        key, pk = chance.choice(attacks.keys_of(table))
        attacks.change_one_byte(table, key, column, kind, chance)
        changed.append((f"{pk}, version {key}", f"{table}.{column}"))

    said = " ".join(one["said"] for one in verify(at=LATER).differences)

    assert [where for name, where in changed if name not in said] == []
    assert len(changed) > 130
