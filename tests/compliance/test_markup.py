"""Markup written by Python instead of a template: what a person typed stays text."""

import pytest

from compliance.selectors.packs.pages import _said
from compliance.templatetags.courses import course_text

NASTY = "<script>alert('x')</script>\"&"


@pytest.mark.parametrize(
    "form", ["{}", "## {}", "- {}", "> {}", "**{}**", "## 标题\n{}", "- 一\n- {}", "{}\n{}"]
)
def test_a_course_shows_typed_markup_as_text(form):
    shown = course_text(form.replace("{}", NASTY))

    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_bold_is_the_only_markup_inside_a_line():
    assert course_text("**重点** <i>x</i>") == "<p><b>重点</b> &lt;i&gt;x&lt;/i&gt;</p>"


@pytest.mark.parametrize("kind", ["+", "~", "-"])
def test_a_pack_shows_names_and_values_of_a_row_as_text(kind):
    said = _said(kind, [(NASTY, NASTY, NASTY), ("名称", "旧", NASTY)])

    assert "<script" not in said
    assert said.count("&lt;script&gt;") >= 3
    assert ("<del>" in said) is (kind == "~")
