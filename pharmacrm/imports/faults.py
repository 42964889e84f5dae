"""Words for what is wrong with a cell or a row: where it is stands beside it, what to do stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_words: dict[str, str | Promise] = {
    "required": _("This cell is empty. Fill it in."),
    "formula": _("This cell holds a formula. Paste its value instead."),
    "too_long": _("Longer than %(limit)s characters. Shorten it."),
    "not_a_number": _("“%(value)s” is not a whole number."),
    "out_of_range": _("“%(value)s” lies outside %(low)s to %(high)s."),
    "not_a_date": _("“%(value)s” is not a date. Write it as 2026-11-21."),
    "not_on_list": _("“%(value)s” is not on the list. Use one of: %(allowed)s"),
    "bad_characters": _("This cell holds unreadable characters. Save the file as UTF-8 and upload it again."),
    "duplicate": _("Row %(other)s of this file already says the same. Delete one of them."),
    "never_prescription_counts": _(
        "This cell says what a doctor or department uses. Such counts may not be stored (MR-11): take it out."
    ),
    "never_sales": _(
        "This cell speaks of sales or collections. They may not be stored (MR-10): take it out."
    ),
    "never_gift": _("This cell speaks of gifts or cash. They may not be stored (RD-03): take it out."),
    "never_patient_identity": _("This cell names a patient. That may not be stored (PI-23): take it out."),
    "never_belief": _(
        "This cell speaks of beliefs or politics. They may not be stored (PI-04): take it out."
    ),
    "never_family": _("This cell speaks of relatives. They may not be stored (MR-14): take it out."),
    "never_location": _("This cell holds a track of places. It may not be stored (PI-04): take it out."),
    "too_many_cells": _(
        "This row has %(found)s cells, the header has %(expected)s. A separator is too many."
    ),
}


def register_words(words: Mapping[str, str | Promise]) -> None:
    """Add the words of an app's own faults when Django starts."""
    _words.update(words)


def words_of(fault: Mapping[str, Any]) -> str:
    """Return a fault in the reader's language."""
    template = str(_words.get(str(fault["code"]), fault["code"]))
    params = fault.get("params") or {}
    return template % params if params else template
