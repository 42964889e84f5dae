"""Fields in which somebody names a record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance import subjects
from compliance.selectors.packs.finding import subjects_named

SPOKEN = _("Its code, name, login name, or the address of its page.")


class SubjectField(forms.CharField):
    """One record by what people call it; `kind:key`, as records' own pages fill it in, is taken as it stands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 300, "help_text": SPOKEN, **options})

    def clean(self, value: Any) -> str:
        words = str(super().clean(value) or "")
        return subject_of(words) if words else ""


def subject_of(words: str) -> str:
    """Return the subject that words name. Raises: forms.ValidationError where they name none or several."""
    meant = subjects_named(words)
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise forms.ValidationError(
            _("No record is called “%(words)s”. Give its code, its name, or the address of its page."),
            params={"words": words},
        )
    raise forms.ValidationError(
        _("Several are called so. Give the key of one: %(named)s"),
        params={"named": "; ".join(f"{subjects.title_of(one)} {one}" for one in meant)},
    )
