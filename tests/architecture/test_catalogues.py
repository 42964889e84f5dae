"""The product speaks both languages completely: no string without words, none that was not extracted."""

import re
from pathlib import Path

import polib
import pytest

from pharmacrm.common import catalogues

FIELDS = re.compile(r"%\([a-z_]+\)[sd]|{[a-z_]*}")


@pytest.mark.parametrize("code", catalogues.CODES)
def test_no_string_lacks_words(code):
    silent = [entry.msgid for entry in _entries(code) if not catalogues.is_complete(entry)]

    assert silent == []


@pytest.mark.parametrize("code", catalogues.CODES)
def test_a_translation_fills_in_the_same_values(code):
    wrong = []
    for entry in _entries(code):
        said = " ".join(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr
        asked = entry.msgid_plural or entry.msgid
        if set(FIELDS.findall(said)) - set(FIELDS.findall(asked + entry.msgid)) or set(
            FIELDS.findall(asked)
        ) - set(FIELDS.findall(said)):
            wrong.append(entry.msgid)

    assert wrong == []


def test_no_string_was_forgotten():
    wanted = {(context, msgid) for context, msgid, _plural in catalogues.extracted()}

    for code in catalogues.CODES:
        known = {(entry.msgctxt or "", entry.msgid) for entry in _entries(code)}
        assert wanted - known == set(), "run: python manage.py messages"
        assert known - wanted == set(), "run: python manage.py messages"


def test_every_way_to_mark_a_string_is_found():
    code = """
_("plain")
gettext_lazy("one " "string")
ngettext("one", "many", n)
pgettext("where", "said")
f"{_('inside')} {name}"
_(not_a_text)
"""
    template = """
{% translate "tag" %}{% translate 'quoted' as x %}{% translate "said" context "where" %}
{{ _("constant")|upper }}{% include "a.html" with title=_("argument") only %}
{% blocktranslate with n=m %}block {{ n }}{% endblocktranslate %}
{% blocktranslate trimmed count n=m %}
  one {{ n }}
{% plural %}
  many {{ n }}
{% endblocktranslate %}
"""

    assert set(catalogues._of_code(code)) == {
        ("", "plain", ""),
        ("", "one string", ""),
        ("", "one", "many"),
        ("where", "said", ""),
        ("", "inside", ""),
    }
    assert set(catalogues._of_template(template, Path("a.html"))) == {
        ("", "tag", ""),
        ("", "quoted", ""),
        ("where", "said", ""),
        ("", "constant", ""),
        ("", "argument", ""),
        ("", "block %(n)s", ""),
        ("", "one %(n)s", "many %(n)s"),
    }


def _entries(code):
    return list(polib.pofile(str(catalogues.catalogue_of(code))))
