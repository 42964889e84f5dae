"""One small change of what was signed, or of the signature, makes it invalid. Promise P5."""

import random

import pytest

from tests.compliance.mutations import (
    COLUMNS,
    KINDS,
    SIGNED_IN,
    mutated,
    signature_under,
    signed_in_the_code,
    survivors,
)


def test_no_small_change_leaves_a_signature_valid():
    assert survivors(150, seed=1) == []


@pytest.mark.parametrize("name", list(KINDS))
def test_every_field_of_what_is_signed_counts(name):
    content, fingerprint = KINDS[name]

    prints = {fingerprint({**content, field: mutated(content[field], random.Random(1))}) for field in content}

    assert len(prints | {fingerprint(content)}) == len(content) + 1


def test_every_column_of_a_signature_is_tried():
    stored = {field.attname for field in signature_under("a" * 64)._meta.concrete_fields}

    assert stored == set(COLUMNS)


def test_whatever_is_signed_in_the_code_is_a_kind_that_the_drill_changes():
    assert signed_in_the_code() == {place for places in SIGNED_IN.values() for place in places}
    assert set(SIGNED_IN) == set(KINDS)
