"""docs/rules.md accounts for every row of the reference and is current."""

import re

from django.conf import settings

from compliance.evaluate import shipped_book
from compliance.selectors import coverage, rules_document


def test_the_document_is_current():
    written = (settings.BASE_DIR / "docs" / "rules.md").read_text(encoding="utf-8")

    assert written == rules_document(), "run manage.py rules_doc"


def test_every_row_of_the_reference_is_accounted_for_once():
    rows = [row for chapter in coverage() for row in chapter.rows]

    numbered = [row for row in rows if re.fullmatch(r"[A-Z]{2}-(?:\d\d|CRM)", row.id)]

    assert len(rows) == len({row.id for row in rows}) == 200 + 64
    assert len(numbered) == 200
    assert all(row.rules or row.words for row in rows)


def test_every_rule_stands_in_the_document():
    text = rules_document()

    assert [rule.id for rule in shipped_book().rules if f"| {rule.id} |" not in text] == []
