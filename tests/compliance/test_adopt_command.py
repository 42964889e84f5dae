"""The console of an installation reads English, whatever language the company works in."""

import io

import pytest
from django.core.management import call_command
from django.utils import translation

pytestmark = pytest.mark.django_db


def test_a_second_adoption_says_so_in_english_and_changes_nothing():
    said = []
    with translation.override("zh-hans"):
        for _turn in range(2):
            out = io.StringIO()
            call_command("adopt_rulebook", stdout=out)
            said.append(out.getvalue())

    assert said[0].startswith("Adopted ")
    assert said[1].strip()
    assert said[1].isascii()
