"""How forms look: every `{{ form }}` renders labels, help, errors and controls through templates/forms/."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Widgets and fields come from the project's templates. Source: WCAG 2.2 3.3.1, 3.3.2."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """Give a form's choice field what it may choose from, once that is known."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} offers no choices.")
    field.choices = list(choices)
