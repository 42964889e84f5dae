"""Read one cell of an imported file: a value, or a fault that says what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from doctors.rules.contacts import clean_contact
from doctors.rules.levels import read_level
from doctors.rules.names import clean_name
from doctors.rules.titles import read_post, read_title
from pharmacrm.imports.registry import CellFault

WORDS = {
    "unknown_level": _("“%(value)s” is no hospital level. Write it as 三级甲等, 二级, 未定级 …"),
    "unknown_title": _("“%(value)s” is no title of the national list. Write it as 主任医师, 主治医师 …"),
    "unknown_post": _("“%(value)s” is no post on the list. Write it as 科主任, 院长 … or leave it empty."),
    "unknown_hospital": _(
        "No hospital is called “%(value)s”. Import the hospitals first, or correct the name."
    ),
    "ambiguous_hospital": _("%(count)s hospitals are called “%(value)s”. Give the hospital's code as well."),
    "unknown_division": _(
        "No province, city or county fits “%(value)s”. Import the divisions first, or correct the place."
    ),
    "erased_doctor": _(
        "The person with this code was erased. Nothing of them may be kept again: take the row out."
    ),
    "other_hospital": _(
        "The record has “%(value)s”; hospital and department stay. Enter a move on the doctor's page with its day, or ask for it by a change request."
    ),
    "other_department": _(
        "The record has “%(value)s”, which no import of today can end. Enter the change on the doctor's page with its day, or ask for it by a change request."
    ),
    "other_territory": _(
        "The record has “%(value)s”, which stays. Move the doctor on the doctor's page with the day, or ask for it by a change request."
    ),
    "other_name": _(
        "The record with this code bears another name, which stays. Check the code; a change of name is entered on the doctor's page."
    ),
    "other_seat": _(
        "The record has another seat in “%(value)s”, or one that has ended; it stays. Change it on the doctor's page."
    ),
    "retired_contact": _(
        "The record says that this is no longer used; it stays so. Take it up again on the doctor's page."
    ),
    "unknown_territory": _("There is no territory “%(value)s”."),
    "unknown_department": _("There is no department with the code “%(value)s”."),
    "not_a_name": _("“%(value)s” does not look like a name."),
    "not_a_mobile": _("“%(value)s” is no mobile number. It has 11 digits and begins with 1."),
    "not_a_phone": _("“%(value)s” is no phone number. Write it as 0571-12345678."),
    "not_an_email": _("“%(value)s” is no e-mail address."),
    "not_a_code": _("“%(value)s” is no code. Use letters, digits, dots and hyphens, at most 32."),
    "not_a_division_code": _("“%(value)s” is no division code. It has 2, 4 or 6 digits (GB/T 2260)."),
    "namesake": _(
        "A doctor of this name works in this hospital in “%(value)s”. The row is written as another person. If it is the same one, give the doctor's code; likely pairs wait among the duplicates as well."
    ),
    "same_doctors": _("%(count)s doctors of this name work there. Give the doctor's code as well."),
}
CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9.\-_/]{0,31}$")
NAME = re.compile(r"^[^\d<>{}=|@#$%^*+\\/]{1,80}$")


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def text(limit: int) -> Callable[[str], str]:
    """Return a reader of plain text up to a length."""

    def read(raw: str) -> str:
        value = folded(raw)
        if len(value) > limit:
            raise CellFault("too_long", limit=limit)
        return value

    return read


def code(raw: str) -> str:
    value = folded(raw)
    if not CODE.match(value):
        raise CellFault("not_a_code", value=raw[:40])
    return value


def person_name(raw: str) -> str:
    value = clean_name(raw)
    if not NAME.match(value) or not re.search(r"\w", value):
        raise CellFault("not_a_name", value=raw[:40])
    return value


def level(raw: str) -> str:
    value = read_level(raw)
    if value is None:
        raise CellFault("unknown_level", value=raw[:40])
    return value


def title(raw: str) -> str:
    value = read_title(raw)
    if value is None:
        raise CellFault("unknown_title", value=raw[:40])
    return value


def post(raw: str) -> str:
    value = read_post(raw)
    if value is None:
        raise CellFault("unknown_post", value=raw[:40])
    return value


def contact(kind: str, fault: str) -> Callable[[str], str]:
    """Return a reader of one kind of contact point."""

    def read(raw: str) -> str:
        value = clean_contact(kind, raw)
        if not value:
            raise CellFault(fault, value=raw[:40])
        return value

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds; 1,200 and 1200张 are read too."""

    def read(raw: str) -> int:
        digits = re.sub(r"[,，\s]|(张|人次|人|床)$", "", folded(raw))
        scaled = re.fullmatch(r"(\d+(?:\.\d+)?)万", digits)
        if scaled:
            digits = str(int(Decimal(scaled.group(1)) * 10000))
        if not re.fullmatch(r"\d{1,12}", digits):
            raise CellFault("not_a_number", value=raw[:40])
        value = int(digits)
        if not low <= value <= high:
            raise CellFault("out_of_range", value=raw[:40], low=low, high=high)
        return value

    return read


def degrees(bound: int) -> Callable[[str], str]:
    """Return a reader of longitude or latitude in WGS 84, as text with six decimals."""

    def read(raw: str) -> str:
        value = folded(raw)
        if not re.fullmatch(r"-?\d{1,3}(\.\d+)?", value) or abs(Decimal(value)) > bound:
            raise CellFault("out_of_range", value=raw[:40], low=-bound, high=bound)
        return str(Decimal(value).quantize(Decimal("0.000001")))

    return read


def division_code(raw: str) -> str:
    value = folded(raw)
    if not re.fullmatch(r"\d{2}|\d{4}|\d{6}", value):
        raise CellFault("not_a_division_code", value=raw[:40])
    return value.ljust(6, "0")


def names(raw: str) -> list[str]:
    """Read several names in one cell."""
    return [part for part in (folded(one) for one in re.split(r"[;；、|\n]", raw)) if part]


Reader = Callable[[str], Any]
