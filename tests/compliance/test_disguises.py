"""Columns and notes that hide what may not be stored, beside ordinary ones that look like it. Promise C8."""

from pathlib import Path

import pytest

from compliance.rules import scan_header, scan_text

HERE = Path(__file__).parent / "guard"
READERS = {"header": scan_header, "note": scan_text}


def _lines(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("|", 1)) for line in lines if line and not line.startswith("#")]


DISGUISES, ORDINARY = _lines("more_disguises.txt"), _lines("more_ordinary.txt")
STANDING = [tuple(line) for line in _lines("disguised.txt")]


def test_the_table_is_as_large_as_it_has_to_be_and_says_nothing_twice():
    assert len(set(DISGUISES)) == len(DISGUISES) >= 150
    assert len(set(ORDINARY)) == len(ORDINARY) >= 100
    assert len(DISGUISES) + len(STANDING) >= 350


def test_at_least_95_of_100_disguises_are_caught(record_property):
    record_property("counted", len(DISGUISES))
    missed = [text for place, text in DISGUISES if not READERS[place](text)]

    assert 1 - len(missed) / len(DISGUISES) >= 0.95, missed


def test_nothing_ordinary_is_taken_for_a_disguise():
    assert [text for place, text in ORDINARY if READERS[place](text)] == []


@pytest.mark.parametrize(
    ("header", "category"),
    [
        ("tǒngfāng", "prescription_counts"),
        ("t.o.n.g.f.a.n.g", "prescription_counts"),
        ("TF", "prescription_counts"),
        ("prescriptionCnt", "prescription_counts"),
        ("處方量", "prescription_counts"),
        ("带金", "gift"),
        ("金额", "sales"),
    ],
)
def test_a_disguise_is_caught_as_what_it_is_and_its_words_are_named(header, category):
    found = {one.category: one for one in scan_header(header)}

    assert category in found
    assert found[category].words == header


@pytest.mark.parametrize(
    "header", ["处方权处方量", "床位统方", "年门诊处方量", "OTC tongfang", "处方药 月用药量"]
)
def test_an_innocent_word_hides_nothing_that_stands_beside_it(header):
    assert "prescription_counts" in {one.category for one in scan_header(header)}


def test_what_the_values_say_counts_beside_an_innocent_header():
    values = ["本月处方量30", "处方量12"]

    assert {one.category for one in scan_header("处方权", values)} == {"prescription_counts"}
    assert scan_header("处方权", ["有", "无"]) == ()
