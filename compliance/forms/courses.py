"""Shapes of what authors of courses enter; each text in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from compliance.choices import QuestionKind, TrainedRole
from compliance.rules.courses import LONGEST, MOST_OPTIONS
from pharmacrm.common.forms import offer

from .rulebook import DateInput

CODE = r"^[A-Za-z0-9._-]{1,24}$"
OPTION = re.compile(r"^\s*(\*?)\s*(.+?)\s*(?:\||｜)\s*(.+?)\s*$")
BOOLEAN = ({"zh": "对", "en": "True"}, {"zh": "错", "en": "False"})


def _words(label: Any, rows: int, *, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), help_text=help_text
    )


class CitingForm(forms.Form):
    """The rule and clause that a part teaches."""

    rule = forms.RegexField(
        label=_("Rule"),
        regex=CODE,
        required=False,
        help_text=_("As in the rule book, such as MR-06."),
        error_messages={"invalid": _("Write the rule as in the rule book, such as MR-06.")},
    )
    clause = forms.CharField(
        label=_("Instrument and clause"),
        max_length=120,
        required=False,
        help_text=_("Where no rule says it."),
    )


class ChapterForm(forms.Form):
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=120)
    text_zh = _words(
        _("Text in Chinese"),
        10,
        help_text=_(
            "An empty line parts paragraphs; “## ” begins a heading, “- ” a list, “> ” a quotation; **bold**."
        ),
    )
    text_en = _words(_("Text in English"), 10)
    file = forms.ChoiceField(label=_("PDF of this chapter"), required=False)
    link = forms.CharField(
        label=_("Record to look at"),
        max_length=80,
        required=False,
        help_text=_("Written as kind:key, such as material:… Records' own pages show it."),
    )

    def __init__(self, *args: Any, files: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "file", [("", "—"), *files])

    def item(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "title": _both(given, "title"),
            "text": _both(given, "text"),
            "file": given["file"],
            "link": given["link"].strip(),
        }


class OptionsForm(CitingForm):
    options = forms.CharField(
        label=_("Answers"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line: Chinese | English. A star before the line marks what is right."),
    )
    explanation_zh = _words(_("Explanation in Chinese"), 3)
    explanation_en = _words(_("Explanation in English"), 3)

    def clean_options(self) -> tuple[list[dict[str, str]], list[int]]:
        options, right = [], []
        for line in str(self.cleaned_data["options"]).splitlines():
            if not line.strip():
                continue
            found = OPTION.match(line)
            if found is None:
                raise ValidationError(_("Write each answer as “Chinese | English”."))
            if found[1]:
                right.append(len(options))
            options.append({"zh": found[2], "en": found[3]})
        if len(options) > MOST_OPTIONS:
            raise ValidationError(_("At most %(most)s answers.") % {"most": MOST_OPTIONS})
        return options, right

    def _cited(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "explanation": _both(given, "explanation"),
            "rule": given["rule"],
            "clause": given["clause"].strip(),
        }


class ExerciseForm(OptionsForm):
    scene_zh = _words(_("Scene in Chinese"), 4)
    scene_en = _words(_("Scene in English"), 4)
    field_order = ["scene_zh", "scene_en", "options", "explanation_zh", "explanation_en", "rule", "clause"]

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or {}
        options, right = given.get("options") or ([], [])
        if "options" in given and (len(options) < 2 or len(right) != 1):
            self.add_error("options", _("Give two or more answers and mark the one that is right."))
        return given

    def item(self) -> dict[str, Any]:
        options, right = self.cleaned_data["options"]
        return {
            "scene": _both(self.cleaned_data, "scene"),
            "choices": options,
            "right": right[0],
            **self._cited(),
        }


class QuestionForm(OptionsForm):
    kind = forms.ChoiceField(label=_("Kind of question"), choices=QuestionKind.choices)
    text_zh = _words(_("Question in Chinese"), 2)
    text_en = _words(_("Question in English"), 2)
    is_true = forms.BooleanField(label=_("The statement is true"), required=False)
    field_order = ["kind", "text_zh", "text_en", "options", "is_true", "explanation_zh", "explanation_en", "rule", "clause"]  # fmt: skip

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or {}
        options, right = given.get("options") or ([], [])
        kind = given.get("kind")
        if "options" in given and kind != QuestionKind.BOOLEAN:
            if len(options) < 2 or not right:
                self.add_error("options", _("Give two or more answers and mark what is right."))
            elif kind == QuestionKind.SINGLE and len(right) != 1:
                self.add_error("options", _("Only one answer can be right here."))
        return given

    def item(self) -> dict[str, Any]:
        given = self.cleaned_data
        options, right = given["options"]
        if given["kind"] == QuestionKind.BOOLEAN:
            options, right = list(BOOLEAN), [0 if given["is_true"] else 1]
        return {
            "kind": given["kind"],
            "text": _both(given, "text"),
            "options": options,
            "right": right,
            **self._cited(),
        }


class TermsForm(forms.Form):
    drawn = forms.IntegerField(label=_("Questions drawn"), min_value=1, max_value=60)
    pass_mark = forms.IntegerField(label=_("Pass mark"), min_value=1, max_value=100)
    attempts = forms.IntegerField(label=_("Tries before a pause"), min_value=1, max_value=10)
    cool_down_hours = forms.IntegerField(label=_("Pause (hours)"), min_value=1, max_value=720)
    months_valid = forms.IntegerField(label=_("Valid for (months)"), min_value=1, max_value=60)
    product_codes = forms.CharField(
        label=_("About the labels of"),
        max_length=400,
        required=False,
        help_text=_("Product codes parted by commas or spaces."),
    )
    is_material = forms.BooleanField(label=_("A material change: everybody takes it again"), required=False)
    what_changed = forms.CharField(label=_("What changed"), max_length=300, required=False)

    def clean_product_codes(self) -> list[str]:
        codes = [code for code in re.split(r"[\s,，、;；]+", self.cleaned_data["product_codes"]) if code]
        if any(len(code) > 40 for code in codes):
            raise ValidationError(_("A product code has at most 40 characters."))
        return codes


class CourseFileForm(forms.Form):
    name = forms.CharField(label=_("Name of the file"), max_length=160)
    file = forms.FileField(
        label=_("PDF"), widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"})
    )


class AssignmentForm(forms.Form):
    role = forms.ChoiceField(label=_("Required of"), choices=TrainedRole.choices)
    team = forms.ChoiceField(label=_("Team"), required=False)
    product_code = forms.CharField(
        label=_("Product code"), max_length=40, required=False, help_text=_("Empty: for every product.")
    )
    valid_from = forms.DateField(label=_("From"), widget=DateInput())

    def __init__(self, *args: Any, teams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", [("", _("all teams")), *teams])


class RevokeForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)


def initial_of(part: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored part as its form shows it."""
    given: dict[str, Any] = {name: item.get(name, "") for name in ("file", "link", "rule", "clause", "kind")}
    for name in ("title", "text", "scene", "explanation"):
        for language in ("zh", "en"):
            given[f"{name}_{language}"] = item.get(name, {}).get(language, "")
    right = item.get("right", [])
    places = {right} if isinstance(right, int) else set(right)
    options = item.get("choices" if part == "exercises" else "options", [])
    given["is_true"] = 0 in places
    given["options"] = "" if item.get("kind") == QuestionKind.BOOLEAN else "\n".join(
        f"{'* ' if place in places else ''}{one['zh']} | {one['en']}" for place, one in enumerate(options)
    )  # fmt: skip
    return given


def _both(given: Mapping[str, Any], name: str) -> dict[str, str]:
    return {"zh": str(given[f"{name}_zh"]).strip(), "en": str(given[f"{name}_en"]).strip()}
