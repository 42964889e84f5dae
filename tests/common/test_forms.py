"""Controls written by Python say what Django's templates say, and nothing a person typed gets out of them."""

from html.parser import HTMLParser

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from pharmacrm.common.forms import Renderer
from pharmacrm.common.kept import forget_all, kept_for

HOSTILE = '"><script>alert(1)</script>'


class Filters(forms.Form):
    q = forms.CharField(
        max_length=60, widget=forms.TextInput(attrs={"placeholder": HOSTILE, "autofocus": True})
    )
    plain = forms.CharField(required=False, widget=forms.TextInput(attrs={"class": "own", "disabled": False}))
    level = forms.ChoiceField(
        choices=[("", "all"), (HOSTILE, HOSTILE), ("Grades", [("3", "third & best"), ("2", "second")])]
    )
    kinds = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B"), ("c", "C")])
    key = forms.CharField(widget=forms.HiddenInput)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, sorted((k, v) for k, v in attrs if (k, v) not in LOOKS)))

    def handle_data(self, data):
        if data.strip():
            self.seen.append(data.strip())


LOOKS = {("class", "form-control"), ("class", "form-select")}


def _tags(markup: str) -> list[object]:
    reader = _Tags()
    reader.feed(markup)
    return reader.seen


@pytest.mark.parametrize("name", ["q", "plain", "level", "kinds", "key"])
@pytest.mark.parametrize(
    "data",
    [None, {"q": HOSTILE, "plain": "", "level": "3", "kinds": ["a", "c"], "key": "7"}, {"level": HOSTILE}],
)
def test_a_control_is_the_one_of_djangos_template(name, data):
    ours = str(Filters(data, renderer=Renderer())[name])
    theirs = str(Filters(data, renderer=DjangoTemplates())[name])

    assert _tags(ours) == _tags(theirs)
    assert "<script>" not in ours


def test_a_short_list_is_read_once_until_it_is_forgotten():
    reads = []

    @kept_for(60)
    def names() -> list[str]:
        reads.append(1)
        return ["one"]

    assert names() == names() == ["one"]
    assert len(reads) == 1

    forget_all()
    names()
    assert len(reads) == 2


def test_a_kept_list_is_read_again_when_its_time_is_over(monkeypatch):
    reads, now = [], [0.0]
    monkeypatch.setattr("pharmacrm.common.kept.time.monotonic", lambda: now[0])

    @kept_for(60)
    def count() -> int:
        reads.append(1)
        return len(reads)

    assert count() == 1
    now[0] = 59.0
    assert count() == 1
    now[0] = 61.0
    assert count() == 2
