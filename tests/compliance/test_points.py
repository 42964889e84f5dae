"""Every decision point is declared with facts a rule and a phone can read."""

import typing
from dataclasses import fields, is_dataclass

import pytest

from compliance import points, subjects
from compliance.facts import NoteFacts, StaffFacts

PLAIN = (str, int, bool)


def _is_plain(kind) -> bool:
    if kind in PLAIN:
        return True
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        return inner is str or (
            is_dataclass(inner) and all(map(_is_plain, typing.get_type_hints(inner).values()))
        )
    return False


@pytest.mark.parametrize("point", points.declared().values(), ids=lambda point: point.name)
def test_facts_are_plain_values_with_defaults_and_subjects(point):
    hints = typing.get_type_hints(point.facts)

    assert point.facts()
    assert hints["subjects"] == tuple[str, ...]
    assert [name for name, kind in hints.items() if not _is_plain(kind)] == []
    assert point.facts.__dataclass_params__.frozen
    assert len(fields(point.facts)) == len(hints)


def test_a_point_declared_twice_differently_fails_the_start():
    with pytest.raises(ValueError, match="declared twice"):
        points.declare("staff.activate", NoteFacts, root="staff", kind="before")


def test_a_point_nobody_declared_is_named():
    points.declare("staff.activate", StaffFacts, root="staff", kind="before")

    with pytest.raises(points.UndeclaredPoint, match=r"visit\.dream"):
        points.point_of("visit.dream")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(subjects.kinds()))
def test_a_subject_with_a_key_that_is_none_breaks_no_page(kind):
    assert subjects.title_of(f"{kind}:1")
    assert isinstance(subjects.url_of(f"{kind}:1"), str)
