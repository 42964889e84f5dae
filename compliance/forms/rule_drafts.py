"""Forms about a rule's text: the same rule as fields or as YAML."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import points
from compliance.choices import Grade, Scene
from compliance.forms.rulebook import DateInput
from compliance.rules.faults import BookError, Fault
from compliance.rules.reading import MISSING
from compliance.rules.writing import part_at, parts_of, text_of
from compliance.rules.yaml_text import read_yaml
from compliance.words.points import POINTS

FORM, YAML = "form", "yaml"
WAIVERS = [("", _("nobody")), ("general_manager", _("General manager or delegate")), ("compliance", _("Compliance officer"))]  # fmt: skip


def lines(rows: int) -> forms.Textarea:
    """Return a box for lines of code."""
    return forms.Textarea(attrs={"rows": rows, "class": "form-control mono", "spellcheck": "false"})


def words(label: Any, rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": rows})
    )


class ReasonForm(forms.Form):
    """Why the draft is made; stands under both ways of writing it."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class RuleTextForm(ReasonForm):
    """A rule as YAML."""

    body = forms.CharField(
        label=_("Text of the rule (YAML)"), max_length=20_000, strip=False, widget=lines(40)
    )
    field_order = ("body", "reason")

    def text(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    def tell(self, faults: list[Fault] | tuple[Fault, ...]) -> None:
        """Put every fault on the form, with its line."""
        for fault in faults:
            self.add_error(
                "body", gettext("Line %(line)s: %(fault)s") % {"line": fault.line, "fault": said(fault)}
            )


class RuleForm(ReasonForm):
    """A rule as fields. What stands in them is only shape; the rule book's reader decides."""

    id = forms.CharField(
        label=_("Rule"), max_length=12, help_text=_("The row of the reference, such as RD-01.")
    )
    scene = forms.ChoiceField(label=_("Scene"), choices=Scene)
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade)
    waiver = forms.ChoiceField(label=_("Exceptions are granted by"), choices=WAIVERS, required=False)
    valid_from = forms.DateField(label=_("In force from"), widget=DateInput())
    valid_until = forms.DateField(label=_("Until before"), widget=DateInput(), required=False)
    title_zh = forms.CharField(label=_("Title, Chinese"), required=False, max_length=80)
    title_en = forms.CharField(label=_("Title, English"), required=False, max_length=120)
    text_zh = words(_("Text, Chinese"), 4)
    text_en = words(_("Text, English"), 4)
    sources = forms.CharField(
        label=_("Sources"), required=False, widget=lines(3),
        help_text=_("One a line: instrument | clause | in force since | V-P, V-S or M. M quotes no clause."),
    )  # fmt: skip
    covers = forms.CharField(
        label=_("Further rows of the reference"), required=False, help_text=_("Such as RD-02 SP-13.")
    )
    at = forms.MultipleChoiceField(
        label=_("Applies at"), required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    parameters = forms.CharField(
        label=_("Company figures"), required=False, widget=lines(2),
        help_text=_("One a line: name: value. Amounts are whole fen (0.01 CNY)."),
    )  # fmt: skip
    breach_when = forms.CharField(
        label=_("In breach when (CEL)"), required=False, widget=lines(4),
        help_text=_("One condition; or where the points have several roots, one a line: root: condition."),
    )  # fmt: skip
    show = forms.CharField(
        label=_("Shown in the message"), required=False, widget=lines(3),
        help_text=_("One a line: name: expression. The messages use it as {name}."),
    )  # fmt: skip
    message_zh = words(_("Message, Chinese"))
    message_en = words(_("Message, English"))
    instead_zh = words(_("What instead, Chinese"))
    instead_en = words(_("What instead, English"))
    instead_url = forms.CharField(label=_("Address of what instead"), required=False, max_length=200)
    note_zh = words(_("Note, Chinese"))
    note_en = words(_("Note, English"))
    allowed = forms.CharField(
        label=_("Examples that pass"), required=False, widget=lines(4),
        help_text=_("Three at least, one a line: {root: {fact: value}}"),
    )  # fmt: skip
    refused = forms.CharField(label=_("Examples that do not pass"), required=False, widget=lines(4))
    field_order = (
        "id", "scene", "grade", "waiver", "valid_from", "valid_until", "title_zh", "title_en", "text_zh", "text_en",
        "sources", "covers", "at", "parameters", "breach_when", "show", "message_zh", "message_en", "instead_zh",
        "instead_en", "instead_url", "note_zh", "note_en", "allowed", "refused", "reason",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].choices = [
            ("*", _("every act")),
            *((name, POINTS.get(name, name)) for name in sorted(points.declared())),
        ]

    def clean(self) -> dict[str, Any]:
        """Read each box of YAML alone, so that a slip in one is told there and not at its neighbour."""
        given: dict[str, Any] = super().clean() or {}
        for name in ("parameters", "show", "allowed", "refused"):
            try:
                read_yaml(text_of({name: given.get(name, "")}))
            except BookError as error:
                self.add_error(name, said(error.faults[0]))
        return given

    def text(self) -> str:
        """Return the YAML that the fields say."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        given["at"] = "\n".join(given.get("at") or ())
        for name in ("valid_from", "valid_until"):
            given[name] = given[name].isoformat() if given.get(name) else ""
        return text_of(given)

    def tell(self, faults: list[Fault] | tuple[Fault, ...]) -> None:
        """Put every fault at the field it belongs to."""
        text = self.text()
        for fault in faults:
            part = fault.part or part_at(text, fault.line)
            field = next((name for name in (part, f"{part}_zh", "allowed") if name in self.fields), None)
            is_bare = field is not None and fault.words == MISSING  # the box has its name already
            self.add_error(field if part else None, gettext("Fill this in.") if is_bare else said(fault))


def fields_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return the initial values of a rule's fields from what its YAML says."""
    parts: dict[str, Any] = dict(parts_of(content))
    parts["at"] = parts["at"].split()
    return parts


def said(fault: Fault) -> str:
    """Return a fault in the reader's language."""
    words_of = gettext(fault.words)
    return words_of % fault.values if fault.values else words_of


class EndForm(forms.Form):
    on = forms.DateField(
        label=_("Last day plus one"),
        widget=DateInput(),
        help_text=_("The first day on which it no longer holds."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class BookForm(forms.Form):
    book = forms.FileField(
        label=_("Rule book (zip)"), required=False,
        help_text=_("The folder as it was taken out, as one zip file. Without a file: the edition that came with the product."),
    )  # fmt: skip
    begin = forms.DateField(
        label=_("In force from"), widget=DateInput(),
        help_text=_("For texts that began on a past day: the law of past days is not changed."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=400)
