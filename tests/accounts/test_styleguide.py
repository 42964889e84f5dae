"""The style guide shows every component, in both languages."""

import re

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(settings):
    settings.DEMO = True


@pytest.mark.parametrize(("language", "word"), [("zh-Hans", "样式指南"), ("en", "Style guide")])
def test_the_style_guide_renders(shown, client, language, word):
    answer = client.get("/styleguide/", headers={"accept-language": language})

    assert answer.status_code == 200
    assert word in answer.content.decode()


def test_every_component_stands_in_the_style_guide():
    page = (settings.BASE_DIR / "templates/styleguide.html").read_text("utf-8")
    included = set(re.findall(r"components/([a-z_]+)\.html", page))
    # Shown by {{ form }} and the filter bar; a heading above timeline.html, once a page.
    through_others = {"form_errors", "record_time_line"}

    there = {place.stem for place in (settings.BASE_DIR / "templates/components").glob("*.html")}
    assert there - included - through_others == set()


def test_the_style_guide_is_not_for_the_public(client):
    assert client.get("/styleguide/").status_code == 404


def test_an_m_rule_shows_company_policy_and_no_article(shown, client):
    page = client.get("/styleguide/", headers={"accept-language": "zh-Hans"}).content.decode()

    part = re.search(r'data-rule="SG-01".*?</section>', page, re.DOTALL).group(0)
    assert "公司政策（法源待核）" in part
    assert 'class="clause' not in part
