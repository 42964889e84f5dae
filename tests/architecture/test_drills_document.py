"""Every promise about proof has its measure, and docs/drills.md says which."""

import re
from pathlib import Path

import pytest

from tests.drills import promises

ROOT = Path(__file__).parent.parent.parent


def test_every_promise_about_proof_has_a_measure_and_every_measure_its_line():
    rows = {(row.id, row.title) for row in promises.ROWS}
    measures = {(one.id, one.title) for one in promises.known() if one.id in promises.PROMISED}

    assert measures == rows
    assert {row.id for row in promises.ROWS} == promises.PROMISED


def test_the_document_is_written_from_the_table():
    assert (ROOT / "docs" / "drills.md").read_text("utf-8") == promises.as_text()


@pytest.mark.parametrize("row", promises.ROWS, ids=lambda row: f"{row.id}-{row.title}")
def test_the_files_that_a_line_names_are_there(row):
    named = re.findall(r"`((?:tests/)?[a-z_]+/[a-z_/]+\.py)`", f"{row.registry} {row.fails}")

    assert [one for one in named if not (ROOT / one).exists() and not (ROOT / "tests" / one).exists()] == []


def test_every_line_says_what_fails_or_why_nothing_can():
    assert [
        f"{row.id} {row.title}" for row in promises.ROWS if not re.search(r"`.+`|^no test can: ", row.fails)
    ] == []
    assert [row.title for row in promises.ROWS if row.registry == "–"] == []
