"""Our CSS leaves as one file: a component styles only what carries its class, and colours are tokens."""

import contextlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation

CSS = settings.BASE_DIR / "static" / "css"
COMPONENTS = sorted((CSS / "components").glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SELECTORS = re.compile(r"([^{}]+)\{")
BARE = re.compile(r"^(?:body|html|main|p|a|div|section|table|h[1-6]|ul|form|\*)$")
COLOUR = re.compile(r":[^;{}]*(?:#[0-9a-fA-F]{3,8}\b|rgba?\()")
ON_PURPOSE = {
    ".qr img", ".event-code img", ".filing-code",  # a code to scan is black on white in every theme
    ".rv-sheet", ".rv-region", ".rv-tag",  # a page of a file is white in every theme, and so are the marks on it
}  # fmt: skip


def _without_lists(selector: str) -> str:
    """Leave out what stands in brackets: a list of :is() narrows what is outside it."""
    while (shorter := re.sub(r"\([^()]*\)", "", selector)) != selector:
        selector = shorter
    return selector


@pytest.mark.parametrize("place", COMPONENTS, ids=lambda place: place.stem)
def test_a_component_styles_no_bare_element(place):
    text = COMMENT.sub("", place.read_text("utf-8"))
    bare = [
        one.strip()
        for found in SELECTORS.findall(text)
        if not found.strip().startswith("@")
        for one in _without_lists(found).split(",")
        if BARE.match(one.strip())
    ]

    assert bare == []


@pytest.mark.parametrize("place", COMPONENTS, ids=lambda place: place.stem)
def test_a_component_takes_its_colours_from_the_tokens(place):
    wrong = [
        line.strip()
        for line in COMMENT.sub("", place.read_text("utf-8")).splitlines()
        if COLOUR.search(line) and not any(line.strip().startswith(one) for one in ON_PURPOSE)
    ]

    assert wrong == []


def test_the_stylesheet_holds_every_component():
    whole = Path(finders.find("css/pharmacrm.css")).read_text("utf-8")

    assert all(place.read_text("utf-8") in whole for place in COMPONENTS)
    assert whole.index("--pc-ink:") < whole.index(".verdict")


@pytest.mark.parametrize(
    "path",
    [
        "vendor/@tabler/core/dist/css/tabler.min.css",
        "vendor/echarts/dist/echarts.common.min.js",
        "vendor/idb/build/index.js",
    ],
)
def test_listed_packages_are_served(path):
    assert finders.find(path)


@pytest.mark.parametrize(
    "path",
    [
        "vendor/esbuild/bin/esbuild",
        "vendor/@tabler/core/package.json",
        "vendor/idb/build/../../esbuild/bin/esbuild",
        "vendor/../package.json",
    ],
)
def test_nothing_else_of_node_modules_is_served(path):
    found = None
    with contextlib.suppress(SuspiciousFileOperation):  # other finders refuse such a path outright
        found = finders.find(path)

    assert not found
