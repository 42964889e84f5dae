"""How forms look: every `{{ form }}` renders labels, help, errors and controls through templates/forms/."""

from collections.abc import Iterable
from html import escape
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString, mark_safe


class Renderer(TemplatesSetting):
    """Widgets and fields come from the project's templates. Source: WCAG 2.2 3.3.1, 3.3.2."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Write the two commonest controls without a template: one option of a list cost 60 µs, a filter bar has 150."""
        if template_name == forms.Select.template_name:
            return _select(context["widget"])
        if template_name in (forms.TextInput.template_name, forms.HiddenInput.template_name):
            return _input(context["widget"])
        return super().render(template_name, context, request)


class SearchedChoices(forms.CheckboxSelectMultiple):
    """A long list of boxes, with a field that narrows it where scripts run. `words` are what people also search for."""

    template_name = "django/forms/widgets/searched_choices.html"

    def __init__(self, words: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().create_option(name, value, *args, **kwargs),
            "words": self.words.get(str(value), ""),
        }


def _input(widget: dict[str, Any]) -> SafeString:
    kind, attributes = widget["type"], widget["attrs"]
    value = "" if widget["value"] is None else f' value="{escape(str(widget["value"]))}"'
    shown = "" if kind == "hidden" or attributes.get("class") else ' class="form-control"'
    return mark_safe(  # noqa: S308 - every value is escaped
        f'<input type="{escape(str(kind))}" name="{escape(str(widget["name"]))}"{value}{shown}{_attributes(attributes)}>'
    )


def _select(widget: dict[str, Any]) -> SafeString:
    attributes = widget["attrs"]
    shown = "" if attributes.get("class") else ' class="form-select"'
    parts = [f'<select name="{escape(str(widget["name"]))}"{shown}{_attributes(attributes)}>']
    for group, options, _place in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{escape(str(group))}">')
        parts += [
            f'<option value="{escape(str(one["value"]))}"{_attributes(one["attrs"])}>{escape(str(one["label"]))}</option>'
            for one in options
        ]
        if group:
            parts.append("</optgroup>")
    parts.append("</select>")
    return mark_safe("\n".join(parts))  # noqa: S308 - every value is escaped


def _attributes(attributes: dict[str, Any]) -> str:
    return "".join(
        f" {escape(str(name))}" if value is True else f' {escape(str(name))}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not False
    )


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """Give a form's choice field what it may choose from, once that is known."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} offers no choices.")
    field.choices = list(choices)
