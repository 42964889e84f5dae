"""How forms look: every `{{ form }}` renders labels, help, errors and controls through templates/forms/."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Widgets and fields come from the project's templates. Source: WCAG 2.2 3.3.1, 3.3.2."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"
