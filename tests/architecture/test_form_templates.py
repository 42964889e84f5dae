"""A form printed whole brings its own list of what is wrong: a second list beside it would say all twice."""

import re

import pytest
from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
WHOLE = re.compile(r"\{\{ (\w+) \}\}")
LIST = re.compile(r'\{% include "components/form_errors\.html" with form=(\w+) only %\}')


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(TEMPLATES.rglob("*.html")) if LIST.search(path.read_text())],
    ids=lambda path: str(path.relative_to(TEMPLATES)),
)
def test_no_page_lists_the_faults_of_a_form_twice(path):
    text = path.read_text()

    assert set(LIST.findall(text)).isdisjoint(WHOLE.findall(text))
