"""Every template compiles, and none asks the browser for what the content security policy forbids."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

ROOT = settings.BASE_DIR / "templates"
TEMPLATES = sorted(str(place.relative_to(ROOT)) for place in ROOT.rglob("*.html"))
FOR_MAIL = ("emails/",)

TAGS = re.compile(r"{%.*?%}|{#.*?#}|{{.*?}}", re.DOTALL)
COMMENTS = re.compile(r"{% comment.*?endcomment %}", re.DOTALL)
STYLE = re.compile(r"<[^>]+\sstyle\s*=", re.IGNORECASE)
HANDLER = re.compile(r"<[^>]+\son[a-z]+\s*=", re.IGNORECASE)
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.IGNORECASE | re.DOTALL)
STYLE_BLOCK = re.compile(r"<style[\s>]", re.IGNORECASE)
SCRIPT_URL = re.compile(r"""(?:href|src|action)\s*=\s*["']\s*javascript:""", re.IGNORECASE)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name):
    assert engines["django"].get_template(name)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if not name.startswith(FOR_MAIL)])
def test_a_template_keeps_to_the_content_security_policy(name):
    faults = faults_of(Path(ROOT / name).read_text("utf-8"))

    assert faults == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color:red">x</p>',
        '<button onclick="go()">x</button>',
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        '<a href="javascript:go()">x</a>',
        '<p {% if x %}class="a"{% endif %} style="y">z</p>',
    ],
)
def test_the_check_finds_each_forbidden_form(text):
    assert faults_of(text)


def test_the_check_lets_data_and_served_scripts_pass():
    text = (
        '<script type="application/json" id="d">{"a": 1}</script><script type="module" src="/x.js"></script>'
    )

    assert faults_of(text) == []


def test_every_component_opens_with_its_inputs():
    silent = [
        place.name
        for place in sorted((ROOT / "components").glob("*.html"))
        if not place.read_text("utf-8").startswith('{% comment "component" %}')
    ]

    assert silent == []


def faults_of(text):
    plain = TAGS.sub("T", COMMENTS.sub("", text))
    faults = []
    for name, pattern in [
        ("style=", STYLE),
        ("on…=", HANDLER),
        ("<style>", STYLE_BLOCK),
        ("javascript:", SCRIPT_URL),
    ]:
        if pattern.search(plain):
            faults.append(name)
    for script in SCRIPT.finditer(plain):
        if script["body"].strip() and "application/json" not in script["attributes"]:
            faults.append("inline <script>")
    return faults
